package redraft.model.pair;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import redraft.json.CheckedObject;
import redraft.model.ModelException;

/**
 * The tokens that a {@code tokenizer.json} names: those of its model and those added to it.
 *
 * @param tokens by id
 */
public record TokenizerVocabulary(TreeMap<Integer, String> tokens) {
  /**
   * Reads the vocabulary; merges, most of such a file, are passed over.
   *
   * @throws ModelException if the file is no tokenizer
   */
  public static TokenizerVocabulary read(Path file) {
    TreeMap<Integer, String> tokens = new TreeMap<>();
    try (JsonParser json = JsonMapper.builder().build().createParser(file.toFile())) {
      json.nextToken();
      for (String field; (field = json.nextFieldName()) != null; ) {
        json.nextToken();
        switch (field) {
          case "model" -> readModel(json, tokens);
          case "added_tokens" -> readAdded(json, tokens);
          default -> json.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw new ModelException(
          "tokenizer file " + CheckedObject.noJson(file.toString(), e).getMessage(), e);
    } catch (IOException e) {
      throw new ModelException(
          "tokenizer file " + file + " cannot be read: " + ModelException.firstLine(e), e);
    }
    if (tokens.isEmpty()) {
      throw new ModelException("tokenizer file " + file + " cannot be loaded: it names no tokens");
    }
    if (tokens.firstKey() < 0) {
      throw new ModelException(
          "tokenizer file "
              + file
              + " cannot be loaded: token '"
              + tokens.firstEntry().getValue()
              + "' has no id that is a whole number from 0 on");
    }
    return new TokenizerVocabulary(tokens);
  }

  private static void readModel(JsonParser json, TreeMap<Integer, String> tokens)
      throws IOException {
    for (String field; (field = json.nextFieldName()) != null; ) {
      JsonToken value = json.nextToken();
      if (!field.equals("vocab")) {
        json.skipChildren();
      } else if (value == JsonToken.START_ARRAY) { // Unigram: [token, score], in the order of ids
        for (int id = 0; json.nextToken() == JsonToken.START_ARRAY; id++) {
          tokens.put(
              id, Objects.requireNonNullElse(json.nextTextValue(), "")); // DJL refuses no text
          while (json.nextToken() != JsonToken.END_ARRAY) {}
        }
      } else {
        for (String token; (token = json.nextFieldName()) != null; ) {
          tokens.put(json.nextIntValue(-1), token);
        }
      }
    }
  }

  private static void readAdded(JsonParser json, TreeMap<Integer, String> tokens)
      throws IOException {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      int id = -1;
      String content = null;
      for (String field; (field = json.nextFieldName()) != null; ) {
        json.nextToken();
        switch (field) {
          case "id" -> id = json.hasToken(JsonToken.VALUE_NUMBER_INT) ? json.getIntValue() : -1;
          case "content" -> content = json.getValueAsString();
          default -> json.skipChildren();
        }
      }
      if (content != null) {
        tokens.put(id, content);
      }
    }
  }

  /** The highest id and one: ids without a token in between are part of it. */
  public int size() {
    return tokens.lastKey() + 1;
  }

  /**
   * Checks the tokenizer of another model of a pair.
   *
   * @param name of the file of this vocabulary, as messages call it
   * @throws ModelException naming the first token that the two name otherwise
   */
  void requireSame(String name, String model, Path otherFile, String otherName) {
    difference(name, read(otherFile), otherName)
        .ifPresent(
            difference -> {
              throw new ModelException(
                  "model '"
                      + model
                      + "' has another tokenizer than the pair: "
                      + difference
                      + "; target and drafts must share their tokens");
            });
  }

  /**
   * The first token that another vocabulary names otherwise. An id that only one of them names is
   * padding in the other and no difference.
   */
  private Optional<String> difference(String name, TokenizerVocabulary other, String otherName) {
    return tokens.keySet().stream()
        .filter(other.tokens::containsKey)
        .filter(id -> !Objects.equals(tokens.get(id), other.tokens.get(id)))
        .findFirst()
        .map(
            id ->
                "token "
                    + id
                    + " is '"
                    + tokens.get(id)
                    + "' in "
                    + name
                    + " and '"
                    + other.tokens.get(id)
                    + "' in "
                    + otherName);
  }
}
