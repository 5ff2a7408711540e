package redraft.sampling;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A probability distribution over the tokens 0 … vocabularySize − 1; immutable.
 *
 * <p>Where top-k, top-p or temperature 0 leave few tokens, only they are stored and worked on. The
 * results are the same to the last bit: the others would have added zeros.
 */
public final class Distribution {
  private final int vocabularySize;
  private final int[] tokens; // [n], ascending, all others have probability 0; null: all tokens
  private final double[] probabilities; // [n] of the tokens, sums to 1 up to rounding

  private Distribution(int vocabularySize, int[] tokens, double[] probabilities) {
    this.vocabularySize = vocabularySize;
    this.tokens = tokens;
    this.probabilities = probabilities;
  }

  /**
   * The distribution with the given probabilities, which must be non-negative and sum to 1 within
   * 1e-9.
   */
  public static Distribution of(double... probabilities) {
    double sum = 0;
    for (double p : probabilities) {
      if (!(p >= 0)) {
        throw new IllegalArgumentException("probability " + p + " is not a non-negative number");
      }
      sum += p;
    }
    if (Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException("probabilities sum to " + sum + ", not to 1");
    }
    return new Distribution(probabilities.length, null, probabilities.clone());
  }

  /** All mass on one token. */
  public static Distribution oneHot(int token, int vocabularySize) {
    int[] tokens = {Objects.checkIndex(token, vocabularySize)};
    return new Distribution(vocabularySize, tokens, new double[] {1});
  }

  /**
   * The distribution that the sampling parameters make of one row of logits.
   *
   * @param logits [vocabularySize], read by index from 0 to its limit; the buffer is not kept
   * @throws IllegalArgumentException if a logit is NaN or +∞, or if every logit is −∞
   */
  public static Distribution ofLogits(FloatBuffer logits, SamplingParameters parameters) {
    float[] row = new float[logits.limit()]; // on the heap, where loops over it are fast
    logits.get(0, row);
    float largest = checkedLargest(row);
    if (parameters.temperature() == 0) {
      return oneHot(first(largest, row), row.length);
    }
    int topK = parameters.topK();
    int[] tokens = topK == 0 || topK >= row.length ? null : topK(row, topK);
    double[] weights = new double[tokens == null ? row.length : tokens.length];
    for (int i = 0; i < weights.length; i++) {
      float logit = row[tokens == null ? i : tokens[i]];
      weights[i] = Math.exp((logit - (double) largest) / parameters.temperature());
    }
    if (parameters.topP() < 1) {
      int[] nucleus = nucleus(weights, parameters.topP());
      return normalised(row.length, at(nucleus, tokens), at(nucleus, weights));
    }
    return normalised(row.length, tokens, weights);
  }

