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
 * Measures what the passes of a pair cost on this machine, turning logits into probabilities and
 * rolling back included. Every pass is timed in the company that it has in decoding: passes of one
 * row one after the other, as in plain decoding; verifications after the draft passes of their
 * block, whose threads and caches they meet. Shapes are timed in turns, so that a change in the
 * machine's speed reaches all of them; the median counts.
 */
public final class PassTimer implements AutoCloseable {
  private static final int PLAIN_PASSES =
      4; // in a row, the first not counted: it follows a verification

  private final ModelSession target;
  private final ModelSession draft;
  private final SamplingParameters sampling;
  private final RandomGenerator random = new RandomStreams(0).stream("profile");
  private final int[] tokens;
  private final int contextTokens;
  private final int maxRows;
  private final List<List<Double>> targetMillis;
  private final List<List<Double>> draftMillis = lists(2);
  private int rounds;

  /**
   * @param text tokens to score; repeated as needed
   * @param contextTokens in the cache before each pass
   * @param maxRows most rows of a target pass, at least 2
   */
  public PassTimer(
      LanguageModel target,
      LanguageModel draft,
      SamplingParameters sampling,
      int[] text,
      int contextTokens,
      int maxRows) {
    this.target = target.open();
    this.draft = draft.open();
    this.sampling = sampling;
    this.contextTokens = contextTokens;
    this.maxRows = maxRows;
    targetMillis = lists(maxRows);
    tokens = new int[contextTokens + maxRows + 1];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = text[i % text.length];
    }
    this.target.prefill(tokens, 0, contextTokens);
    this.draft.prefill(tokens, 0, contextTokens);
  }

  /**
   * Runs every shape of pass once or more. Rounds spread over other work meet the machine as that
   * work does.
   */
  public void round(boolean timed) {
    for (int pass = 0; pass < PLAIN_PASSES; pass++) {
      double millis = targetPass(target, tokens, contextTokens, 1, sampling);
      add(targetMillis.get(0), millis, timed && pass > 0);
    }
    for (int rows = 2; rows <= maxRows; rows++) {
      boolean catchUp = (rounds & 1) == 0; // as after a block that was accepted whole
      for (int pass = 0; pass < rows - 1; pass++) {
        int draftRows = pass == 0 && catchUp ? 2 : 1;
        double millis = draftPass(draft, tokens, draftRows, sampling, random);
        add(draftMillis.get(draftRows - 1), millis, timed);
      }
      draft.rollback(contextTokens);
      add(
          targetMillis.get(rows - 1),
          targetPass(target, tokens, contextTokens, rows, sampling),
          timed);
    }
    rounds++;
  }

  /** The medians of the timed rounds, of which there must be two at least. */
  public MeasuredPasses result(String name) {
    return new MeasuredPasses(name, medians(targetMillis), medians(draftMillis), 0);
  }

  @Override
  public void close() {
    target.close();
    draft.close();
  }

  private static double targetPass(
      ModelSession session,
      int[] tokens,
      int contextTokens,
      int rows,
      SamplingParameters sampling) {
    long started = System.nanoTime();
    Logits logits = session.forward(tokens, contextTokens, contextTokens + rows);
    for (int row = 0; row < rows; row++) {
      logits.distribution(row, sampling);
    }
    session.rollback(contextTokens);
    return (System.nanoTime() - started) / 1e6;
  }

  private static double draftPass(
      ModelSession session,
      int[] tokens,
      int rows,
      SamplingParameters sampling,
      RandomGenerator random) {
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
        .mapToDouble(
            list -> list.stream().sorted().skip(list.size() / 2).findFirst().orElse(Double.NaN))
        .toArray();
  }
}
