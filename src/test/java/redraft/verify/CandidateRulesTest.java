package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.sampling.Distribution;
import redraft.verify.CandidateRule.Choice;
import redraft.verify.RuleLaws.World;

/**
 * Rules of several candidates at one node, by enumeration of every random number that they ask for:
 * what is emitted has the target's distribution, and the ladder says how often each candidate is.
 */
class CandidateRulesTest {
  private static final Distribution P = Distribution.of(.5, .3, .2);
  private static final Distribution Q = Distribution.of(.2, .3, .5);

  private static CandidateRule rule(String name) {
    return (CandidateRule) VerificationRules.named(name);
  }

  /** What happened: draws that lead to the same choice here may not do so with other coins. */
  private record Node(List<Integer> candidates, Choice choice) {}

  /** P(candidate i, token x) at [i + 1][x], no candidate at [0]. */
  private static double[][] law(CandidateRule rule, Distribution p, Distribution q, int count) {
    double[][] law = new double[count + 1][p.vocabularySize()];
    RuleLaws.law(
            random -> {
              int[] candidates = rule.candidates(q, count, random);
              Choice choice = rule.choose(p, q, candidates, random);
              return new Node(Arrays.stream(candidates).boxed().toList(), choice);
            })
        .forEach(
            (node, probability) ->
                law[node.choice.candidate() + 1][node.choice.token()] += probability);
    return law;
  }

  static Stream<Arguments> everyRule() {
    return Stream.of("iid", "wor", "k-seq", "greedy-draft")
        .flatMap(rule -> IntStream.rangeClosed(1, 3).mapToObj(k -> Arguments.of(rule, k)));
  }

  private static List<Distribution[]> pairs() {
    List<Distribution[]> pairs =
        new ArrayList<>(List.of(new Distribution[][] {{P, Q}, {Q, P}, {P, P}}));
    for (long seed = 0; seed < 6; seed++) {
      World world = World.random(3, seed); // often with zeros
      pairs.add(
          new Distribution[] {world.target().apply(List.of()), world.draft().apply(List.of())});
    }
    return pairs;
  }

