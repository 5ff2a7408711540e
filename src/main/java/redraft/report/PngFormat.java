package redraft.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Every chart as a picture: {@code charts/*.png}. */
final class PngFormat implements ReportFormat {
  @Override
  public String name() {
    return "png";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    Path charts = Files.createDirectories(folder.resolve("charts"));
    for (Report.Trace trace : report.traces()) {
      for (Chart chart : trace.pictures()) {
        ChartImages.writePng(chart, charts);
      }
    }
  }
}
