package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import redraft.json.FileClaim;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** What every command does with the files that it is told to read and write. */
class FileArgumentsTest {
  private static final Pattern WRITES = Pattern.compile("\\b([Ww]rite|goe?s?|to make)\\b");
  private static final List<String> SIZES =
      List.of("--hardware", "--target-model", "--draft-model");

  @TempDir Path folder;
  private Path mine; // a file that is to stay what it is
  private Path trace;

  @BeforeEach
  void write() throws IOException {
    mine = Files.writeString(folder.resolve("pair.json"), "mine");
    trace =
        SampleTraces.write(
            folder.resolve("t.jsonl"),
            SampleTraces.header(LogitDetail.NONE),
            SampleTraces.sequences(5, LogitDetail.NONE, 1));
  }

  /** Every command but those that only have commands themselves. */
  static List<CommandSpec> commands() {
    List<CommandSpec> commands = new ArrayList<>();
    collect(new CommandLine(new Main()).getCommandSpec(), commands);
    return commands;
  }

  private static void collect(CommandSpec command, List<CommandSpec> commands) {
    if (command.subcommands().isEmpty() && !command.name().equals("generate-completion")) {
      commands.add(command);
    }
    command.subcommands().values().forEach(each -> collect(each.getCommandSpec(), commands));
  }

  private static List<ArgSpec> files(CommandSpec command, boolean written) {
    return command.args().stream()
        .filter(FileArguments::isFile)
        .filter(argument -> written == (FileArguments.written(argument) != null))
        .toList();
  }

