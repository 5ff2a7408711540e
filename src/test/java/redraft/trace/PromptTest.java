package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineException;
import redraft.json.LineSource;

class PromptTest {
  private static final String LINE = "{\"id\":\"a\",\"domain\":\"maths\",\"prompt\":\"2 + 2\"}\n";

  @TempDir Path directory;

  private List<Prompt> read(String text) throws IOException {
    return Prompt.readAll(Files.writeString(directory.resolve("p.jsonl"), text));
  }

  @Test
  void promptsKeepTheirOrderAndBlankLinesAreSkipped() throws IOException {
    assertEquals(
        List.of(new Prompt("b", "maths", "2 + 2"), new Prompt("a", "maths", "2 + 2")),
        read(LINE.replace("\"a\"", "\"b\"") + "\n  \r\n" + LINE));
  }

  @Test
  void aPromptMayStandInAnyFieldAndHasAnIdAndADomainWithoutNamingThem() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("q.jsonl"),
            """
            {"question":"Why?","answer":["Because."],"prompt":7}

            {"id":"b","domain":"maths","question":"2 + 2"}
            """);
    assertEquals(
        List.of(new Prompt("line-1", "prompts", "Why?"), new Prompt("b", "maths", "2 + 2")),
        Prompt.readAll(LineSource.of(file), "question"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"b\" | \"a\" | the id \"a\" comes a second time",
        "\"b\" | 7 | \"id\" is 7, not a string",
        "2 + 2 | | \"prompt\" is empty",
        "maths | all | \"domain\" is \"all\", which results use for all domains together; name it otherwise",
        "prompt | question | \"prompt\" is missing; --prompt-field names the field that holds the prompt",
        "} | }} | not valid JSON at byte 45: '}' cannot stand there",
        "} | | not valid JSON: the line ends within the object",
      })
  void aWrongLineIsNamed(String from, String to, String problem) {
    String text = LINE + LINE.replace("\"a\"", "\"b\"").replace(from, to == null ? "" : to);
    LineException e = assertThrows(LineException.class, () -> read(text));
    assertEquals("p.jsonl:2: " + problem, e.getMessage());
  }

  @Test
  void aFileWithoutPromptsIsRefused() {
    assertEquals(
        "p.jsonl:1: no prompts; write one {\"id\",\"domain\",\"prompt\"} a line",
        assertThrows(LineException.class, () -> read("")).getMessage());
  }
}
