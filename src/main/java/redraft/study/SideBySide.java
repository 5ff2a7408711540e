package redraft.study;

import java.util.ArrayList;
import java.util.List;
import redraft.metrics.Change;
import redraft.metrics.ReplayRow;

/**
 * Two recordings beside each other: of two drafts or models, or of one pair at two releases. What
 * changed from the first to the second, and whether the difference is real.
 *
 * @param rows of every rule, draft length and domain that both have, everything first
 * @param bests each at its own best setting
 * @param notes what a reader should know, a line each
 */
public record SideBySide(
    Recording first, Recording second, List<Row> rows, Row bests, List<String> notes) {
  /**
   * One setting of each; of everything or of one domain.
   *
   * @param first of the first recording
   * @param speedup how it changed from the first to the second
   * @param tokensPerStep as the speedup
   */
  public record Row(ReplayRow first, ReplayRow second, Change speedup, Change tokensPerStep) {
    static Row of(Recording one, ReplayRow first, Recording other, ReplayRow second) {
      return new Row(
          first,
          second,
          Change.ofSpeedup(one.sums(first), other.sums(second)),
          Change.ofTokensPerStep(one.sums(first), other.sums(second)));
    }

    public String domain() {
      return first.domain();
    }

    public String rule() {
      return first.rule();
    }

    public int draftLength() {
      return first.draftLength();
    }

    /** Of the speedup: what can be said. */
    public Difference difference() {
      return !speedup.real()
          ? Difference.NOT_SHOWN
          : speedup.loss() > 0 ? Difference.SLOWER : Difference.FASTER;
    }
  }

  /** What the second is beside the first. */
  public enum Difference {
    FASTER("faster"),
    SLOWER("slower"),
    /** The interval holds none. */
    NOT_SHOWN("not shown");

    private final String words;

    Difference(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /**
   * @throws IllegalArgumentException if no setting is one of both
   */
  public static SideBySide of(Recording first, Recording second) {
    List<Row> rows = new ArrayList<>();
    for (ReplayRow own : first.rows()) {
      second.of(own.domain()).stream()
          .filter(other -> Recording.alike(own, other))
          .findFirst()
          .ifPresent(other -> rows.add(Row.of(first, own, second, other)));
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          first.name()
              + " and "
              + second.name()
              + " have no rule and draft length in common; name --rule and --draft-length that both can be replayed at");
    }
    List<String> notes = new ArrayList<>(first.notes());
    notes.addAll(second.notes());
    notes.addAll(Recording.otherwise(first, second));
    notes.addAll(pairing(rows.get(0).speedup()));
    return new SideBySide(
        first,
        second,
        rows,
        Row.of(first, first.best(), second, second.best()),
        notes.stream().distinct().toList());
  }

  /** What a reader should know of how prompts are compared, a line at most. */
  static List<String> pairing(Change change) {
    if (change.ratio() == null) {
      return List.of("fewer than 2 prompts say nothing of others, so there is no interval");
    }
    if (!change.paired()) {
      return List.of(
          "the traces have other prompts, so they are compared without pairing, which is less sure; the same prompts, with the"
              + " same ids, would be compared each with itself");
    }
    return change.leftOut() == 0
        ? List.of()
        : List.of(
            change.leftOut()
                + " prompts are in one of the traces alone and are left out of the comparison");
  }

  /** Of everything, under one rule, by draft length. */
  public List<Row> byDraftLength(String rule) {
    return rows.stream()
        .filter(row -> row.domain().equals(first.read().domain()) && row.rule().equals(rule))
        .toList();
  }

  /** Of each domain, under one rule at one draft length. */
  public List<Row> byDomain(String rule, int draftLength) {
    return rows.stream()
        .filter(row -> !row.domain().equals(first.read().domain()))
        .filter(row -> row.rule().equals(rule) && row.draftLength() == draftLength)
        .toList();
  }
}
