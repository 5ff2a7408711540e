package redraft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.ReplayATrace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.cli.Cli;
import redraft.json.LineException;
import redraft.json.Visible;

/** A Java program gets what the command prints. */
class RedraftTest {
  private static final String TINY = "traces/tiny-t1.jsonl.gz";
  private static final String SMOL = "traces/smollm2-t1.jsonl.gz";

  /** The same bytes as the command's CSV, and the same notes. */
  private static void same(Redraft library, String command) throws IOException {
    Replayed replayed = library.replay();
    StringWriter csv = new StringWriter();
    replayed.writeCsv(csv);
    Cli run = Cli.fine("replay " + command + " --csv -");
    assertEquals(run.out(), csv.toString());
    for (String note : replayed.notes()) {
      assertTrue(run.err().contains(Visible.line(note)), note + "\nis not in\n" + run.err());
    }
    for (String line : run.err().lines().toList()) { // but that nothing has a price
      assertTrue(
          line.contains("tokens per step need no price")
              || replayed.notes().stream().anyMatch(note -> line.contains(Visible.line(note))),
          line);
    }
  }

  @Test
  void withNothingNamedItReplaysAsTheCommandDoes() throws IOException {
    same(Redraft.of(TINY), TINY);
  }

  @Test
  void namesAreThoseOfTheCommand() throws IOException {
    same(
        Redraft.of(SMOL)
            .drafts("smollm2-4-layers", "prompt-lookup")
            .rules("token", "greedy-draft")
            .policies("fixed", "heuristic", "oracle")
            .draftLengths("1..3,5")
            .byDomain()
            .latencies("llama-3.1-70b+llama-3.2-1b@h100x4", "llama-3.1-8b-eagle3-h100"),
        SMOL
            + " --draft smollm2-4-layers,prompt-lookup --rule token,greedy-draft --policy fixed,heuristic,oracle"
            + " --draft-length 1..3,5 --by-domain"
            + " --latency llama-3.1-70b+llama-3.2-1b@h100x4,llama-3.1-8b-eagle3-h100");
  }

  @Test
  void severalTracesUnderSeveralCosts() throws IOException {
    same(
        Redraft.of(TINY, "traces/tiny-t0.jsonl.gz", "preset:constant-0.8")
            .draftLengths("4")
            .costRatios(0.1, 0.2, 0.1),
        TINY
            + " traces/tiny-t0.jsonl.gz preset:constant-0.8 --draft-length 4 --cost-ratio 0.1,0.2,0.1");
  }

  @Test
  void anEngineSetsTheRule() throws IOException {
    same(
        Redraft.of(TINY)
            .draftLengths("2,4")
            .policies("fixed", "batch-table:1-4=5,5-32=2")
            .engine("vllm", "l40s", "llama-3.1-8b", "eagle3-llama-3.1-8b")
            .batches(1, 8)
            .contexts(256, 2048)
            .domain("code"),
        TINY
            + " --draft-length 2,4 --policy fixed,batch-table:1-4=5,5-32=2 --engine vllm --hardware l40s"
            + " --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --batch 1,8 --context 256,2048"
            + " --domain code");
  }

  @Test
  void usualDraftLengthsEndWhereTheCostsWereMeasuredTo() throws IOException {
    same(
        Redraft.of(SMOL)
            .drafts("SmolLM2-135M-Instruct.Q4_1-int4")
            .latencies("traces/smollm2-int4-on-cpu.json"),
        SMOL
            + " --draft SmolLM2-135M-Instruct.Q4_1-int4 --latency traces/smollm2-int4-on-cpu.json");
  }

  @Test
  void foldersAreReadAsOneRecording(@TempDir Path folder) throws IOException {
    Files.copy(Path.of(TINY), folder.resolve("a.jsonl.gz"));
    Files.writeString(folder.resolve("b.jsonl"), "{}\n");
    same(
        Redraft.of(folder.toString()).draftLengths("2").costRatios(0.1).skipBrokenFiles(),
        folder + " --draft-length 2 --cost-ratio 0.1 --broken-files skip");
    assertThrows(LineException.class, () -> Redraft.of(folder.toString()).replay());
  }

  @Test
  void timelinesAreDrawnFromTheSeed() throws IOException {
    same(
        Redraft.of("traces/tiny-t0.jsonl.gz").draftLengths("4").costRatios(0.1).sampled(5, 7),
        "traces/tiny-t0.jsonl.gz --draft-length 4 --cost-ratio 0.1 --sampled 5 --seed 7");
  }

  @Test
  void aTableHasTheColumnsOfTheCsv(@TempDir Path folder) throws IOException {
    Replayed replayed = Redraft.of(TINY).draftLengths("1..2").costRatios(0.1).replay();
    Path csv = folder.resolve("new/r.csv");
    replayed.writeCsv(csv);
    List<String> lines = Files.readAllLines(csv);
    assertEquals(lines.get(0), String.join(",", replayed.table().get(0).keySet()));
    assertEquals(replayed.rows().size(), replayed.table().size());
    assertEquals(replayed.rows().size(), lines.size() - 1);
    assertEquals(
        replayed.rows().get(1).tokensPerStep(), replayed.table().get(1).get("tokens_per_step"));
  }

  @Test
  void whatIsWrongIsSaidWhenItIsNamed() {
    Redraft replay = Redraft.of(TINY);
    refused("unknown verification rule 'tokn'; one of token, ", () -> replay.rules("tokn"));
    refused("no rule named; name one", () -> replay.rules());
    refused("unknown policy 'fix'; one of fixed, ", () -> replay.policies("fix"));
    refused("which only the command does; name a threshold", () -> replay.policies("p-min:best"));
    refused("'0' is no draft length from 1 to 1000", () -> replay.draftLengths("0"));
    refused("cost ratio -1.0", () -> replay.costRatios(-1));
    refused("no latency preset and no file is called 'h100'", () -> replay.latencies("h100"));
    refused("0 timelines must be at least 1", () -> replay.sampled(0, 0));
    refused("name a trace", () -> Redraft.of());
    refused("'-' stands for standard input", () -> Redraft.of("-"));
  }

  @Test
  void whatATraceCannotAnswerIsSaidOfIt(@TempDir Path folder) throws IOException {
    refused("no draft 'small'", () -> Redraft.of(TINY).drafts("small").replay());
    refused("batch 2 has no cost", () -> Redraft.of(TINY).costRatios(0.1).batches(2).replay());
    assertThrows(NoSuchFileException.class, () -> Redraft.of("no.jsonl").replay());
    Path broken = Files.writeString(folder.resolve("broken.jsonl"), "{}\n");
    LineException line =
        assertThrows(LineException.class, () -> Redraft.of(broken.toString()).replay());
    assertTrue(line.getMessage().startsWith("broken.jsonl:1: "), line.getMessage());
  }

  private interface Call {
    void run() throws IOException;
  }

  private static void refused(String words, Call call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(words), message);
  }

  /** What docs/library.md shows of the example is the example, and what it prints. */
  @Test
  void theDocumentedExampleRuns() throws IOException {
    String page = Files.readString(Path.of("docs/library.md"));
    String source = Files.readString(Path.of("src/test/java/example/ReplayATrace.java"));
    String shown = page.substring(page.indexOf("```java\n") + 8);
    for (String line : shown.substring(0, shown.indexOf("```")).lines().toList()) {
      assertTrue(source.contains("    " + line + "\n"), line);
    }
    String printed = page.substring(page.indexOf("```text\n") + 8);
    assertEquals(printed.substring(0, printed.indexOf("```")), output());
  }

  private static String output() throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      ReplayATrace.main(new String[] {SMOL});
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