  private static boolean isFolder(ArgSpec argument) {
    return argument.paramLabel().equals("DIR");
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  /** A command with whatever it needs besides an argument, so that its line can be parsed. */
  private List<String> line(CommandSpec command, ArgSpec argument, Object value) {
    List<String> line = new ArrayList<>(List.of(command.qualifiedName().split(" ")));
    line.remove("redraft");
    if (command.name().equals("generate") && !name(argument).equals("--prompts")) {
      line.add("--prompt=a");
    }
    if (command.name().equals("export")) {
      line.addAll(List.of("--engine=vllm", "--engine-version=0.33.0"));
    }
    if (command.name().equals("import")) {
      line.addAll(List.of("--from", "accept-lengths"));
      line.add(argument.isOption() ? trace.toString() : "--domain=d");
    } else if (List.of("calibrate", "inspect").contains(command.name()) && argument.isOption()) {
      line.add(trace.toString());
    } else if (command.name().equals("inspect") && argument.isOption()) {
      line.add(trace.toString());
    } else if (command.qualifiedName().startsWith("redraft traces") && argument.isOption()) {
      line.add((command.name().equals("index") ? folder : trace).toString());
    }
    if (command.optionsMap().containsKey("--cost-ratio")) {
      if (SIZES.contains(name(argument))) {
        SIZES.stream()
            .filter(size -> !size.equals(name(argument)))
            .forEach(size -> line.add(size + "=h100"));
      } else if (!name(argument).equals("--latency")) {
        line.add("--cost-ratio=0.1");
      }
      line.addAll(argument.isOption() ? List.of(trace.toString()) : List.of());
    }
    boolean first = name(argument).equals("BASELINE-TRACE");
    if (command.name().equals("gate") && !first) {
      line.add(trace.toString());
    }
    line.add((argument.isOption() ? name(argument) + "=" : "") + value);
    if (first) {
      line.add(trace.toString());
    }
    return line;
  }

  /** The same with a place for what is written, where one may be named. */
  private List<String> withOut(List<String> line, CommandSpec command, ArgSpec argument) {
    if (command.optionsMap().containsKey("--out") && !name(argument).equals("--out")) {
      line.add("--out=" + folder.resolve(command.name() + "-out"));
    } else if (command.name().equals("pair") && argument.isOption()) {
      line.add(folder.toString());
    }
    return line;
  }

  private void refused(List<String> line, String why) throws IOException {
    Cli run = Cli.run(line.toArray(String[]::new));
    assertEquals(2, run.exit(), line + ": " + run.err());
    assertEquals(1, run.err().lines().count(), line + ": " + run.err());
    assertTrue(run.err().contains(why), line + ": " + run.err());
    assertEquals("", run.out());
    assertEquals("mine", Files.readString(mine));
  }

  /**
   * An argument that is described as one that is written, and not marked so, would be forgotten.
   */
  @Test
  void whatIsWrittenIsMarkedSo() {
    for (CommandSpec command : commands()) {
      for (ArgSpec argument : command.args()) {
        if (FileArguments.isFile(argument)) {
          assertEquals(
              WRITES.matcher(String.join(" ", argument.description())).find(),
              FileArguments.written(argument) != null,
              command.qualifiedName() + " " + name(argument));
        }
      }
    }
  }

  @Test
  void noCommandWritesWhatItReads() throws IOException {
    int pairs = 0;
    for (CommandSpec command : commands()) {
      for (ArgSpec output : files(command, true)) {
        String[] within = FileArguments.written(output).files();
        for (ArgSpec input : files(command, false)) {
          if (isFolder(output) && isFolder(input)) {
            continue; // what is written into a folder is none of the files of a model directory
          }
          Path file = mine;
          if (within.length > 0 && !within[0].equals("**")) {
            file = folder.resolve(within[0].replace("*", "t0"));
            Files.writeString(file, "mine");
          }
          List<String> line = line(command, input, isFolder(input) ? folder : file);
          line.add(
              (output.isOption() ? name(output) + "=" : "") + (isFolder(output) ? folder : file));
          refused(line, "which is read; name another");
          assertEquals("mine", Files.readString(file));
          pairs++;
        }
      }
    }
    assertTrue(pairs > 50, pairs + " pairs");
  }

  @Test
  void noCommandWritesOneFileTwice() throws IOException {
    int pairs = 0;
    for (CommandSpec command : commands()) {
      for (ArgSpec output : files(command, true)) {
        for (ArgSpec other : files(command, true)) {
          if (output == other || isFolder(other)) {
            continue;
          }
          String within =
              switch (command.name()) {
                case "report" -> "report.html";
                case "traffic" -> "traffic.csv";
                default -> "validation.csv";
              };
          Path file = folder.resolve(isFolder(output) ? within : "new.json");
          if (isFolder(output) && name(other).equals("--json")) {
            continue; // its name says what it is
          }
          List<String> line = line(command, output, isFolder(output) ? folder : file);
          line.add(name(other) + "=" + file);
          refused(line, " are the same file; name two");
          assertFalse(Files.exists(file), line.toString());
          pairs++;
        }
      }
    }
    assertTrue(pairs > 8, pairs + " pairs");
  }

  @Test
  void aFileIsTheSameUnderItsOtherNames() throws IOException {
    Path relative = Path.of("").toAbsolutePath().relativize(trace.toAbsolutePath());
    Path link = Files.createSymbolicLink(folder.resolve("link.csv"), trace);
    Path hardLink = Files.createLink(folder.resolve("hard.csv"), trace);
    byte[] before = Files.readAllBytes(trace);
    for (Path name : List.of(relative, link, hardLink, folder.resolve("x/../t.jsonl"))) {
      Files.createDirectories(folder.resolve("x"));
      Cli run = Cli.run("replay", trace.toString(), "--cost-ratio=0.1", "--csv", name.toString());
      assertEquals(2, run.exit(), run.err());
      assertEquals(
          "redraft: --csv "
              + name
              + " would overwrite TRACE "
              + trace
              + ", which is read; name another file\n",
          run.err());
    }
    assertEquals(List.of(), differences(before, Files.readAllBytes(trace)));
  }

  private static List<Integer> differences(byte[] one, byte[] other) {
    int first = java.util.Arrays.mismatch(one, other);
    return first == -1 ? List.of() : List.of(first);
  }

  @Test
  void theShippedPromptsAndDefaultOutputsAreFilesLikeOthers() throws IOException {
    Path prompts = Path.of("traces/prompts.jsonl");
    byte[] before = Files.readAllBytes(prompts);
    refused(
        List.of("record", "--force", "--out", prompts.toString()),
        "--out traces/prompts.jsonl would overwrite --prompts ./traces/prompts.jsonl");
    assertEquals(List.of(), differences(before, Files.readAllBytes(prompts)));
    refused(
        List.of("calibrate", "out/calibrated.json"),
        "--out out/calibrated.json would overwrite FILE out/calibrated.json");
    refused(
        List.of("replay", "preset:" + mine, "--cost-ratio=0.1", "--csv", mine.toString()),
        "which is read");
    refused(
        List.of("generate", "--prompt=x", "--json", "models/tiny/pair.json"),
        "would overwrite --models ./models/tiny");
  }

  @Test
  void devicesMayBeNamedMoreThanOnce() {
    Cli.fine("replay " + trace + " --cost-ratio 0.1 --csv /dev/null --json - --draft-length 1");
  }

  @Test
  void anEmptyNameIsRefused() throws IOException {
    for (CommandSpec command : commands()) {
      for (ArgSpec argument : command.args()) {
        if (FileArguments.isFile(argument) && !name(argument).equals("--json")) {
          refused(
              withOut(line(command, argument, ""), command, argument),
              name(argument) + " '' names no file");
        }
      }
    }
  }

  @Test
  void theRootIsNoFile() throws IOException {
    for (CommandSpec command : commands()) {
      for (ArgSpec argument : command.args()) {
        boolean writes = FileArguments.written(argument) != null;
        boolean late = command.name().equals("report") && name(argument).equals("--models");
        if (!FileArguments.isFile(argument) || writes && isFolder(argument) || late) {
          continue; // a report does without models that are not there
        }
        List<String> line = withOut(line(command, argument, "/"), command, argument);
        Cli run = Cli.run(line.toArray(String[]::new));
        assertTrue(run.exit() > 0, line + " is fine");
        assertFalse(run.err().contains("internal error"), line + ": " + run.err());
      }
    }
    assertEquals(
        "redraft: / is a directory, not a file\n",
        Cli.run("replay", "/", "--cost-ratio=0.1").err());
    assertEquals(
        "redraft: / is no place for a pair; name a folder with --to\n",
        Cli.run("models", "pull", "smollm2", "--to=/").err());
  }

  @Test
  void theFolderOneIsInIsAModelDirectoryToo() throws Exception {
    Path out = folder.resolve("out.txt");
    ProcessBuilder program =
        Cli.process(List.of(), "generate", "--models=.", "--prompt=a", "--max-new-tokens=1")
            .directory(Path.of("models/tiny").toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    program.environment().put("ORT_DISABLE_TELEMETRY", "1"); // as the script does
    int exit = program.start().waitFor();
    assertEquals(0, exit, Files.readString(out));
  }

  @Test
  void anImportFollowsNoLinkAndWritesNothingWhileAnotherRunDoes() throws IOException {
    Path measured =
        Files.writeString(
            folder.resolve("m.jsonl"),
            "{\"id\":\"a\",\"prompt_token_ids\":[1],\"generated_token_ids\":[1,2],\"acc_ngram\":{\"acc_len\":[1,1]}}\n");
    Files.createSymbolicLink(folder.resolve(".importing-i.jsonl"), mine);
    Files.createSymbolicLink(folder.resolve(".reading-i.jsonl"), mine);
    String line = "import --from accept-lengths " + measured + " --out " + folder + "/i.jsonl";
    Path written = folder.resolve("i.jsonl");
    FileClaim claim = FileClaim.take(written);
    try (claim) {
      Cli run = Cli.run(line.split(" "));
      assertEquals(1, run.exit());
      assertEquals(
          "redraft: "
              + written
              + ": another run is writing it; wait for that to end, or name another file\n",
          run.err());
    }
    Cli.fine(line);
    assertEquals("mine", Files.readString(mine));
    assertTrue(Files.isRegularFile(written));
    assertEquals(2, Cli.run(line.split(" ")).exit(), "it is there now");
  }

  @Test
  void tracesOfOneNameAreToldApartInResultsByAsManyFoldersAsItTakes() throws IOException {
    List<Path> traces = new ArrayList<>();
    for (String name : List.of("a/t.jsonl", "b/t.jsonl", "c/b/t.jsonl", "own.jsonl")) {
      Files.createDirectories(folder.resolve(name).getParent());
      traces.add(Files.copy(trace, folder.resolve(name)));
    }
    String all = String.join(" ", traces.stream().map(Path::toString).toList());
    String rows = Cli.fine("replay --cost-ratio 0.1 --draft-length 1 --csv - " + all).out();
    assertEquals(
        List.of("a/t.jsonl", folder.getFileName() + "/b/t.jsonl", "c/b/t.jsonl", "own.jsonl"),
        rows.lines().skip(1).map(row -> row.replaceFirst(",.*", "")).distinct().toList());
  }
}
