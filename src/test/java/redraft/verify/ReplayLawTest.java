package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.verify.RuleLaws.World;

/** What replay says of a path is what live decoding would have done on it. */
class ReplayLawTest {
  private static final VerificationRule TOKEN = VerificationRules.named("token");
  private static final VerificationRule BLOCK = VerificationRules.named("block");

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  // The motivating example of Sun et al. 2024: two tokens, the draft prefers the first and the
  // target the second.
  private static World workedExample() {
    return World.constant(Distribution.of(1 / 3., 2 / 3.), Distribution.of(2 / 3., 1 / 3.));
  }

  @Test
  void theWorkedExampleAcceptsTenNinthsByTokensAndElevenNinthsAsABlock() {
    World world = workedExample();
    assertEquals(10 / 9., RuleLaws.meanAccepted(RuleLaws.live(TOKEN, world, List.of(), 2)), 1e-12);
    assertEquals(
        10 / 9., RuleLaws.meanAccepted(RuleLaws.replayed(TOKEN, world, List.of(), 2)), 1e-12);
    assertEquals(11 / 9., RuleLaws.meanAccepted(RuleLaws.live(BLOCK, world, List.of(), 2)), 1e-12);
    assertEquals(
        11 / 9., RuleLaws.meanAccepted(RuleLaws.replayed(BLOCK, world, List.of(), 2)), 1e-12);
  }

  // Path (1, 0): r = 1/2, then 2. Token: 1, 1/2, 1/2. Block: 1, 1/2, min(1/2, 1/2·2).
  // Path (0, 1): r = 2, then 1/2. Token: 1, 1, 1/2. Block: 1, 1, min(1, 2·1/2): the first token's
  // surplus pays for the second.
  @Test
  void aBlockForgivesAnUnlikelyTokenAfterALikelyOne() {
    World world = workedExample();
    assertArrayEquals(new double[] {1, 1 / 2., 1 / 2.}, survival(TOKEN, world, 1, 0), 1e-15);
    assertArrayEquals(new double[] {1, 1 / 2., 1 / 2.}, survival(BLOCK, world, 1, 0), 1e-15);
    assertArrayEquals(new double[] {1, 1, 1 / 2.}, survival(TOKEN, world, 0, 1), 1e-15);
    assertArrayEquals(new double[] {1, 1, 1}, survival(BLOCK, world, 0, 1), 1e-15);
  }

  // The draft's choice is token 0 always, drawn with probability 2/3 and 1 − 2/3.
  @Test
  void greedyDraftsSurviveWhereTheyAreThePathAndExactMatchesWithTheDraftsProbability() {
    World world = workedExample();
    VerificationRule greedy = VerificationRules.named("greedy-draft");
    VerificationRule exact = VerificationRules.named("exact-match");
    assertArrayEquals(new double[] {1, 1, 0, 0}, survival(greedy, world, 0, 1, 0), 0);
    assertArrayEquals(
        new double[] {1, 2 / 3., 2 / 9., 4 / 27.}, survival(exact, world, 0, 1, 0), 1e-15);
  }