  @ParameterizedTest
  @MethodSource("everyRule")
  void whatIsEmittedHasTheTargetsDistribution(String name, int count) {
    for (Distribution[] pair : pairs()) {
      double[][] law = law(rule(name), pair[0], pair[1], count);
      for (int x = 0; x < 3; x++) {
        int token = x;
        double emitted = Arrays.stream(law).mapToDouble(row -> row[token]).sum();
        assertEquals(pair[0].probability(x), emitted, 1e-12, name + " of " + count);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"iid,1", "iid,2", "iid,3", "wor,1", "wor,2", "k-seq,1", "k-seq,2", "k-seq,3"})
  void theLadderIsTheLawOfTheAcceptedCandidate(String name, int count) {
    SampledCandidates rule = (SampledCandidates) rule(name);
    assertTrue(!rule.estimated(count));
    for (Distribution[] pair : pairs()) {
      double[][] law = law(rule, pair[0], pair[1], count);
      for (int x = 0; x < 3; x++) {
        double p = pair[0].probability(x);
        if (p > 0) {
          double[] ladder = rule.ladder(pair[0], pair[1], x, count, null);
          for (int i = 0; i < count; i++) {
            assertEquals(law[i + 1][x], p * ladder[i], 1e-12, name + " " + (i + 1) + ", " + x);
          }
        }
      }
    }
  }

  /** Over every draw of the rejected candidates. */
  @Test
  void anEstimatedLadderIsUnbiasedAndNeverAboveOne() {
    WithoutReplacement one = new WithoutReplacement(1);
    assertTrue(one.estimated(3));
    for (Distribution[] pair : pairs()) {
      double[][] law = law(one, pair[0], pair[1], 3);
      for (int x = 0; x < 3; x++) {
        int token = x;
        double p = pair[0].probability(x);
        if (p == 0) {
          continue;
        }
        double[] mean = new double[3];
        RuleLaws.law(
                random ->
                    DoubleStream.of(one.ladder(pair[0], pair[1], token, 3, random))
                        .boxed()
                        .toList())
            .forEach(
                (ladder, probability) -> {
                  assertTrue(ladder.stream().mapToDouble(a -> a).sum() < 1 + 1e-12);
                  for (int i = 0; i < 3; i++) {
                    mean[i] += probability * ladder.get(i);
                  }
                });
        assertArrayEquals(
            new double[] {law[1][x] / p, law[2][x] / p, law[3][x] / p}, mean, 1e-12, "token " + x);
      }
    }
  }

  /** By hand, of the two distributions above. */
  @ParameterizedTest
  @CsvSource({
    "iid,          0.2,0.3,0.2, 0.06,0,0",
    "wor,          0.2,0.3,0.2, 0.12,0,0",
    "greedy-draft, 0,0,0.2,     0,0.3,0"
  })
  void twoCandidatesByHand(
      String name, double a, double b, double c, double d, double e, double f) {
    double[][] law = law(rule(name), P, Q, 2);
    assertArrayEquals(new double[] {a, b, c}, law[1], 1e-12);
    assertArrayEquals(new double[] {d, e, f}, law[2], 1e-12);
  }

  @Test
  void theSequentialSelectionAcceptsAsOftenAsPublishedNumbersSay() {
    double[][] law = law(rule("k-seq"), P, Q, 2);
    assertEquals(
        .7914, DoubleStream.concat(DoubleStream.of(law[1]), DoubleStream.of(law[2])).sum(), 5e-5);
  }

  @Test
  void noRuleOfIndependentCandidatesExceedsTheTransport() {
    assertArrayEquals(new double[] {.7, .86}, TransportLimit.accepted(P, Q, 2), 1e-12);
    for (Distribution[] pair : pairs()) {
      for (String name : List.of("iid", "k-seq")) {
        for (int count = 1; count <= 3; count++) {
          double[][] law = law(rule(name), pair[0], pair[1], count);
          double accepted = 1 - sum(law[0]);
          SampledCandidates rule = (SampledCandidates) rule(name);
          double[] known = rule.accepted(pair[0], pair[1], count);
          for (int i = 0; i < count; i++) {
            double[] first = law[i + 1];
            assertEquals(sum(first), known[i] - (i == 0 ? 0 : known[i - 1]), 1e-12, name + count);
          }
          assertTrue(
              accepted <= TransportLimit.accepted(pair[0], pair[1], count)[count - 1] + 1e-12,
              name + count);
        }
      }
    }
  }

  /** The cut of least weight over every set of tokens, not only beginnings of an order. */
  @Test
  void theTransportLimitIsTheLeastOverAllSets() {
    List<Distribution[]> pairs = new ArrayList<>(pairs());
    for (long seed = 0; seed < 20; seed++) {
      World world = World.random(7, seed);
      pairs.add(
          new Distribution[] {world.target().apply(List.of()), world.draft().apply(List.of())});
    }
    for (Distribution[] pair : pairs) {
      double[] limits = TransportLimit.accepted(pair[0], pair[1], 4);
      for (int count = 1; count <= 4; count++) {
        double least = 0;
        for (int set = 0; set < 1 << pair[0].vocabularySize(); set++) {
          double target = 0;
          double draft = 0;
          for (int token = 0; token < pair[0].vocabularySize(); token++) {
            target += (set >> token & 1) * pair[0].probability(token);
            draft += (set >> token & 1) * pair[1].probability(token);
          }
          least = Math.min(least, target - Math.pow(draft, count));
        }
        assertEquals(1 + least, limits[count - 1], 1e-9);
      }
    }
  }

  /**
   * Between every tuple of candidates and every token, by augmenting paths: a tuple may give its
   * mass to its own tokens alone, and a token takes no more than the target's.
   */
  @Test
  void theTransportLimitIsReached() {
    for (Distribution[] pair : pairs()) {
      for (int count = 1; count <= 3; count++) {
        assertEquals(
            flow(pair[0], pair[1], count),
            TransportLimit.accepted(pair[0], pair[1], count)[count - 1],
            1e-9);
      }
    }
  }

  private static double flow(Distribution p, Distribution q, int count) {
    int tokens = p.vocabularySize();
    int tuples = (int) Math.pow(tokens, count);
    double[] left = new double[tuples]; // of each tuple's mass
    boolean[][] holds = new boolean[tuples][tokens];
    for (int tuple = 0; tuple < tuples; tuple++) {
      left[tuple] = 1;
      for (int i = 0, rest = tuple; i < count; i++, rest /= tokens) {
        left[tuple] *= q.probability(rest % tokens);
        holds[tuple][rest % tokens] = true;
      }
    }
    double[] room = IntStream.range(0, tokens).mapToDouble(p::probability).toArray();
    double[][] given = new double[tuples][tokens];
    double flow = 0;
    for (double moved = 1; moved > 1e-13; flow += moved) {
      moved = 0;
      for (int tuple = 0; tuple < tuples && moved <= 1e-13; tuple++) {
        if (left[tuple] > 1e-13) {
          moved = push(tuple, left[tuple], holds, given, room, new boolean[tuples]);
          left[tuple] -= moved;
        }
      }
    }
    return flow;
  }

  /** What a tuple can give, where need be by having others give elsewhere. */
  private static double push(
      int tuple,
      double most,
      boolean[][] holds,
      double[][] given,
      double[] room,
      boolean[] visited) {
    visited[tuple] = true;
    for (int token = 0; token < room.length; token++) {
      if (!holds[tuple][token]) {
        continue;
      }
      double moved = Math.min(most, room[token]);
      if (moved > 1e-13) {
        room[token] -= moved;
        given[tuple][token] += moved;
        return moved;
      }
      for (int other = 0; other < given.length; other++) {
        if (!visited[other] && given[other][token] > 1e-13) {
          moved = push(other, Math.min(most, given[other][token]), holds, given, room, visited);
          if (moved > 1e-13) {
            given[other][token] -= moved;
            given[tuple][token] += moved;
            return moved;
          }
        }
      }
    }
    return 0;
  }

  /** On a vocabulary of 50, summed over what the target emits. */
  @Test
  void fewerRepetitionsAcceptMore() {
    SplittableRandom random = new SplittableRandom(5);
    double[] p = random.doubles(50).map(x -> Math.pow(x, 4)).toArray();
    double[] q = random.doubles(50).map(x -> Math.pow(x, 4)).toArray();
    Distribution target = Distribution.of(DoubleStream.of(p).map(x -> x / sum(p)).toArray());
    Distribution draft = Distribution.of(DoubleStream.of(q).map(x -> x / sum(q)).toArray());
    double iid = accepted("iid", target, draft);
    double wor = accepted("wor", target, draft);
    double sequential = accepted("k-seq", target, draft);
    assertTrue(target.overlap(draft) < iid && iid < wor && iid < sequential && wor < 1);
  }

  private static double sum(double[] values) {
    return DoubleStream.of(values).sum();
  }

  private static double accepted(String name, Distribution p, Distribution q) {
    SampledCandidates rule = (SampledCandidates) rule(name);
    double sum = 0;
    for (int x = 0; x < p.vocabularySize(); x++) {
      sum += p.probability(x) * sum(rule.ladder(p, q, x, 3, new SplittableRandom(x)));
    }
    return sum;
  }

  /** Whose draft has no more to offer, as at temperature 0. */
  @Test
  void withoutReplacementThereAreNoMoreCandidatesThanTokens() {
    Distribution certain = Distribution.oneHot(1, 3);
    assertArrayEquals(new int[] {1}, rule("wor").candidates(certain, 3, new SplittableRandom(1)));
    assertArrayEquals(
        new double[] {0, 0, 0},
        ((SampledCandidates) rule("wor")).ladder(P, certain, 0, 3, new SplittableRandom(1)));
  }

  @Test
  void laddersAreNamed() {
    assertEquals("wor:4", Ladder.named("wor:4").name());
    for (String wrong : List.of("wor", "token:2", "iid:0", "iid:65", "iid:-1", "iid:4x")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Ladder.named(wrong)).getMessage();
      assertTrue(message.contains("'" + wrong + "'"), message);
    }
  }
}
