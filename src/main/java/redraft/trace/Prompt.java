package redraft.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;

/** One prompt to record: {@code {"id","domain","prompt"}}. */
public record Prompt(String id, String domain, String prompt) {
  /**
   * Reads a file of JSON Lines; blank lines are passed over.
   *
   * @throws redraft.json.LineException if a line is no prompt, an id comes twice, or there is none
   *     at all
   */
  public static List<Prompt> readAll(Path file) throws IOException {
    return readAll(LineSource.of(file));
  }

  /**
   * Reads JSON Lines; blank lines are passed over.
   *
   * @throws redraft.json.LineException if a line is no prompt, an id comes twice, or there is none
   *     at all
   */
  public static List<Prompt> readAll(LineSource source) throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        if (lines.blank()) {
          continue;
        }
        Prompt prompt = lines.parse(() -> parse(lines));
        if (!ids.add(prompt.id)) {
          throw lines.error("the id \"" + prompt.id + "\" comes a second time");
        }
        if (prompt.domain.equals(ReservedNames.ALL_DOMAINS)) {
          throw lines.error(
              "\"domain\" is \"all\", which results use for all domains together; name it otherwise");
        }
        prompts.add(prompt);
      }
      if (prompts.isEmpty()) {
        throw lines.error("no prompts; write one {\"id\",\"domain\",\"prompt\"} a line");
      }
    }
    return prompts;
  }

  private static Prompt parse(LineReader lines) throws IOException {
    String id = null;
    String domain = null;
    String prompt = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "id" -> id = text(lines, field);
        case "domain" -> domain = text(lines, field);
        case "prompt" -> prompt = text(lines, field);
        default -> lines.skip();
      }
    }
    fields.require("id", "domain", "prompt");
    return new Prompt(id, domain, prompt);
  }

  private static String text(LineReader lines, String field) throws IOException {
    String text = lines.string();
    if (text.isEmpty()) {
      throw lines.error("\"" + field + "\" is empty");
    }
    return text;
  }
}