  private static float checkedLargest(float[] row) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : row) {
      largest = Math.max(largest, logit); // NaN from the first NaN on
    }
    if (Float.isNaN(largest) || largest == Float.POSITIVE_INFINITY) {
      int token = 0;
      while (row[token] < Float.POSITIVE_INFINITY) {
        token++;
      }
      throw new IllegalArgumentException("the logit of token " + token + " is " + row[token]);
    }
    if (largest == Float.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException("all " + row.length + " logits are -Infinity");
    }
    return largest;
  }

  private static int first(float logit, float[] row) {
    int token = 0;
    while (row[token] != logit) {
      token++;
    }
    return token;
  }

  /** The tokens of the k largest logits and of those equal to the smallest of them, ascending. */
  private static int[] topK(float[] row, int k) {
    float smallest = row[TopK.tokens(row, k)[k - 1]];
    return IntStream.range(0, row.length).filter(token -> row[token] >= smallest).toArray();
  }

  /** Takes over the arrays; the weights are not all 0. */
  private static Distribution normalised(int vocabularySize, int[] tokens, double[] weights) {
    double sum = sum(weights);
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return new Distribution(vocabularySize, tokens, weights);
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /**
   * Which of the weights make the nucleus, ascending; the largest weight is 1.
   *
   * <p>Ascending cumulative mass up to 1 − topP is dropped (Hugging Face's TopPLogitsWarper). Only
   * the weights about as large as the smallest kept are sorted; the others need no order.
   */
  private static int[] nucleus(double[] weights, double topP) {
    double toDrop = (1 - topP) * sum(weights);
    double[] mass = new double[magnitude(1) + 1]; // of the weights of each magnitude
    for (double weight : weights) {
      mass[magnitude(weight)] += weight;
    }
    double dropped = 0;
    int cut = 0;
    while (cut < mass.length - 1 && dropped + mass[cut] <= toDrop) {
      dropped += mass[cut++];
    }
    int magnitude = cut;
    double[] candidates =
        Arrays.stream(weights).filter(weight -> magnitude(weight) == magnitude).sorted().toArray();
    int first = 0; // of the candidates kept; at least the largest is
    while (first < candidates.length - 1 && (dropped += candidates[first]) <= toDrop) {
      first++;
    }
    // Of the weights equal to the smallest kept, the lowest ids are kept.
    double smallest = candidates[first];
    int equals = 1;
    while (first + equals < candidates.length && candidates[first + equals] == smallest) {
      equals++;
    }
    int[] kept = new int[weights.length];
    int count = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > smallest || (weights[i] == smallest && equals-- > 0)) {
        kept[count++] = i;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  /** Grows with the weight in steps of 1/64 of an octave, from 0 at 2⁻⁶⁴ and below. */
  private static int magnitude(double weight) {
    int steps = (int) (Double.doubleToRawLongBits(weight) >>> 46); // exponent, 6 bits of fraction
    return Math.max(0, steps - ((Double.MAX_EXPONENT - 64) << 6));
  }

  private static int[] at(int[] indices, int[] tokens) {
    return tokens == null ? indices : Arrays.stream(indices).map(i -> tokens[i]).toArray();
  }

  private static double[] at(int[] indices, double[] weights) {
    return Arrays.stream(indices).mapToDouble(i -> weights[i]).toArray();
  }

  public int vocabularySize() {
    return vocabularySize;
  }

  public double probability(int token) {
    int index = Objects.checkIndex(token, vocabularySize);
    if (tokens != null) {
      index = Arrays.binarySearch(tokens, token);
    }
    return index < 0 ? 0 : probabilities[index];
  }

  /** The most probable token, the lowest id among equals. */
  public int argmax() {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      if (probabilities[i] > probabilities[best]) {
        best = i;
      }
    }
    return token(best);
  }

  /**
   * Draws a token by inverting the cumulative distribution; a token of probability 0 is never
   * drawn.
   */
  public int sample(RandomGenerator random) {
    double remaining = random.nextDouble();
    int last = -1;
    for (int i = 0; i < probabilities.length; i++) {
      double p = probabilities[i];
      if (p > 0) {
        if (remaining < p) {
          return token(i);
        }
        remaining -= p;
        last = i;
      }
    }
    return token(last); // the probabilities fell short of 1 by rounding
  }

  private int token(int index) {
    return tokens == null ? index : tokens[index];
  }

  /** Shannon entropy in nats. */
  public double entropy() {
    double entropy = 0;
    for (double p : probabilities) {
      if (p > 0) {
        entropy -= p * Math.log(p);
      }
    }
    return entropy;
  }

  /**
   * Σ_v min(p(v), q(v)): the probability that a token drafted from q is accepted by p (Leviathan et
   * al. 2023, §3.1).
   */
  public double overlap(Distribution q) {
    double[] other = q.at(this);
    double overlap = 0;
    for (int i = 0; i < other.length; i++) {
      overlap += Math.min(probabilities[i], other[i]);
    }
    return overlap;
  }

  /**
   * norm((p − q)₊), this distribution being p: what a rejected draft token is replaced from
   * (Leviathan et al. 2023, §2.3).
   *
   * <p>Where the two agree up to rounding a rejection has probability 0, and the residual is p
   * itself.
   */
  public Distribution residual(Distribution q) {
    return residual(1, q);
  }

  /**
   * norm((scale·p − q)₊), this distribution being p; p itself where nothing of it exceeds q.
   *
   * @param scale from 0 to 1
   */
  public Distribution residual(double scale, Distribution q) {
    double[] other = q.at(this);
    double[] residual = new double[other.length];
    for (int i = 0; i < other.length; i++) {
      residual[i] = Math.max(0, scale * probabilities[i] - other[i]);
    }
    return sum(residual) == 0 ? this : normalised(vocabularySize, tokens, residual);
  }

  /** Σ_v (scale·p(v) − q(v))₊, this distribution being p: the mass of the residual. */
  public double excess(double scale, Distribution q) {
    double[] other = q.at(this);
    double excess = 0;
    for (int i = 0; i < other.length; i++) {
      excess += Math.max(0, scale * probabilities[i] - other[i]);
    }
    return excess;
  }

  /**
   * norm(p − factor·min(scale·p, q)), this distribution being p; p itself where nothing is left.
   *
   * @param factor at most 1/scale
   */
  public Distribution remainder(double factor, double scale, Distribution q) {
    double[] other = q.at(this);
    double[] left = new double[other.length];
    for (int i = 0; i < other.length; i++) {
      double p = probabilities[i];
      left[i] = Math.max(0, p - factor * Math.min(scale * p, other[i]));
    }
    return sum(left) == 0 ? this : normalised(vocabularySize, tokens, left);
  }

  /** The distribution given that it is not this token; null where nothing else is left. */
  public Distribution without(int token) {
    double[] left = probabilities.clone();
    int index = tokens == null ? token : Arrays.binarySearch(tokens, token);
    if (index >= 0) {
      left[index] = 0;
    }
    return sum(left) == 0 ? null : normalised(vocabularySize, tokens, left);
  }

  /** The most probable tokens, the lowest id first among equals; fewer where others have none. */
  public int[] likeliest(int count) {
    return IntStream.range(0, probabilities.length)
        .filter(i -> probabilities[i] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -probabilities[i]))
        .limit(count)
        .mapToInt(this::token)
        .toArray();
  }

  /** What this distribution gives to the tokens that the other one stores. */
  private double[] at(Distribution other) {
    if (other.vocabularySize != vocabularySize) {
      throw new IllegalArgumentException(
          "distributions over "
              + other.vocabularySize
              + " and "
              + vocabularySize
              + " tokens cannot be compared; draft and target need one vocabulary");
    }
    if (other.tokens != null) {
      return Arrays.stream(other.tokens).mapToDouble(this::probability).toArray();
    }
    if (tokens == null) {
      return probabilities;
    }
    double[] all = new double[vocabularySize];
    for (int i = 0; i < tokens.length; i++) {
      all[tokens[i]] = probabilities[i];
    }
    return all;
  }
}
