package redraft.study;

import java.util.ArrayList;
import java.util.List;
import redraft.metrics.Change;
import redraft.metrics.Interval;
import redraft.metrics.ReplayRow;

/**
 * Whether the speedup of a baseline's best setting has fallen by more than is allowed. The setting
 * is chosen once, on the baseline; both traces are priced at it.
 *
 * @param chosen the baseline's best setting
 * @param same what that setting gives on the trace
 * @param own the trace's own best setting
 * @param change of the speedup at the chosen setting
 * @param domains the same of each domain that both traces have, in alphabetical order
 * @param notes what a reader should know, a line each
 */
public record Gate(
    double maxLoss,
    ReplayRow chosen,
    ReplayRow same,
    ReplayRow own,
    Change change,
    List<OfDomain> domains,
    List<String> notes) {
  /** The change of one domain. */
  public record OfDomain(String name, Change change) {}

  /** What can be said: one of three. */
  public enum Verdict {
    PASS("pass"),
    FAIL("fail"),
    /** The interval holds losses that are allowed and losses that are not. */
    OPEN("cannot tell");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /**
   * @param maxLoss share of the speedup that may be lost, from 0 to below 1
   */
  public static Gate of(Recording baseline, Recording trace, double maxLoss) {
    ReplayRow chosen = baseline.best();
    ReplayRow same = same(trace.all(), chosen);
    if (same == null) {
      throw new IllegalArgumentException(
          trace.name()
              + " cannot be replayed with rule "
              + chosen.rule()
              + " at draft length "
              + chosen.draftLength()
              + ", the best setting of "
              + baseline.name()
              + "; name --rule and --draft-length that both can");
    }
    List<String> notes = new ArrayList<>(baseline.notes());
    notes.addAll(trace.notes());
    notes.addAll(Recording.otherwise(baseline, trace));
    Change change = Change.ofSpeedup(baseline.sums(chosen), trace.sums(same));
    notes.addAll(SideBySide.pairing(change));
    List<OfDomain> domains = new ArrayList<>();
    for (ReplayRow row : baseline.rows()) {
      if (row.setting() == chosen.setting() && !row.domain().equals(chosen.domain())) {
        ReplayRow there = same(trace.of(row.domain()), chosen);
        if (there != null) {
          domains.add(
              new OfDomain(row.domain(), Change.ofSpeedup(baseline.sums(row), trace.sums(there))));
        }
      }
    }
    return new Gate(maxLoss, chosen, same, trace.best(), change, domains, notes);
  }

  /** Null where there is none. */
  private static ReplayRow same(List<ReplayRow> rows, ReplayRow chosen) {
    return rows.stream().filter(row -> Recording.alike(row, chosen)).findFirst().orElse(null);
  }

  /** Fails only where the whole interval lies beyond what is allowed. */
  public Verdict verdict() {
    Interval loss = change.lossInterval();
    return loss == null
        ? Verdict.OPEN
        : loss.low() > maxLoss
            ? Verdict.FAIL
            : loss.high() <= maxLoss ? Verdict.PASS : Verdict.OPEN;
  }

  /** Whether the trace is fastest at another setting than the baseline was. */
  public boolean otherBest() {
    return own.setting() != same.setting() && own.speedup() > same.speedup();
  }
}
