package redraft.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.model.ModelException;

/**
 * What a pair has to know of the files that Hugging Face Transformers keeps beside its weights:
 * {@code config.json} and {@code generation_config.json}.
 */
final class TransformersFiles {
  private TransformersFiles() {}

  /** Most tokens of one text: {@code max_position_embeddings}, or {@code n_positions} of GPT-2. */
  static int contextLength(Path config) {
    JsonNode json = read(config);
    for (String field : new String[] {"max_position_embeddings", "n_positions"}) {
      JsonNode value = json.path(field);
      if (value.canConvertToInt() && value.isIntegralNumber() && value.intValue() > 0) {
        return value.intValue();
      }
    }
    throw new ModelException(
        config
            + " names no context length: neither \"max_position_embeddings\" nor \"n_positions\" is a number of tokens");
  }

  /**
   * Tokens that end a text: {@code eos_token_id}, a number or a list.
   *
   * @param generationConfig decides where it exists and names one, as generation with Transformers
   *     does
   */
  static List<Integer> endTokens(Path generationConfig, Path config) {
    for (Path file : new Path[] {generationConfig, config}) {
      JsonNode ids = Files.exists(file) ? read(file).path("eos_token_id") : null;
      List<Integer> tokens = new ArrayList<>();
      for (JsonNode id : ids == null ? List.<JsonNode>of() : ids.isArray() ? ids : List.of(ids)) {
        if (id.isIntegralNumber() && id.canConvertToInt() && id.intValue() >= 0) {
          tokens.add(id.intValue());
        }
      }
      if (!tokens.isEmpty()) {
        return tokens;
      }
    }
    throw new ModelException(
        config
            + " names no token that ends a text (\"eos_token_id\"); without one nothing would end");
  }

  private static JsonNode read(Path file) {
    try {
      return JsonMapper.builder().build().readTree(file.toFile());
    } catch (IOException e) {
      throw new ModelException(
          file + " is no JSON: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    }
  }
}
