package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** Trees of candidates in reports. */
class ReportTreesTest {
  private static final String TRACE = "traces/tiny-t0.jsonl.gz";

  @TempDir static Path folder;
  private static Path report;

  @BeforeAll
  static void write() {
    report = folder.resolve("r");
    report(report, "--tree", "medusa-63,2x8", "--cost-ratio", "0.1");
  }

  private static Cli report(Path out, String... options) {
    String[] start = {"report", TRACE, "--draft-length", "1..4", "--out", out.toString()};
    Cli run = Cli.run(Stream.concat(Stream.of(start), Stream.of(options)).toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static JsonNode trace(Path out) throws IOException {
    return new JsonMapper().readTree(out.resolve("report.json").toFile()).get("traces").get(0);
  }

  private static JsonNode replayed(String options) throws IOException {
    Cli run = Cli.run(("replay " + TRACE + " --cost-ratio 0.1 --json " + options).split(" "));
    assertEquals(0, run.exit(), run.err());
    return new JsonMapper().readTree(run.out());
  }

  @Test
  void rowsAreThoseOfReplay() throws IOException {
    JsonNode rows = trace(report).get("tree_rows");
    assertEquals(replayed("--tree medusa-63,2x8"), rows);
    List<String> csv = Files.readAllLines(report.resolve("report.csv"));
    assertEquals(
        5, csv.stream().filter(line -> line.contains("medusa-63")).count()); // with 4 domains
    String summary = Files.readString(report.resolve("summary.md"));
    assertTrue(summary.contains("| medusa-63 | tiny-draft | greedy-draft | 4 |"), summary);
    assertTrue(summary.contains("Best of the chains compared"), summary);
  }

  /** The histogram of replay says how many steps accept at least k tokens, the nodes which. */
  @Test
  void reachOfADepthSumsToTheChanceOfSoManyAcceptedTokens() throws IOException {
    JsonNode tree = trace(report).get("trees").get(0);
    assertEquals(63, tree.get("nodes").size());
    double[] byDepth = new double[5];
    double all = 0;
    for (JsonNode node : tree.get("nodes")) {
      byDepth[node.get("depth").asInt()] += node.get("reach").asDouble();
      all += node.get("reach").asDouble();
    }
    JsonNode row = trace(report).get("tree_rows").get(0);
    assertEquals(row.get("tokens_per_step").asDouble() - 1, all, 1e-12);
    JsonNode histogram = replayed("--tree medusa-63 --histogram");
    for (int k = 1; k <= 4; k++) {
      assertEquals(k, histogram.get(k).get("accepted").asInt());
      assertEquals(chance(histogram, k), byDepth[k], 1e-12, "depth " + k);
    }
  }

  /** Of at least k accepted tokens. */
  private static double chance(JsonNode histogram, int k) {
    double sum = 0;
    for (JsonNode row : histogram) {
      sum += row.get("accepted").asInt() >= k ? row.get("share").asDouble() : 0;
    }
    return sum;
  }

  @Test
  void aTreeThatIsGrownIsJudgedOnTheOtherHalfAndSaidToBe() throws IOException {
    Path out = folder.resolve("grown");
    Cli run = report(out, "--tree", "best:200", "--format", "json,markdown", "--cost-ratio", "0.1");
    assertTrue(run.err().contains("grown on every other prompt"), run.err());
    JsonNode trace = trace(out);
    assertEquals(replayed("--tree best:200"), trace.get("tree_rows"));
    assertEquals(96, trace.get("trees").get(0).get("nodes").size());
    assertEquals(104, trace.get("trees").get(0).get("nodes_left_out").asInt());
    assertTrue(Files.readString(out.resolve("summary.md")).contains("judged on the others"));
  }

  @Test
  void jsonFollowsItsSchema() throws IOException {
    JsonMapper json = new JsonMapper();
    var schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(json.readTree(Path.of("docs", "report.schema.json").toFile()));
    assertEquals(Set.of(), schema.validate(json.readTree(report.resolve("report.json").toFile())));
  }

  @Test
  void aReportWithoutTreesHasNone() throws IOException {
    Path out = folder.resolve("chains");
    report(out, "--format", "json");
    assertEquals(0, trace(out).get("trees").size());
    assertNull(trace(out).get("rows").get(0).get("tree").textValue());
  }

  @ParameterizedTest
  @CsvSource({
    "- --tree 2x2, standard input can be read only once",
    "traces/tiny-t0.jsonl.gz --tree x, no tree and no file is called 'x'",
    "traces/tiny-t0.jsonl.gz --tree 2x2 --draft prompt-lookup, has no ranks",
  })
  void whatDoesNotGoTogetherIsRefused(String options, String message) {
    Cli run = Cli.run(("report --out " + folder.resolve("no") + " " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }

  @Test
  void thePageDrawsTheTreeForTheKeyboardToo() throws IOException {
    Browser browser = Browser.start(folder.resolve("profile"));
    try {
      browser.open(report.resolve("report.html"));
      JsonNode tree = trace(report).get("trees").get(0);
      assertTrue(
          browser
              .text("trees")
              .contains("The first choices of tree medusa-63 carry 66% of the 2.89 tokens"));
      String nodes = "return document.querySelector('svg.tree').querySelectorAll('.node')";
      assertEquals(63L, browser.eval(nodes + ".length"));
      WebElement node = browser.driver.findElement(By.cssSelector("svg.tree .node[tabindex='0']"));
      assertEquals(
          tree.get("nodes").get(0).get("reach").asDouble(),
          Double.parseDouble(node.getDomAttribute("data-reach")),
          0);
      node.sendKeys(Keys.ARROW_RIGHT, Keys.NULL);
      node = browser.driver.switchTo().activeElement();
      assertTrue(
          node.getDomAttribute("aria-label").startsWith("Ranks 1, 1: accepted by "),
          node.getDomAttribute("aria-label"));
      assertEquals("2", node.getDomAttribute("aria-level"));
      String said = ".parentElement.parentElement.querySelector('.reach').textContent";
      assertEquals(
          node.getDomAttribute("aria-label"),
          browser.eval("return document.querySelector('svg.tree')" + said));
      browser.width(360, 740);
      browser.open(report.resolve("report.html"));
      assertEquals(360L, browser.eval("return document.documentElement.scrollWidth"));
      browser.assertQuiet();
    } finally {
      browser.driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
      browser.close();
    }
  }
}
