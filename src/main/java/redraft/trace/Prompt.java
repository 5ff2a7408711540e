package redraft.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One prompt to record: {@code {"id","domain","prompt"}}. */
public record Prompt(String id, String domain, String prompt) {
  /**
   * Reads a file of JSON Lines; blank lines are passed over.
   *
   * @throws TraceFormatException if a line is no prompt, an id comes twice, or there is none at all
   */
  public static List<Prompt> readAll(Path path) throws IOException {
    String file = path.getFileName().toString();
    JsonMapper mapper = new JsonMapper();
    List<Prompt> prompts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    long number = 0;
    try (BufferedReader reader = Files.newBufferedReader(path)) {
      for (String line; (line = reader.readLine()) != null; ) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonNode node = mapper.readTree(line);
        Prompt prompt =
            new Prompt(
                field(file, number, node, "id"),
                field(file, number, node, "domain"),
                field(file, number, node, "prompt"));
        if (!ids.add(prompt.id)) {
          throw new TraceFormatException(
              file, number, "the id \"" + prompt.id + "\" comes a second time");
        }
        prompts.add(prompt);
      }
    } catch (JsonProcessingException e) {
      throw new TraceFormatException(file, number, "not valid JSON: " + e.getOriginalMessage());
    } catch (MalformedInputException e) {
      throw new TraceFormatException(file, number + 1, "not UTF-8");
    }
    if (prompts.isEmpty()) {
      throw new TraceFormatException(
          file, 1, "no prompts; write one {\"id\",\"domain\",\"prompt\"} a line");
    }
    return prompts;
  }

  private static String field(String file, long number, JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isTextual() || value.asText().isEmpty()) {
      throw new TraceFormatException(
          file,
          number,
          "\""
              + name
              + "\" must be a string that is not empty, as in {\"id\",\"domain\",\"prompt\"}");
    }
    return value.asText();
  }
}
