package redraft.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import redraft.latency.MeasuredPasses;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;

/**
 * Measures what the passes of a pair cost on this machine, turning logits into probabilities and rolling back included.
 * Every pass is timed in the company that it has in decoding: passes of one row one after the other, as in plain decoding;
 * verifications after the draft passes of their block, whose threads and caches they meet. Shapes are timed in turns, so
 * that a change in the machine's speed reaches all of them; the median counts.
 */
public final class PassTimer {
  private static final int PLAIN_PASSES = 4; // in a row, the first not counted: it follows a verification

  private PassTimer() {}

  /**
   * @param text tokens to score; repeated as needed
   * @param contextTokens in the cache before each pass
   * @param maxRows most rows of a target pass, at least 2
   * @param rounds timed, after a third as many to warm up
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
    int[] tokens = new int[contextTokens + maxRows + 1];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = text[i % text.length];
    }
    RandomGenerator random = new RandomStreams(0).stream("profile");
    List<List<Double>> targetMillis = lists(maxRows);
    List<List<Double>> draftMillis = lists(2);
    try (ModelSession targetSession = target.open();
        ModelSession draftSession = draft.open()) {
      targetSession.prefill(tokens, 0, contextTokens);
      draftSession.prefill(tokens, 0, contextTokens);
      for (int round = -rounds / 3; round < rounds; round++) {
        boolean timed = round >= 0;
        for (int pass = 0; pass < PLAIN_PASSES; pass++) {
          double millis = targetPass(targetSession, tokens, contextTokens, 1, sampling);
          add(targetMillis.get(0), millis, timed && pass > 0);
        }
        for (int rows = 2; rows <= maxRows; rows++) {
          boolean catchUp = (round & 1) == 0; // as after a block that was accepted whole
          for (int pass = 0; pass < rows - 1; pass++) {
            int draftRows = pass == 0 && catchUp ? 2 : 1;
            double millis = draftPass(draftSession, tokens, draftRows, sampling, random);
            add(draftMillis.get(draftRows - 1), millis, timed);
          }
          draftSession.rollback(contextTokens);
          add(targetMillis.get(rows - 1), targetPass(targetSession, tokens, contextTokens, rows, sampling), timed);
        }
      }
    }
    return new MeasuredPasses(name, medians(targetMillis), medians(draftMillis), 0);
  }

  private static double targetPass(
      ModelSession session, int[] tokens, int contextTokens, int rows, SamplingParameters sampling) {
    long started = System.nanoTime();
    Logits logits = session.forward(tokens, contextTokens, contextTokens + rows);
    for (int row = 0; row < rows; row++) {
      logits.distribution(row, sampling);
    }
    session.rollback(contextTokens);
    return (System.nanoTime() - started) / 1e6;
  }

  private static double draftPass(
      ModelSession session, int[] tokens, int rows, SamplingParameters sampling, RandomGenerator random) {
    long started = System.nanoTime();
    int from = session.length();
    session.forward(tokens, from, from + rows).distribution(rows - 1, sampling).sample(random);
    return (System.nanoTime() - started) / 1e6;
  }

  private static List<List<Double>> lists(int count) {
    return Stream.generate(() -> (List<Double>) new ArrayList<Double>()).limit(count).toList();
  }

  private static void add(List<Double> millis, double value, boolean timed) {
    if (timed) {
      millis.add(value);
    }
  }

  private static double[] medians(List<List<Double>> lists) {
    return lists.stream()
        .mapToDouble(list -> list.stream().sorted().skip(list.size() / 2).findFirst().orElse(Double.NaN))
        .toArray();
  }
}
