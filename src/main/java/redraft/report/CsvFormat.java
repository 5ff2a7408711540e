package redraft.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

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
        report.traces().stream()
            .flatMap(
                trace ->
                    Stream.concat(
                        trace.study().rows().stream(),
                        trace.trees().stream().flatMap(tree -> tree.rows().stream())))
            .toList());
  }
}
