package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.study.HandTraces;

/** What {@code report --summary} puts into a pull request. */
class ReportSummaryTest {
  private static final double[] SURE = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

  @TempDir Path folder;

  private String trace(String name, double[]... texts) throws IOException {
    List<String> domains = List.of("even", "odd");
    return HandTraces.write(
            folder.resolve(name),
            .5,
            IntStream.range(0, texts.length).mapToObj(i -> domains.get(i % 2)).toList(),
            texts)
        .toString();
  }

  // 12 sure tokens at K = 3: 3 steps of 1.3 target passes; 12 / 3.9 = 3.08.
  @Test
  void theVerdictComesFirstAndDomainsFollow() throws IOException {
    String trace = trace("sure.jsonl", SURE, SURE, SURE, SURE);
    String out =
        Cli.fine("report " + trace + " --cost-ratio 0.1 --draft-length 3 --rule token --summary -")
            .out();
    List<String> lines = out.lines().toList();
    assertEquals("### Speculative decoding pays: sure.jsonl", lines.get(0));
    assertTrue(lines.get(2).contains("3.08 times plain decoding"), out);
    assertTrue(out.contains("| even | pays | small | token | 3 | 4.00 | 3.08 |"), out);
    assertTrue(lines.size() <= 30, out);
    assertTrue(html(out).contains("<td align=\"right\">3.08</td>"), html(out));
  }

  private static String html(String markdown) {
    List<TablesExtension> tables = List.of((TablesExtension) TablesExtension.create());
    return HtmlRenderer.builder()
        .extensions(tables)
        .build()
        .render(Parser.builder().extensions(tables).build().parse(markdown));
  }

  @Test
  void manyDomainsAndManyTracesStayThirtyLines() throws IOException {
    double[][] texts = new double[80][];
    Arrays.fill(texts, SURE);
    Path many =
        HandTraces.write(
            folder.resolve("many.jsonl"),
            .5,
            IntStream.range(0, 80).mapToObj(i -> "domain-" + i / 2).toList(),
            texts);
    String out = Cli.fine("report " + many + " --cost-ratio 0.1 --summary -").out();
    assertTrue(out.lines().count() <= 30, out);
    assertTrue(
        out.contains("Left out of the table: the smaller 24 of 32; the report has all."), out);
    StringBuilder line = new StringBuilder("report --cost-ratio 0.1 --summary -");
    for (int i = 0; i < 12; i++) {
      double[] text = SURE.clone();
      Arrays.fill(text, i < 5 ? 0 : 1);
      line.append(' ').append(trace("t" + i + ".jsonl", text, text));
    }
    out = Cli.fine(line.toString()).out();
    assertTrue(out.startsWith("### Speculative decoding pays on 7 of 12 traces\n"), out);
    assertTrue(out.lines().count() <= 30, out);
  }

  @Test
  void namesOfOthersAreNoMarkup() throws IOException {
    double[][] texts = {SURE, SURE};
    Path trace =
        HandTraces.write(folder.resolve("a_*b*.jsonl"), .5, List.of("<img src=x>|", "*x*"), texts);
    String out = Cli.fine("report " + trace + " --cost-ratio 0.1 --summary -").out();
    String html = html(out);
    assertFalse(html.contains("<img") || html.contains("<em>"), html);
    assertTrue(html.contains("a_*b*.jsonl"), html);
  }

  @Test
  void aFileIsWrittenAndTheReportOnlyWhereItIsNamed() throws IOException {
    String trace = trace("sure.jsonl", SURE, SURE);
    Path file = folder.resolve("s.md");
    Path out = folder.resolve("report");
    String line = "report " + trace + " --cost-ratio 0.1 ";
    Cli run = Cli.fine(line + "--summary " + file);
    assertEquals("", run.out());
    assertFalse(Files.exists(out));
    assertEquals(Files.readString(file), Cli.fine(line + "--summary - --out " + out).out());
    assertTrue(Files.exists(out.resolve("report.html")));
    Cli both = Cli.run((line + "--summary - --json").split(" "));
    assertEquals(2, both.exit());
    assertTrue(both.err().contains("cannot both go to standard output"), both.err());
  }
}
