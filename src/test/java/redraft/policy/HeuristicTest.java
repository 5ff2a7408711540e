package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HeuristicTest {
  // 5, all accepted: 7; 6 of 7: 6; 0 of 6: 5; all: 7.
  @Test
  void successAddsTwoAndFailureTakesOne() {
    Heuristic policy = new Heuristic();
    int length = policy.initialLength();
    assertEquals(5, length);
    length = policy.nextLength(length, 5, 5);
    assertEquals(7, length);
    length = policy.nextLength(length, 7, 6);
    assertEquals(6, length);
    length = policy.nextLength(length, 6, 0);
    assertEquals(5, length);
    assertEquals(7, policy.nextLength(length, 5, 5));
  }

  @Test
  void theLengthNeverFallsBelowOne() {
    Heuristic policy = new Heuristic(1);
    assertEquals(1, policy.nextLength(1, 1, 0));
    assertEquals(3, policy.nextLength(1, 1, 1));
  }

  // The drafter had fewer tokens to give than it was asked for.
  @Test
  void allOfFewerDraftedTokensAreAllOfThem() {
    assertEquals(7, new Heuristic().nextLength(5, 2, 2));
    assertEquals(4, new Heuristic().nextLength(5, 2, 1));
  }

  @Test
  void aStepWithoutDraftsIsNeitherSuccessNorFailure() {
    assertEquals(5, new Heuristic().nextLength(5, 0, 0));
  }

  @Test
  void noPolicyStartsWithoutDrafts() {
    assertThrows(IllegalArgumentException.class, () -> new Heuristic(0));
  }
}
