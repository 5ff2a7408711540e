package redraft.trace.importing;

import java.util.Arrays;
import redraft.trace.TraceSequence.Coins;

/**
 * How often a drafted token was tested at each place of a block, and kept: a step that accepted j
 * of K tested its first j + 1 tokens, or all of them.
 */
final class CoinTally {
  /** Fewer tests than these say little of a place. */
  static final long ENOUGH = 100;

  private long[] tested = new long[16];
  private long[] kept = new long[16];
  private long steps;
  private long drafted;
  private int most;

  void add(Coins coins) {
    for (int i = 0; i < coins.accepted().length; i++) {
      steps++;
      drafted += coins.drafted()[i];
      most = Math.max(most, coins.drafted()[i]);
      int accepted = coins.accepted()[i];
      int reached = Math.min(accepted + 1, coins.drafted()[i]);
      if (reached > tested.length) {
        int room = Math.max(reached, 2 * tested.length);
        tested = Arrays.copyOf(tested, room);
        kept = Arrays.copyOf(kept, room);
      }
      for (int place = 0; place < reached; place++) {
        tested[place]++;
        kept[place] += place < accepted ? 1 : 0;
      }
    }
  }

  /** Whether any drafted token was tested. */
  boolean any() {
    return tested[0] > 0;
  }

  /**
   * The place whose acceptance stands for positions that no step tested, from 1 on: the deepest
   * that was tested {@link #ENOUGH} times, because such positions follow a block that was accepted
   * whole; the one tested most, which is the first, where none was.
   */
  int place() {
    int deepest = 0;
    while (deepest + 1 < tested.length && tested[deepest + 1] >= ENOUGH) {
      deepest++;
    }
    return deepest + 1;
  }

  /** The acceptance at that place, given that every token before it was kept. */
  double untested() {
    return (double) kept[place() - 1] / tested[place() - 1];
  }

  /** Drafted tokens of a step, on average. */
  double drafted() {
    return (double) drafted / steps;
  }

  /** The most tokens that a step drafted. */
  int most() {
    return most;
  }

  /** How often that place was tested. */
  long tests() {
    return tested[place() - 1];
  }
}
