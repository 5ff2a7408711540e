package redraft.trace.importing;

import java.util.List;

/**
 * How far what a server says of tokens while it generates is from what it says of the same tokens
 * in a prompt: kernels of other shapes round otherwise, and nothing that is imported is nearer to
 * the truth than that.
 */
final class NoiseFloor {
  private double sum;
  private long positions;

  /**
   * @param given of the same text; null where there is none
   */
  void add(Scores drawn, Scores given) {
    if (given == null) {
      return;
    }
    double[] again = given.logprobFrom(drawn.first());
    for (int i = 0; i < again.length; i++) {
      double difference = Math.abs(drawn.logprob()[i] - again[i]);
      if (Double.isFinite(difference)) {
        sum += difference;
        positions++;
      }
    }
  }

  void note(List<String> notes) {
    if (positions > 0) {
      notes.add(
          "the target's own scoring of "
              + positions
              + " tokens differs from its generation by mean |Δ ln p| "
              + (float) (sum / positions)
              + ": the noise of its kernels, below which differences mean nothing");
    }
  }
}
