package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import redraft.decode.Limits;
import redraft.latency.MeasuredSteps;
import redraft.latency.PassTimes;
import redraft.model.TableModel;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.TokenRule;

class DecodingProfilerTest {
  private static final TableModel TARGET =
      TableModel.ofProbabilities("large", new double[][] {{.7, .3}, {.4, .6}});
  private static final TableModel DRAFT =
      TableModel.ofProbabilities("small", new double[][] {{.6, .4}, {.5, .5}});

  private static final Limits LIMITS = new Limits(6, Set.of());

  @Test
  void oneShortTextTimesEveryShapeOfStep() {
    try (DecodingProfiler profiler =
        new DecodingProfiler(
            TARGET, DRAFT, new TokenRule(), SamplingParameters.temperature(1), 2, 8, LIMITS)) {
      int[] prompt = {0, 1, 1};
      RandomStreams streams = new RandomStreams(0);
      MeasuredSteps costs =
          profiler.result(
              "here",
              List.of(
                  new DecodingProfiler.Timed(
                      profiler.plain(prompt, streams, "text"),
                      profiler.usual(prompt, streams, "text"),
                      profiler.others(prompt, streams, "text"))));
      assertEquals(9, costs.steps().maxRows());
      assertEquals(1, costs.draft().maxRows());
      assertTrue(costs.baselineStep(1, 10) > 0);
      for (int draftLength = 1; draftLength <= 8; draftLength++) {
        assertTrue(costs.speculativeStep(1, draftLength, 10) > 0, "draft length " + draftLength);
      }
    }
  }

  @Test
  void timingChangesNoToken() {
    try (DecodingProfiler once = profiler();
        DecodingProfiler again = profiler()) {
      int[] prompt = {1, 0};
      assertArrayEquals(tokens(once, prompt), tokens(again, prompt));
    }
  }

  private static int[] tokens(DecodingProfiler profiler, int[] prompt) {
    return new DecodingProfiler.Timed(
            profiler.plain(prompt, new RandomStreams(3), "a"),
            profiler.usual(prompt, new RandomStreams(3), "a"),
            null)
        .decoded()
        .speculative()
        .tokens();
  }

  private static DecodingProfiler profiler() {
    return new DecodingProfiler(
        TARGET, DRAFT, new TokenRule(), SamplingParameters.temperature(1), 2, 8, LIMITS);
  }

  // 1 + 0.01 C for one row, 3 + 0.01 C for two
  @Test
  void passesOnParallelLinesGiveThoseLines() {
    PassLines lines = new PassLines();
    IntStream.of(0, 50, 100).forEach(context -> lines.add(1, context, 1 + 0.01 * context));
    IntStream.of(20, 80).forEach(context -> lines.add(2, context, 3 + 0.01 * context));
    PassTimes times = new PassTimes("m", lines.curves(), 200, false);
    assertEquals(1.3, times.at(1, 30), 1e-12);
    assertEquals(3.3, times.at(2, 30), 1e-12);
    assertEquals(2.5, times.at(1, 150), 1e-12); // beyond what was timed
  }

  // (1 + 1 + 1 + 5)/4: sums of passes hold the stalls too
  @Test
  void aLineIsTheMeanAndNotTheUsualPass() {
    PassLines lines = new PassLines();
    for (double ms : new double[] {1, 1, 1, 5}) {
      lines.add(1, 10, ms);
    }
    assertEquals(2, new PassTimes("m", lines.curves(), 200, false).at(1, 10), 1e-12);
  }

  // longer contexts came out faster by chance
  @Test
  void aLongerContextMakesNoPassCheaper() {
    PassLines lines = new PassLines();
    lines.add(1, 10, 3);
    lines.add(1, 20, 1);
    PassTimes times = new PassTimes("m", lines.curves(), 200, false);
    assertEquals(2, times.at(1, 10), 1e-12);
    assertEquals(2, times.at(1, 100), 1e-12);
  }
}
