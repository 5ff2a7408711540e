package redraft;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import redraft.metrics.ReplayRow;
import redraft.report.Columns;
import redraft.report.RowFiles;

/**
 * What a replay gave.
 *
 * @param rows one for each trace, draft, rule, policy, draft length and deployment, in that order,
 *     with its metrics and their 95% intervals over prompts
 * @param estimates what kind of estimate the numbers are, a line each; empty where they are exact
 * @param notes what a reader should know besides, a line each, as the command says it on standard
 *     error
 */
public record Replayed(List<ReplayRow> rows, List<String> estimates, List<String> notes) {
  /**
   * Copies the lists.
   *
   * @param rows not null, as all of them
   * @param estimates a line each
   * @param notes a line each
   */
  public Replayed {
    rows = List.copyOf(rows);
    estimates = List.copyOf(estimates);
    notes = List.copyOf(notes);
  }

  /**
   * The row with the highest speedup, the first of them; where nothing says what passes cost, the
   * one with the most tokens a step.
   *
   * @return one of the rows
   */
  public ReplayRow fastest() {
    return ReplayRow.fastest(rows);
  }

  /**
   * The rows as the command writes them: values by the names of the CSV's columns, in their order;
   * null where there is no value.
   *
   * @return a map for each row
   */
  public List<Map<String, Object>> table() {
    return Columns.REPLAY.ofAll(rows);
  }

  /**
   * Writes the CSV of {@code redraft replay --csv}, byte for byte.
   *
   * @param file whose folder is made where it is missing
   * @throws IOException if it cannot be written
   */
  public void writeCsv(Path file) throws IOException {
    RowFiles.writeCsv(file, Columns.REPLAY, rows);
  }

  /**
   * The same to a stream.
   *
   * @param out is flushed, not closed
   * @throws IOException if it cannot be written
   */
  public void writeCsv(Writer out) throws IOException {
    RowFiles.writeCsv(out, Columns.REPLAY, rows, RowFiles.CsvTexts.FOR_SPREADSHEETS);
  }
}
