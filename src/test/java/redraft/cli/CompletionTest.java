package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** Shells complete commands, options and names. */
class CompletionTest {
  @TempDir Path folder;

  private Path script(String shell) throws IOException {
    return Files.writeString(
        folder.resolve("redraft." + shell), Cli.fine("completion " + shell).out());
  }

  /** What a shell prints of a line, after it has read the completion; passed over without it. */
  private List<String> shell(String shell, String option, String line)
      throws IOException, InterruptedException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, shell))),
        "no " + shell);
    Process process = new ProcessBuilder(shell, option, line).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed.lines().toList();
  }

  private List<String> bash(String... words) throws IOException, InterruptedException {
    return shell(
        "bash",
        "-c",
        "compopt() { :; }; source '"
            + script("bash")
            + "'; COMP_WORDS=("
            + String.join(" ", words)
            + "); COMP_CWORD="
            + (words.length - 1)
            + "; _complete_redraft; printf '%s\\n' \"${COMPREPLY[@]}\"");
  }

  private List<String> fish(String typed) throws IOException, InterruptedException {
    return shell("fish", "-c", "source '" + script("fish") + "'; complete -C '" + typed + "'")
        .stream()
        .map(line -> line.replaceFirst("\t.*", ""))
        .toList();
  }

  @Test
  void bashReadsIt() throws IOException, InterruptedException {
    assertEquals(List.of(), shell("bash", "-n", script("bash").toString()));
    assertEquals(List.of(), shell("zsh", "-n", script("zsh").toString()));
  }

  @Test
  void bashCompletesCommandsAndNames() throws IOException, InterruptedException {
    assertEquals(List.of("replay", "report"), bash("redraft", "rep"));
    assertEquals(List.of("block"), bash("redraft", "replay", "--rule", "bl"));
    assertEquals(List.of("zsh"), bash("redraft", "completion", "z"));
    assertTrue(bash("redraft", "models", "pull", "--").contains("--to"));
  }

  @Test
  void fishCompletesCommandsOptionsAndNames() throws IOException, InterruptedException {
    assertEquals(List.of("replay", "report"), fish("redraft rep"));
    assertEquals(
        VerificationRules.REGISTRY.all().stream().map(VerificationRule::name).sorted().toList(),
        fish("redraft replay --rule "));
    assertEquals(List.of("--csv", "--csv-raw"), fish("redraft replay --cs"));
    assertEquals(List.of("skip", "stop"), fish("redraft replay --broken-files "));
    assertEquals(List.of("list", "pair", "pull"), fish("redraft models "));
    assertEquals(List.of("traces/tiny-t0.jsonl.gz"), fish("redraft replay traces/tiny-t0"));
  }

  /** Every visible option of every command has its line, whether a fish is there or not. */
  @Test
  void fishIsToldEveryOption() {
    String script = Cli.fine("completion fish").out();
    FileArgumentsTest.commands()
        .forEach(
            command ->
                command.options().stream()
                    .filter(option -> !option.hidden())
                    .forEach(
                        option ->
                            assertTrue(
                                script.contains(
                                    "__fish_seen_subcommand_from "
                                        + command.name()
                                        + "' "
                                        + (option.names().length > 1
                                            ? "-s "
                                            : "-l " + option.longestName().substring(2))),
                                command.name() + " " + option.longestName())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcsh", "BASH"})
  void anotherShellIsRefused(String shell) {
    Cli run = Cli.run("completion", shell);
    assertEquals(2, run.exit());
    assertEquals(
        "redraft: no completion for shell '" + shell + "'; one of bash, zsh, fish\n",
        run.err().replace(System.lineSeparator(), "\n"));
  }

  @Test
  void theVersionIsThatOfTheBuild() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String version = pom.substring(pom.indexOf("<version>") + 9, pom.indexOf("</version>"));
    assertEquals("redraft " + version, Cli.fine("--version").out().strip());
    assertEquals("redraft " + version, Cli.fine("-V").out().strip());
    assertEquals("redraft " + version, Cli.fine("replay --version").out().strip());
  }
}
