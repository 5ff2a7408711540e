package redraft.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSummary;
import redraft.trace.TraceSummary.DraftSummary;
import redraft.trace.archive.ArchiveSummary;
import redraft.trace.archive.ArchiveSummary.Row;
import redraft.trace.archive.IndexEntry;

/** What archives hold, as tables, columns and an object for {@link RowFiles#writeJson}. */
public final class ArchiveSummaries {
  private ArchiveSummaries() {}

  /** {@code traces index}: the fields of the index in JSON Lines. */
  public static final Columns<IndexEntry> INDEX =
      new Columns<IndexEntry>()
          .add("path", IndexEntry::path)
          .add("sequences", row -> row.holds().sequences())
          .add("positions", row -> row.holds().positions())
          .add("domains", row -> joined(row.holds().domains()))
          .add("drafts", row -> joined(row.holds().drafts()))
          .add("grade", row -> row.holds().grade())
          .add("bytes", row -> row.bytes().size())
          .add("sha256", row -> row.bytes().sha256())
          .add("complete", row -> row.holds().complete());

  /** {@code inspect --csv}: a row for each trace. */
  public static final Columns<Row> FILES =
      new Columns<Row>()
          .add("file", Row::file)
          .add("state", Row::state)
          .add("bytes", known(TraceSummary::bytes))
          .add("sequences", known(TraceSummary::sequences))
          .add("prompts", known(TraceSummary::prompts))
          .add("positions", known(TraceSummary::positions))
          .add("domains", known(summary -> joined(summary.domains().keySet())))
          .add("grade", known(summary -> summary.header().grade().word()))
          .add("target", known(summary -> summary.header().target().name()))
          .add("drafts", drafts(DraftSummary::name))
          .add("overlaps", drafts(draft -> Objects.toString(draft.overlap(), "")))
          .add("problem", Row::problem);

  /** Several texts in a cell. */
  private static String joined(Collection<String> texts) {
    return String.join(";", texts);
  }

  private static Function<Row, Object> known(Function<TraceSummary, Object> value) {
    return row -> row.summary() == null ? null : value.apply(row.summary());
  }

  private static Function<Row, Object> drafts(Function<DraftSummary, String> value) {
    return known(summary -> joined(summary.drafts().stream().map(value).toList()));
  }

  /** A line for each file, and one for all of them. */
  public static TextTable table(ArchiveSummary archive) {
    List<String> titles = new ArrayList<>(List.of("file", "state", "sequences", "positions"));
    archive.drafts().keySet().forEach(draft -> titles.add("overlap " + draft));
    titles.addAll(List.of("MB", "prompts", "grade", "domains"));
    TextTable table = new TextTable(titles.toArray(String[]::new)).labels("file");
    for (Row row : archive.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.file(), row.state()));
      TraceSummary summary = row.summary();
      if (summary == null) {
        titles.stream().skip(2).forEach(title -> cells.add("–"));
      } else {
        cells.add(Long.toString(summary.sequences()));
        cells.add(Long.toString(summary.positions()));
        archive.drafts().keySet().forEach(draft -> cells.add(overlap(summary, draft)));
        cells.add(TextTable.number(summary.bytes() / 1e6, 2));
        cells.add(Long.toString(summary.prompts()));
        cells.add(summary.header().grade().word());
        cells.add(String.join(", ", summary.domains().keySet()));
      }
      table.add(cells.toArray(String[]::new));
    }
    List<String> total = new ArrayList<>(List.of("total", states(archive)));
    total.add(Long.toString(archive.sequences()));
    total.add(Long.toString(archive.positions()));
    archive.drafts().values().forEach(draft -> total.add(TextTable.number(draft.overlap(), 4)));
    total.add(TextTable.number(archive.bytes() / 1e6, 2));
    total.add(Long.toString(archive.prompts()));
    total.add(String.join(", ", archive.grades()));
    total.add(String.join(", ", archive.domains().keySet()));
    return table.add(total.toArray(String[]::new));
  }

  private static String overlap(TraceSummary summary, String draft) {
    return summary.drafts().stream()
        .filter(one -> one.name().equals(draft))
        .map(one -> TextTable.number(one.overlap(), 4))
        .findFirst()
        .orElse("–");
  }

  /** How many files are in which state, such as {@code 5 complete, 1 cut}. */
  public static String states(ArchiveSummary archive) {
    List<String> states = new ArrayList<>();
    for (String state : List.of("complete", "cut", "broken")) {
      long files = archive.files(state);
      if (files > 0) {
        states.add(files + " " + state);
      }
    }
    return String.join(", ", states);
  }

  /**
   * The same for programs.
   *
   * @param name of the archive
   */
  public static Map<String, Object> object(String name, ArchiveSummary archive) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (Row row : archive.rows()) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("file", row.file());
      if (row.summary() != null) {
        file.putAll(TraceSummaries.object(row.file(), row.summary(), List.of()));
      }
      file.put("state", row.state());
      file.put("problem", row.problem());
      files.add(file);
    }
    Map<String, Object> total = new LinkedHashMap<>();
    total.put("files", archive.rows().size());
    for (String state : List.of("complete", "cut", "broken")) {
      total.put(state, archive.files(state));
    }
    total.put("bytes", archive.bytes());
    total.put("sequences", archive.sequences());
    total.put("prompts", archive.prompts());
    total.put("positions", archive.positions());
    total.put("domains", archive.domains());
    Map<String, Long> finishes = new LinkedHashMap<>();
    for (Finish finish : Finish.values()) {
      finishes.put(
          finish.name().toLowerCase(Locale.ROOT), archive.finishes().getOrDefault(finish, 0L));
    }
    total.put("finish", finishes);
    total.put("grades", archive.grades());
    List<Map<String, Object>> drafts = new ArrayList<>();
    archive
        .drafts()
        .forEach(
            (draft, all) -> {
              Map<String, Object> fields = new LinkedHashMap<>();
              fields.put("name", draft);
              fields.put("overlap", all.overlap());
              drafts.add(fields);
            });
    total.put("drafts", drafts);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("archive", name);
    fields.put("files", files);
    fields.put("total", total);
    return fields;
  }
}
