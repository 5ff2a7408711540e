package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line wins over the environment, and that over the file. */
class ConfigurationTest {
  @TempDir Path folder;

  private Configuration configuration(Map<String, String> environment) {
    return new Configuration(Cli::program, environment, folder);
  }

  private String complete(String toml, Map<String, String> environment, String line)
      throws IOException {
    Files.writeString(folder.resolve("redraft.toml"), toml);
    return String.join(" ", configuration(environment).complete(line.split(" ")));
  }

  @Test
  void aFileSaysWhatTheCommandLineLeavesOut() throws IOException {
    String toml =
        """
        cost-ratio = 0.3          # of every command that has it
        [replay]
        draft-length = [1, 2]
        by-domain = true
        histogram = false
        """;
    assertEquals(
        "replay --draft-length=1,2 --by-domain --cost-ratio=0.3 t.jsonl",
        ordered(complete(toml, Map.of(), "replay t.jsonl")));
    assertEquals("best --cost-ratio=0.3 t.jsonl", complete(toml, Map.of(), "best t.jsonl"));
  }

  /** Options of one source come in the order in which the command has them. */
  private static String ordered(String line) {
    return line.contains("--by-domain --draft-length=1,2")
        ? line.replace("--by-domain --draft-length=1,2", "--draft-length=1,2 --by-domain")
        : line;
  }

  @ParameterizedTest
  @CsvSource({
    "5, 4, 3, 2, 1, 5",
    " , 4, 3, 2, 1, 4",
    " ,  , 3, 2, 1, 3",
    " ,  ,  , 2, 1, 2",
    " ,  ,  ,  , 1, 1",
  })
  void theNearestSayWins(
      String typed, String command, String any, String table, String top, String wins)
      throws IOException {
    Map<String, String> environment = new TreeMap<>();
    if (command != null) {
      environment.put("REDRAFT_REPLAY_DRAFT_LENGTH", command);
    }
    if (any != null) {
      environment.put("REDRAFT_DRAFT_LENGTH", any);
    }
    String toml =
        (top == null ? "" : "draft-length = " + top + "\n")
            + (table == null ? "" : "[replay]\ndraft-length = " + table + "\n");
    String line = "replay t.jsonl" + (typed == null ? "" : " --draft-length=" + typed);
    String complete = complete(toml, environment, line);
    assertEquals(wins, complete.replaceAll(".*--draft-length=(\\d).*", "$1"));
    assertEquals(1, complete.split("--draft-length", -1).length - 1, complete);
  }

  @Test
  void anotherWayToSayTheSameReplacesIt() throws IOException {
    String toml = "latency = \"h.json\"\n";
    assertEquals(
        "replay t --cost-ratio 0.1", complete(toml, Map.of(), "replay t --cost-ratio 0.1"));
    assertEquals(
        "replay t --target-speed 52", complete(toml, Map.of(), "replay t --target-speed 52"));
    assertEquals(
        "replay --cost-ratio=0.2 t",
        complete(toml, Map.of("REDRAFT_COST_RATIO", "0.2"), "replay t"));
    assertEquals("replay --latency=h.json t", complete(toml, Map.of(), "replay t"));
  }

