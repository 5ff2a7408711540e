package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.draft.DraftSignal;
import redraft.draft.Stopping;

class PoliciesTest {
  @Test
  void aPolicyIsMadeByNameAndFirstLength() {
    assertEquals(new FixedLength(4), Policies.named("fixed", 4));
    assertEquals(new Heuristic(6), Policies.named("heuristic", 6));
    assertEquals("fixed", Policies.named("fixed", 4).name());
    assertEquals("heuristic", Policies.named("heuristic", 6).name());
  }

  @Test
  void anUnknownPolicyIsToldWhichOnesThereAre() {
    var error = assertThrows(IllegalArgumentException.class, () -> Policies.named("random", 4));
    assertEquals(
        "unknown policy 'random'; one of fixed, heuristic, oracle, sglang-adaptive, trt-threshold, bandit, p-min, entropy, confidence, specdec",
        error.getMessage());
  }

  // 1 − √(0.2 · 1.25) = 0.5 and 1 − √(0.8 · 1.25) = 0.
  @Test
  void aBlockStopsBelowItsThresholdAndNotAtIt() {
    assertStops("p-min:0.5", DraftSignal.LARGEST, 0.49f, 0.5f);
    assertStops("p-min", DraftSignal.LARGEST, 0.74f, 0.75f);
    assertStops("confidence:0.25", DraftSignal.CONFIDENCE, 0.24f, 0.25f);
    assertStops("confidence", DraftSignal.CONFIDENCE, 0.39f, 0.41f);
    assertStops("entropy:0.5", DraftSignal.ENTROPY, 1.26f, 1.25f);
    assertStops("entropy:0:gamma=0.8", DraftSignal.ENTROPY, 1.26f, 1.25f);
    assertEquals(null, Policies.named("fixed", 4).stopping());
  }

  private static void assertStops(String name, DraftSignal signal, float stops, float goesOn) {
    DraftLengthPolicy policy = Policies.named(name, 6);
    assertEquals(name, policy.name());
    assertEquals(6, policy.draftLength());
    assertEquals(signal, policy.stopping().signal());
    assertTrue(policy.stopping().stops(stops), name);
    assertFalse(policy.stopping().stops(goesOn), name);
  }

  // With power 1: after tokens of 0.8 and 0.5 the risk is 0.6, after one of 0.8 it is 0.2.
  @Test
  void theRiskOfARejectionGrowsAlongTheBlock() {
    Stopping stopping = Policies.named("specdec:0.5:power=1", 6).stopping();
    assertEquals(DraftSignal.CONFIDENCE, stopping.signal());
    double first = stopping.then(stopping.atFirst(), .8f);
    assertFalse(stopping.stops(first));
    assertTrue(stopping.stops(stopping.then(first, .5f)));
    assertFalse(stopping.stops(.5)); // above it, not at it
    // 0.49 ** 0.5 = 0.7; of the paper's threshold 0.7 a risk of 0.3 and of 1 − 0.7³ are not above
    // it.
    Stopping usual = Policies.named("specdec", 6).stopping();
    double known = usual.atFirst();
    for (int i = 0; i < 3; i++) {
      known = usual.then(known, .49f);
      assertFalse(usual.stops(known));
    }
    assertTrue(usual.stops(usual.then(known, .49f))); // 1 − 0.7⁴ = 0.76
    Stopping never = Policies.named("specdec:1:power=2", 6).stopping();
    assertFalse(never.stops(never.then(never.atFirst(), 0f)));
  }

  @Test
  void theBestThresholdIsLookedForAmongAllWithEveryPower() {
    List<String> names = Policies.withThresholds(List.of("fixed", "specdec:best"));
    assertEquals(31, names.size());
    assertEquals("specdec:1.0:power=0.25", names.get(1));
    assertEquals("specdec:0.1:power=1", names.get(30));
    names.forEach(name -> assertEquals(name, Policies.named(name, 3).name()));
  }

  @Test
  void aThresholdIsOneNumberFromZeroToOne() {
    assertRefused(
        "p-min:1.5",
        "policy 'p-min:1.5' has '1.5', not a number from 0 to 1; it is written as in p-min:0.75");
    assertRefused(
        "confidence:0.4,0.5",
        "policy 'confidence:0.4,0.5' has 2 numbers, not one threshold; it is written as in confidence:0.4");
    assertRefused(
        "specdec:2",
        "policy 'specdec:2' has '2', not a number from 0 to 1; it is written as in specdec:0.7:power=0.5");
    assertRefused(
        "p-min:0.4:gamma=0.2",
        "policy 'p-min:0.4:gamma=0.2' has 'gamma=0.2'; it is written as in p-min:0.75");
  }

  @Test
  void droppingATokenForItsOwnLowProbabilityIsRefusedWithItsReason() {
    assertRefused(
        "drop-below:0.4",
        "policy 'drop-below:0.4' drops a token that was drawn because the draft gave it little, so that the tokens it keeps"
            + " are no draws of the draft any more and the text is not the target's (docs/theory.md, \"Stopping on the"
            + " draft's signal\"); confidence:0.4 keeps the token and stops after it, p-min:0.6 stops before one is drawn");
  }

  private static void assertRefused(String name, String message) {
    var error = assertThrows(IllegalArgumentException.class, () -> Policies.named(name, 4));
    assertEquals(message, error.getMessage());
  }
}
