package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import redraft.draft.DraftSignal;

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
        "unknown policy 'random'; one of fixed, heuristic, oracle, sglang-adaptive, trt-threshold, bandit, p-min, entropy, confidence",
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

  @Test
  void aThresholdIsOneNumberFromZeroToOne() {
    assertRefused(
        "p-min:1.5",
        "policy 'p-min:1.5' has '1.5', not a number from 0 to 1; it is written as in p-min:0.75");
    assertRefused(
        "confidence:0.4,0.5",
        "policy 'confidence:0.4,0.5' has 2 numbers, not one threshold; it is written as in confidence:0.4");
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
