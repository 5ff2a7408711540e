package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.study.HandTraces;

/** {@code report --compare}. */
class ReportComparisonTest {
  private static final String TINY = "traces/tiny-t1.jsonl.gz traces/tiny-t0.jsonl.gz";
  private static final double[] ACCEPTED = {1, 1};
  private static final double[] REJECTED = {0, 0};

  @TempDir Path folder;

  private Path hand(String name, double[]... texts) throws IOException {
    return HandTraces.write(folder.resolve(name), .5, List.of("x", "x", "y", "y"), texts);
  }

  private JsonNode rows(String line) throws IOException {
    JsonNode all = new JsonMapper().readTree(Cli.fine("report --compare --json " + line).out());
    assertTrue(all.get("answers").get(0).asText().startsWith("Each at its own best setting: "));
    return all.get("rows");
  }

  // As GateCommandTest has it: 8 / 6 beside 8 / 8 at draft length 1 and cost ratio 0.5. In domain x
  // nothing differs; in y both prompts do alike: 4 / 3 beside 4 / 5 passes.
  @Test
  void aRowSaysWhatChangedAndWhetherThatIsReal() throws IOException {
    Path a = hand("a.jsonl", ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED);
    Path b = hand("b.jsonl", ACCEPTED, ACCEPTED, REJECTED, REJECTED);
    JsonNode rows = rows("--cost-ratio 0.5 --rule token --draft-length 1 " + a + " " + b);
    assertEquals(3, rows.size());
    JsonNode all = rows.get(0);
    assertEquals("all", all.get("domain").asText());
    assertEquals(8.0 / 6, all.get("speedup_a").asDouble(), 1e-12);
    assertEquals(1, all.get("speedup_b").asDouble(), 1e-12);
    assertEquals(-.25, all.get("speedup_change").asDouble(), 1e-12);
    double reach = 3.182446305283708 * Math.sqrt(3) / 2 * Math.log(6.5 / 5.5);
    assertEquals(.75 * Math.exp(-reach) - 1, all.get("speedup_change_low").asDouble(), 1e-9);
    assertEquals(.75 * Math.exp(reach) - 1, all.get("speedup_change_high").asDouble(), 1e-9);
    assertEquals("not shown", all.get("difference").asText());
    assertEquals(2, all.get("tokens_per_step_a").asDouble(), 1e-12); // 8 tokens in 4 steps
    assertEquals(8.0 / 6, all.get("tokens_per_step_b").asDouble(), 1e-12); // and in 6
    assertEquals("not shown", rows.get(1).get("difference").asText());
    assertEquals(0, rows.get(1).get("speedup_change").asDouble());
    assertEquals("y", rows.get(2).get("domain").asText());
    assertEquals("slower", rows.get(2).get("difference").asText());
    assertEquals(.6 - 1, rows.get(2).get("speedup_change_high").asDouble(), 1e-9);
    assertTrue(rows.get(2).get("paired").asBoolean());
  }

  // Sure texts of two tokens in one step of 1 + c passes: 2 / 1.5 beside 2 / 1.25.
  @Test
  void eachSideMayHaveADraftAndACostOfItsOwn() throws IOException {
    Path a = hand("a.jsonl", ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED);
    JsonNode row =
        rows("--cost-ratio 0.5,0.25 --rule token --draft-length 1 " + a + " " + a).get(0);
    assertEquals(2 / 1.5, row.get("speedup_a").asDouble(), 1e-12);
    assertEquals(2 / 1.25, row.get("speedup_b").asDouble(), 1e-12);
    assertEquals("faster", row.get("difference").asText());
    String tiny = "traces/tiny-t1.jsonl.gz";
    String line = "--draft tiny-draft,prompt-lookup --draft-length 4 --rule token ";
    JsonNode drafts = rows(line + tiny + " " + tiny).get(0);
    assertEquals("tiny-draft", drafts.get("draft_a").asText());
    assertEquals("prompt-lookup", drafts.get("draft_b").asText());
    JsonNode alone =
        Cli.json("replay " + tiny + " --draft prompt-lookup --draft-length 4 --cost-ratio 0.1")
            .get(0);
    assertEquals(alone.get("speedup").asDouble(), drafts.get("speedup_b").asDouble(), 1e-12);
    Cli said =
        Cli.fine("report --compare --out " + folder.resolve("o") + " " + line + tiny + " " + tiny);
    assertTrue(
        said.out().contains("tiny-t1.jsonl.gz, prompt-lookup is ")
            && said.out().contains("slower than tiny-t1.jsonl.gz, tiny-draft (95% "),
        said.out());
  }

