package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;

/** {@code inspect} of folders of traces. */
class InspectArchiveTest {
  private static final Path TINY = Path.of("traces/tiny-t1.jsonl.gz");

  @TempDir Path folder;
  private Path archive;

  @BeforeEach
  void split() {
    archive = folder.resolve("archive");
    Cli.fine("traces split " + TINY + " --out " + archive + " --positions 8000");
  }

  @Test
  void theTotalIsWhatTheWholeTraceHolds() throws IOException {
    JsonNode whole = Cli.json("inspect " + TINY);
    JsonNode inspected = Cli.json("inspect " + archive + " --threads 3");
    assertEquals(archive.toString(), inspected.get("archive").asText());
    assertEquals(4, inspected.get("files").size());
    JsonNode total = inspected.get("total");
    assertEquals(4, total.get("complete").asInt());
    for (String field : List.of("sequences", "prompts", "positions", "domains", "finish")) {
      assertEquals(whole.get(field), total.get(field), field);
    }
    assertEquals(
        whole.get("drafts").get(0).get("overlap").asDouble(),
        total.get("drafts").get(0).get("overlap").asDouble(),
        1e-12);
    JsonNode second = inspected.get("files").get(1);
    assertEquals("tiny-t1-00002.jsonl.gz", second.get("file").asText());
    JsonNode alone = Cli.json("inspect " + archive.resolve("tiny-t1-00002.jsonl.gz"));
    assertEquals(alone.get("positions"), second.get("positions"));
    assertEquals(alone.get("domains"), second.get("domains"));
  }

  @Test
  void everyNumberOfThreadsSaysTheSameInTheOrderOfNames() {
    String line = "inspect " + archive;
    List<String> one = Cli.fine(line + " --threads 1").out().lines().toList();
    assertEquals(one, Cli.fine(line + " --threads 7").out().lines().toList());
    assertEquals(one, Cli.fine(line).out().lines().toList());
    List<String> files = one.stream().filter(row -> row.contains(" complete ")).toList();
    for (int i = 0; i < 4; i++) {
      assertTrue(
          files.get(i).startsWith("tiny-t1-0000" + (i + 1) + ".jsonl.gz  complete "), files.get(i));
    }
    assertTrue(files.get(4).matches("total +4 complete +192 +26563 +0.6491 +1.30"), files.get(4));
  }

  @Test
  void brokenTracesAreNamedAndCountedAndCutOnesAreNot() throws IOException {
    Path bad = archive.resolve("tiny-t1-00002.jsonl.gz");
    byte[] bytes = Files.readAllBytes(bad);
    bytes[bytes.length / 2] ^= 1;
    Files.write(bad, bytes);
    Path cut = archive.resolve("tiny-t1-00003.jsonl.gz");
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 100_000));
    Cli run = Cli.run("inspect", archive.toString());
    assertEquals(1, run.exit());
    List<String> lines = run.out().lines().toList();
    for (String row :
        List.of(
            "tiny-t1-00002.jsonl.gz  broken .*",
            "tiny-t1-00003.jsonl.gz  cut .*",
            "total +2 complete, 1 cut, 1 broken .*")) {
      assertTrue(lines.stream().anyMatch(line -> line.matches(row)), run.out());
    }
    List<String> said = run.err().lines().toList();
    assertEquals(2, said.size(), run.err());
    assertTrue(said.get(0).startsWith("redraft: " + bad + ":"), run.err());
    assertEquals("redraft: 1 of 4 traces are broken", said.get(1));
    Path csv = folder.resolve("a.csv");
    assertEquals(1, Cli.run("inspect", archive.toString(), "--csv", csv.toString()).exit());
    List<String> rows = Files.readAllLines(csv);
    assertEquals(
        "file,state,bytes,sequences,prompts,positions,domains,grade,target,drafts,overlaps,problem",
        rows.get(0));
    assertTrue(
        rows.get(1).contains(",dialogue;maths,exact,tiny-target,tiny-draft,0.7"), rows.get(1));
    assertTrue(rows.get(2).startsWith("tiny-t1-00002.jsonl.gz,broken,,,,,,,,,,\""), rows.get(2));
    assertEquals(5, rows.size());
  }

  @Test
  void draftsOfSeveralRecordingsHaveTheirOwnColumns() throws IOException {
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    Path mixed = Files.createDirectories(folder.resolve("mixed/deep"));
    SampleTraces.write(
        mixed.resolve("a.jsonl"), header, SampleTraces.sequences(4, LogitDetail.NONE, 1));
    List<DraftInfo> others = new ArrayList<>(List.of(new DraftInfo("other", "", 0)));
    others.add(header.drafts().get(1));
    SampleTraces.write(
        mixed.resolve("b.jsonl.gz"),
        new TraceHeader(
            header.tokenizer(), header.target(), others, header.sampling(), LogitDetail.NONE),
        SampleTraces.acceptLengths(4, 1));
    JsonNode total = Cli.json("inspect " + mixed.getParent()).get("total");
    List<String> known = new ArrayList<>();
    for (JsonNode draft : total.get("drafts")) {
      known.add(draft.get("name").asText() + " " + !draft.get("overlap").isNull());
    }
    assertEquals(List.of("small true", "n-gram false", "other false"), known); // b has none
    String text = Cli.fine("inspect " + mixed.getParent()).out();
    assertTrue(text.contains("deep/a.jsonl") && text.contains("deep/b.jsonl.gz"), text);
  }

  @Test
  void ofOneTraceTheCsvHasItsRow() {
    List<String> rows = Cli.fine("inspect " + TINY + " --csv -").out().lines().toList();
    assertEquals(2, rows.size());
    assertTrue(rows.get(1).startsWith(TINY + ",complete,1294375,192,48,26563,code;"), rows.get(1));
    Cli models = Cli.run("inspect", "models/tiny", "--csv", "-");
    assertEquals(2, models.exit());
    assertEquals("redraft: --csv is of traces; of models, use --json\n", models.err());
  }
}