  /** Those that belong together are all taken: {@code --hardware} goes with the models. */
  @Test
  void optionsThatBelongTogetherAreTakenTogether() throws IOException {
    String toml = "target-model = \"a\"\ndraft-model = \"b\"\n";
    assertEquals(
        "best --target-model=a --draft-model=b t --hardware l4",
        complete(toml, Map.of(), "best t --hardware l4"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "draft-lenght = 3              | 'draft-lenght' is no option; did you mean draft-length?",
        "[replay]\\nengin = 'vllm'      | 'engin' is no option of redraft replay; did you mean engine?",
        "[repaly]\\nseed = 1            | 'repaly' is no command; did you mean replay?",
        "[models.pul]\\nlimit = 1       | 'pul' is no command of models; did you mean pull?",
        "[replay]\\nprompts = 'x'       | 'prompts' is no option of redraft replay",
        "[replay]\\nby-domain = 'yes'   | 'yes' for --by-domain, which is given or not; write true or false",
        "seed = = 1                    | no TOML",
        "help = true                   | 'help' is no option",
      })
  void whatIsNoOptionIsRefused(String toml, String says) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> complete(toml.replace("\\n", "\n"), Map.of(), "replay t"));
    assertTrue(e.getMessage().startsWith("redraft.toml"), e.getMessage());
    assertTrue(e.getMessage().contains(says), e.getMessage());
  }

  @Test
  void aFileThatIsNamedMustBeThere() throws IOException {
    assertThrows(
        NoSuchFileException.class,
        () -> configuration(Map.of()).complete("replay", "t", "--config", "nowhere.toml"));
    assertThrows(
        NoSuchFileException.class,
        () -> configuration(Map.of("REDRAFT_CONFIG", "nowhere.toml")).complete("replay", "t"));
    Files.writeString(folder.resolve("mine.toml"), "seed = 7");
    Configuration named = configuration(Map.of());
    assertArrayEquals(
        new String[] {"--config=mine.toml", "replay", "--seed=7", "t"},
        named.complete("--config=mine.toml", "replay", "t"));
    assertEquals("mine.toml", named.origin("--seed"));
  }

  @Test
  void noFileIsReadWhereTheVariableIsEmpty() throws IOException {
    assertEquals("replay t", complete("seed = 7", Map.of("REDRAFT_CONFIG", ""), "replay t"));
  }

  @Test
  void helpNeedsNoConfiguration() throws IOException {
    for (String line : List.of("replay --help", "help replay", "--version", "nothing")) {
      assertEquals(line, complete("seed = 7", Map.of(), line));
    }
  }

  @Test
  void aVariableThatIsNearlyAnOptionIsSaid() {
    assertEquals(
        List.of(
            "REDRAFT_DRAFT_LENGHT in the environment is no option; did you mean REDRAFT_DRAFT_LENGTH?"),
        configuration(
                Map.of("REDRAFT_DRAFT_LENGHT", "1", "REDRAFT_PORT_80_TCP", "x", "HOME", "/root"))
            .misspelt());
  }

  @ParameterizedTest
  @CsvSource({"abc, abc, 0", "abc, acb, 1", "abc, ab, 1", "abc, xbc, 1", "abc, '', 3"})
  void distanceCountsLetters(String a, String b, int distance) {
    assertEquals(distance, Configuration.distance(a, b));
  }

  @Test
  void theProgramReadsThem() throws IOException {
    Path toml = Files.writeString(folder.resolve("r.toml"), "[replay]\ndraft-length = 2\n");
    String trace = "traces/tiny-t0.jsonl.gz";
    assertEquals(
        Cli.fine("replay " + trace + " --draft-length 2 --csv -").out(),
        Cli.fine("replay " + trace + " --csv - --config " + toml).out());
    Files.writeString(toml, "draft-length = 'many'\n");
    Cli wrong = Cli.run("replay", trace, "--config", toml.toString());
    assertEquals(2, wrong.exit());
    assertTrue(wrong.err().contains("'many'") && wrong.err().contains("r.toml"), wrong.err());
    Files.writeString(toml, "draft-lenght = 1\n");
    Cli unknown = Cli.run("replay", trace, "--config", toml.toString());
    assertEquals(2, unknown.exit());
    assertEquals(1, unknown.err().lines().count(), unknown.err());
  }

  @Test
  void argumentsMayStandInAFile() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("arguments"),
            """
            # of every run
            --draft-length "1..2"
            --rule
            block
            """);
    String trace = "traces/tiny-t0.jsonl.gz";
    assertEquals(
        Cli.fine("replay " + trace + " --draft-length 1..2 --rule block --csv -").out(),
        Cli.fine("replay " + trace + " @" + file + " --csv -").out());
    assertArrayEquals(
        new String[] {"generate", "--prompt", "@" + file, "--json", "@x"},
        ArgumentFiles.expanded(
            Cli.program().getCommandSpec(), "generate", "--prompt", "@" + file, "--json", "@@x"));
  }
}
