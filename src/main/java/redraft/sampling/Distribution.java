package redraft.sampling;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** A probability distribution over the tokens 0 … vocabularySize − 1; immutable. */
public final class Distribution {
  private final double[] probabilities; // [vocabularySize], sums to 1 up to rounding

  private Distribution(double[] probabilities) {
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
    return new Distribution(probabilities.clone());
  }

  /** All mass on one token. */
  public static Distribution oneHot(int token, int vocabularySize) {
    double[] probabilities = new double[vocabularySize];
    probabilities[token] = 1;
    return new Distribution(probabilities);
  }

  /**
   * The distribution that the sampling parameters make of one row of logits.
   *
   * @param logits [vocabularySize], read by index from 0 to its limit; the buffer is not kept
   * @throws IllegalArgumentException if a logit is NaN or +∞, or if every logit is −∞
   */
  public static Distribution ofLogits(FloatBuffer logits, SamplingParameters parameters) {
    int top = checkedArgmax(logits);
    if (parameters.temperature() == 0) {
      return oneHot(top, logits.limit());
    }
    float[] values = new float[logits.limit()]; // on the heap, where loops over them are fast
    logits.get(0, values);
    double largest = values[top];
    double temperature = parameters.temperature();
    float smallestKept =
        parameters.topK() == 0 || parameters.topK() >= values.length
            ? Float.NEGATIVE_INFINITY
            : kthLargest(values, parameters.topK());
    double[] weights = new double[values.length];
    for (int token = 0; token < values.length; token++) {
      if (values[token] >= smallestKept) {
        weights[token] = Math.exp((values[token] - largest) / temperature);
      }
    }
    if (parameters.topP() < 1) {
      keepNucleus(weights, parameters.topP());
    }
    return normalised(weights);
  }

  /** Takes over the weights, which are not all 0. */
  private static Distribution normalised(double[] weights) {
    double sum = sum(weights);
    for (int token = 0; token < weights.length; token++) {
      weights[token] /= sum;
    }
    return new Distribution(weights);
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /** The most probable token of a row of logits: the lowest id among equals. */
  public static int checkedArgmax(FloatBuffer logits) {
    int best = 0;
    for (int token = 0; token < logits.limit(); token++) {
      float logit = logits.get(token);
      if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("the logit of token " + token + " is " + logit);
      }
      if (logit > logits.get(best)) {
        best = token;
      }
    }
    if (logits.get(best) == Float.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException("all " + logits.limit() + " logits are -Infinity");
    }
    return best;
  }

  private static float kthLargest(float[] logits, int k) {
    float[] sorted = logits.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - k];
  }

  /** Sets to 0 the weights outside the nucleus; the largest of them is 1. */
  private static void keepNucleus(double[] weights, double topP) {
    // Ascending cumulative mass up to 1 − topP is dropped (Hugging Face's TopPLogitsWarper). Tokens
    // under the mean of the mass to drop are certainly dropped: all of them together are less than
    // it, so only the others need sorting. The largest weight is 1 and is always kept.
    double toDrop = (1 - topP) * sum(weights);
    double certainlyDropped = Math.min(toDrop / weights.length, Math.nextDown(1.0));
    double dropped = 0;
    int candidates = 0;
    for (double weight : weights) {
      if (weight > certainlyDropped) {
        candidates++;
      } else {
        dropped += weight;
      }
    }
    Integer[] order = new Integer[candidates];
    int next = 0;
    for (int token = 0; token < weights.length; token++) {
      if (weights[token] > certainlyDropped) {
        order[next++] = token;
      } else {
        weights[token] = 0;
      }
    }
    // Among equal weights the higher id goes first.
    Arrays.sort(
        order,
        (a, b) ->
            weights[a] == weights[b]
                ? Integer.compare(b, a)
                : Double.compare(weights[a], weights[b]));
    for (int i = 0; i < candidates - 1; i++) {
      dropped += weights[order[i]];
      if (dropped > toDrop) {
        break;
      }
      weights[order[i]] = 0;
    }
  }

  public int vocabularySize() {
    return probabilities.length;
  }

  public double probability(int token) {
    return probabilities[token];
  }

  /** The most probable token, the lowest id among equals. */
  public int argmax() {
    int best = 0;
    for (int token = 1; token < probabilities.length; token++) {
      if (probabilities[token] > probabilities[best]) {
        best = token;
      }
    }
    return best;
  }

  /**
   * Draws a token by inverting the cumulative distribution; a token of probability 0 is never
   * drawn.
   */
  public int sample(RandomGenerator random) {
    double remaining = random.nextDouble();
    int last = -1;
    for (int token = 0; token < probabilities.length; token++) {
      double p = probabilities[token];
      if (p > 0) {
        if (remaining < p) {
          return token;
        }
        remaining -= p;
        last = token;
      }
    }
    return last; // the probabilities fell short of 1 by rounding
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
    requireSameSize(q);
    double overlap = 0;
    for (int token = 0; token < probabilities.length; token++) {
      overlap += Math.min(probabilities[token], q.probabilities[token]);
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
    requireSameSize(q);
    double[] residual = new double[probabilities.length];
    for (int token = 0; token < residual.length; token++) {
      residual[token] = Math.max(0, scale * probabilities[token] - q.probabilities[token]);
    }
    return sum(residual) == 0 ? this : normalised(residual);
  }

  /** Σ_v (scale·p(v) − q(v))₊, this distribution being p: the mass of the residual. */
  public double excess(double scale, Distribution q) {
    requireSameSize(q);
    double excess = 0;
    for (int token = 0; token < probabilities.length; token++) {
      excess += Math.max(0, scale * probabilities[token] - q.probabilities[token]);
    }
    return excess;
  }

  private void requireSameSize(Distribution other) {
    if (other.probabilities.length != probabilities.length) {
      throw new IllegalArgumentException(
          "distributions over "
              + probabilities.length
              + " and "
              + other.probabilities.length
              + " tokens cannot be compared; draft and target need one vocabulary");
    }
  }
}
