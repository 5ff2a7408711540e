package redraft.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;

class TreeGrowthTest {
  private static final Path GREEDY = Path.of("traces", "tiny-t0.jsonl.gz");

  @TempDir Path folder;

  private static Set<String> ids(SequenceSource source) throws IOException {
    Set<String> ids = new HashSet<>();
    for (TraceSequence sequence; (sequence = source.next()) != null; ) {
      ids.add(sequence.id());
    }
    return ids;
  }

  /** Steps on one half of a trace. */
  private static long steps(Path trace, DraftTree tree, boolean second) throws IOException {
    long steps = 0;
    try (SequenceSource half = new TreeGrowth.Half(TraceSource.of(trace), second)) {
      for (TraceSequence sequence; (sequence = half.next()) != null; ) {
        int[] ranks = sequence.drafts().get(0).rank();
        for (int t = 0; t < ranks.length; steps++) {
          int start = t;
          t += 1 + tree.accepted(place -> ranks[start + place], ranks.length - t);
        }
      }
    }
    return steps;
  }

  private static DraftTree grown(Path trace, int nodes) throws IOException {
    try (SequenceSource source = TraceSource.of(trace)) {
      return TreeGrowth.grow(source, 0, nodes);
    }
  }

  @Test
  void theHalvesArePromptsOfEveryDomainAndHaveNoneInCommon() throws IOException {
    Set<String> first = ids(new TreeGrowth.Half(TraceSource.of(GREEDY), false));
    Set<String> second = ids(new TreeGrowth.Half(TraceSource.of(GREEDY), true));
    assertEquals(24, first.size());
    assertEquals(24, second.size());
    assertTrue(first.stream().noneMatch(second::contains));
    assertEquals(6, first.stream().filter(id -> id.startsWith("maths")).count());
  }

  /** Ranks of which the starts, and so the tree, can be seen: 1 2 follows every start. */
  @Test
  void aTreeGrowsWhereTheTextGoes() throws IOException {
    int[] ranks = {1, 2, 9, 1, 2, 8, 1, 2, 7, 1, 2, 6};
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    TraceHeader one =
        new TraceHeader(
            header.tokenizer(),
            header.target(),
            header.drafts().subList(0, 1),
            new TraceHeader.Sampling(1, 0, 1, 0),
            LogitDetail.NONE);
    double[] tiny = new double[ranks.length];
    Arrays.fill(tiny, Math.log(0.02));
    double[] entropy = new double[ranks.length];
    Arrays.fill(entropy, Math.log(50));
    Draft draft = new Draft(tiny, ranks, tiny.clone(), null);
    Arrays.fill(draft.overlap(), 0.5);
    Target target = new Target(tiny, entropy, new double[ranks.length], null);
    Path trace =
        SampleTraces.write(
            folder.resolve("t.jsonl"),
            one,
            List.of(
                SampleTraces.sequence(
                    "a", "chat", new int[1], new int[ranks.length], target, List.of(draft))));
    assertEquals(List.of(List.of(1), List.of(1, 2)), grown(trace, 2).paths());
    assertEquals(4, steps(trace, grown(trace, 2), false));
  }

  @Test
  void theGrownTreeTakesFewerStepsThanPublishedOnesAlsoOnTheOtherHalf() throws IOException {
    DraftTree grown = grown(GREEDY, 63);
    assertEquals(63, grown.nodes());
    for (String name : List.of("medusa-63", "eagle-25", "1x8", "2x5")) {
      assertTrue(steps(GREEDY, grown, false) < steps(GREEDY, DraftTrees.load(name), false), name);
      assertTrue(steps(GREEDY, grown, true) < steps(GREEDY, DraftTrees.load(name), true), name);
    }
  }

  @Test
  void moreNodesTakeNoMoreSteps() throws IOException {
    long before = Long.MAX_VALUE;
    for (int nodes : new int[] {1, 2, 4, 8, 16, 32, 64, 128}) {
      long steps = steps(GREEDY, grown(GREEDY, nodes), false);
      assertTrue(steps <= before, nodes + " nodes");
      before = steps;
    }
  }

  @Test
  void absurdSizesAreRefused() {
    assertFalse(
        assertThrows(IllegalArgumentException.class, () -> grown(GREEDY, 0))
            .getMessage()
            .isEmpty());
  }
}
