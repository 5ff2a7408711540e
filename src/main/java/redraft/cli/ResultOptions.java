package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import redraft.report.Columns;
import redraft.report.RowFiles;

/** Where rows go besides the table for people. */
class ResultOptions extends JsonOptions {
  @Written
  @Option(
      names = "--csv",
      paramLabel = "FILE|-",
      description = "Write CSV to a file, or with - to standard output in place of the table.")
  private String csv;

  @Option(
      names = "--csv-raw",
      description =
          "Leave texts in CSV as they are; otherwise a single quote stands before one that a spreadsheet would run as a "
              + "formula.")
  private boolean raw;

  /** Whether a table for people is printed: standard output is not taken for anything else. */
  boolean table() {
    return text();
  }

  @Override
  boolean text() {
    return super.text() && !STANDARD_OUTPUT.equals(csv);
  }

  /** Whether anything but the table was asked for. */
  boolean wanted() {
    return csv != null || wantsJson();
  }

  /** Whether CSV was asked for, wherever it goes. */
  boolean csv() {
    return csv != null;
  }

  /** The file of the CSV; null where there is none. */
  String csvFile() {
    return STANDARD_OUTPUT.equals(csv) ? null : csv;
  }

  /** Refuses what cannot be written, before anything is computed. */
  void check() {
    if (jsonOnStandardOutput() && STANDARD_OUTPUT.equals(csv)) {
      throw new IllegalArgumentException(
          "--json and --csv cannot both go to standard output; name a file for one of them");
    }
  }

  /** Writes what was asked for. */
  <T> void write(Columns<T> columns, List<T> rows) throws IOException {
    writeCsv(columns, rows);
    writeJson(columns.ofAll(rows));
  }

  <T> void writeCsv(Columns<T> columns, List<T> rows) throws IOException {
    if (STANDARD_OUTPUT.equals(csv)) {
      RowFiles.writeCsv(out(), columns, rows, texts());
    } else if (csv != null) {
      RowFiles.writeCsv(Path.of(csv), columns, rows, texts());
    }
  }

  /** How texts stand in CSV. */
  RowFiles.CsvTexts texts() {
    return raw ? RowFiles.CsvTexts.AS_THEY_ARE : RowFiles.CsvTexts.FOR_SPREADSHEETS;
  }
}
