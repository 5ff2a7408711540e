package redraft.replay;

import java.util.Collections;
import redraft.steps.StepShape;

/**
 * Drafting while the target verifies: what a step tests, and whether the next one finds its tokens
 * drafted. A step is ready where its tokens were drafted while the step before it verified; the
 * first of a text is not.
 */
interface Ahead {
  /** Tokens that a step tests. */
  int tested(boolean ready, int draftLength);

  /** The shape of a step that tests so many. */
  StepShape step(boolean ready, int draftLength, int tested);

  /** Whether a step all of whose tokens are accepted emits one more. */
  boolean bonus();

  /**
   * Whether a step is ready.
   *
   * @param position where it starts
   * @param whole whether all tokens of the step before it were accepted
   */
  boolean ready(int position, boolean whole);

  /**
   * PEARL (<a href="https://arxiv.org/abs/2408.11850">Liu et al. 2024</a>): the draft takes K
   * passes in each step, the target's pass beside them. A step that is ready tests K tokens, the
   * first of the next ones is drafted from the last of them, and so none is emitted besides if all
   * are accepted. One that is not tests the first token of what is being drafted.
   */
  record Pearl() implements Ahead {
    @Override
    public int tested(boolean ready, int draftLength) {
      return ready ? draftLength : 1;
    }

    @Override
    public StepShape step(boolean ready, int draftLength, int tested) {
      return new StepShape(
          StepShape.Drafting.MODEL, Collections.nCopies(draftLength, 1), tested, true);
    }

    @Override
    public boolean bonus() {
      return false;
    }

    @Override
    public boolean ready(int position, boolean whole) {
      return whole;
    }
  }

  /**
   * Speculation about what verification will say (<a
   * href="https://arxiv.org/abs/2603.03251">SSD</a>): for each number of tokens that may be
   * accepted the draft guesses the token that then follows, and drafts on from every guess. If the
   * right one is among them the next step is ready; otherwise its tokens are drafted first.
   *
   * @param guesses for each number of accepted tokens: the draft's likeliest tokens
   * @param rank [N] of the path's tokens under the draft
   * @param rejectedFirst whether a rejected token is always the draft's likeliest, so that it is
   *     known not to be the one that follows; otherwise nothing is gained from knowing it
   */
  record Guesses(int guesses, int[] rank, boolean rejectedFirst) implements Ahead {
    @Override
    public int tested(boolean ready, int draftLength) {
      return draftLength;
    }

    @Override
    public StepShape step(boolean ready, int draftLength, int tested) {
      return ready
          ? new StepShape(
              StepShape.Drafting.MODEL,
              Collections.nCopies(tested, (draftLength + 1) * guesses),
              tested + 1,
              true)
          : StepShape.chain(tested);
    }

    @Override
    public boolean bonus() {
      return true;
    }

    @Override
    public boolean ready(int position, boolean whole) {
      int before = rank[position - 1] - (whole || !rejectedFirst ? 0 : 1);
      return before <= guesses;
    }
  }
}
