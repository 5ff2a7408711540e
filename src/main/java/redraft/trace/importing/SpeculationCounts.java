package redraft.trace.importing;

import java.util.Locale;

/**
 * What a server counted of the steps of all its requests.
 *
 * @param steps that drafted something
 * @param drafted tokens; NaN where nobody says
 * @param accepted tokens
 * @param reached [K]: steps that accepted at least 1, 2, … tokens, K being the draft length
 */
record SpeculationCounts(double steps, double drafted, double accepted, double[] reached) {
  /** By how much counters that were read one after the other may differ, of 1. */
  private static final double RACE = 0.01;

  /** Of steps that accepted 0, 1, 2, … tokens. */
  static SpeculationCounts ofHistogram(double[] histogram, int depth, double drafted) {
    double[] reached = new double[depth];
    double above = 0;
    double accepted = 0;
    for (int j = histogram.length - 1; j > 0; j--) {
      above += histogram[j];
      accepted += j * histogram[j];
      reached[j - 1] = above;
    }
    return new SpeculationCounts(above + histogram[0], drafted, accepted, reached);
  }

  int depth() {
    return reached.length;
  }

  SpeculationCounts plus(SpeculationCounts other) {
    double[] sums = reached.clone();
    for (int k = 0; k < sums.length; k++) {
      sums[k] += other.reached[k];
    }
    return new SpeculationCounts(
        steps + other.steps, drafted + other.drafted, accepted + other.accepted, sums);
  }

  /** Why the counts cannot be of one run; null where they can. */
  String contradiction() {
    if (accepted > drafted) {
      return plain(accepted) + " tokens were accepted of " + plain(drafted) + " drafted";
    }
    if (drafted > steps * depth() * (1 + RACE)) {
      return plain(drafted)
          + " tokens were drafted in "
          + plain(steps)
          + " steps of at most "
          + depth();
    }
    double sum = 0;
    for (int k = 0; k < depth(); k++) {
      double before = k == 0 ? steps : reached[k - 1];
      if (reached[k] > before * (1 + 1e-9)) {
        return plain(reached[k])
            + " steps accepted at least "
            + (k + 1)
            + " tokens, and "
            + plain(before)
            + (k == 0 ? " were taken" : " at least " + k);
      }
      sum += reached[k];
    }
    return Math.abs(sum - accepted) > RACE * accepted + depth()
        ? "the positions add up to "
            + plain(sum)
            + " accepted tokens, and "
            + plain(accepted)
            + " were counted"
        : null;
  }

  /** S_k, for k = 1 … K. */
  double[] survival() {
    double[] survival = new double[depth()];
    double least = 1;
    for (int k = 0; k < survival.length; k++) {
      least = Math.min(least, reached[k] / steps); // rounding may raise it
      survival[k] = least;
    }
    return survival;
  }

  static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
