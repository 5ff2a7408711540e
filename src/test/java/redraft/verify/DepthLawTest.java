package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.replay.AcceptanceLaw;
import redraft.replay.DepthDraft;
import redraft.replay.ExactReplay;
import redraft.replay.ReplaySequence;
import redraft.sampling.Distribution;
import redraft.steps.StepShape;
import redraft.steps.StepSink;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Depths;
import redraft.verify.RuleLaws.World;

/**
 * Drafts whose probabilities depend on the place in the block besides the whole text: enumeration
 * of live steps against the law that replay has from q_{s,i}(x_{s+i−1}).
 */
class DepthLawTest {
  private static final int DEPTH = 3;
  private static final int TOKENS = 5;

  /** A target, and another table of drafts for each depth. */
  private record DepthWorld(World target, List<World> byDepth) {
    static DepthWorld random(int vocabularySize, long seed) {
      return new DepthWorld(
          World.random(vocabularySize, seed),
          IntStream.range(0, DEPTH)
              .mapToObj(depth -> World.random(vocabularySize, 1000 * (depth + 1) + seed))
              .toList());
    }

    /** What the draft of a block that starts after so many tokens thinks of the next one. */
    Distribution draft(int start, List<Integer> text) {
      return byDepth.get(text.size() - start).draft().apply(text);
    }

    /** The world as a block that starts there sees it. */
    World from(int start) {
      return new World(
          target.vocabularySize(),
          target.target(),
          text -> text.size() < start ? null : draft(start, text));
    }

    /** What a recorder writes of a path: the draft forced along it from every start. */
    TraceSequence record(List<Integer> path) {
      int length = path.size();
      double[] p = new double[length];
      double[][] logprob = new double[length][];
      int[][] rank = new int[length][];
      for (int s = 0; s < length; s++) {
        p[s] = Math.log(target.target().apply(path.subList(0, s)).probability(path.get(s)));
        int depth = Math.min(DEPTH, length - s);
        logprob[s] = new double[depth];
        rank[s] = new int[depth];
        for (int i = 0; i < depth; i++) {
          Distribution q = draft(s, path.subList(0, s + i));
          logprob[s][i] = Math.log(q.probability(path.get(s + i)));
          rank[s][i] = q.argmax() == path.get(s + i) ? 1 : 2;
        }
      }
      return new TraceSequence(
          new TraceSequence.Label("a", 0, "toy"),
          new TraceSequence.Prefix("", new int[1]),
          new TraceSequence.CommittedPath(
              path.stream().mapToInt(i -> i).toArray(), TraceSequence.Finish.LENGTH),
          new TraceSequence.Target(p, null, null, null),
          List.of(TraceSequence.Draft.ofDepths(new Depths(logprob, rank))));
    }

