package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** What a command cannot write, it says: nothing is lost with exit code 0. */
class UnwritableOutputTest {
  private static final Path FULL = Path.of("/dev/full"); // a disk without space, on Linux

  @TempDir Path folder;

  /** Takes so many bytes and then fails. */
  private static final class Failing extends OutputStream {
    private final String reason;
    private int left;

    Failing(int left, String reason) {
      this.left = left;
      this.reason = reason;
    }

    @Override
    public void write(int value) throws IOException {
      if (left-- <= 0) {
        throw new IOException(reason);
      }
    }
  }

  private Path trace() throws IOException {
    Path trace = folder.resolve("t.jsonl");
    SampleTraces.write(
        trace,
        SampleTraces.header(LogitDetail.NONE),
        SampleTraces.sequences(5, LogitDetail.NONE, 1));
    return trace;
  }

  private static String errorOf(int exit, OutputStream out, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(exit, Main.execute(out, err, arguments));
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 4000})
  void aFullDiskBehindStandardOutputIsAFailure(int bytes) {
    for (String line : List.of("presets", "presets --json", "--help")) {
      assertEquals(
          "redraft: standard output could not be written: no space" + System.lineSeparator(),
          errorOf(1, new Failing(Math.min(bytes, 1500), "no space"), line.split(" ")),
          line);
    }
  }

  @Test
  void noCommandIsFineWhereStandardOutputTakesNothing() throws IOException {
    List<String> lines = new ArrayList<>(List.of("--help", "--version", "generate-completion"));
    for (CommandSpec command : FileArgumentsTest.commands()) {
      String name = command.qualifiedName().replaceFirst("redraft ", "");
      lines.addAll(List.of(name + " --help", name + " --version"));
    }
    String measured = " " + trace() + " --cost-ratio 0.1 --draft-length 1";
    lines.addAll(
        List.of("models list", "models list --json -", "inspect " + trace(), "presets --json -"));
    lines.add("inspect --json - " + trace());
    for (String name : List.of("replay", "best", "compare")) {
      lines.add(name + measured);
    }
    lines.addAll(List.of("replay --csv -" + measured, "compare --csv -" + measured));
    lines.add("report --format csv --json --out " + folder.resolve("report") + measured);
    lines.add("sweep --csv - --draft-length 1 " + trace());
    lines.add("validate --published --csv -");
    for (String line : lines) {
      assertEquals(
          "redraft: standard output could not be written: no space",
          errorOf(1, new Failing(0, "no space"), line.split(" "))
              .lines()
              .reduce((before, last) -> last)
              .orElse("nothing"),
          line);
    }
  }

  @Test
  void aFailureThatComesWithTheClosingOnlyIsOneToo() {
    OutputStream slow =
        new ByteArrayOutputStream() {
          @Override
          public void close() throws IOException {
            throw new IOException("Stale file handle");
          }
        };
    assertEquals(
        "redraft: standard output could not be written: Stale file handle" + System.lineSeparator(),
        errorOf(1, slow, "presets"));
  }

  @Test
  void aReaderThatHasSeenEnoughEndsTheProgramQuietly() {
    assertEquals("", errorOf(1, new Failing(100, "Broken pipe"), "presets"));
  }

  @Test
  void whatWentWrongBeforeKeepsItsExitCode() {
    String error = errorOf(2, new Failing(0, "no space"), "presets", "h900");
    assertEquals(1, error.lines().count(), error);
  }

  @Test
  void theProgramItselfFailsOnAFullDisk() throws Exception {
    assumeTrue(Files.exists(FULL));
    Path err = folder.resolve("err");
    Process process =
        Cli.process(List.of(), "presets")
            .redirectOutput(FULL.toFile())
            .redirectError(err.toFile())
            .start();
    assertEquals(1, process.waitFor());
    List<String> said = Files.readAllLines(err);
    assertEquals(1, said.size(), said.toString());
    assertEquals(
        "redraft: standard output could not be written: ",
        said.get(0).replaceFirst("[^:]*$", " ").strip() + " ");
  }

  @ParameterizedTest
  @CsvSource({
    "x.csv, replay TRACE --cost-ratio 0.1 --draft-length 1 --csv OUT/x.csv",
    "x.csv, sweep TRACE --draft-length 1 --csv OUT/x.csv",
    "report.html, report TRACE --draft-length 1 --sequences 1 --format html --out OUT",
    "summary.md, report TRACE --draft-length 1 --format markdown --out OUT",
    "report.csv, report TRACE --draft-length 1 --format csv --out OUT",
    "report.json, report TRACE --draft-length 1 --format json --out OUT",
    "charts/speedup-by-draft-length.png, report TRACE --draft-length 1 --format png --out OUT",
    "fit.json, compare TRACE --cost-ratio 0.1 --draft-length 1 --fit OUT/fit.json",
    "x.json, profile --rows 2 --contexts 1 --rounds 2 --out OUT/x.json",
    "x.jsonl, record --prompts PROMPTS --max-new-tokens 2 --force --out OUT/x.jsonl"
  })
  void aFullDiskBehindAFileIsAFailureThatNamesTheFile(String file, String line) throws IOException {
    assumeTrue(Files.exists(FULL));
    Path unwritable = folder.resolve(file);
    Files.createDirectories(unwritable.getParent());
    Files.createSymbolicLink(unwritable, FULL);
    Path prompts = folder.resolve("prompts.jsonl");
    Files.write(prompts, Files.readAllLines(Path.of("traces/prompts.jsonl")).subList(0, 1));
    List<String> arguments = new ArrayList<>();
    for (String word : Arrays.asList(line.split(" "))) {
      arguments.add(
          word.replace("TRACE", trace().toString())
              .replace("OUT", folder.toString())
              .replace("PROMPTS", prompts.toString()));
    }
    Cli run = Cli.run(arguments.toArray(String[]::new));
    assertEquals(1, run.exit(), run.err());
    List<String> said = run.err().lines().toList();
    assertEquals(
        "redraft: " + unwritable + ": ",
        said.get(said.size() - 1).replaceFirst("[^:]*$", " "),
        run.err());
    assertTrue(run.err().contains("; make room there, or name a file on another disk"), run.err());
  }
}
