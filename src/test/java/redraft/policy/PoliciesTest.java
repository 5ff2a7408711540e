package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

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
        "unknown policy 'random'; one of fixed, heuristic, oracle, sglang-adaptive, trt-threshold, bandit",
        error.getMessage());
  }

  @Test
  void stoppingByConfidenceIsRefusedWithItsReason() {
    var error = assertThrows(IllegalArgumentException.class, () -> Policies.named("confidence", 4));
    assertEquals(
        "policy 'confidence' needs the draft's signals past the first mismatch, which the trace"
            + " does not record (no rollouts); use fixed or heuristic",
        error.getMessage());
  }
}
