package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/** What the commands that replay traces make of their options, whichever command it is. */
class TraceOptionsTest {
  private static final String TRACE = Path.of("traces", "tiny-t1.jsonl.gz").toString();
  private static final String LLAMA_ON_L40S = "llama-3.1-8b+llama-3.2-1b@l40s";
  @TempDir Path folder;

  private static Cli fine(String... arguments) {
    Cli run = Cli.run(arguments);
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static Cli refused(String what, String... arguments) {
    Cli run = Cli.run(arguments);
    assertTrue(run.exit() == 1 || run.exit() == 2, run.out());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("redraft: ") && run.err().contains(what), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    return run;
  }

  private static JsonNode json(String... arguments) throws IOException {
    return new JsonMapper().readTree(fine(arguments).out());
  }

  private static String[] with(String line, String... more) {
    List<String> all = new ArrayList<>(List.of(line.split(" ")));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Every command that replays, with what it needs besides a trace; {@code OUT} is a folder. */
  private String[] command(String name, String trace) {
    String line =
        switch (name) {
          case "report" -> "report --format json --out OUT --cost-ratio 0.1";
          case "sweep" -> "sweep --csv OUT/sweep.csv --cost-ratio 0.1 --batch 1";
          default -> name + " --cost-ratio 0.1";
        };
    return with(line.replace("OUT", folder.toString()), trace);
  }

  // ---- prompt lookup

  @Test
  void compareLooksForTheNgramsThatItIsTold() throws IOException {
    String options = "--draft prompt-lookup --ngram 2..2 --draft-length 5 --cost-ratio 0.1 --json";
    JsonNode row = json(with("compare " + TRACE + " " + options)).get(0);
    JsonNode histogram = json(with("compare --histogram " + TRACE + " " + options));
    double mean = 1;
    for (JsonNode bar : histogram) {
      boolean own = bar.get("source").asText().equals("trace");
      mean += own ? bar.get("accepted").asInt() * bar.get("share").asDouble() : 0;
    }
    assertEquals(mean, row.get("tokens_per_step").asDouble(), 1e-9);
    double replayed =
        json(with("replay " + TRACE + " " + options)).get(0).get("tokens_per_step").asDouble();
    assertEquals(replayed, row.get("tokens_per_step").asDouble());
    String usual = options.replace(" --ngram 2..2", "");
    assertNotEquals(
        replayed,
        json(with("replay " + TRACE + " " + usual)).get(0).get("tokens_per_step").asDouble());
    json(with("report " + TRACE + " " + options + " --format json --out " + folder));
    JsonNode report = new JsonMapper().readTree(Files.readString(folder.resolve("report.json")));
    double reported = 1;
    for (JsonNode bar : report.get("traces").get(0).get("histograms")) {
      boolean own = bar.get("source").asText().equals("trace");
      reported += own ? bar.get("accepted").asInt() * bar.get("share").asDouble() : 0;
    }
    assertEquals(replayed, reported, 1e-9);
  }

  @Test
  void promptLookupRunsNoDraftModelIsNamedAfterNoneAndNeedsNoMemoryForIt() throws IOException {
    String options = TRACE + " --draft-length 4 --latency " + LLAMA_ON_L40S + " --json ";
    JsonNode lookup = json(with("replay --draft prompt-lookup " + options)).get(0);
    JsonNode model = json(with("replay --draft tiny-draft " + options)).get(0);
    assertEquals("prompt-lookup", lookup.get("draft_model").asText());
    assertEquals("llama-3.2-1b", model.get("draft_model").asText());
    // 141 GB hold llama-3.1-70b in 16 bits, 0.02 GB short of a draft model beside it.
    String tight = TRACE + " --draft-length 1 --hardware h200 --target-model llama-3.1-70b";
    tight += " --draft-model llama-3.1-8b --json ";
    String shortfall =
        json(with("replay --draft tiny-draft " + tight)).get(0).get("shortfall").asText();
    assertTrue(shortfall.contains("llama-3.1-70b + llama-3.1-8b do not fit"), shortfall);
    JsonNode alone = json(with("replay --draft prompt-lookup " + tight)).get(0).get("shortfall");
    assertFalse(alone.asText().contains("8b"), alone.asText());
  }

  @Test
  void theBreakEvenOfPromptLookupIsThatOfADraftThatCostsNothing() throws IOException {
    JsonNode best = json(with("best --draft prompt-lookup --cost-ratio 0.5 --json " + TRACE));
    assertEquals(0, best.get("break_even_acceptance").asDouble(), 1e-9);
    assertEquals("prompt-lookup", best.get("draft").asText());
    JsonNode model = json(with("best --draft tiny-draft --cost-ratio 0.5 --json " + TRACE));
    assertEquals(.5, model.get("break_even_acceptance").asDouble(), 1e-9);
  }

  @Test
  void anImportedNgramDraftCostsNoDraftPass() throws IOException {
    Path measured = folder.resolve("m.jsonl");
    Files.writeString(
        measured,
        "{\"id\":\"a\",\"prompt_token_ids\":[1,2],\"generated_token_ids\":[3,4,5,6],"
            + "\"acc_ngram\":{\"acc_len\":[2,1,2,1,1]}}\n");
    String trace = folder.resolve("t.jsonl").toString();
    fine("import", "--from", "accept-lengths", measured.toString(), "--out", trace);
    JsonNode row = json(with("replay --draft-length 2 --cost-ratio 0.4 --json " + trace)).get(0);
    // As many target passes as steps, whatever a draft pass costs.
    assertEquals(row.get("tokens_per_step").asDouble(), row.get("speedup").asDouble(), 1e-12);
  }

  // ---- deployments

  @Test
  void twoProfilesOfOneNameStayTwo() throws IOException {
    String[] files = new String[2];
    for (int i = 0; i < 2; i++) {
      files[i] = folder.resolve("p" + i + ".json").toString();
      Files.writeString(
          Path.of(files[i]),
          "{\"name\":\"profile\",\"model\":\"linear\",\"source\":\"s\",\"date\":\"d\",\"confidence\":\"c\","
              + "\"target\":{\"fixedMs\":1,\"perRowMs\":0,\"perCachedTokenMs\":0},"
              + "\"draft\":{\"fixedMs\":"
              + (i == 0 ? 3 : .01)
              + ",\"perRowMs\":0,\"perCachedTokenMs\":0},"
              + "\"draftPassesPerStep\":\"each\",\"stepOverheadMs\":0}");
    }
    String latency = "--draft-length 3 --rule token --latency " + String.join(",", files);
    JsonNode rows = json(with("replay --json " + TRACE + " " + latency));
    assertEquals("profile", rows.get(0).get("hardware").asText());
    assertEquals("profile#2", rows.get(1).get("hardware").asText());
    double slow = rows.get(0).get("speedup").asDouble();
    assertTrue(slow < 1 && rows.get(1).get("speedup").asDouble() > 1, rows.toString());
    Cli report = fine(with("report --format json --out " + folder + " " + TRACE + " " + latency));
    assertTrue(report.out().contains("No setting compared pays"), report.out());
    JsonNode best =
        new JsonMapper()
            .readTree(Files.readString(folder.resolve("report.json")))
            .get("traces")
            .get(0)
            .get("best");
    assertEquals(slow, best.get("speedup").asDouble());
  }

  @Test
  void aCostRatioKnowsNoBatchAndNoMemoryAndSaysSo() throws IOException {
    refused(
        "a cost ratio says nothing of batches",
        with("replay --cost-ratio 0.1 --batch 16 " + TRACE));
    JsonNode best = json(with("best --cost-ratio 0.1 --max-batch 8 --json " + TRACE));
    assertTrue(best.get("largest_batch_that_fits").isNull());
    assertTrue(best.get("stops_paying_at_batch").isNull());
    Cli said = fine(with("best --cost-ratio 0.1 " + TRACE));
    assertTrue(said.out().contains("a cost ratio says nothing of batches"), said.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1073741824", "0", "-1"})
  void anAbsurdLargestBatchIsRefused(String batch) {
    refused(batch, with("best --latency " + LLAMA_ON_L40S + " --max-batch " + batch + " " + TRACE));
  }

  @Test
  void aLinearModelSaysWhatItDoesNotKnow() {
    Cli best = fine(with("best --latency llama-3.1-8b-eagle3-h100 " + TRACE));
    assertTrue(best.err().contains("knows no memory"), best.err());
    assertTrue(best.err().contains("up to which draft length"), best.err());
  }

  @Test
  void anOptimumAtTheEndOfItsRangeIsMarked() {
    String options = "best --cost-ratio 0.01 --rule token ";
    String range = "is the longest tried";
    Cli cut = fine(with(options + "--draft-length 1..2 " + TRACE));
    assertTrue(cut.err().contains("draft length 2 " + range), cut.err());
    assertFalse(fine(with(options + "--draft-length 1..30 " + TRACE)).err().contains(range));
  }

  // ---- traces

  /** A trace whose header names no draft. */
  private String withoutDrafts() throws IOException {
    TraceHeader full = SampleTraces.header(LogitDetail.NONE);
    Path file = folder.resolve("plain.jsonl");
    TraceHeader header =
        new TraceHeader(
            full.tokenizer(), full.target(), List.of(), full.sampling(), LogitDetail.NONE);
    try (TraceWriter writer = new TraceWriter(file, header)) {
      for (TraceSequence each : SampleTraces.sequences(6, LogitDetail.NONE, 3)) {
        writer.write(
            new TraceSequence(each.label(), each.prefix(), each.path(), each.target(), List.of()));
      }
      writer.finish();
    }
    return file.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "best", "sweep", "compare", "report"})
  void aTraceWithoutDraftsIsReplayedWithPromptLookup(String command) throws IOException {
    String trace = withoutDrafts();
    Cli run = fine(command(command, trace));
    assertTrue(
        run.err().contains("plain.jsonl records no draft; replaying prompt-lookup"), run.err());
    assertFalse(run.out().isBlank());
    refused(
        "has no draft 'small'",
        with(String.join(" ", command(command, trace)), "--draft", "small"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"best", "sweep", "report"})
  void anImportedTraceIsReplayedUnderTheRulesThatItCanBe(String command) throws IOException {
    String trace =
        SampleTraces.write(
                folder.resolve("measured.jsonl"),
                SampleTraces.header(LogitDetail.NONE),
                SampleTraces.acceptLengths(6, 1))
            .toString();
    Cli run = fine(command(command, trace));
    assertTrue(
        run.err().contains("left out: rule 'block' needs draft log-probabilities"), run.err());
    refused(
        "rule 'block' needs", with(String.join(" ", command(command, trace)), "--rule", "block"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "best", "sweep", "report"})
  void presetsStandWhereATraceIsNamedAndHaveNoInterval(String command) throws IOException {
    Cli run = fine(command(command, "preset:constant-0.8"));
    assertFalse(run.out().isBlank());
    JsonNode row =
        json(with("replay --json --cost-ratio 0.1 --draft-length 4 preset:constant-0.8")).get(0);
    assertTrue(row.get("speedup_low").isNull() && row.get("tokens_per_step_high").isNull());
  }

  @ParameterizedTest
  @ValueSource(strings = {"replay", "best", "sweep", "compare", "report"})
  void anyCommandRestrictsToADomain(String command) {
    String[] code = with(String.join(" ", command(command, TRACE)), "--domain", "code");
    fine(code);
    refused(
        "has no domain 'poetry'; it has code, dialogue, drama, maths",
        with(String.join(" ", command(command, TRACE)), "--domain", "poetry"));
  }

  @Test
  void aDomainAloneGivesTheRowThatItHasAmongAll() throws IOException {
    String options = "replay --cost-ratio 0.1 --draft-length 3 --json " + TRACE;
    JsonNode alone = json(with(options + " --domain code"));
    assertEquals(1, alone.size());
    for (JsonNode row : json(with(options + " --by-domain"))) {
      if (row.get("domain").asText().equals("code")) {
        assertEquals(row, alone.get(0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"s3://bucket/x.jsonl.gz", "https://example.org/t.jsonl"})
  void anAddressIsNamedAsItWasGiven(String address) {
    refused(address, with("replay --cost-ratio 0.1 " + address));
  }

  // ---- output

  @Test
  void aDashIsStandardOutput() throws IOException {
    String options = "replay --cost-ratio 0.1 --draft-length 3 " + TRACE;
    Path csv = folder.resolve("r.csv");
    Path file = folder.resolve("r.json");
    fine(with(options + " --csv " + csv + " --json " + file));
    assertEquals(Files.readString(csv), fine(with(options + " --csv -")).out());
    assertEquals(Files.readString(file), fine(with(options + " --json -")).out());
    assertEquals(Files.readString(file), fine(with(options + " --json")).out());
    refused("cannot both go to standard output", with(options + " --csv - --json"));
  }

  @Test
  void aDashIsATraceOnStandardInputCompressedOrNot() throws Exception {
    String options = "--cost-ratio 0.1 --draft-length 3 --csv -";
    String expected = fine(with("replay " + TRACE + " " + options)).out();
    Path out = folder.resolve("out.csv");
    Process process =
        Cli.process(List.of(), with("replay - " + options))
            .redirectInput(Path.of(TRACE).toFile())
            .redirectOutput(out.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    assertEquals(
        expected, Files.readString(out).replace("\nstandard input,", "\ntiny-t1.jsonl.gz,"));
  }

  // ---- memory

  // 20,000 prompts at 48 settings: sums of every prompt would take some 100 MB.
  @Test
  void memoryDoesNotGrowWithPromptsTimesSettings() throws Exception {
    Path trace = folder.resolve("many.jsonl");
    TraceSequence one = SampleTraces.sequences(1, LogitDetail.NONE, 3).get(0);
    try (TraceWriter writer = new TraceWriter(trace, SampleTraces.header(LogitDetail.NONE))) {
      for (int i = 0; i < 20_000; i++) {
        writer.write(
            new TraceSequence(
                new TraceSequence.Label("prompt-" + i, 0, "a"),
                one.prefix(),
                one.path(),
                one.target(),
                one.drafts()));
      }
      writer.finish();
    }
    Process process =
        Cli.process(
                List.of("-Xmx40m", "-XX:+UseSerialGC"),
                with(
                    "replay --cost-ratio 0.1 --rule token,block --draft-length 1..12 --csv - "
                        + trace))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("out")));
  }

  // 300 timelines of 192 texts under two rules: all their steps together would take 500 MB.
  @Test
  void memoryDoesNotGrowWithTimelinesTimesTexts() throws Exception {
    Process process =
        Cli.process(
                List.of("-Xmx80m", "-XX:+UseSerialGC"),
                with(
                    "replay --cost-ratio 0.1 --rule token,block --draft-length 4 --sampled 300 --csv - "
                        + TRACE))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("out")));
  }
}
