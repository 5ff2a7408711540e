package redraft.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import redraft.json.ResultFiles;

/**
 * One page that needs nothing else: {@code report.html}. Its scripts compute what other settings
 * would give, as {@link redraft.replay.ExactReplay} does. Everything that comes from a trace enters
 * as JSON and is shown as text; the page's policy runs no script but its own.
 */
final class HtmlFormat implements ReportFormat {
  /**
   * Each uses those before it: the arithmetic, which knows nothing of the page; charts; trees; what
   * the parts of the page share; its parts; the page.
   */
  private static final List<String> SCRIPTS =
      List.of(
          "replay.js",
          "charts.js",
          "trees.js",
          "page.js",
          "verdict.js",
          "explorer.js",
          "tokens.js",
          "report.js");

  @Override
  public String name() {
    return "html";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    ResultFiles.write(folder.resolve("report.html"), page(report));
  }

  /** With as much of the report as a page may hold. */
  static String page(Report report) throws IOException {
    Report held = report;
    String page = page(held, report);
    while (page.getBytes(StandardCharsets.UTF_8).length > report.mostPageBytes()
        && held.canBeSmaller()) {
      held = held.smaller();
      page = page(held, report);
    }
    return page;
  }

  private static String page(Report report, Report whole) throws IOException {
    return Page.of(
        "report.html",
        "Redraft report: "
            + String.join(", ", report.traces().stream().map(Report.Trace::name).toList()),
        SCRIPTS,
        Map.of("definitions", definitions()),
        PageData.json(report, whole.traces()));
  }

  /** docs/definitions.md; its links lead to files that do not travel with the page. */
  private static String definitions() throws IOException {
    String text = Page.resource("definitions.md").replaceAll("\\[([^\\]]+)\\]\\([^)]+\\)", "$1");
    List<TablesExtension> tables = List.of((TablesExtension) TablesExtension.create());
    return HtmlRenderer.builder()
        .extensions(tables)
        .build()
        .render(Parser.builder().extensions(tables).build().parse(text));
  }
}
