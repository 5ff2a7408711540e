package redraft.trace;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.json.LineException;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * A file of prompts in any {@link PromptFormat}, plain or compressed. A prompt without an id is
 * called by its place: {@code line-3}, {@code conversation-3}, or for a whole file {@code text}.
 */
public final class PromptFile {
  private static final int LOOKED_AT = 1 << 16; // bytes
  private static final Set<String> TURNS = Set.of("conversations", "messages");
  private static final Set<String> SPEAKER = Set.of("from", "role");
  private static final Set<String> PEOPLE = Set.of("human", "user");
  private static final Set<String> WORDS = Set.of("value", "content");

  private final LineSource source;

  private PromptFile(LineSource source) {
    this.source = source;
  }

  /**
   * Reads all prompts.
   *
   * @param format null to tell it by how the file begins
   * @param field that holds the prompt, in JSON Lines
   * @throws LineException if there is none, or one is not what the format asks for
   */
  public static List<Prompt> read(LineSource source, PromptFormat format, String field)
      throws IOException {
    Path copy = Files.createTempFile("redraft", ".prompts"); // of standard input, read twice
    try {
      PromptFile file = new PromptFile(source.repeatable(copy));
      return switch (format == null ? file.format(field) : format) {
        case JSONL -> Prompt.readAll(file.source, field);
        case LINES -> file.lines();
        case TEXT -> file.text();
        case SHAREGPT -> file.conversations();
      };
    } finally {
      Files.delete(copy);
    }
  }

  private PromptFormat format(String field) throws IOException {
    String beginning;
    try (InputStream stream = source.decompressed()) {
      beginning = new String(stream.readNBytes(LOOKED_AT), StandardCharsets.UTF_8);
    }
    String text = beginning.replaceFirst("^\ufeff?\\s*", "");
    String line = text.lines().findFirst().orElse("");
    boolean turns =
        TURNS.stream().anyMatch(each -> line.contains("\"" + each + "\""))
            && !line.contains("\"" + field + "\"");
    return text.startsWith("[") || text.startsWith("{") && turns
        ? PromptFormat.SHAREGPT
        : text.isEmpty() || text.startsWith("{") ? PromptFormat.JSONL : PromptFormat.LINES;
  }

  private List<Prompt> lines() throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        if (!lines.blank()) {
          prompts.add(new Prompt("line-" + lines.lineNumber(), Prompt.DOMAIN, text(lines)));
        }
      }
    }
    return some(prompts, "no prompts; write one a line");
  }

  private List<Prompt> text() throws IOException {
    StringBuilder text = new StringBuilder();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        text.append(text(lines)).append(lines.ended() ? "\n" : "");
      }
    }
    return some(
        text.toString().isBlank()
            ? List.of()
            : List.of(new Prompt("text", Prompt.DOMAIN, text.toString())),
        "no prompt: the file is empty");
  }

  private static String text(LineReader lines) {
    String line = new String(lines.bytes(), StandardCharsets.UTF_8);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private List<Prompt> some(List<Prompt> prompts, String none) {
    if (prompts.isEmpty()) {
      throw new LineException(source.name(), 1, none);
    }
    return prompts;
  }

  /** Those in which no person speaks are passed over, as in the published file. */
  private List<Prompt> conversations() throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (InputStream stream = source.decompressed();
        JsonParser parser = new JsonMapper().createParser(stream)) {
      for (int place = 1; parser.nextToken() != null; ) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
          continue; // the array around them
        }
        int line = parser.currentLocation().getLineNr();
        JsonNode conversation = parser.readValueAsTree();
        String said = said(conversation, line);
        String id =
            conversation.hasNonNull("id")
                ? conversation.get("id").asText()
                : "conversation-" + place;
        place++;
        if (said == null) {
          continue;
        }
        if (!ids.add(id)) {
          throw new LineException(source.name(), line, "the id \"" + id + "\" comes a second time");
        }
        prompts.add(new Prompt(id, Prompt.DOMAIN, said));
      }
    } catch (JsonProcessingException e) {
      throw new LineException(
          source.name(), e.getLocation().getLineNr(), "no JSON: " + e.getOriginalMessage());
    }
    return some(prompts, "no conversation in which a person speaks");
  }

  /** What a person says first; null where none does. */
  private String said(JsonNode conversation, int line) {
    JsonNode turns = first(conversation, TURNS);
    if (turns == null || !turns.isArray()) {
      throw new LineException(
          source.name(),
          line,
          "no conversation: it has neither \"conversations\" nor \"messages\"");
    }
    for (JsonNode turn : turns) {
      JsonNode speaker = first(turn, SPEAKER);
      JsonNode words = first(turn, WORDS);
      if (speaker != null
          && PEOPLE.contains(speaker.asText())
          && words != null
          && words.isTextual()
          && !words.textValue().isEmpty()) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(words.textValue())) {
          throw new LineException(
              source.name(), line, "half of a surrogate pair, which is no character");
        }
        return words.textValue();
      }
    }
    return null;
  }

  private static JsonNode first(JsonNode object, Set<String> names) {
    return names.stream().map(object::get).filter(each -> each != null).findFirst().orElse(null);
  }
}
