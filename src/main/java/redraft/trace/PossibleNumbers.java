package redraft.trace;

import java.util.List;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/**
 * What the numbers of one position say of each other, whatever the models: those that break it are
 * of no distributions. docs/trace-format.md has the inequalities and why they hold.
 */
final class PossibleNumbers {
  private static final double ROUNDING = 1e-6; // of a number in single precision
  private static final double SLACK = 3 * ROUNDING; // of a probability held against two others

  private final TraceHeader header;
  private final Sampling sampling;
  private final int vocabulary;
  private final boolean truncated; // by top-k or top-p
  private final int[] listedIn; // [vocabulary]: the last list that names a token, counted from 1
  private int lists;

  PossibleNumbers(TraceHeader header) {
    this.header = header;
    sampling = header.sampling();
    vocabulary = header.tokenizer().vocabularySize();
    truncated = sampling.topK() > 0 || sampling.topP() < 1;
    listedIn = new int[header.logits() == LogitDetail.NONE ? 0 : vocabulary];
  }

  /** What is wrong with a sequence that has probabilities; null where nothing is. */
  String problem(TraceSequence sequence) {
    List<Draft> drafts = sequence.drafts();
    for (int t = 0; t < sequence.length(); t++) {
      double p = Math.exp(sequence.target().logprob()[t]);
      int token = sequence.tokens()[t];
      String problem = target(sequence.target(), t, p, token);
      for (int i = 0; i < drafts.size() && problem == null; i++) {
        String field = "drafts[" + i + "]";
        boolean model = header.drafts().get(i).kind() != DraftKind.LOOKUP;
        problem =
            drafts.get(i).depths() != null
                ? depths(field + ".byDepth", drafts.get(i).depths(), t)
                : draft(field, drafts.get(i), model, t, p, token);
      }
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private String target(Target target, int t, double p, int token) {
    if (sampling.temperature() == 0 && p < 1 - SLACK) {
      return outside("target.logprob", t, target.logprob()[t], 0, 0, "at temperature 0");
    }
    String problem = target.entropy() == null ? null : entropy(target.entropy()[t], t, p);
    if (problem == null && target.margin() != null) {
      problem = margin(target.margin()[t], t, p);
    }
    double margin = target.margin() == null ? Double.NaN : target.margin()[t];
    return problem == null && target.top() != null
        ? top("target", target.top(), t, p, token, margin, 0)
        : problem;
  }

  private String entropy(double entropy, int t, double p) {
    double low = Math.max(0, p - SLACK);
    double high = Math.min(1, p + SLACK);
    double least = Math.min(leastEntropy(low), leastEntropy(high));
    double most = mostEntropy(Math.min(high, Math.max(low, 1.0 / vocabulary)));
    double rounding = ROUNDING * (1 + most);
    return entropy < least - rounding || entropy > most + rounding
        ? outside("target.entropy", t, entropy, least, most, "as the log-probability there says")
        : null;
  }

  /** Of all distributions that give this to a token, where one other has the rest. */
  private static double leastEntropy(double p) {
    return term(p) + term(1 - p);
  }

  /** The same where all others share the rest. */
  private double mostEntropy(double p) {
    return leastEntropy(p) + (1 - p) * Math.log(Math.max(1, vocabulary - 1));
  }

  private static double term(double p) {
    return p > 0 ? -p * Math.log(p) : 0;
  }

  /**
   * The second token weighs e = exp(−margin / T) beside the first, all others no more. A margin of
   * 0 is also that of a token which is alone.
   */
  private String margin(double margin, int t, double p) {
    if (margin == 0 || sampling.temperature() == 0) {
      return null;
    }
    double rounding = ROUNDING * (1 + margin);
    double e = Math.exp(Math.min(0, rounding - margin) / sampling.temperature());
    double leastE = Math.exp(-(margin + rounding) / sampling.temperature());
    double leastOfFirst = 1 / (1 + (vocabulary - 1) * e);
    double mostOfFirst = truncated ? 1 : 1 / (1 + leastE);
    double mostOfOthers = e / (1 + e);
    boolean first = p >= leastOfFirst - SLACK && p <= mostOfFirst + SLACK;
    return first || p <= mostOfOthers + SLACK
        ? null
        : "\"target.margin["
            + t
            + "]\" is "
            + margin
            + ", with which the probability there, "
            + p
            + ", would be at most "
            + mostOfOthers
            + " or from "
            + leastOfFirst
            + " to "
            + mostOfFirst;
  }

  private String draft(String field, Draft draft, boolean model, int t, double p, int token) {
    double q = Math.exp(draft.logprob()[t]);
    int rank = draft.rank() == null ? 0 : draft.rank()[t];
    String problem =
        rank == 0 ? null : rank(field + ".logprob", t, draft.logprob()[t], rank, model);
    if (problem != null) {
      return problem;
    }
    if (draft.overlap() != null) {
      double overlap = draft.overlap()[t];
      double shared = Math.min(p, q);
      double apart = Math.abs(p - q);
      if (overlap < shared - SLACK || overlap > 1 - apart + SLACK) {
        String why = "as the log-probabilities of target and draft there say";
        return outside(field + ".overlap", t, overlap, shared, 1 - apart, why);
      }
    }
    return draft.top() == null ? null : top(field, draft.top(), t, q, token, Double.NaN, rank);
  }

  private String depths(String field, Depths depths, int start) {
    String problem = null;
    for (int i = 0; i < depths.rank()[start].length && problem == null; i++) {
      String row = field + ".logprob[" + start + "]";
      problem = rank(row, i, depths.logprob()[start][i], depths.rank()[start][i], true);
    }
    return problem;
  }

  /**
   * The tokens of better ranks weigh as much at least; top-p keeps topP of all weights at least.
   */
  private String rank(String field, int t, double logprob, int rank, boolean model) {
    double q = Math.exp(logprob);
    double most = Math.min(1, 1 / (rank * sampling.topP()));
    double least = model && rank == 1 ? 1.0 / vocabulary : 0;
    if (model && sampling.temperature() == 0) {
      least = rank == 1 ? 1 : 0;
      most = least;
    }
    return q < least - SLACK || q > most + SLACK
        ? outside(
            field,
            t,
            logprob,
            Math.log(least),
            Math.log(most),
            "as \"rank\" there, " + rank + ", says")
        : null;
  }

  // ---- logits

  /**
   * @param probability of the token
   * @param margin NaN where none was recorded
   * @param rank of the token; 0 where none was recorded
   */
  private String top(
      String field, TopLogits top, int t, double probability, int token, double margin, int rank) {
    int[] tokens = top.tokens()[t];
    float[] logits = top.logits()[t];
    int last = tokens.length - 1;
    lists++;
    int place = -1; // of the token in the list
    for (int i = 0; i <= last; i++) {
      if (listedIn[tokens[i]] == lists) {
        return "\"" + field + ".top.tokens[" + t + "]\" names token " + tokens[i] + " twice";
      }
      listedIn[tokens[i]] = lists;
      place = tokens[i] == token ? i : place;
    }
    if (last > 0 && logits[1] > Float.NEGATIVE_INFINITY) {
      double difference = logits[0] - (double) logits[1];
      double rounding = ROUNDING * (1 + Math.abs(logits[0]) + Math.abs(logits[1]));
      if (Math.abs(margin - difference) > rounding) { // never of NaN
        return outside(
            field + ".margin", t, margin, difference, difference, "as \"top\" there says");
      }
    }
    float own = logits[place == -1 ? last : place]; // or the most that it can be
    int above = 0;
    int atLeast = 0;
    for (float logit : logits) {
      above += logit > own ? 1 : 0;
      atLeast += logit >= own ? 1 : 0;
    }
    int worst = place >= 0 && own > logits[last] ? atLeast : vocabulary;
    if (rank > 0 && (rank <= above || rank > worst)) {
      return outside(field + ".rank", t, rank, above + 1, worst, "as \"top\" there says");
    }
    return weights(field, top, t, probability, own, place >= 0);
  }

  /** What the listed logits, and the mass of the others, say of the token's probability. */
  private String weights(
      String field, TopLogits top, int t, double probability, float own, boolean listed) {
    float[] logits = top.logits()[t];
    int others = vocabulary - logits.length;
    double largest = logits[0];
    double last = logits[logits.length - 1];
    double atOne = 0; // weights of the listed ones at temperature 1
    for (float logit : logits) {
      atOne += Math.exp(logit - largest);
    }
    double tail = Math.exp(top.tail()[t]);
    double mostOfTail = others * Math.exp(last - largest);
    mostOfTail /= mostOfTail + atOne;
    if (tail > mostOfTail + SLACK) {
      return outside(
          field + ".tail",
          t,
          top.tail()[t],
          Double.NEGATIVE_INFINITY,
          Math.log(mostOfTail),
          "as \"top\" there says");
    }
    double temperature = sampling.temperature();
    if (temperature == 0) {
      return probability > SLACK && own < largest
          ? outside(
              field + ".logprob",
              t,
              Math.log(probability),
              Double.NEGATIVE_INFINITY,
              Double.NEGATIVE_INFINITY,
              "as \"top\" there says")
          : null;
    }
    double higher = 0; // weights
    double all = 0;
    for (float logit : logits) {
      double weight = Math.exp((logit - largest) / temperature);
      all += weight;
      higher += logit > own ? weight : 0;
    }
    double weight = Math.exp((own - largest) / temperature);
    boolean known = temperature == 1 && tail < 1 - SLACK;
    double rest =
        known ? atOne * tail / (1 - tail) : others * Math.exp((last - largest) / temperature);
    double kept = truncated ? higher + weight : listed ? all + (known ? rest : 0) : all + weight;
    double rounding =
        Math.exp(2 * Math.ulp(Math.max(Math.abs(logits[0]), Math.abs(own))) / temperature);
    double most = Math.min(1, weight / kept * rounding);
    double least = listed && (probability > 0 || !truncated) ? weight / (all + rest) / rounding : 0;
    if (probability < least - SLACK || probability > most + SLACK) {
      return outside(
          field + ".logprob",
          t,
          Math.log(probability),
          Math.log(least),
          Math.log(most),
          "as \"top\" there says");
    }
    return null;
  }

  // ---- words

  private static String outside(
      String field, int t, double value, double least, double most, String why) {
    return "\""
        + field
        + "["
        + t
        + "]\" is "
        + word(value)
        + ", not "
        + (least == most ? word(least) : "from " + word(least) + " to " + word(most))
        + ", "
        + why;
  }

  private static String word(double value) {
    return value == Double.NEGATIVE_INFINITY
        ? "null"
        : value == Math.rint(value) && Math.abs(value) < 1e9
            ? Long.toString((long) value)
            : Double.toString(value);
  }
}
