package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.metrics.ReplayTable;
import redraft.policy.Policies;
import redraft.report.Columns;
import redraft.verify.VerificationRules;

class ThreadCountTest {
  private static List<Map<String, Object>> rows(int threads, int timelines) throws Exception {
    ReplayOptions options =
        new ReplayOptions(
            VerificationRules.all(),
            Policies.every(List.of("fixed", "heuristic"), List.of(1, 4)),
            List.of(new Deployment(new ConstantRatio(0.1))),
            timelines,
            7,
            false,
            null);
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(
              () -> {
                ReplayTable table = new ReplayTable(timelines);
                try (TraceSource source = TraceSource.of(Path.of("traces", "tiny-t1.jsonl.gz"))) {
                  List<ReplayDraft> drafts =
                      source.drafts(
                          List.of("tiny-draft", "prompt-lookup"), LookupDraft.Ngrams.USUAL);
                  return Columns.REPLAY.ofAll(
                      table.rows(new TraceReplay(options, drafts).run(source, table), true));
                }
              })
          .get();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void resultsAreTheSameBitForBitOnAnyNumberOfThreads() throws Exception {
    for (int timelines : new int[] {0, 5}) {
      List<Map<String, Object>> alone = rows(1, timelines);
      assertEquals(
          5 * 2 * 4 * 2 * 2, alone.size()); // groups, drafts, rules, policies, draft lengths
      assertEquals(alone, rows(4, timelines));
      assertEquals(alone, rows(3, timelines));
    }
    assertTrue(
        !rows(1, 5).get(0).get("steps").equals(rows(1, 0).get(0).get("steps")),
        "sampled differs from exact");
  }
}
