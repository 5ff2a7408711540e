package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.verify.RuleLaws.World;

/**
 * Speculative decoding emits what the target alone would: exact enumeration over three tokens whose
 * probabilities depend on the whole prefix and are often 0.
 */
class LosslessnessTest {
  private static final int DRAFT_LENGTH = 3;

  static Stream<VerificationRule> rules() {
    return VerificationRules.all().stream();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aStepEmitsEveryPathWithItsTargetProbability(VerificationRule rule) {
    for (long seed = 0; seed < 4; seed++) {
      World world = World.random(3, seed);
      Map<List<Integer>, double[]> live = RuleLaws.live(rule, world, List.of(), DRAFT_LENGTH);
      List<List<Integer>> paths = world.paths(DRAFT_LENGTH + 1);
      assertTrue(paths.size() > 10, "only " + paths.size() + " paths are possible");
      for (List<Integer> path : paths) {
        double[] counts = live.getOrDefault(path, new double[1]);
        assertEquals(
            world.probability(path), Arrays.stream(counts).sum(), 1e-12, rule.name() + path);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aStepNeverEmitsWhatTheTargetCannot(VerificationRule rule) {
    for (long seed = 0; seed < 4; seed++) {
      World world = World.random(3, seed);
      for (List<Integer> path : RuleLaws.live(rule, world, List.of(), DRAFT_LENGTH).keySet()) {
        assertTrue(world.probability(path) > 0, rule.name() + " emits " + path);
      }
    }
  }
}