    AcceptanceLaw law(List<Integer> path, VerificationRule rule) {
      DraftInfo info = new DraftInfo("heads", "", 0, DraftKind.DEPTH, DEPTH, null, Double.NaN);
      return new DepthDraft(info, 0).law(record(path), rule);
    }
  }

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  private static double[] counts(AcceptanceLaw law, int start, int drafted) {
    double[] survival = new double[drafted + 1];
    law.survival(start, drafted, survival);
    for (int j = 0; j < drafted; j++) {
      survival[j] -= survival[j + 1];
    }
    return survival;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aStepEmitsTheTargetsLawAndReplayHasItsJointLawWithTheAcceptedCount(VerificationRule rule) {
    for (DepthWorld world : List.of(DepthWorld.random(2, 1), DepthWorld.random(3, 2))) {
      for (List<Integer> prefix : List.of(List.<Integer>of(), List.of(1, 0))) {
        for (int drafted = 1; drafted <= DEPTH; drafted++) {
          Map<List<Integer>, double[]> live =
              RuleLaws.live(rule, world.from(prefix.size()), prefix, drafted);
          Map<List<Integer>, Double> paths =
              world.target.extend(prefix, prefix.size() + drafted + 1, world.target.target());
          assertEquals(paths.keySet(), live.keySet());
          assertTrue(paths.size() > 1);
          for (Map.Entry<List<Integer>, Double> path : paths.entrySet()) {
            double[] found = live.get(path.getKey());
            String where = rule.name() + path.getKey();
            assertEquals(path.getValue(), Arrays.stream(found).sum(), 1e-12, where);
            if (prefix.isEmpty()) { // the whole path can be recorded
              double[] replayed = counts(world.law(path.getKey(), rule), 0, drafted);
              for (int j = 0; j <= drafted; j++) {
                assertEquals(path.getValue() * replayed[j], found[j], 1e-12, where);
              }
            }
          }
        }
      }
    }
  }

  /** How a text came about: its tokens and the accepted count of each step. */
  private record Run(List<Integer> path, List<Integer> accepted) {}

  @ParameterizedTest
  @MethodSource("rules")
  void wholeTextsHaveTheProductOfTheirStepsEachStepSeeingTheDraftFromItsOwnStart(
      VerificationRule rule) {
    DepthWorld world = DepthWorld.random(3, 5);
    Map<Run, Double> live = decode(rule, world);
    Map<List<Integer>, Double> steps = new HashMap<>(); // mean steps of each path, times P(path)
    live.forEach((run, p) -> steps.merge(run.path, p * run.accepted.size(), Double::sum));
    double total = 0;
    for (Map.Entry<Run, Double> run : live.entrySet()) {
      AcceptanceLaw law = world.law(run.getKey().path, rule);
      double probability = world.target.probability(run.getKey().path);
      int at = 0;
      for (int accepted : run.getKey().accepted) {
        probability *= counts(law, at, Math.min(DEPTH, TOKENS - at - 1))[accepted];
        at += accepted + 1;
      }
      assertEquals(probability, run.getValue(), 1e-12, rule.name() + run.getKey());
      total += run.getValue();
    }
    assertEquals(1, total, 1e-12);
    assertTrue(live.size() > 20, "only " + live.size() + " runs compared");
    steps.forEach(
        (path, expected) ->
            assertEquals(
                expected / world.target.probability(path),
                replayedSteps(world.law(path, rule), new FixedLength(DEPTH)),
                1e-12));
  }

  private static double replayedSteps(AcceptanceLaw law, DraftLengthPolicy policy) {
    double[] steps = new double[1];
    StepSink sink =
        new StepSink() {
          @Override
          public void start(int position, double weight) {
            steps[0] += weight;
          }

          @Override
          public void passes(StepShape shape, int position, double weight) {}

          @Override
          public void catchUp(int position, double weight) {}

          @Override
          public void accepted(int count, double weight) {}
        };
    new ExactReplay(policy, false).replay(new ReplaySequence("a", law, 1, true), sink);
    return steps[0];
  }

  private static Map<Run, Double> decode(VerificationRule rule, DepthWorld world) {
    Map<Run, Double> open = new HashMap<>(Map.of(new Run(List.of(), List.of()), 1.0));
    Map<Run, Double> done = new HashMap<>();
    while (!open.isEmpty()) {
      Map<Run, Double> next = new HashMap<>();
      open.forEach(
          (run, probability) -> {
            int length = run.path.size();
            int drafted = Math.min(DEPTH, TOKENS - length - 1);
            RuleLaws.live(rule, world.from(length), run.path, drafted)
                .forEach(
                    (path, counts) -> {
                      for (int j = 0; j <= drafted; j++) {
                        if (counts[j] > 0) {
                          Run longer =
                              new Run(
                                  path.subList(0, length + j + 1),
                                  RuleLaws.append(run.accepted, j));
                          boolean whole = longer.path.size() == TOKENS;
                          (whole ? done : next).merge(longer, probability * counts[j], Double::sum);
                        }
                      }
                    });
          });
      open = next;
    }
    return done;
  }

  // p = (1/2, 1/2); q_1 = p, q_2 = (1, 0). Path (0, 1, ·): the first token is kept for certain, the
  // second cannot be drafted. Path (0, 0, ·): r = 1, 2, all kept. Taking q_1 for q_2 keeps both.
  @Test
  void theDraftsOpinionIsTakenFromTheStartOfTheBlock() {
    Distribution even = Distribution.of(.5, .5);
    Distribution sure = Distribution.of(1, 0);
    World first = World.constant(even, even);
    World second = World.constant(even, sure);
    DepthWorld world = new DepthWorld(first, List.of(first, second, second));
    VerificationRule token = VerificationRules.named("token");
    assertArrayEquals(new double[] {0, 1, 0}, counts(world.law(List.of(0, 1, 0), token), 0, 2), 0);
    assertArrayEquals(new double[] {0, 0, 1}, counts(world.law(List.of(0, 0, 1), token), 0, 2), 0);
    // a block that starts at the second token asks q_1 of it
    assertArrayEquals(new double[] {0, 1}, counts(world.law(List.of(0, 1, 0), token), 1, 1), 0);
  }

  // Two tokens that ended with an end token, nobody knowing that they would: three were drafted.
  @Test
  void aTextThatEndsEarlyWasDraftedInFull() {
    AcceptanceLaw law =
        DepthWorld.random(2, 1).law(List.of(1, 0), VerificationRules.named("token"));
    assertEquals(DEPTH, law.available(0));
    assertEquals(DEPTH, law.available(1));
    assertEquals(1, law.known(0));
  }

  // p = q everywhere, so that all is accepted and the heuristic asks for ever more than the three
  // tokens there are: 20 tokens at four a step.
  @Test
  void aPolicyThatAsksForMoreThanTheDepthGetsTheDepth() {
    Distribution even = Distribution.of(.5, .5);
    World world = World.constant(even, even);
    AcceptanceLaw law =
        new DepthWorld(world, List.of(world, world, world))
            .law(Collections.nCopies(20, 1), VerificationRules.named("token"));
    assertEquals(5, replayedSteps(law, new Heuristic(5)), 1e-12);
  }
}
