package redraft.model.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import redraft.model.ModelException;
import redraft.model.server.JsonServer.Program;

/**
 * A model behind OpenAI's completions as vLLM extends them: it continues token ids, and says what
 * it thinks of each token of a text that it is given ({@code prompt_logprobs}), at temperature 1.
 * What it thinks of other tokens stays with the server. Several threads may ask at once.
 */
public final class ScoringModel {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String TOKENIZE = "/tokenize";
  private static final double NO_PROBABILITY = -9999; // JSON has no −∞
  private static final int NO_TOKEN = Integer.MAX_VALUE;
  private static final Pattern TOKEN_ID = Pattern.compile("token_id:(\\d{1,9})");

  /**
   * What a model wrote.
   *
   * @param logprob of each token, ln of its probability at temperature 1
   * @param ended with an end token, which is the last
   */
  public record Generated(int[] tokens, double[] logprob, boolean ended) {}

  /**
   * What a model thinks of tokens that it was given.
   *
   * @param logprob ln of each token's probability at temperature 1, −∞ for none
   * @param rank tokens that are no less probable, itself among them
   */
  public record Scores(double[] logprob, int[] rank) {}

  private final JsonServer server;
  private final String id; // as requests name it
  private final String name;
  private final String program;
  private final int contextLength;
  private final int vocabularySize;
  private final boolean tokenizes;
  private final AtomicLong openingTokens = new AtomicLong();

  /**
   * Asks what the server runs.
   *
   * @param name of the model among those of the server, or for a server of one model what it is to
   *     be called; null for what the server calls it
   * @param vocabularySize 0 where the server is to say it
   * @throws ModelException if there is no such server or model, or it does not say its vocabulary
   */
  public ScoringModel(String name, URI address, ServerContact contact, int vocabularySize) {
    server = new JsonServer(Program.OPENAI, address, contact);
    JsonNode listed = server.get("/v1/models", JsonNode.class).path("data");
    List<String> ids =
        StreamSupport.stream(listed.spliterator(), false)
            .map(model -> model.path("id").asText())
            .toList();
    int index = ids.size() == 1 ? 0 : ids.indexOf(name);
    if (index < 0) {
      throw server.failure(
          ids.isEmpty()
              ? "serves no model; start it with one"
              : "serves "
                  + String.join(", ", ids)
                  + (name == null ? "" : ", not '" + name + "'")
                  + "; say which: MODEL="
                  + address,
          null);
    }
    JsonNode model = listed.get(index);
    id = ids.get(index);
    this.name = name == null ? id.replaceFirst(".*[/\\\\](?=.)", "") : name;
    program = model.path("owned_by").asText().equals("vllm") ? "vllm" : "openai";
    contextLength = model.path("max_model_len").asInt(Integer.MAX_VALUE);
    this.vocabularySize = vocabularySize > 0 ? vocabularySize : askVocabularySize();
    tokenizes = hasTokenizer();
  }

  private boolean hasTokenizer() {
    HttpResponse<byte[]> response = server.posted(TOKENIZE, Map.of("model", id, "prompt", "a"));
    if (response.statusCode() == 404 || response.statusCode() == 405) {
      return false;
    }
    server.read(TOKENIZE, response, JsonNode.class);
    return true;
  }

  /** As refusing a token that is in none does. */
  private int askVocabularySize() {
    Map<String, Object> request = request(new int[] {0}, 1, 0);
    request.put("logit_bias", Map.of(String.valueOf(NO_TOKEN), 0));
    HttpResponse<byte[]> response = server.posted(COMPLETIONS, request);
    Matcher size =
        Pattern.compile("Vocabulary size: (\\d{1,9})").matcher(JsonServer.said(response));
    if (size.find()) {
      return Integer.parseInt(size.group(1));
    }
    if (response.statusCode() != 400) {
      server.read(COMPLETIONS, response, JsonNode.class); // refuses the others
    }
    throw server.failure(
        "does not say how large its vocabulary is, as vLLM does; say it with --vocabulary-size N (vocab_size in the model's"
            + " config.json)",
        null);
  }

  /** In the trace. */
  public String name() {
    return name;
  }

  /** What runs it: {@code vllm}, or {@code openai} for others. */
  public String program() {
    return program;
  }

  /** Most tokens of a text; a text that is scored has to leave room for one more. */
  public int contextLength() {
    return contextLength;
  }

  public int vocabularySize() {
    return vocabularySize;
  }

  /** Tokens that were read and written for what {@link #tokens} could not ask otherwise. */
  public long openingTokens() {
    return openingTokens.get();
  }

  // ---- texts

  /**
   * The tokens of a text.
   *
   * @param special whether to add those that the tokenizer begins texts with
   */
  public int[] tokens(String text, boolean special) {
    if (tokenizes) {
      return ids(
          TOKENIZE,
          server
              .post(
                  TOKENIZE,
                  Map.of("model", id, "prompt", text, "add_special_tokens", special),
                  JsonNode.class)
              .path("tokens"));
    }
    Map<String, Object> request = request(text, 1, 0);
    request.put("add_special_tokens", special);
    request.put("return_token_ids", true);
    JsonNode answer = server.post(COMPLETIONS, request, JsonNode.class);
    int[] tokens = idsOf(answer.at("/choices/0/prompt_token_ids"));
    openingTokens.addAndGet(tokens.length + 1L);
    return tokens;
  }

