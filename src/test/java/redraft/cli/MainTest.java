package redraft.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.verify.RecordedPath;
import redraft.verify.Verdict;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** Exit codes and what standard error says: 0 fine, 1 failed, 2 wrong usage. */
class MainTest {
  @TempDir Path directory;

  private String trace() throws IOException {
    Path trace = directory.resolve("t.jsonl");
    SampleTraces.write(
        trace,
        SampleTraces.header(LogitDetail.NONE),
        SampleTraces.sequences(5, LogitDetail.NONE, 1));
    return trace.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "best TRACE                                            | --cost-ratio",
        "replay --cost-ratio 0.1                               | TRACE",
        "replay TRACE --cost-ratio 0.1 --latency x.json        | mutually exclusive",
        "replay TRACE --cost-ratio much                        | 'much'",
        "replay TRACE --cost-ratio -1                          | cost ratio -1.0 must be",
        "replay TRACE --cost-ratio 0.1 --draft-length 0        | '0' is no draft length",
        "replay TRACE --cost-ratio 0.1 --batch 0               | batch 0 must be at least 1",
        "replay TRACE --cost-ratio 0.1 --rule optimistic       | verification rule 'optimistic'",
        "replay TRACE --cost-ratio 0.1 --policy bold           | policy 'bold'",
        "replay TRACE --cost-ratio 0.1 --draft huge            | no draft 'huge'",
        "replay TRACE --latency nowhere.json                   | 'nowhere.json'",
        "replay TRACE --cost-ratio 0.1 --drafts small          | --drafts",
        "rerun TRACE                                           | rerun",
        "replya TRACE                                          | did you mean replay",
        "replay TRACE --draft-lenght 3                         | or --draft-length",
        "help rerun                                            | 'rerun'"
      })
  void wrongUsageExitsWithTwoAndSaysWhatIsWrong(String line, String what) throws IOException {
    Cli run = Cli.run(line.replace("TRACE", trace()).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertEquals("", run.out());
    List<String> said = run.err().lines().toList();
    assertTrue(said.get(0).startsWith("redraft: ") && said.get(0).contains(what), run.err());
    assertTrue(said.size() == 1 || said.size() == 2 && said.get(1).startsWith("See '"), run.err());
  }

  @Test
  void aCommandMustBeNamed() {
    Cli run = Cli.run();
    assertEquals(2, run.exit());
    assertTrue(run.err().startsWith("redraft: name a command"), run.err());
  }

  @Test
  void aMissingFileExitsWithOneAndOneLine() {
    Cli run = Cli.run("replay", "nowhere.jsonl", "--cost-ratio", "0.1");
    assertEquals(1, run.exit());
    assertEquals("", run.out());
    assertEquals(List.of("redraft: file nowhere.jsonl does not exist"), run.err().lines().toList());
  }

  @Test
  void aValueThatBeginsWithAnAtIsTakenAsItStands() throws IOException {
    Path note = Files.writeString(directory.resolve("note"), "--version");
    Cli run = Cli.run("replay", "@" + directory.resolve("nowhere"), "--cost-ratio", "0.1");
    assertEquals("redraft: file @" + directory.resolve("nowhere") + " does not exist\n", run.err());
    Cli generated =
        Cli.run("generate", "--prompt", "@" + note, "--draft-length", "0", "--max-new-tokens", "1");
    assertEquals(0, generated.exit(), generated.err());
  }

  @ParameterizedTest
  @CsvSource({"--help, Usage: redraft", "--version, redraft 0", "replay --help, Usage: redraft"})
  void helpAndVersionAreFineAndGoToStandardOutput(String line, String start) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(0, run.exit());
    assertTrue(run.out().startsWith(start), run.out());
    assertEquals("", run.err());
  }

  @Test
  void aReplayWritesTheSameBytesTwiceAndMakesTheDirectory() throws IOException {
    Path first = directory.resolve("new/deep/first.csv");
    Path second = directory.resolve("second.csv");
    for (Path csv : List.of(first, second)) {
      Cli run =
          Cli.run(
              "replay",
              trace(),
              "--rule",
              "token,block",
              "--draft-length",
              "1..3",
              "--cost-ratio",
              "0.1",
              "--by-domain",
              "--csv",
              csv.toString());
      assertEquals(0, run.exit(), run.err());
      assertEquals("", run.err());
    }
    assertEquals(-1, Files.mismatch(first, second));
    assertTrue(Files.readAllLines(first).size() > 2 * 3, "only the rows over everything");
  }

  /** ONNX Runtime's telemetry overflows the stack on one; the script switches it off. */
  @Test
  void aLongCommandLineDoesNotEndTheProgram() throws Exception {
    String script = Files.readString(Path.of("scripts/redraft"));
    assertTrue(script.contains("\nexport ORT_DISABLE_TELEMETRY=1\n"), script);
    Path err = directory.resolve("err");
    ProcessBuilder program = Cli.process(List.of(), "generate", "--prompt", "word ".repeat(2000));
    program.environment().put("ORT_DISABLE_TELEMETRY", "1");
    Process process =
        program.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(err.toFile()).start();
    assertEquals(1, process.waitFor());
    assertTrue(Files.readString(err).contains("the context of model 'tiny-target' is 512"));
  }

  /** A rule that fails as a machine does, not as a program. */
  private record Failing(Error failure) implements VerificationRule {
    @Override
    public String name() {
      return "failing";
    }

    @Override
    public Verdict verify(Proposal proposal, List<Distribution> p, RandomGenerator random) {
      throw failure;
    }

    @Override
    public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
      throw failure;
    }

    @Override
    public String source() {
      return "this test";
    }
  }

  private Cli replayWithout(Error missing) throws IOException {
    try (var registered = VerificationRules.REGISTRY.register(new Failing(missing))) {
      assertNotNull(registered);
      return Cli.run("replay", trace(), "--cost-ratio", "0.1", "--rule", "failing");
    }
  }

  @Test
  void whereMemoryRunsOutALineSaysHowToGiveMore() throws IOException {
    Cli run = replayWithout(new OutOfMemoryError("Java heap space"));
    assertEquals(1, run.exit(), run.err());
    assertEquals(
        "redraft: not enough memory: Java heap space; give Java more with JAVA_TOOL_OPTIONS=-Xmx8g, say\n",
        run.err());
  }

  @Test
  void whereTheStackOverflowsALineSaysHowToGiveMore() throws IOException {
    Cli run = replayWithout(new StackOverflowError());
    assertEquals(1, run.exit(), run.err());
    assertEquals(
        "redraft: something is nested too deep; give Java a larger stack with"
            + " JAVA_TOOL_OPTIONS=-Xss64m, say (REDRAFT_DEBUG=1 shows where)\n",
        run.err());
  }

  @Test
  void whateverIsThrownEndsInOneLine() throws IOException {
    Cli run = replayWithout(new AssertionError("first\n\tat second"));
    assertEquals(1, run.exit(), run.err());
    assertEquals(
        "redraft: internal error, please report it: java.lang.AssertionError: first\\n\\tat second"
            + " (REDRAFT_DEBUG=1 shows where)\n",
        run.err());
  }

  /** 20 MB of one letter are 20 kB of gzip, and a quarter of 64 MB is less. */
  @Test
  void aLineThatMemoryDoesNotHoldIsRefused() throws Exception {
    Path bomb = directory.resolve("bomb.jsonl");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
      out.write("{\"format\":\"redraft-trace\",\"version\":\"".getBytes(US_ASCII));
      out.write("a".repeat(20_000_000).getBytes(US_ASCII));
    }
    Path err = directory.resolve("err");
    Process process =
        Cli.process(List.of("-Xmx64m", "-XX:+UseSerialGC"), "inspect", bomb.toString())
            .redirectError(err.toFile())
            .start();
    assertEquals(1, process.waitFor());
    String said = Files.readString(err);
    assertTrue(
        said.matches(
            "redraft: bomb.jsonl:1: a line longer than \\d+ bytes, which is the most that is read with"
                + " this memory; give Java more with JAVA_TOOL_OPTIONS=-Xmx8g, say\n"),
        said);
  }

  @Test
  void whatIsNestedTooDeepIsRefusedInOneLine() throws IOException {
    Path deep = directory.resolve("deep.json");
    Files.writeString(deep, "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}\n");
    for (List<String> line :
        List.of(
            List.of("inspect", deep.toString()),
            List.of("replay", trace(), "--latency", deep.toString()))) {
      Cli run = Cli.run(line.toArray(String[]::new));
      assertEquals(1, run.err().lines().count(), run.err());
      assertTrue(run.err().endsWith(": nested deeper than 1000 levels\n"), run.err());
    }
  }

  @Test
  void aLibraryThatIsMissingEndsInOneLine() throws IOException {
    Cli run = replayWithout(new NoClassDefFoundError("ai/onnxruntime/OrtEnvironment"));
    assertEquals(1, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("ai/onnxruntime/OrtEnvironment"), run.err());
  }

  /** The help texts are formats, in which a percent sign is written twice. */
  @Test
  void aPercentSignInAHelpTextIsPrinted() {
    assertTrue(Cli.fine("best --help").out().contains("a probability of 90%, does not pay up to"));
  }

  @Test
  void completionKnowsTheNamesOfTheRegistries() {
    Cli run = Cli.run("generate-completion");
    assertEquals(0, run.exit(), run.err());
    VerificationRules.all().forEach(rule -> assertTrue(run.out().contains(rule.name())));
    for (String name :
        List.of("heuristic", "prompt-lookup", "constant-0.8", "smollm2", "llama-bench")) {
      assertTrue(run.out().contains("\"" + name + "\""), name);
    }
    assertFalse(Cli.run("--help").out().contains("generate-completion"));
    assertFalse(Cli.run().err().contains("generate-completion"));
  }

  @Test
  void helpOfACommandIsItsHelp() {
    Cli help = Cli.run("help", "replay");
    assertEquals(0, help.exit(), help.err());
    assertEquals(Cli.run("replay", "--help").out(), help.out());
  }
}