  @Test
  void thePageDrawsWhatTheCsvHolds() throws IOException {
    Path out = folder.resolve("out");
    Cli run = Cli.fine("report --compare --cost-ratio 0.1 --out " + out + " " + TINY);
    try (Stream<Path> files = Files.walk(out)) {
      assertEquals(
          "change-by-domain.png change-by-draft-length.png compare.csv compare.html speedup-by-draft-length.png",
          files
              .filter(Files::isRegularFile)
              .map(file -> file.getFileName().toString())
              .sorted()
              .collect(Collectors.joining(" ")));
    }
    assertTrue(run.out().endsWith("open " + out.resolve("compare.html") + "\n"), run.out());
    String page = Files.readString(out.resolve("compare.html"));
    assertFalse(page.contains("{{"), "a place of the template is left");
    assertTrue(page.contains("temperature 1.0"), "no caveat");
    assertTrue(page.contains(run.out().lines().findFirst().orElseThrow()), "no headline");
    assertEquals(
        1 + 5 * 2 * 12, Files.readAllLines(out.resolve("compare.csv")).size()); // domains, rules, K
    Path again = folder.resolve("again");
    Cli.fine("report --compare --cost-ratio 0.1 --out " + again + " " + TINY);
    for (String file : List.of("compare.html", "compare.csv", "charts/change-by-domain.png")) {
      assertEquals(-1, Files.mismatch(out.resolve(file), again.resolve(file)), file);
    }
    try (Browser browser = Browser.start(folder.resolve("profile"))) {
      for (int width : new int[] {1280, 400}) {
        browser.width(width, 900);
        browser.open(out.resolve("compare.html"));
        assertEquals(
            3L, browser.eval("return document.querySelectorAll('figure.chart > h4').length"));
        assertEquals(
            12L,
            browser.eval(
                "return document.querySelectorAll('#tables table')[0].tBodies[0].rows.length"));
        assertEquals(
            true,
            browser.eval("return document.documentElement.scrollWidth <= innerWidth"),
            "wider than " + width);
        assertEquals(
            0L,
            browser.eval(
                "return [...document.querySelectorAll('svg *')].filter((one) => [...one.attributes].some((a) => /NaN|Infinity/.test(a.value))).length"));
      }
      browser.assertQuiet();
    }
  }

  @Test
  void whatIsOfTheOtherPageIsRefused() throws IOException {
    String line = "report --compare --cost-ratio 0.1 " + TINY;
    for (String[] wrong :
        new String[][] {
          {line + " --format html", "--format does not go with --compare"},
          {line + " --summary -", "--summary does not go with --compare"},
          {line + " " + TINY, "takes two traces, not 4"},
          {"report --compare --acceptance 0.8", "--acceptance does not go with --compare"},
          {line.replace("0.1", "0.1,0.2,0.3"), "or one for each, not 3"},
          {line + " --draft tiny-draft,prompt-lookup,suffix", "or one for each, not 3"},
          {"report --compare - -", "only one of the two traces"}
        }) {
      Cli run = Cli.run(wrong[0].split(" "));
      assertEquals(2, run.exit(), run.err());
      assertTrue(run.err().contains(wrong[1]), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }
}
