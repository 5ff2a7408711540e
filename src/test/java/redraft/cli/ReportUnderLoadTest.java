package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Serving under load in reports. */
class ReportUnderLoadTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";
  private static final String SERVED =
      " --draft-length 1,3 --rates 4,16 --slo ttft=500ms,tpot=15ms --requests 200 --runs 2 --prompt-tokens 500 --output-tokens 50"
          + " --engine vllm --hardware h100-sxm --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b";

  @TempDir static Path folder;
  private static Path report;

  @BeforeAll
  static void write() {
    report = folder.resolve("r");
    Cli.fine("report " + TRACE + SERVED + " --batch 1,8 --sequences 2 --out " + report);
  }

  private static JsonNode json(Path out) throws IOException {
    return new JsonMapper().readTree(out.resolve("report.json").toFile());
  }

  @Test
  void rowsAreThoseOfTraffic() throws IOException {
    JsonNode load = json(report).get("traces").get(0).get("under_load");
    JsonNode traffic = Cli.json("traffic " + TRACE + SERVED);
    assertEquals(traffic.get("rows"), load.get("rows"));
    assertEquals(2, load.get("charts").size());
    assertTrue(Files.exists(report.resolve("charts/latency-by-load.png")));
    assertTrue(Files.exists(report.resolve("charts/speedup-by-load.png")));
    String summary = Files.readString(report.resolve("summary.md"));
    assertTrue(
        summary.contains("Under load: **" + load.get("headline").textValue() + "**"), summary);
    assertTrue(load.get("rests_on").textValue().contains("llama-3.1-8b + eagle3-llama-3.1-8b"));
  }

  @Test
  void jsonFollowsItsSchema() throws IOException {
    var schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(new JsonMapper().readTree(Path.of("docs", "report.schema.json").toFile()));
    assertEquals(Set.of(), schema.validate(json(report)));
  }

  @Test
  void thePageHasTheSectionWhereALoadWasNamed() throws IOException {
    Path none = folder.resolve("none");
    Cli.fine("report " + TRACE + " --draft-length 1 --sequences 1 --out " + none);
    assertTrue(json(none).get("traces").get(0).get("under_load").isNull());
    String shown = "return getComputedStyle(document.getElementById('load')).display";
    try (Browser browser = Browser.start(folder.resolve("profile"))) {
      browser.open(none.resolve("report.html"));
      assertEquals("none", browser.eval(shown));
      browser.width(400, 900);
      browser.open(report.resolve("report.html"));
      assertEquals("block", browser.eval(shown));
      assertEquals(4L, browser.eval("return document.querySelectorAll('#load .cell').length"));
      assertEquals(true, browser.eval("return document.documentElement.scrollWidth <= innerWidth"));
      assertTrue(browser.text("load").contains("K = 1: "), browser.text("load"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--rate 8 --cost-ratio 0.1, knows ratios and no times",
    "--rate 8, knows ratios and no times",
    "--slo ttft=1s --cost-ratio 0.1, --slo is about requests that come",
    "--rate 8 --slo ttft=1 --cost-ratio 0.1, is not ttft",
    "--rate 8 --runs 0 --cost-ratio 0.1, --runs 0",
  })
  void whatDoesNotGoTogetherIsRefused(String options, String message) {
    Path none = folder.resolve("no");
    Cli run = Cli.run(("report " + TRACE + " --out " + none + " " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message), run.err());
    assertTrue(Files.notExists(none));
  }
}
