package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.verify.VerificationRules;

class ThreadCountTest {
  private static List<ReplayRow> rows(int threads, int timelines) throws Exception {
    ReplayOptions options =
        new ReplayOptions(
            List.of("tiny-draft", "prompt-lookup"),
            VerificationRules.ALL,
            List.of("fixed", "heuristic"),
            List.of(1, 4),
            List.of(new Deployment(new ConstantRatio(0.1))),
            timelines,
            7,
            false,
            3,
            1,
            null);
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(
              () -> {
                ReplayTable table = new ReplayTable("t1", options);
                Path trace = Path.of("traces", "tiny-t1.jsonl.gz");
                return table.rows(
                    new TraceReplay(options).run(trace, table, sequences -> {}), true);
              })
          .get();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void resultsAreTheSameBitForBitOnAnyNumberOfThreads() throws Exception {
    for (int timelines : new int[] {0, 5}) {
      List<ReplayRow> alone = rows(1, timelines);
      assertEquals(
          5 * 2 * 4 * 2 * 2, alone.size()); // groups, drafts, rules, policies, draft lengths
      assertEquals(alone, rows(4, timelines));
      assertEquals(alone, rows(3, timelines));
    }
    assertTrue(
        rows(1, 5).get(0).steps() != rows(1, 0).get(0).steps(), "sampled differs from exact");
  }
}
