package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceSequence;

/** Text of others, in names, values and prompts, on its way to terminals and spreadsheets. */
class HostileTextTest {
  private static final String DOMAIN = "=\u001b[31mred\u009b2J\u202e\n+1";
  private static final String SHOWN = "=\\u001b[31mred\\u009b2J\\u202e\\n+1";

  @TempDir Path folder;

  private String trace() throws IOException {
    List<TraceSequence> sequences =
        SampleTraces.sequences(2, LogitDetail.NONE, 1).stream()
            .map(
                one ->
                    SampleTraces.sequence(
                        one.label().id() + one.label().sample(),
                        DOMAIN,
                        new int[] {1},
                        one.tokens(),
                        one.target(),
                        one.drafts()))
            .toList();
    return SampleTraces.write(
            folder.resolve("t.jsonl"), SampleTraces.header(LogitDetail.NONE), sequences)
        .toString();
  }

  private static boolean harmless(String text) {
    return text.codePoints()
        .allMatch(c -> c == '\n' || !Character.isISOControl(c) && (c < 0x202a || c > 0x202e));
  }

  @Test
  void aTerminalSeesTheControlsOfANameAndProgramsGetThem() throws IOException {
    String replay = "replay " + trace() + " --draft-length 2 --cost-ratio 0.1 --by-domain";
    String table = Cli.fine(replay).out();
    assertTrue(harmless(table), table);
    assertTrue(table.contains("\ndomain " + SHOWN + "\n"), table);
    assertEquals(DOMAIN, Cli.json(replay).get(2).get("domain").asText());
    String csv = Cli.fine(replay + " --csv -").out();
    assertTrue(csv.contains(",\"'" + DOMAIN + "\","), csv);
    String raw = Cli.fine(replay + " --csv - --csv-raw").out();
    assertTrue(raw.contains(",\"" + DOMAIN + "\","), raw);
    assertEquals(raw, csv.replace("\"'=", "\"="));
    assertTrue(harmless(Cli.fine("report " + trace() + " --format json --out " + folder).out()));
    String json = Cli.fine("report " + trace() + " --format csv --json --out " + folder).out();
    assertEquals("redraft-report", new JsonMapper().readTree(json).get("format").asText());
  }

  @Test
  void aMessageIsOneLineWithoutControlsWhateverItsValues() throws IOException {
    Cli run =
        Cli.run("replay", trace(), "--cost-ratio", "0.1", "--draft", "\u001b]0;a\u0007\nredraft:");
    assertEquals(
        "redraft: the trace has no draft '\\u001b]0;a\\u0007\\nredraft:'; it has small, n-gram\n",
        run.err());
    Cli usage = Cli.run("replay", trace(), "--cost-ratio", "\u001b[2J\n1");
    assertEquals(2, usage.err().lines().count(), usage.err());
    assertTrue(harmless(usage.err()) && usage.err().contains("'\\u001b[2J\\n1'"), usage.err());
  }

  @Test
  void aLongValueIsCutInAMessageThatSaysHowLongItIs() {
    String words = "word ".repeat(2000); // 10,000 characters, 10,002 with their quotes
    Cli unknown = Cli.run("replay", "t.jsonl", "--cost-ratio", words);
    String line = unknown.err().lines().findFirst().orElseThrow();
    assertTrue(line.contains("'word word ") && line.contains("… (10002 characters) …"), line);
    assertTrue(line.contains("--cost-ratio") && line.length() < 400, line);
    Cli missing = Cli.run("replay", "x".repeat(1000) + ".jsonl", "--cost-ratio", "0.1");
    assertTrue(missing.err().startsWith("redraft: "), missing.err());
    assertTrue(missing.err().length() < 400 && missing.err().contains(".jsonl"), missing.err());
    String[] many = (words + "last").split(" ");
    String arguments = Cli.run(many).err().lines().findFirst().orElseThrow();
    assertTrue(arguments.contains("word") && arguments.length() < 2100, arguments);
  }

  @Test
  void textForPeopleKeepsLinesTabsAndEmojiAndShowsWhatATerminalWouldObey() {
    StringWriter shown = new StringWriter();
    TextForPeople text = new TextForPeople(new PrintWriter(shown));
    text.print("a\tb\r\nc 👩\u200d💻 ñ");
    text.print('\u001b');
    text.printf("%s|%s%n", "over\rwritten", "no\u200bwidth\ufeff\ud800");
    assertEquals(
        "a\tb\r\nc 👩\u200d💻 ñ\\u001bover\\rwritten|no\\u200bwidth\\ufeff\\ud800\n",
        shown.toString());
  }
}
