package redraft.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.binary.Base64;
import org.apache.commons.codec.digest.DigestUtils;
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
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)\\}\\}");

  /**
   * Each uses those before it: the arithmetic, which knows nothing of the page; charts; trees; the
   * page.
   */
  private static final List<String> SCRIPTS =
      List.of("replay.js", "charts.js", "trees.js", "report.js");

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
    String style = resource("report.css");
    List<String> scripts = new ArrayList<>();
    for (String name : SCRIPTS) {
      scripts.add(resource(name));
    }
    Map<String, String> parts =
        Map.of(
            "title",
            escaped(
                "Redraft report: "
                    + String.join(", ", report.traces().stream().map(Report.Trace::name).toList())),
            "style",
            style,
            "style-hash",
            hash(style),
            "scripts",
            scripts.stream()
                .map(script -> "<script>" + script + "</script>")
                .collect(Collectors.joining("\n")),
            "script-hashes",
            scripts.stream().map(HtmlFormat::hash).collect(Collectors.joining(" ")),
            "definitions",
            definitions(),
            "data",
            inScript(PageData.json(report, whole.traces())));
    // One pass: what is filled in is not looked at again.
    return PLACE
        .matcher(resource("report.html"))
        .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
  }

  /** JSON that a script element can hold: nothing in it ends the element or a line. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** docs/definitions.md; its links lead to files that do not travel with the page. */
  private static String definitions() throws IOException {
    String text = resource("definitions.md").replaceAll("\\[([^\\]]+)\\]\\([^)]+\\)", "$1");
    List<TablesExtension> tables = List.of((TablesExtension) TablesExtension.create());
    return HtmlRenderer.builder()
        .extensions(tables)
        .build()
        .render(Parser.builder().extensions(tables).build().parse(text));
  }

  /** As a content security policy names an inline script or style. */
  private static String hash(String text) {
    return "'sha256-" + Base64.encodeBase64String(DigestUtils.sha256(text)) + "'";
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlFormat.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
