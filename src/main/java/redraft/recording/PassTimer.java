package redraft.recording;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import redraft.latency.MeasuredPasses;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;

/**
 * Measures what the passes of a pair cost on this machine, turning logits into probabilities and
 * rolling back included. Rows are timed in turns, so that a change in the machine's speed reaches
 * all of them; the median of the rounds counts.
 */
public final class PassTimer {
  private PassTimer() {}

  /**
   * @param text tokens to score; repeated as needed
   * @param contextTokens in the cache before each pass
   * @param maxRows most rows of a target pass
   * @param rounds timed after a third as many to warm up
   */
  public static MeasuredPasses measure(
      String name,
      LanguageModel target,
      LanguageModel draft,
      SamplingParameters sampling,
      int[] text,
      int contextTokens,
      int maxRows,
      int rounds) {
    int[] tokens = new int[contextTokens + maxRows];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = text[i % text.length];
    }
    RandomGenerator random = new RandomStreams(0).stream("profile");
    double[][] targetMillis = new double[maxRows][rounds];
    double[][] draftMillis = new double[2][rounds];
    try (ModelSession targetSession = target.open();
        ModelSession draftSession = draft.open()) {
      targetSession.prefill(tokens, 0, contextTokens);
      draftSession.prefill(tokens, 0, contextTokens);
      int warmUp = rounds / 3;
      for (int round = -warmUp; round < rounds; round++) {
        int kept = Math.max(0, round); // a warm-up round is overwritten by the first
        for (int rows = 1; rows <= maxRows; rows++) {
          long started = System.nanoTime();
          Logits logits = targetSession.forward(tokens, contextTokens, contextTokens + rows);
          for (int row = 0; row < rows; row++) {
            logits.distribution(row, sampling);
          }
          targetSession.rollback(contextTokens);
          targetMillis[rows - 1][kept] = (System.nanoTime() - started) / 1e6;
          for (int draftRows = 1;
              draftRows <= 2;
              draftRows++) { // between target passes, as in decoding
            started = System.nanoTime();
            draftSession
                .forward(tokens, contextTokens, contextTokens + draftRows)
                .distribution(draftRows - 1, sampling)
                .sample(random);
            draftSession.rollback(contextTokens);
            draftMillis[draftRows - 1][kept] = (System.nanoTime() - started) / 1e6;
          }
        }
      }
    }
    return new MeasuredPasses(name, medians(targetMillis), medians(draftMillis), 0);
  }

  private static double[] medians(double[][] rows) {
    return Arrays.stream(rows)
        .mapToDouble(
            row -> {
              double[] sorted = row.clone();
              Arrays.sort(sorted);
              return sorted[sorted.length / 2];
            })
        .toArray();
  }
}
