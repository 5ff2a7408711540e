package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.report.Report;
import redraft.report.ReportFormat;
import redraft.report.ReportFormats;
import redraft.study.HandTraces;

/** A report is whole or not there, and stays small however much it is of. */
class ReportLimitsTest {
  private static final int MOST = 2_000_000; // bytes of a page

  @TempDir Path folder;

  /** The domains, one text of so many tokens each. */
  private Path trace(String name, List<String> domains, int... tokens) throws IOException {
    double[][] acceptance =
        IntStream.of(tokens).mapToObj(HandTraces::alternating).toArray(double[][]::new);
    return HandTraces.write(folder.resolve(name), 0.75, domains, acceptance);
  }

  private JsonNode reported(String traces, String options) throws IOException {
    Cli.fine("report " + traces + " --rule token --out " + folder.resolve("r") + " " + options);
    return new JsonMapper().readTree(folder.resolve("r/report.json").toFile()).get("traces");
  }

  private String page() throws IOException {
    String page = Files.readString(folder.resolve("r/report.html"));
    assertTrue(Files.size(folder.resolve("r/report.html")) < MOST, page.length() + " characters");
    return page;
  }

  /** Every fiftieth of 2,000 domains has three tokens, 40 in all; 32 of them are held. */
  @Test
  void ofManyDomainsTheLargestAreReportedAndTheOthersAreInTheCsv() throws IOException {
    List<String> names = IntStream.range(0, 2000).mapToObj(i -> 1000 + i + "").toList();
    int[] tokens = IntStream.range(0, 2000).map(i -> i % 50 == 0 ? 3 : 1).toArray();
    Path trace = trace("many.jsonl", names, tokens);
    JsonNode reported =
        reported(trace.toString(), "--draft-length 1,2 --format html,csv,json").get(0);
    assertEquals(
        IntStream.range(0, 32).mapToObj(i -> 1000 + 50 * i + "").toList(),
        reported.get("best_by_domain").findValuesAsText("domain"));
    assertEquals((1 + 32) * 2, reported.get("rows").size());
    assertTrue(Files.size(folder.resolve("r/report.json")) < 500_000);
    String leftOut = reported.get("left_out").asText();
    assertTrue(leftOut.startsWith("Left out: the smaller 1,968 of 2,000 domains."), leftOut);
    assertTrue(page().contains(leftOut));
    assertEquals(1 + (1 + 2000) * 2, Files.readAllLines(folder.resolve("r/report.csv")).size());
    assertTrue(
        reported(trace.toString(), "--domain 1001 --draft-length 1")
            .get(0)
            .get("left_out")
            .isNull());
  }

  /**
   * Names fill a page too: eight of 20,000 characters in tables, charts and choices of each trace.
   */
  @Test
  void tracesThatAPageCannotHoldAreNamedInIt() throws IOException {
    List<String> names = IntStream.range(0, 8).mapToObj(i -> i + "x".repeat(20_000)).toList();
    String traces = "";
    for (int i = 1; i <= 5; i++) {
      int[] tokens = IntStream.range(0, 8).map(domain -> 2).toArray();
      tokens[0] += i == 2 ? 0 : 3;
      traces += trace("t" + i + ".jsonl", names, tokens) + " ";
    }
    JsonNode reported = reported(traces.strip(), "--draft-length 1 --format html,json");
    assertEquals(5, reported.size());
    String page = page();
    assertTrue(page.contains("Left out, to keep this page small"));
    assertTrue(page.contains("\"t1.jsonl\",\"large\""), "the larger ones are in it");
    assertFalse(page.contains("\"t2.jsonl\",\"large\""), "the smallest is not");
  }

  /** 400,000 characters, and each a `<`, which the page writes as six. */
  @Test
  void aLongPromptIsCutInThePage() throws IOException {
    Path file = trace("long.jsonl", List.of("a", "b"), 4, 4);
    String[] text = Files.readString(file).split("\n");
    text[1] = text[1].replace("\"prompt\":\"\"", "\"prompt\":\"" + "<".repeat(400_000) + "\"");
    Files.writeString(file, text[0] + "\n" + text[1] + "\n" + text[2] + "\n");
    reported(file.toString(), "--draft-length 1 --format html,json");
    assertTrue(page().contains("… (400000 characters) …"));
  }

  /** The last of the formats, and it fails. */
  private record Failing() implements ReportFormat {
    @Override
    public String name() {
      return "failing";
    }

    @Override
    public void write(Report report, Path folder) throws IOException {
      throw new IOException("the disk is gone");
    }
  }

  @Test
  void aReportThatFailsLeavesWhatWasThereAndNothingElse() throws IOException {
    String line =
        "report " + trace("t.jsonl", List.of("a", "b"), 4, 4) + " --draft-length 1 --out ";
    Path old = folder.resolve("old");
    Cli.fine(line + old + " --format html,csv");
    Files.writeString(old.resolve("mine.txt"), "mine");
    byte[] page = Files.readAllBytes(old.resolve("report.html"));
    try (var registered = ReportFormats.REGISTRY.register(new Failing())) {
      assertNotNull(registered);
      for (String out : List.of("old", "new")) {
        Cli run = Cli.run((line + folder.resolve(out) + " --rule token").split(" "));
        assertEquals("redraft: the disk is gone\n", run.err());
      }
    }
    assertEquals(List.of("mine.txt", "report.csv", "report.html"), names(old));
    assertEquals(List.of("old", "t.jsonl"), names(folder));
    assertArrayEquals(page, Files.readAllBytes(old.resolve("report.html")));
    Cli.fine(line + old + " --rule token --format html");
    assertEquals(List.of("mine.txt", "report.csv", "report.html"), names(old));
    assertFalse(Arrays.equals(page, Files.readAllBytes(old.resolve("report.html"))));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