  /**
   * A message in the model's chat template.
   *
   * @throws ModelException if its tokens do not come back from its text
   */
  public String chatPrompt(String message) {
    Map<String, Object> chat =
        Map.of("model", id, "messages", List.of(Map.of("role", "user", "content", message)));
    int[] tokens = ids(TOKENIZE, server.post(TOKENIZE, chat, JsonNode.class).path("tokens"));
    String path = "/detokenize";
    JsonNode text =
        server.post(path, Map.of("model", id, "tokens", tokens), JsonNode.class).path("prompt");
    if (!text.isTextual()) {
      throw server.strange(path, null);
    }
    if (!Arrays.equals(tokens, tokens(text.asText(), false))) {
      throw server.failure(
          "writes a chat prompt whose text has other tokens; write the prompts in the model's template yourself, and leave"
              + " out --chat",
          null);
    }
    return text.asText();
  }

  private int[] ids(String path, JsonNode list) {
    if (!list.isArray()) {
      throw server.strange(path, null);
    }
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      if (!list.get(i).canConvertToInt()) {
        throw server.strange(path, null);
      }
      ids[i] = list.get(i).asInt();
    }
    return ids;
  }

  private int[] idsOf(JsonNode list) {
    if (list.isMissingNode() || list.isNull()) {
      throw server.failure(
          "gives texts and no token ids; ask vLLM 0.10.2 or newer (return_token_ids), with no program in between that"
              + " drops fields",
          null);
    }
    return ids(COMPLETIONS, list);
  }

  // ---- completions

  /** Everything that a server might have other defaults of is said. */
  private Map<String, Object> request(Object prompt, int maxTokens, double temperature) {
    Map<String, Object> request = new HashMap<>();
    request.put("model", id);
    request.put("prompt", prompt);
    request.put("max_tokens", maxTokens);
    request.put("temperature", temperature);
    request.put("top_p", 1);
    request.put("top_k", -1);
    request.put("min_p", 0);
    request.put("repetition_penalty", 1);
    request.put("presence_penalty", 0);
    request.put("frequency_penalty", 0);
    return request;
  }

  /**
   * Continues a text by sampling from the whole vocabulary.
   *
   * @param seed of this text
   * @throws ModelException if the answer is not of as many tokens and numbers as it should be
   */
  public Generated generate(int[] prompt, int maxTokens, double temperature, long seed) {
    Map<String, Object> request = request(prompt, maxTokens, temperature);
    request.put("seed", seed);
    request.put("logprobs", 0);
    request.put("return_token_ids", true);
    request.put("return_tokens_as_token_ids", true);
    JsonNode choice = server.post(COMPLETIONS, request, JsonNode.class).at("/choices/0");
    JsonNode numbers = choice.at("/logprobs/token_logprobs");
    if (!numbers.isArray()) {
      throw server.failure(
          "gives no probabilities of what it writes (logprobs); allow them there", null);
    }
    int[] tokens = generatedIds(choice);
    String reason = choice.path("finish_reason").asText();
    boolean ended = reason.equals("stop");
    if (!ended && !reason.equals("length")) {
      throw server.failure("ended a text with '" + reason + "'; see why in its log", null);
    }
    if (tokens.length < 1
        || tokens.length > maxTokens
        || tokens.length != numbers.size()
        || (!ended && tokens.length < maxTokens)) {
      throw server.failure(
          "gives "
              + tokens.length
              + " tokens and "
              + numbers.size()
              + " probabilities where "
              + maxTokens
              + " tokens were asked for, and says '"
              + reason
              + "'; ask it with no other program in between",
          null);
    }
    double[] logprob = new double[tokens.length];
    for (int i = 0; i < logprob.length; i++) {
      logprob[i] = logprob(numbers.get(i));
    }
    return new Generated(tokens, logprob, ended);
  }

  private int[] generatedIds(JsonNode choice) {
    if (choice.path("token_ids").isArray()) {
      return ids(COMPLETIONS, choice.path("token_ids"));
    }
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode text : choice.at("/logprobs/tokens")) {
      Matcher token = TOKEN_ID.matcher(text.asText());
      if (!token.matches()) {
        return idsOf(choice.path("token_ids")); // refuses
      }
      tokens.add(Integer.parseInt(token.group(1)));
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * What the model thinks of the last tokens of a text.
   *
   * @param from of the first of them, at least 1
   * @throws ModelException if the answer lacks one of them
   */
  public Scores score(int[] text, int from) {
    Map<String, Object> request = request(text, 1, 0);
    request.put("prompt_logprobs", 0);
    JsonNode positions =
        server.post(COMPLETIONS, request, JsonNode.class).at("/choices/0/prompt_logprobs");
    if (!positions.isArray() || positions.size() != text.length) {
      throw server.failure(
          "gives "
              + (positions.isArray() ? "the probabilities of " + positions.size() : "none")
              + " of the "
              + text.length
              + " tokens of a text that it reads (prompt_logprobs); ask vLLM, with no program in between that drops fields",
          null);
    }
    double[] logprob = new double[text.length - from];
    int[] rank = new int[text.length - from];
    for (int i = 0; i < logprob.length; i++) {
      JsonNode entry = positions.get(from + i).path(String.valueOf(text[from + i]));
      if (!entry.path("rank").canConvertToInt()) {
        throw server.failure(
            "does not give probability and rank of token "
                + text[from + i]
                + " where it read it; ask vLLM, with no other program in between",
            null);
      }
      logprob[i] = logprob(entry.path("logprob"));
      rank[i] = entry.path("rank").asInt();
    }
    return new Scores(logprob, rank);
  }

  private double logprob(JsonNode number) {
    if (!number.isNumber()) {
      throw server.strange(COMPLETIONS, null);
    }
    double value = number.asDouble();
    return value <= NO_PROBABILITY ? Double.NEGATIVE_INFINITY : value;
  }
}