  private static double[] survival(VerificationRule rule, World world, Integer... path) {
    double[] survival = new double[path.length + 1];
    rule.survival(world.record(List.of(path)), 0, path.length, survival);
    return survival;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void replayHasTheJointLawOfPathAndAcceptedCount(VerificationRule rule) {
    for (World world :
        List.of(World.markov(3, 1), World.markov(3, 2), World.random(3, 3), World.random(2, 4))) {
      // One law for every draft length: S depends on the path alone.
      for (int draftLength = 1; draftLength <= 3; draftLength++) {
        for (List<Integer> prefix : List.of(List.<Integer>of(), List.of(1, 0))) {
          Map<List<Integer>, double[]> live = RuleLaws.live(rule, world, prefix, draftLength);
          Map<List<Integer>, double[]> replayed =
              RuleLaws.replayed(rule, world, prefix, draftLength);
          assertEquals(replayed.keySet(), live.keySet());
          assertTrue(replayed.size() > 1);
          replayed.forEach(
              (path, counts) ->
                  assertArrayEquals(counts, live.get(path), 1e-12, rule.name() + path));
        }
      }
    }
  }

  /** One way for a text to come about: its tokens and the accepted count of each step. */
  private record Run(List<Integer> path, List<Integer> accepted) {}

  // P(path, accepted counts j_1, j_2, …) = P(path)·∏ over steps of (S_j − S_{j+1}).
  @ParameterizedTest
  @MethodSource("rules")
  void theStepsOfAWholeTextAreIndependentGivenItsPath(VerificationRule rule) {
    int tokens = 5;
    int draftLength = 3;
    World world = World.random(3, 5);
    Map<Run, Double> live = new HashMap<>();
    decode(rule, world, new Run(List.of(), List.of()), 1, tokens, draftLength, live);
    int runs = 0;
    for (List<Integer> path : world.paths(tokens)) {
      Map<List<Integer>, Double> replayed = new HashMap<>();
      replay(rule, world.record(path), 0, List.of(), 1, draftLength, replayed);
      for (Map.Entry<List<Integer>, Double> run : replayed.entrySet()) {
        runs++;
        assertEquals(
            world.probability(path) * run.getValue(),
            live.getOrDefault(new Run(path, run.getKey()), 0.0),
            1e-12,
            rule.name() + path + run.getKey());
      }
    }
    assertTrue(runs > 50, "only " + runs + " runs compared");
  }

  private static void decode(
      VerificationRule rule,
      World world,
      Run soFar,
      double probability,
      int tokens,
      int draftLength,
      Map<Run, Double> law) {
    int length = soFar.path.size();
    if (length == tokens) {
      law.merge(soFar, probability, Double::sum);
      return;
    }
    int drafted = Math.min(draftLength, tokens - length - 1);
    // Of each path only what the step emits; the target's filling adds up to probability 1.
    Map<Run, Double> steps = new HashMap<>();
    RuleLaws.live(rule, world, soFar.path, drafted)
        .forEach(
            (path, counts) -> {
              for (int j = 0; j <= drafted; j++) {
                if (counts[j] > 0) {
                  Run next =
                      new Run(path.subList(0, length + j + 1), RuleLaws.append(soFar.accepted, j));
                  steps.merge(next, counts[j], Double::sum);
                }
              }
            });
    steps.forEach(
        (next, step) -> decode(rule, world, next, probability * step, tokens, draftLength, law));
  }

  private static void replay(
      VerificationRule rule,
      RecordedPath path,
      int start,
      List<Integer> accepted,
      double probability,
      int draftLength,
      Map<List<Integer>, Double> law) {
    if (start == path.length()) {
      law.put(accepted, probability);
      return;
    }
    int drafted = Math.min(draftLength, path.length() - start - 1);
    double[] counts = RuleLaws.counts(rule, path, start, drafted);
    for (int j = 0; j <= drafted; j++) {
      replay(
          rule,
          path,
          start + j + 1,
          RuleLaws.append(accepted, j),
          probability * counts[j],
          draftLength,
          law);
    }
  }

  @Test
  void aBlockNeverAcceptsLessThanItsTokens() {
    int better = 0;
    for (long seed = 0; seed < 300; seed++) {
      World world = World.random(3, seed);
      for (List<Integer> path : world.paths(4)) {
        RecordedPath recorded = world.record(path);
        double[] token = new double[5];
        double[] block = new double[5];
        TOKEN.survival(recorded, 0, 4, token);
        BLOCK.survival(recorded, 0, 4, block);
        for (int k = 0; k <= 4; k++) {
          assertTrue(block[k] >= token[k] - 1e-15, () -> "after " + path);
        }
      }
      double byTokens = RuleLaws.meanAccepted(RuleLaws.replayed(TOKEN, world, List.of(), 3));
      double asBlock = RuleLaws.meanAccepted(RuleLaws.replayed(BLOCK, world, List.of(), 3));
      better += asBlock > byTokens + 1e-9 ? 1 : 0;
    }
    assertTrue(better > 100, "better in " + better + " of 300 worlds");
  }

  @Test
  void atTemperatureZeroEveryRuleAcceptsWhileTheArgmaxesAgree() {
    int[] seen = new int[4];
    for (long seed = 0; seed < 20; seed++) {
      World world = World.random(3, seed).greedy();
      List<Integer> path = world.paths(4).get(0); // the only one
      RecordedPath recorded = world.record(path);
      int agreeing = (int) IntStream.range(0, 3).takeWhile(t -> recorded.draftArgmax()[t]).count();
      seen[agreeing]++;
      double[] expected = new double[4];
      expected[agreeing] = 1;
      for (VerificationRule rule : VerificationRules.all()) {
        Map<List<Integer>, double[]> live = RuleLaws.live(rule, world, List.of(), 3);
        assertEquals(1, live.size());
        assertArrayEquals(expected, live.get(path), rule.name());
        assertArrayEquals(expected, RuleLaws.counts(rule, recorded, 0, 3), rule.name());
      }
    }
    assertTrue(Arrays.stream(seen).allMatch(count -> count > 0), Arrays.toString(seen));
  }

  // 20,000 blocks with real random numbers; the statistic exceeds the 99.9% point once in 1,000.
  @ParameterizedTest
  @MethodSource("rules")
  void simulatedBlocksPassAChiSquareTestAgainstTheReplayLaw(VerificationRule rule) {
    int draftLength = 4;
    int blocks = 20_000;
    World world = World.random(3, 1);
    double[] expected = new double[draftLength + 1];
    RuleLaws.replayed(rule, world, List.of(), draftLength)
        .values()
        .forEach(
            counts -> IntStream.range(0, counts.length).forEach(j -> expected[j] += counts[j]));
    long[] observed = new long[draftLength + 1];
    RandomStreams streams = new RandomStreams(3);
    RandomGenerator draftRandom = streams.stream("draft");
    RandomGenerator verifyRandom = streams.stream("verify");
    for (int block = 0; block < blocks; block++) {
      observed[simulate(rule, world, draftLength, draftRandom, verifyRandom)]++;
    }
    double statistic = 0;
    int cells = 0;
    for (int j = 0; j <= draftLength; j++) {
      if (expected[j] == 0) {
        assertEquals(0, observed[j]);
        continue;
      }
      cells++;
      assertTrue(blocks * expected[j] >= 5, "too few blocks are expected to accept " + j);
      statistic += Math.pow(observed[j] - blocks * expected[j], 2) / (blocks * expected[j]);
    }
    assertTrue(cells >= 3, "only " + cells + " counts are possible");
    double limit = ChiSquaredDistribution.of(cells - 1).inverseSurvivalProbability(0.001);
    assertTrue(statistic < limit, rule.name() + ": chi-square " + statistic + ", limit " + limit);
  }

  private static int simulate(
      VerificationRule rule,
      World world,
      int draftLength,
      RandomGenerator draftRandom,
      RandomGenerator verifyRandom) {
    List<Integer> text = List.of();
    List<Distribution> p = new ArrayList<>();
    List<Distribution> q = new ArrayList<>();
    for (int i = 0; i < draftLength; i++) {
      p.add(world.target().apply(text));
      q.add(world.drafting(rule, text));
      text = RuleLaws.append(text, q.get(i).sample(draftRandom));
    }
    p.add(world.target().apply(text));
    int[] tokens = text.stream().mapToInt(i -> i).toArray();
    return rule.verify(new Proposal(tokens, q), p, verifyRandom).acceptedCount();
  }
}
