package redraft.trace.archive;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSummary;
import redraft.trace.TraceSummary.Domain;
import redraft.trace.TraceSummary.DraftSummary;

/** What an archive holds: each of its files, and all of them together. */
public final class ArchiveSummary {
  /**
   * A file.
   *
   * @param summary null where the file cannot be read
   * @param problem null where it can
   */
  public record Row(String file, TraceSummary summary, String problem) {
    /** {@code complete}, {@code cut} or {@code broken}. */
    public String state() {
      return summary == null ? "broken" : summary.complete() ? "complete" : "cut";
    }
  }

  /** What is known of a draft over the files that have it. */
  public static final class DraftTotal {
    private double overlap; // sum over positions
    private long overlapPositions;
    private long positions; // of all files with the draft

    private void add(TraceSummary summary, DraftSummary draft) {
      positions += summary.positions();
      if (draft.overlap() != null) {
        overlap += draft.overlap() * summary.positions();
        overlapPositions += summary.positions();
      }
    }

    /** Mean over positions of Σ_v min(p, q); null where some were recorded without it. */
    public Double overlap() {
      return positions > 0 && overlapPositions == positions ? overlap / positions : null;
    }
  }

  private final List<Row> rows = new ArrayList<>();
  private final SortedMap<String, Domain> domains = new TreeMap<>();
  private final Map<Finish, Long> finishes = new EnumMap<>(Finish.class);
  private final Map<String, DraftTotal> drafts = new LinkedHashMap<>();
  private long bytes;
  private long prompts;

  /** Adds the next file. */
  public void add(Row row) {
    rows.add(row);
    TraceSummary summary = row.summary;
    if (summary == null) {
      return;
    }
    bytes += summary.bytes();
    prompts += summary.prompts();
    summary
        .domains()
        .forEach(
            (name, counts) ->
                domains.merge(
                    name,
                    counts,
                    (a, b) ->
                        new Domain(a.sequences() + b.sequences(), a.positions() + b.positions())));
    summary.finishes().forEach((finish, count) -> finishes.merge(finish, count, Long::sum));
    for (DraftSummary draft : summary.drafts()) {
      drafts.computeIfAbsent(draft.name(), name -> new DraftTotal()).add(summary, draft);
    }
  }

  /** In the order in which they were added. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Files of a state. */
  public long files(String state) {
    return rows.stream().filter(row -> row.state().equals(state)).count();
  }

  /** Of the files that can be read. */
  public long bytes() {
    return bytes;
  }

  /** Of the files together; one that several have counts in each. */
  public long prompts() {
    return prompts;
  }

  public long sequences() {
    return domains.values().stream().mapToLong(Domain::sequences).sum();
  }

  public long positions() {
    return domains.values().stream().mapToLong(Domain::positions).sum();
  }

  /** By name. */
  public SortedMap<String, Domain> domains() {
    return domains;
  }

  /** Sequences by the reason why they ended. */
  public Map<Finish, Long> finishes() {
    return finishes;
  }

  /** By name, in the order of the headers. */
  public Map<String, DraftTotal> drafts() {
    return drafts;
  }

  /** What the traces can answer, the different ones. */
  public List<String> grades() {
    return rows.stream()
        .filter(row -> row.summary != null)
        .map(row -> row.summary.header().grade().word())
        .distinct()
        .toList();
  }
}
