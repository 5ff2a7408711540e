package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.Stopping;
import redraft.policy.Policies;
import redraft.sampling.Distribution;
import redraft.verify.RuleLaws.World;

/**
 * Blocks that end by the draft's own signal, enumerated over three tokens whose probabilities
 * depend on the whole prefix: what such a step emits, how much of it was accepted, and how far it
 * drafts.
 */
class StoppingTest {
  private static final int DRAFT_LENGTH = 3;

  static Stream<Arguments> rulesAndPolicies() {
    return Stream.of("token", "block", "greedy-draft", "exact-match")
        .flatMap(
            rule ->
                Stream.of(
                        "p-min:0.6",
                        "p-min:0.8",
                        "entropy:0.7",
                        "confidence:0.4",
                        "confidence:0.8",
                        "specdec:0.3",
                        "specdec:0.7:power=1")
                    .map(policy -> Arguments.of(rule, policy)));
  }

  private static Stopping stopping(String policy) {
    return Policies.named(policy, DRAFT_LENGTH).stopping();
  }

  /** Whether a block ends there, before drawing or after this token was drawn. */
  private static boolean stops(
      Stopping stopping, World world, List<Integer> prefix, boolean beforeDrawing, int token) {
    if (stopping.signal().beforeDrawing() != beforeDrawing) {
      return false;
    }
    double known = stopping.atFirst(); // of a block that begins with the text
    for (int i = 0; i < prefix.size(); i++) {
      known = stopping.then(known, signal(stopping, world, prefix.subList(0, i), prefix.get(i)));
    }
    return stopping.stops(stopping.then(known, signal(stopping, world, prefix, token)));
  }

  private static float signal(Stopping stopping, World world, List<Integer> prefix, int token) {
    Distribution q = world.draft().apply(prefix);
    float[] logits = new float[world.vocabularySize()];
    for (int each = 0; each < logits.length; each++) {
      logits[each] = (float) Math.log(q.probability(each));
    }
    return stopping.signal().of(logits, token);
  }

  /** All blocks that may be drafted after a text, with their probabilities. */
  private static void blocks(
      VerificationRule rule,
      World world,
      Stopping stopping,
      List<Integer> text,
      int most,
      double probability,
      BiConsumer<List<Integer>, Double> told) {
    if (most == 0 || stops(stopping, world, text, true, -1)) {
      told.accept(text, probability);
      return;
    }
    Distribution q = world.drafting(rule, text);
    for (int token = 0; token < world.vocabularySize(); token++) {
      if (q.probability(token) > 0) {
        boolean last = stops(stopping, world, text, false, token);
        blocks(
            rule,
            world,
            stopping,
            RuleLaws.append(text, token),
            last ? 0 : most - 1,
            probability * q.probability(token),
            told);
      }
    }
  }

  /** The law of path and accepted count of one live step, the path filled up by the target. */
  private static Map<List<Integer>, double[]> live(
      VerificationRule rule, World world, Stopping stopping) {
    Map<List<Integer>, double[]> law = new LinkedHashMap<>();
    blocks(
        rule,
        world,
        stopping,
        List.of(),
        DRAFT_LENGTH,
        1,
        (block, probability) -> add(rule, world, block, probability, law));
    return law;
  }

  private static void add(
      VerificationRule rule,
      World world,
      List<Integer> block,
      double probability,
      Map<List<Integer>, double[]> law) {
    RuleLaws.verdicts(rule, world, block, 0)
        .forEach(
            (verdict, decided) -> {
              int accepted = verdict.acceptedCount();
              world
                  .extend(
                      RuleLaws.append(block.subList(0, accepted), verdict.token()),
                      DRAFT_LENGTH + 1,
                      world.target())
                  .forEach(
                      (path, rest) ->
                          law.computeIfAbsent(path, key -> new double[DRAFT_LENGTH + 1])[
                                  accepted] +=
                              probability * decided * rest);
            });
  }

  /** What the policy drafts while everything that it drafts is the path's. */
  private static int onPath(World world, Stopping stopping, List<Integer> path) {
    int drafted = 0;
    while (drafted < DRAFT_LENGTH && !stops(stopping, world, path.subList(0, drafted), true, -1)) {
      int token = path.get(drafted++);
      if (stops(stopping, world, path.subList(0, drafted - 1), false, token)) {
        break;
      }
    }
    return drafted;
  }

  @ParameterizedTest
  @MethodSource("rulesAndPolicies")
  void theTextIsTheTargetsAndTheAcceptedCountHasTheLawOfThePath(String name, String policy) {
    VerificationRule rule = VerificationRules.named(name);
    Stopping stopping = stopping(policy);
    boolean shorter = false;
    for (long seed = 0; seed < 4; seed++) {
      World world = World.random(3, seed);
      Map<List<Integer>, double[]> live = live(rule, world, stopping);
      for (List<Integer> path : world.paths(DRAFT_LENGTH + 1)) {
        double[] counts = live.get(path);
        double probability = world.probability(path);
        assertEquals(probability, Arrays.stream(counts).sum(), 1e-12, "" + path);
        int most = onPath(world, stopping, path);
        shorter |= most > 0 && most < DRAFT_LENGTH;
        double[] expected = RuleLaws.counts(rule, world.record(path), 0, most);
        for (int j = 0; j <= most; j++) {
          expected[j] *= probability;
        }
        assertArrayEquals(Arrays.copyOf(expected, DRAFT_LENGTH + 1), counts, 1e-12, "" + path);
      }
    }
    assertTrue(shorter, "no block was ended early");
  }

  // A token of q below 0.4 is drawn and dropped: what is left is drawn from q without its unlikely
  // tokens, yet verified as if from q.
  @ParameterizedTest
  @ValueSource(strings = {"token", "block"})
  void droppingATokenForItsOwnLowProbabilityBiasesTheText(String name) {
    VerificationRule rule = VerificationRules.named(name);
    World world = World.constant(Distribution.of(.5, .3, .2), Distribution.of(.6, .3, .1));
    Map<List<Integer>, double[]> law = new LinkedHashMap<>();
    dropping(
        world, List.of(), 1, (block, probability) -> add(rule, world, block, probability, law));
    double[] first = new double[3]; // of the emitted tokens
    law.forEach((path, counts) -> first[path.get(0)] += Arrays.stream(counts).sum());
    // Token by token: 0 is drawn with .6 and accepted with .5/.6, else 2 comes from the residual
    // (0 0 .1). A draw of 1 or 2, .4, is dropped, and the target draws: .4·(.5 .3 .2).
    if (name.equals("token")) {
      assertArrayEquals(new double[] {.7, .12, .18}, first, 1e-12);
    }
    assertTrue(first[0] > .65, "0 comes out with " + first[0] + ", of .5 under the target");
  }

  /** Blocks that end before the first drawn token whose probability is below 0.4. */
  private static void dropping(
      World world, List<Integer> text, double probability, BiConsumer<List<Integer>, Double> told) {
    if (text.size() == DRAFT_LENGTH) {
      told.accept(text, probability);
      return;
    }
    Distribution q = world.draft().apply(text);
    for (int token = 0; token < world.vocabularySize(); token++) {
      double drawn = probability * q.probability(token);
      if (q.probability(token) < .4) {
        told.accept(text, drawn);
      } else {
        dropping(world, RuleLaws.append(text, token), drawn, told);
      }
    }
  }
}
