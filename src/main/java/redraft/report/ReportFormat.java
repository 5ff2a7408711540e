package redraft.report;

import java.io.IOException;
import java.nio.file.Path;

/** One way to write a report down. */
public interface ReportFormat {
  /** The name on the command line. */
  String name();

  /** Writes into an existing folder. */
  void write(Report report, Path folder) throws IOException;
}
