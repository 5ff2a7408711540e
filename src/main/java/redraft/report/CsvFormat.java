package redraft.report;

import java.io.IOException;
import java.nio.file.Path;

/** Every setting that was compared, as {@code replay --csv} writes it: {@code report.csv}. */
final class CsvFormat implements ReportFormat {
  @Override
  public String name() {
    return "csv";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    RowFiles.writeCsv(
        folder.resolve("report.csv"),
        Columns.REPLAY,
        report.traces().stream().flatMap(trace -> trace.study().rows().stream()).toList());
  }
}
