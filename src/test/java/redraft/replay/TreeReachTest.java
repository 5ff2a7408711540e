package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import redraft.policy.DraftTree;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.verify.VerificationRules;

class TreeReachTest {
  private static TraceSequence text(int[] ranks, Map<String, double[][]> ladders) {
    double[] logprob = new double[ranks.length];
    Arrays.fill(logprob, Math.log(0.02));
    double[] overlap = new double[ranks.length];
    Arrays.fill(overlap, 0.5);
    Target target = new Target(logprob, overlap, new double[ranks.length], null);
    Draft draft = new Draft(logprob, ranks, overlap, null).with(ladders);
    return SampleTraces.sequence(
        "a", "chat", new int[1], new int[ranks.length], target, List.of(draft));
  }

  private static TreeReach reach(
      String rule, DraftTree tree, Set<String> ladders, TraceSequence... texts) {
    RecordedDraft recorded = new RecordedDraft(SampleTraces.header(LogitDetail.NONE), 0, true);
    TreeReach reach =
        new TreeReach(new TreeDraft(recorded, tree, ladders), VerificationRules.named(rule));
    Arrays.stream(texts).forEach(reach::add);
    return reach;
  }

  // Ranks 1 2 9 | 2 5 | 1 7: a step goes through [1] and [1, 2], one through [2], one through [1],
  // so of 3 steps 2 accept [1], 1 accepts [2] and 1 accepts [1, 2]: 4/3 = 7/3 − 1 tokens a step.
  @Test
  void ofRanksItIsTheShareOfStepsThatGoThroughANode() {
    DraftTree tree = DraftTree.of("t", List.of(List.of(1), List.of(2), List.of(1, 2)));
    TreeReach reach =
        reach("greedy-draft", tree, Set.of(), text(new int[] {1, 2, 9, 2, 5, 1, 7}, Map.of()));
    assertEquals(3, reach.steps());
    assertArrayEquals(new double[] {2 / 3., 1 / 3., 1 / 3.}, reach.reach(), 1e-15);
  }

  // The last token is emitted in any case: of ranks 1 1, a step accepts the first alone.
  @Test
  void noStepAcceptsTheLastToken() {
    TreeReach reach =
        reach("greedy-draft", DraftTree.chain(2), Set.of(), text(new int[] {1, 1}, Map.of()));
    assertArrayEquals(new double[] {1, 0}, reach.reach());
  }

  // Three tokens, a = (1/2, 1/4) everywhere. The step at 0 reaches [1] with 1/2, [2] with 1/4, [1,
  // 1]
  // with 1/4 and [1, 2] with 1/8. A step starts at 1 with 1 − 3/4 = 1/4, and has one token left
  // that
  // it can accept; at 2 with (3/4 − 3/8) + 1/4 · 1/4 = 7/16, and can accept none. Steps: 27/16.
  @Test
  void ofDrawnCandidatesItGoesWithTheLadder() {
    double[][] ladder = {{.5, .25}, {.5, .25}, {.5, .25}};
    DraftTree tree =
        DraftTree.of("t", List.of(List.of(1), List.of(2), List.of(1, 1), List.of(1, 2)));
    TreeReach reach =
        reach("iid", tree, Set.of("iid:2"), text(new int[] {1, 1, 1}, Map.of("iid:2", ladder)));
    assertEquals(27 / 16., reach.steps(), 1e-15);
    double[] times = {1 / 2. + 1 / 8., 1 / 4. + 1 / 16., 1 / 4., 1 / 8.};
    double[] expected = Arrays.stream(times).map(each -> each / (27 / 16.)).toArray();
    assertArrayEquals(expected, reach.reach(), 1e-15);
    assertEquals(3 / (27 / 16.) - 1, Arrays.stream(reach.reach()).sum(), 1e-15);
  }

  @Test
  void firstChoicesAreFirstAllAlong() {
    DraftTree tree =
        DraftTree.of(
            "t", List.of(List.of(1), List.of(2), List.of(1, 1), List.of(1, 2), List.of(2, 1)));
    boolean[] expected = {true, false, true, false, false};
    assertArrayEquals(expected, TreeReach.firstChoices(tree));
  }
}
