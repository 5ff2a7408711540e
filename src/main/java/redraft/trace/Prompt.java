package redraft.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;

/**
 * One prompt to continue: {@code {"id","domain","prompt"}}, the first two of which may be left out.
 */
public record Prompt(String id, String domain, String prompt) {
  /** The field that holds the prompt, unless another is named. */
  public static final String FIELD = "prompt";

  /** The domain of prompts that name none. */
  public static final String DOMAIN = "prompts";

  /**
   * Reads a file of JSON Lines as {@link #readAll(LineSource, String)} does.
   *
   * @throws redraft.json.LineException if a line is no prompt, an id comes twice, or there is none
   *     at all
   */
  public static List<Prompt> readAll(Path file) throws IOException {
    return readAll(LineSource.of(file), FIELD);
  }

  /**
   * Reads JSON Lines; blank lines are passed over, and so are fields other than {@code id}, {@code
   * domain} and the prompt's. A prompt without an id has that of its line, {@code line-3}; one
   * without a domain is of {@link #DOMAIN}.
   *
   * @param field that holds the prompt
   * @throws redraft.json.LineException if a line is no prompt, an id comes twice, or there is none
   *     at all
   */
  public static List<Prompt> readAll(LineSource source, String field) throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        if (lines.blank()) {
          continue;
        }
        Prompt prompt = lines.parse(() -> parse(lines, field));
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
        throw lines.error("no prompts; write one {\"id\",\"domain\",\"" + field + "\"} a line");
      }
    }
    return prompts;
  }

  /**
   * The same prompts with their domains in turns: the first of each in the order of their first
   * prompts, then the second of each, and so on.
   */
  public static List<Prompt> domainsInTurns(List<Prompt> prompts) {
    Map<String, Queue<Prompt>> byDomain = new LinkedHashMap<>();
    prompts.forEach(
        prompt ->
            byDomain.computeIfAbsent(prompt.domain(), domain -> new ArrayDeque<>()).add(prompt));
    List<Prompt> order = new ArrayList<>(prompts.size());
    while (order.size() < prompts.size()) {
      byDomain.values().stream()
          .filter(left -> !left.isEmpty())
          .forEach(left -> order.add(left.remove()));
    }
    return order;
  }

  private static Prompt parse(LineReader lines, String field) throws IOException {
    String id = "line-" + lines.lineNumber();
    String domain = DOMAIN;
    String prompt = null;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (name.equals(field)) {
        prompt = text(lines, name);
      } else if (name.equals("id")) {
        id = text(lines, name);
      } else if (name.equals("domain")) {
        domain = text(lines, name);
      } else {
        lines.skip();
      }
    }
    if (prompt == null) {
      throw lines.error(
          "\"" + field + "\" is missing; --prompt-field names the field that holds the prompt");
    }
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
