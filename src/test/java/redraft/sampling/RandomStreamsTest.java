package redraft.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {
  private static long[] first(int count, RandomGenerator random) {
    return random.longs(count).toArray();
  }

  @Test
  void aStreamIsGivenByItsSeedAndItsName() {
    long[] expected = first(20, new RandomStreams(7).stream("verify"));
    assertArrayEquals(expected, first(20, new RandomStreams(7).stream("verify")));
  }

  @Test
  void otherNamesAndSeedsGiveOtherNumbers() {
    Set<Long> seen = new HashSet<>();
    for (long seed : new long[] {-1, 0, 1, 2, Long.MIN_VALUE, Long.MAX_VALUE}) {
      for (String name : new String[] {"", "verify", "draft", "draft/1", "draft/2", "target/1"}) {
        for (long number : first(10, new RandomStreams(seed).stream(name))) {
          assertTrue(seen.add(number), "seed " + seed + ", stream '" + name + "' repeats another");
        }
      }
    }
    assertEquals(6 * 6 * 10, seen.size());
  }

  @Test
  void readingOneStreamMovesNoOther() {
    RandomStreams streams = new RandomStreams(0);
    RandomGenerator draft = streams.stream("draft");
    first(1000, streams.stream("target"));
    first(3, draft);
    assertArrayEquals(
        first(5, new RandomStreams(0).stream("verify")), first(5, streams.stream("verify")));
    assertEquals(first(4, new RandomStreams(0).stream("draft"))[3], draft.nextLong());
  }

  @Test
  void seedZeroGivesNumbersThatSpread() {
    double mean = new RandomStreams(0).stream("verify").doubles(10_000).average().orElseThrow();
    assertEquals(.5, mean, 4 * Math.sqrt(1 / 12. / 10_000));
  }

  /** What was recorded with a seed must come out again: these two never change. */
  @Test
  void theStreamsAreTheSameInEveryVersion() {
    assertEquals(-9091018388645876344L, new RandomStreams(0).stream("verify").nextLong());
    assertEquals(-3424410376567737235L, new RandomStreams(42).stream("draft/gsm-1").nextLong());
  }
}
