package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineException;
import redraft.json.LineSource;

/** Prompts as people have them. */
class PromptFileTest {
  @TempDir Path folder;

  private List<Prompt> read(String text, PromptFormat format) throws IOException {
    return PromptFile.read(
        LineSource.of(Files.writeString(folder.resolve("p"), text)), format, Prompt.FIELD);
  }

  @Test
  void textHasAPromptALine() throws IOException {
    assertEquals(
        List.of(
            new Prompt("line-1", "prompts", "Why is the sky blue?"),
            new Prompt("line-3", "prompts", "日本語で")),
        read("Why is the sky blue?\r\n\n日本語で", null));
  }

  @Test
  void aWholeFileIsOnePromptWhereThatIsSaid() throws IOException {
    String text = "def f(x):\n\n  return x\n";
    assertEquals(List.of(new Prompt("text", "prompts", text)), read(text, PromptFormat.TEXT));
    assertEquals("a\nb", read("a\nb", PromptFormat.TEXT).get(0).prompt());
  }

  @Test
  void aConversationIsContinuedFromWhatAPersonSaysFirst() throws IOException {
    String conversations =
        """
        [{"id": "x_0", "conversations": [{"from": "gpt", "value": "Hello"}, {"from": "human", "value": "One?"}]},
         {"id": "empty", "conversations": []},
         {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Two?"}]}]
        """;
    List<Prompt> prompts =
        List.of(
            new Prompt("x_0", "prompts", "One?"), new Prompt("conversation-3", "prompts", "Two?"));
    assertEquals(prompts, read(conversations, null));
    String lines = conversations.replaceAll("(?m)^[ \\[]|[],]+$", "").replace("}]}]", "}]}");
    assertEquals(prompts, read(lines.replace("}]}]", "}]}"), PromptFormat.SHAREGPT));
  }

  @Test
  void theSamplesAreRead() throws IOException {
    for (String file : List.of("prompts.txt, 8", "sharegpt.json, 3", "../prompts.jsonl, 48")) {
      Path path = Path.of("traces/samples", file.split(", ")[0]);
      assertEquals(
          Integer.parseInt(file.split(", ")[1]),
          PromptFile.read(LineSource.of(path), null, Prompt.FIELD).size());
    }
  }

  @Test
  void standardInputAndCompressedFilesAreToldLikeOthers() throws IOException {
    byte[] text = "one\ntwo\n".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        2,
        PromptFile.read(LineSource.of("-", new ByteArrayInputStream(text)), null, "prompt").size());
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(text);
    }
    Path file = Files.write(folder.resolve("p.gz"), zipped.toByteArray());
    assertEquals("two", PromptFile.read(LineSource.of(file), null, "prompt").get(1).prompt());
    byte[] cut = java.util.Arrays.copyOf(zipped.toByteArray(), zipped.size() - 9);
    LineSource half = LineSource.of(Files.write(folder.resolve("cut.gz"), cut));
    assertThrows(LineException.class, () -> PromptFile.read(half, null, "prompt"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                   |          | no prompts",
        "''                                   | LINES    | no prompts; write one a line",
        "' '                                  | TEXT     | the file is empty",
        "[]                                   |          | no conversation in which a person speaks",
        "[{\"id\":1}]                         |          | neither \"conversations\" nor \"messages\"",
        "[{\"conversations\":[                |          | no JSON",
        "{\"id\":\"a\"}                       |          | \"prompt\" is missing",
        "[{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}] | | half of a surrogate pair",
      })
  void whatIsNoPromptIsRefusedInOneLine(String text, PromptFormat format, String says) {
    var e = assertThrows(LineException.class, () -> read(text, format));
    assertTrue(e.getMessage().startsWith("p:1: "), e.getMessage());
    assertTrue(e.getMessage().contains(says), e.getMessage());
  }

  @Test
  void anIdThatComesTwiceIsRefused() {
    String one = "{\"id\":\"a\",\"conversations\":[{\"from\":\"human\",\"value\":\"x\"}]}";
    var e = assertThrows(LineException.class, () -> read("[" + one + ",\n" + one + "]", null));
    assertEquals("p:2: the id \"a\" comes a second time", e.getMessage());
  }
}
