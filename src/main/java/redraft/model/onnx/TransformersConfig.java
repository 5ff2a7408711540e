package redraft.model.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redraft.model.ModelException;

/**
 * What Hugging Face Transformers keeps beside a model and its tokenizer: {@code config.json},
 * {@code generation_config.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json}
 * and {@code chat_template.jinja}, each optional.
 *
 * @param folders to look for each file in, the first that has it counts
 */
record TransformersConfig(List<Path> folders) {
  private static final String[] SPECIAL = {"bos_token", "eos_token", "unk_token", "pad_token"};

  /** Tokens that end a text; empty if no file names one. */
  List<Integer> endTokens(TokenizerVocabulary vocabulary) {
    for (String file : new String[] {"generation_config.json", "config.json"}) {
      JsonNode ids = read(file).path("eos_token_id");
      List<Integer> tokens = new ArrayList<>();
      (ids.isArray() ? ids : List.of(ids))
          .forEach(
              id -> {
                if (id.isInt()) {
                  tokens.add(id.intValue());
                }
              });
      if (!tokens.isEmpty()) {
        return tokens;
      }
    }
    String end = specialTokens().get("eos_token");
    return vocabulary.tokens().entrySet().stream()
        .filter(token -> token.getValue().equals(end))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** {@code bos_token} and the like, by name, as chat templates use them. */
  Map<String, String> specialTokens() {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String file : new String[] {"special_tokens_map.json", "tokenizer_config.json"}) {
      JsonNode json = read(file);
      for (String name : SPECIAL) {
        JsonNode token =
            json.path(name).isObject() ? json.path(name).path("content") : json.path(name);
        if (token.isTextual()) {
          tokens.put(name, token.textValue());
        }
      }
    }
    return tokens;
  }

  /** The chat template and where it stands. */
  Optional<ChatTemplate> chatTemplate() {
    Optional<Path> own = find("chat_template.jinja");
    if (own.isPresent()) {
      try {
        return Optional.of(
            new ChatTemplate(Files.readString(own.get()), own.get(), specialTokens()));
      } catch (IOException e) {
        throw new ModelException(own.get() + " cannot be read: " + e.getMessage(), e);
      }
    }
    JsonNode template = read("tokenizer_config.json").path("chat_template");
    if (template.isArray()) { // several, by name
      for (JsonNode named : template) {
        if (named.path("name").asText().equals("default")) {
          template = named.path("template");
        }
      }
    }
    return template.isTextual()
        ? Optional.of(
            new ChatTemplate(
                template.textValue(), find("tokenizer_config.json").get(), specialTokens()))
        : Optional.empty();
  }

  /** Most tokens of one text. */
  Optional<Integer> contextLength() {
    for (String field : new String[] {"max_position_embeddings", "n_positions", "n_ctx"}) {
      if (read("config.json").path(field).isInt()) {
        return Optional.of(read("config.json").path(field).intValue());
      }
    }
    return Optional.empty();
  }

  private Optional<Path> find(String file) {
    return folders.stream().map(folder -> folder.resolve(file)).filter(Files::exists).findFirst();
  }

  private JsonNode read(String name) {
    Path file = find(name).orElse(null);
    try {
      return JsonMapper.builder().build().readTree(file == null ? "{}" : Files.readString(file));
    } catch (IOException e) {
      throw new ModelException(file + " is no JSON: " + OnnxLanguageModel.firstLine(e), e);
    }
  }
}
