package redraft.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import redraft.json.ResultFiles;

/** The findings for a pull request: {@code summary.md}. */
final class MarkdownFormat implements ReportFormat {
  @Override
  public String name() {
    return "markdown";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    StringBuilder text = new StringBuilder("# Redraft report\n");
    for (Report.Trace trace : report.traces()) {
      text.append("\n## ").append(escaped(trace.name())).append("\n\n");
      text.append("**").append(escaped(Findings.headline(report, trace))).append("**\n\n");
      text.append(escaped(Findings.restsOn(trace))).append("\n\n");
      Findings.tables(report, trace).forEach(table -> append(text, table));
      for (String line : Findings.exactness(report, trace)) {
        text.append("- ").append(escaped(line)).append('\n');
      }
      if (trace.underLoad() != null) {
        text.append("\nUnder load: **")
            .append(escaped(trace.underLoad().headline()))
            .append("**\n\n")
            .append(escaped(trace.underLoad().restsOn()))
            .append("\n\n");
        for (String line : trace.underLoad().answers()) {
          text.append("- ").append(escaped(line)).append('\n');
        }
      }
    }
    ResultFiles.write(folder.resolve("summary.md"), text.toString());
  }

  private static void append(StringBuilder text, Findings.Table table) {
    text.append("| ").append(cells(table.titles())).append(" |\n|");
    text.append("---|".repeat(table.titles().size())).append('\n');
    for (List<String> row : table.rows()) {
      text.append("| ").append(cells(row)).append(" |\n");
    }
    text.append('\n');
  }

  private static String cells(List<String> cells) {
    return cells.stream().map(MarkdownFormat::escaped).collect(Collectors.joining(" | "));
  }

  /** Names come from traces: they must neither end a cell nor become markup. */
  static String escaped(String text) {
    return text.replaceAll("[\\r\\n]+", " ").replaceAll("([\\\\`*_{}\\[\\]<>|#&])", "\\\\$1");
  }
}
