package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.metrics.Payoff;
import redraft.report.Screen;

/** How wide text for people is, and when it has colours. */
class TerminalTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    ",      0,   80", // a pipe
    ",      200, 200",
    "120,   0,   120",
    "120,   200, 120",
    "wide,  200, 200",
    "7,     0,   40",
  })
  void columnsOfTheEnvironmentWinOverThoseOfTheTerminal(String columns, int terminal, int width) {
    assertEquals(width, Terminal.screen(columns, terminal, false).width());
  }

  @Test
  void coloursAreSeenOnATerminalUnlessTheEnvironmentSaysOtherwise() {
    assertTrue(Terminal.colours(true, null, null, "xterm"));
    assertTrue(Terminal.colours(true, "", null, "xterm"), "an empty NO_COLOR is none");
    assertFalse(Terminal.colours(true, "1", null, "xterm"));
    assertFalse(Terminal.colours(true, "1", "1", "xterm"));
    assertFalse(Terminal.colours(true, null, null, "dumb"));
    assertFalse(Terminal.colours(false, null, null, "xterm"));
    assertTrue(Terminal.colours(false, null, "1", "xterm"));
    assertFalse(Terminal.colours(false, null, "0", "xterm"));
  }

  private String replayed(Map<String, String> environment, String... more) throws Exception {
    Path out = directory.resolve("out");
    ProcessBuilder program =
        Cli.process(
            List.of("-Dredraft.columns=" + environment.getOrDefault("terminal", "0")),
            "replay",
            "traces/tiny-t0.jsonl.gz",
            "--draft-length",
            "1..3",
            "--cost-ratio",
            "0.1",
            "--by-domain");
    program.command().addAll(List.of(more));
    program.environment().putAll(environment);
    Process process =
        program.redirectError(ProcessBuilder.Redirect.DISCARD).redirectOutput(out.toFile()).start();
    assertEquals(0, process.waitFor());
    return Files.readString(out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"60", "80", "120", "200"})
  void aReplayFitsTheColumns(String columns) throws Exception {
    String text = replayed(Map.of("COLUMNS", columns));
    int width = Integer.parseInt(columns);
    assertTrue(text.lines().allMatch(line -> Screen.columns(line) <= width), text);
    assertTrue(text.startsWith("trace tiny-t0.jsonl.gz, draft tiny-draft"), text);
    assertFalse(text.contains("\u001b"), text);
  }

  @Test
  void aTerminalGetsColoursAndOneWithoutColoursDoesNot() throws Exception {
    String green = "\u001b[1;32m* ";
    assertTrue(replayed(Map.of("terminal", "80", "TERM", "xterm")).contains(green));
    String plain = replayed(Map.of("terminal", "80", "TERM", "xterm", "NO_COLOR", "1"));
    assertFalse(plain.contains("\u001b"), plain);
    assertTrue(plain.contains("\n* "), plain);
  }

  @Test
  void csvIsTheSameOnEveryScreen() throws Exception {
    String piped = replayed(Map.of(), "--csv", "-");
    assertEquals(
        piped, replayed(Map.of("terminal", "60", "COLUMNS", "60", "TERM", "xterm"), "--csv", "-"));
  }

  @Test
  void proseIsCutAtBlanksAndStaysRightOfItsTitle() {
    StringWriter text = new StringWriter();
    TextForPeople people = new TextForPeople(new PrintWriter(text), 20);
    people.println("target   one two three four");
    people.print("a prompt");
    people.flush();
    people.println("words that are too many for it");
    people.flush();
    assertEquals(
        """
        target   one two
                 three four
        a promptwords that are too
        many for it
        """,
        text.toString());
  }

  @Test
  void theVerdictHasItsColourWhereItIsWhole() {
    Screen screen = new Screen(40, true);
    assertEquals(
        "t.jsonl: \u001b[1;32mpays\u001b[0m (99%)",
        Terminal.coloured("t.jsonl: pays (99%)", Payoff.Answer.PAYS, screen));
    assertEquals(
        "t: \u001b[1;31mdoes not pay\u001b[0m: \\u001b[2J",
        Terminal.coloured("t: does not pay: \u001b[2J", Payoff.Answer.DOES_NOT_PAY, screen));
    String cut = "a trace of a name that is long: too close to call";
    assertEquals(
        "a trace of a name that is long: too\nclose to call",
        Terminal.coloured(cut, Payoff.Answer.TOO_CLOSE, screen));
  }
}
