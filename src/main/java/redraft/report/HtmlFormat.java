package redraft.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import redraft.json.ResultFiles;

/**
 * One page that needs nothing else: {@code report.html}. Its script computes what other settings
 * would give, as {@link redraft.replay.ExactReplay} does. Everything that comes from a trace enters
 * as JSON and is shown as text; the page's policy runs no script but its own.
 */
final class HtmlFormat implements ReportFormat {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)\\}\\}");

  @Override
  public String name() {
    return "html";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    // Half a surrogate pair, which JSON can hold, becomes a question mark.
    ResultFiles.write(folder.resolve("report.html"), page(report));
  }

  static String page(Report report) throws IOException {
    String style = resource("report.css");
    String script = resource("report.js");
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
            "script",
            script,
            "script-hash",
            hash(script),
            "definitions",
            definitions(),
            "data",
            inScript(PageData.json(report)));
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
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlFormat.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
