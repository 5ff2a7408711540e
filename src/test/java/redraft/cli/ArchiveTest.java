package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives say what the one trace says that they are the shards of. */
class ArchiveTest {
  private static final Path WHOLE = Path.of("traces/tiny-t1.jsonl.gz");

  @TempDir private static Path folder;

  @BeforeAll
  static void split() throws IOException {
    Shards.split(WHOLE, folder.resolve("archive"), 7);
  }

  /** What a command writes as CSV, the name of the trace as given. */
  private static String csv(String command, Path trace, String options) {
    String name = trace.getFileName().toString();
    return Cli.fine(command + " " + trace + " " + options + " --csv -")
        .out()
        .replace(name + ",", "TRACE,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay --cost-ratio 0.1 --by-domain",
        "replay --cost-ratio 0.1 --domain maths --draft-length 1..5 --rule token,block,greedy-draft",
        "replay --cost-ratio 0.1 --policy heuristic,oracle --draft-length 4",
        "replay --cost-ratio 0.1 --sampled 20 --draft-length 4 --seed 3",
        "replay --cost-ratio 0.1 --draft prompt-lookup --draft-length 4",
        "sweep --hardware h100 --target-model llama-3.1-8b --draft-model llama-3.2-1b --batch 1,16",
        "best --cost-ratio 0.1 --by-domain",
        "best --hardware h100 --target-model llama-3.1-8b --draft-model llama-3.2-1b",
        "compare --cost-ratio 0.1 --by-domain"
      })
  void saysWhatTheWholeTraceSays(String line) {
    int blank = line.indexOf(' ');
    String command = line.substring(0, blank);
    String options = line.substring(blank + 1);
    assertEquals(csv(command, WHOLE, options), csv(command, folder.resolve("archive"), options));
  }

  @Test
  void answersWholeQuestionsToo() {
    String options = " --hardware h100 --target-model llama-3.1-8b --draft-model llama-3.2-1b";
    assertEquals(
        Cli.fine("best " + WHOLE + options).out(),
        Cli.fine("best " + folder.resolve("archive") + options)
            .out()
            .replace("archive,", WHOLE.getFileName() + ","));
  }

  @Test
  void readsFileAfterFileWhereTextsComeInOrder() {
    assertEquals(
        Cli.fine("replay " + WHOLE + " --tree 2x2 --cost-ratio 0.1 --csv -").out().lines().count(),
        Cli.fine("replay " + folder.resolve("archive") + " --tree 2x2 --cost-ratio 0.1 --csv -")
            .out()
            .lines()
            .count());
  }

  @Test
  void namesBrokenFilesAndStopsOrGoesOn() throws IOException {
    Path archive = folder.resolve("broken");
    Shards.split(WHOLE, archive, 3);
    Path bad = archive.resolve("s1.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(bad));
    lines.set(9, "{\"id\": 3}");
    Files.write(bad, lines);
    Cli stopped = Cli.run("replay", archive.toString(), "--cost-ratio", "0.1");
    assertEquals(1, stopped.exit());
    assertTrue(stopped.err().contains("broken/s1.jsonl:10: "), stopped.err());
    Cli skipped = Cli.fine("replay " + archive + " --cost-ratio 0.1 --broken-files skip --csv -");
    assertTrue(
        skipped
            .err()
            .contains("left out: 1 of 3 files of broken, which are broken: broken/s1.jsonl:10: "),
        skipped.err());
    Files.delete(bad);
    assertEquals(Cli.fine("replay " + archive + " --cost-ratio 0.1 --csv -").out(), skipped.out());
  }

  @Test
  void isOfOneRecording() throws IOException {
    Path archive = folder.resolve("two");
    Shards.split(WHOLE, archive, 2);
    Files.copy(Path.of("traces/tiny-t0.jsonl.gz"), archive.resolve("t0.jsonl.gz"));
    Cli run = Cli.run("replay", archive.toString(), "--cost-ratio", "0.1");
    assertEquals(1, run.exit());
    assertTrue(
        run.err()
            .contains(
                "two/t0.jsonl.gz:1: an archive is of one recording, and the header says otherwise than that of deep/s0.jsonl.gz: sampling.temperature 0.0, not 1.0"),
        run.err());
  }

  @Test
  void refusesAFolderWithoutTraces() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Files.createFile(empty.resolve("index.jsonl"));
    Cli run = Cli.run("replay", empty.toString(), "--cost-ratio", "0.1");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("empty holds no trace"), run.err());
  }

  @Test
  void namesFilesThatWereCut() throws IOException {
    Path archive = folder.resolve("cut");
    Shards.split(WHOLE, archive, 3);
    Path cut = archive.resolve("s1.jsonl");
    String text = Files.readString(cut);
    Files.writeString(cut, text.substring(0, text.length() / 2));
    Cli run = Cli.fine("replay " + archive + " --cost-ratio 0.1");
    assertTrue(run.err().contains("cut while they were recorded: s1.jsonl ("), run.err());
  }

  @Test
  void saysWhichDomainsThereAre() {
    Cli run =
        Cli.run(
            "replay", folder.resolve("archive").toString(), "--cost-ratio", "0.1", "--domain", "x");
    assertEquals(2, run.exit());
    Cli whole = Cli.run("replay", WHOLE.toString(), "--cost-ratio", "0.1", "--domain", "x");
    assertEquals(whole.err().replace(WHOLE.getFileName().toString(), "archive"), run.err());
  }
}
