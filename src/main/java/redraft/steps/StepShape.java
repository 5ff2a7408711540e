package redraft.steps;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a step asks of the machine for each sequence: the rows of every pass of the draft model, in
 * order, and the rows of the target's pass. A chain of K drafted tokens is K passes of one row and
 * K + 1 target rows.
 *
 * @param drafting where the drafted tokens come from
 * @param draftRows rows of each pass of the draft model; empty where none runs
 * @param targetRows rows of the target's pass: drafted tokens and one more
 * @param beside whether the draft's passes run while the target's does, on devices of their own
 */
public record StepShape(
    Drafting drafting, List<Integer> draftRows, int targetRows, boolean beside) {
  /** A step of plain decoding: one target row, nothing to verify. */
  public static final StepShape PLAIN = new StepShape(Drafting.NONE, List.of(), 1);

  private static final List<StepShape> CHAINS =
      IntStream.range(0, 64).mapToObj(StepShape::newChain).toList();
  private static final List<StepShape> REFUSED =
      IntStream.range(0, 64).mapToObj(StepShape::newRefused).toList();
  private static final List<StepShape> COPIES =
      IntStream.range(0, 64).mapToObj(StepShape::newCopy).toList();

  /** Where the drafted tokens come from. */
  public enum Drafting {
    /** Nowhere: plain decoding. */
    NONE,
    /** A look-up in the text, which runs no model. */
    COPY,
    /** A draft model, which reads each token that it drafted before it drafts the next. */
    MODEL,
    /**
     * Heads of a model or a block-parallel drafter: one pass that speaks of all tokens, so that
     * there is nothing to catch up with after it.
     */
    HEADS,
    /** Nowhere: tokens that were accepted are decoded again, because others were rejected. */
    AGAIN;

    /** Whether a draft model runs. */
    public boolean runsModel() {
      return this == MODEL || this == HEADS;
    }
  }

  public StepShape {
    Objects.requireNonNull(drafting);
    draftRows = List.copyOf(draftRows);
    if (targetRows < 1 || draftRows.stream().anyMatch(rows -> rows < 1)) {
      throw new IllegalArgumentException(
          "passes of " + draftRows + " draft rows and " + targetRows + " target rows; at least 1");
    }
  }

  /** The draft's passes before the target's. */
  public StepShape(Drafting drafting, List<Integer> draftRows, int targetRows) {
    this(drafting, draftRows, targetRows, false);
  }

  /** A draft model proposes tokens one after the other, the target scores them in one pass. */
  public static StepShape chain(int drafted) {
    return drafted < CHAINS.size() ? CHAINS.get(drafted) : newChain(drafted);
  }

  /** Tokens copied from the text, scored by the target in one pass. */
  public static StepShape copy(int drafted) {
    return drafted < COPIES.size() ? COPIES.get(drafted) : newCopy(drafted);
  }

  /** One pass of the draft with a row for each token that it proposes, scored by the target. */
  public static StepShape parallel(int drafted) {
    return drafted == 0
        ? new StepShape(Drafting.HEADS, List.of(), 1)
        : new StepShape(Drafting.HEADS, List.of(drafted), drafted + 1);
  }

  /**
   * A chain that ended because a further pass of the draft model said that its token was not worth
   * drawing.
   */
  public static StepShape refusedNext(int drafted) {
    return drafted < REFUSED.size() ? REFUSED.get(drafted) : newRefused(drafted);
  }

  private static StepShape newRefused(int drafted) {
    return new StepShape(Drafting.MODEL, Collections.nCopies(drafted + 1, 1), drafted + 1);
  }

  private static StepShape newChain(int drafted) {
    return new StepShape(Drafting.MODEL, Collections.nCopies(drafted, 1), drafted + 1);
  }

  private static StepShape newCopy(int drafted) {
    return new StepShape(Drafting.COPY, List.of(), drafted + 1);
  }

  /**
   * The last token and those that a step accepted, decoded again after the others were rejected.
   */
  public static StepShape again(int accepted) {
    return new StepShape(Drafting.AGAIN, List.of(), accepted + 1);
  }

  /** The target's pass alone, of tokens that are there already. */
  public StepShape verification() {
    return new StepShape(Drafting.COPY, List.of(), targetRows);
  }

  /** The same passes one after the other. */
  public StepShape inTurn() {
    return new StepShape(drafting, draftRows, targetRows);
  }

  /** Drafted tokens: all rows of the target's pass but one. */
  public int drafted() {
    return drafting == Drafting.AGAIN ? 0 : targetRows - 1;
  }
}
