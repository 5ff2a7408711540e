package redraft.recording;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.latency.MeasuredProfile;
import redraft.model.LanguageModel;
import redraft.sampling.SamplingParameters;

/** The measurement of a whole profile, under greedy and under sampled decoding. */
public final class Profiling implements AutoCloseable {
  private static final int WARM_UP_CYCLES = 3;
  private static final int MOST_CONTEXTS = 1000;

  private final PassProfiler profiler;
  private final int warmUp; // rounds that do not count
  private final int rounds;

  /**
   * What is measured.
   *
   * @param rows most rows of a pass
   * @param contexts how many lengths of context, evenly spaced
   * @param longestContext with its rows; null for {@value #USUAL_CONTEXT}, or the models' limit
   *     where that is less
   * @param repeats of every shape under either sampling, at least 2
   */
  public record Extent(int rows, int contexts, Integer longestContext, int repeats) {
    /** A prompt and an answer; every further token is read again in every cycle. */
    public static final int USUAL_CONTEXT = 1024;

    public Extent {
      if (contexts < 1 || contexts > MOST_CONTEXTS) {
        throw new IllegalArgumentException(
            "contexts " + contexts + " must be from 1 to " + MOST_CONTEXTS);
      }
    }

    /**
     * @param limit of the models
     */
    public int longest(int limit) {
      if (longestContext == null) {
        return Math.min(limit, USUAL_CONTEXT);
      }
      if (longestContext > limit || longestContext <= rows) {
        throw new IllegalArgumentException(
            "max context "
                + longestContext
                + " must be more than the rows, "
                + rows
                + ", and at most the models' limit, "
                + limit);
      }
      return longestContext;
    }
  }

  public Profiling(LanguageModel target, LanguageModel draft, Extent extent) {
    int longest = extent.longest(Math.min(target.contextLength(), draft.contextLength()));
    int[] text = new int[1024]; // passes cost the same whatever it says
    Arrays.setAll(text, i -> (i * 37 + 11) % target.vocabularySize());
    profiler =
        new PassProfiler(
            target,
            draft,
            List.of(SamplingParameters.temperature(0), SamplingParameters.temperature(1)),
            text,
            PassProfiler.contexts(longest, extent.rows, extent.contexts),
            extent.rows);
    warmUp = WARM_UP_CYCLES * profiler.cycle();
    rounds = warmUp + extent.repeats * profiler.cycle();
  }

  /** Rounds in which every shape is measured once: as long as any other such rounds. */
  public int cycle() {
    return profiler.cycle();
  }

  /** Rounds that {@link #measure} takes. */
  public int rounds() {
    return rounds;
  }

  /**
   * Measures all of it.
   *
   * @param name of the profile in results
   * @param progress told after each round how many were done
   */
  public MeasuredProfile measure(String name, LongConsumer progress) {
    for (int round = 0; round < rounds; round++) {
      profiler.round(round >= warmUp);
      progress.accept(round + 1);
    }
    return profiler.result(name);
  }

  @Override
  public void close() {
    profiler.close();
  }
}
