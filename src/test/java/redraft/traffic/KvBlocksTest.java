package redraft.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KvBlocksTest {
  /** Four blocks of 4 tokens. */
  private final KvBlocks blocks = new KvBlocks(new EngineLimits(8, 64, 17, 4));

  private static Request request(int promptTokens) {
    return new Request(0, 0, promptTokens, 100, null);
  }

  @Test
  void blocksAreHandedOutWholeAndRefusedWhereThereAreNone() {
    Request first = request(9);
    assertTrue(blocks.holds(16));
    assertFalse(blocks.holds(17));
    assertTrue(blocks.reserve(first, 9));
    assertEquals(3, first.blockCount);
    assertEquals(.75, blocks.used());
    assertTrue(blocks.reserve(first, 12));
    assertEquals(3, first.blockCount);
    Request second = request(5);
    assertFalse(blocks.reserve(second, 5));
    assertEquals(0, second.blockCount);
    assertTrue(blocks.reserve(second, 4));
    blocks.release(first);
    assertEquals(.25, blocks.used());
    assertTrue(blocks.reserve(second, 16));
    assertEquals(1, blocks.used());
  }

  @Test
  void aPreemptedRequestFindsThoseOfItsBlocksThatNobodyGot() {
    Request preempted = request(11);
    assertTrue(blocks.reserve(preempted, 11));
    preempted.computed = 11; // two whole blocks and a part
    blocks.preempt(preempted);
    assertEquals(0, blocks.used());
    Request other = request(8);
    assertTrue(blocks.reserve(other, 8)); // the block never used, and the part
    assertEquals(8, blocks.takeBack(preempted));
    assertEquals(2, preempted.blockCount);
    assertEquals(1, blocks.used());
    preempted.computed = 8;
    blocks.preempt(preempted);
    assertTrue(blocks.reserve(other, 12)); // the end of the text goes first
    assertEquals(4, blocks.takeBack(preempted));
  }

  @Test
  void theLastTokenIsAlwaysReadAgain() {
    Request preempted = request(8);
    assertTrue(blocks.reserve(preempted, 8));
    preempted.computed = 8;
    blocks.preempt(preempted);
    assertEquals(4, blocks.takeBack(preempted));
  }

  @Test
  void whatOthersGotIsNotFoundAgain() {
    Request preempted = request(16);
    assertTrue(blocks.reserve(preempted, 16));
    preempted.computed = 16;
    blocks.preempt(preempted);
    Request other = request(16);
    assertTrue(blocks.reserve(other, 16));
    blocks.release(other);
    assertEquals(0, blocks.takeBack(preempted));
    assertEquals(0, blocks.used());
  }
}
