package redraft.model.pair;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import redraft.json.CheckedObject;
import redraft.json.LineException;
import redraft.json.Utf8;
import redraft.model.ModelException;

/**
 * What Hugging Face Transformers keeps beside a model and its tokenizer: {@code config.json},
 * {@code generation_config.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json}
 * and {@code chat_template.jinja}, each optional.
 *
 * @param folders to look for each file in, the first that has it counts
 * @param home directory that no file may be a link out of; null where the folders are a person's
 *     own, whose caches are full of links
 */
public record TransformersConfig(List<Path> folders, Path home) {
  private static final String[] SPECIAL = {"bos_token", "eos_token", "unk_token", "pad_token"};

  public TransformersConfig(List<Path> folders) {
    this(folders, null);
  }

  /**
   * Tokens that end a text; empty if no file names one. The configuration of generation decides
   * where it names some, as in Transformers.
   */
  public List<Integer> endTokens(TokenizerVocabulary vocabulary) {
    for (JsonNode file :
        List.of(
            read("generation_config.json"),
            read("config.json"),
            read("genai_config.json").path("model"))) {
      JsonNode ids = file.path("eos_token_id");
      List<Integer> tokens = new ArrayList<>();
      for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
        if (isCount(id)) {
          tokens.add(id.intValue());
        }
      }
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

  private static boolean isCount(JsonNode json) {
    return json.isIntegralNumber() && json.canConvertToInt() && json.intValue() >= 0;
  }

  /** {@code bos_token} and the like, by name, as chat templates use them. */
  public Map<String, String> specialTokens() {
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
  public Optional<ChatTemplate> chatTemplate() {
    Optional<Path> own = find("chat_template.jinja");
    if (own.isPresent()) {
      try (InputStream in = Files.newInputStream(own.get())) {
        String template = Utf8.text(own.get().toString(), in);
        return Optional.of(new ChatTemplate(template, own.get(), specialTokens()));
      } catch (LineException e) {
        throw new ModelException(e.getMessage(), e);
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

  /**
   * Most tokens of one text: {@code max_position_embeddings} (of the text model, where there are
   * others), or {@code n_positions} or {@code n_ctx} of older models, or {@code context_length} of
   * onnxruntime-genai; empty if no file names one.
   */
  public Optional<Integer> contextLength() {
    JsonNode config = read("config.json");
    return Stream.of(
            config.path("max_position_embeddings"),
            config.path("n_positions"),
            config.path("n_ctx"),
            config.path("text_config").path("max_position_embeddings"),
            read("genai_config.json").path("model").path("context_length"))
        .filter(length -> isCount(length) && length.intValue() > 0)
        .map(JsonNode::intValue)
        .findFirst();
  }

  private Optional<Path> find(String file) {
    Optional<Path> found =
        folders.stream().map(folder -> folder.resolve(file)).filter(Files::exists).findFirst();
    if (home != null && found.isPresent()) {
      try {
        PinnedFiles.requireWithin(home.toRealPath(), found.get());
      } catch (IOException e) {
        throw new ModelException(found.get() + " cannot be read: " + e.getMessage(), e);
      }
    }
    return found;
  }

  private JsonNode read(String name) {
    Path file = find(name).orElse(null);
    if (file == null) {
      return MissingNode.getInstance();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return JsonMapper.builder().build().readTree(Utf8.json(file.toString(), in));
    } catch (LineException e) {
      throw new ModelException(e.getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new ModelException(CheckedObject.noJson(file.toString(), e).getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
