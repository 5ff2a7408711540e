package redraft.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.policy.Policies;
import redraft.replay.LookupDraft;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.verify.VerificationRules;

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

  /** Ranks of the growing half. */
  private static List<int[]> ranks(Path trace) throws IOException {
    List<int[]> ranks = new ArrayList<>();
    try (SequenceSource half = new TreeGrowth.Half(TraceSource.of(trace), false)) {
      for (TraceSequence sequence; (sequence = half.next()) != null; ) {
        ranks.add(sequence.drafts().get(0).rank());
      }
    }
    return ranks;
  }

  private static long steps(List<int[]> texts, DraftTree tree) {
    long steps = 0;
    for (int[] ranks : texts) {
      for (int t = 0; t < ranks.length; steps++) {
        int start = t;
        t += 1 + tree.accepted(place -> ranks[start + place], ranks.length - t);
      }
    }
    return steps;
  }

  /** The fewest steps of a tree that has another node in the place of one. */
  private static long fewestByExchange(List<int[]> texts, List<List<Integer>> paths) {
    long fewest = Long.MAX_VALUE;
    for (List<Integer> out : paths) {
      List<List<Integer>> left = new ArrayList<>(paths);
      left.remove(out);
      if (left.stream()
          .anyMatch(path -> path.size() > out.size() && path.subList(0, out.size()).equals(out))) {
        continue; // no leaf
      }
      List<List<Integer>> parents = new ArrayList<>(left);
      parents.add(List.of());
      for (List<Integer> parent : parents) {
        for (int rank = 1; rank <= 8; rank++) {
          List<Integer> in = new ArrayList<>(parent);
          in.add(rank);
          if (!paths.contains(in)) {
            List<List<Integer>> exchanged = new ArrayList<>(left);
            exchanged.add(in);
            fewest = Math.min(fewest, steps(texts, DraftTree.of("exchanged", exchanged)));
          }
        }
      }
    }
    return fewest;
  }

  @ParameterizedTest
  @CsvSource({"2, 0", "4, 0", "16, 0.015"}) // nodes; of the steps, that an exchange may save
  void noExchangeOfOneNodeTakesManyFewerSteps(int nodes, double saved) throws IOException {
    List<int[]> texts = ranks(GREEDY);
    DraftTree grown = grown(GREEDY, nodes);
    long own = steps(texts, grown);
    long exchanged = fewestByExchange(texts, grown.paths());
    assertTrue(exchanged >= own * (1 - saved), own + " steps, exchanged " + exchanged);
    // the search finds something where there is something
    DraftTree flat = DraftTree.full(nodes, 1);
    assertTrue(fewestByExchange(texts, flat.paths()) < steps(texts, flat));
  }

  private static DraftTree fastest(int from, int to, TreeGrowth.Price price) throws IOException {
    try (SequenceSource source = TraceSource.of(GREEDY)) {
      TreeGrowth growth = TreeGrowth.on(source, 0);
      return growth.fastest("fast", growth.best(from), from, to, price);
    }
  }

  @Test
  void nodesAndLevelsAreAddedWhileTheirPriceAllows() throws IOException {
    // free nodes and levels: all of them
    assertEquals(24, fastest(4, 24, (rows, nodes) -> 1).nodes());
    // a level that costs ten targets: one, of as many nodes as there may be, the likeliest
    DraftTree flat = fastest(4, 24, (rows, nodes) -> 1 + 10 * rows.size());
    assertEquals(1, flat.depth());
    assertEquals(24, flat.nodes());
    assertTrue(flat.paths().contains(List.of(1)));
    // nodes that cost a target each: as few as there may be
    assertEquals(4, fastest(4, 24, (rows, nodes) -> 1 + nodes).nodes());
    // the sixth node costs a hundred targets
    assertEquals(5, fastest(1, 24, (rows, nodes) -> nodes > 5 ? 100 : 1).nodes());
    // rows of the draft: a first child of a node asks for another
    DraftTree rows =
        fastest(1, 24, (asked, nodes) -> asked.stream().mapToInt(n -> n).sum() > 3 ? 100 : 1);
    assertTrue(
        rows.draftRows(rows.depth()).stream().mapToInt(n -> n).sum() <= 3, "" + rows.paths());
  }

  private static Grid grid(DraftTree tree, LatencyModel latency, List<Integer> levels) {
    return new Grid(
        List.of(),
        LookupDraft.Ngrams.USUAL,
        tree,
        new Grid.Rules(List.of(VerificationRules.named("greedy-draft")), true),
        Policies.every(List.of("fixed"), levels, 1),
        true,
        List.of(new Deployment(latency)));
  }

  /** On the half that it was chosen on no tree grown for tokens is faster, cut to any level. */
  @ParameterizedTest
  @CsvSource({"0.02", "0.1", "0.5"})
  void theTreeOfARangeIsFasterThanTreesThatAreCut(double ratio) throws IOException {
    LatencyModel latency = new ConstantRatio(ratio);
    List<Integer> sizes = TreeChoice.sizes(2, 48);
    List<Grid> family = new ArrayList<>();
    List<Grid> cut = new ArrayList<>();
    try (SequenceSource source = TraceSource.of(GREEDY)) {
      ReplayDraft draft = source.drafts(List.of(), LookupDraft.Ngrams.USUAL).get(0);
      TreeGrowth growth = TreeGrowth.on(source, 0);
      for (DraftTree tree :
          TreeChoice.family("best:2..48", growth, sizes, new Deployment(latency), draft, 0)) {
        assertTrue(tree.nodes() >= 2 && tree.nodes() <= 48);
        family.add(grid(tree, latency, List.of(tree.depth())));
      }
      for (int size : sizes) {
        DraftTree tree = growth.best(size);
        cut.add(grid(tree, latency, IntStream.rangeClosed(1, tree.depth()).boxed().toList()));
      }
    }
    TreeChoice chosen = TreeChoice.on(half(), family, List.of());
    TreeChoice ofCut = TreeChoice.on(half(), cut, List.of());
    double speedup = speedup(chosen.tree());
    assertTrue(speedup >= speedup(ofCut.tree()), speedup + " " + speedup(ofCut.tree()));
    for (Grid one : family) {
      assertTrue(speedup >= speedup(one));
    }
  }

  private static SequenceSource half() throws IOException {
    return new TreeGrowth.Half(TraceSource.of(GREEDY), false);
  }

  private static double speedup(Grid one) throws IOException {
    return BestSetting.of(half(), one, 1, sequences -> {}).best().speedup();
  }

  @Test
  void sizesArePowersOfTwoAndBothEnds() {
    assertEquals(List.of(4, 8, 16, 32, 64), TreeChoice.sizes(4, 64));
    assertEquals(List.of(3, 4, 8, 9), TreeChoice.sizes(3, 9));
    assertEquals(List.of(1, 2), TreeChoice.sizes(1, 2));
    assertEquals(List.of(7), TreeChoice.sizes(7, 7));
  }

  @Test
  void sharesOfRanksAreThoseOfTheGrowingHalf() throws IOException {
    List<int[]> texts = ranks(GREEDY);
    long tokens = texts.stream().mapToLong(each -> each.length).sum();
    long first = texts.stream().flatMapToInt(Arrays::stream).filter(rank -> rank == 1).count();
    try (SequenceSource source = TraceSource.of(GREEDY)) {
      double[] shares = TreeGrowth.on(source, 0).rankShares();
      assertEquals((double) first / tokens, shares[0], 1e-12);
      assertEquals(1, Arrays.stream(shares).sum(), 1e-9);
    }
  }
}
