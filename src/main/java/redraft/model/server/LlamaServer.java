package redraft.model.server;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import redraft.model.ModelException;

/**
 * One llama-server of llama.cpp, as its HTTP interface has it (tools/server/README.md there). Every
 * request can be repeated: none changes what the next one answers.
 */
final class LlamaServer {
  /** Of the connection; what it answers may take as long as a long prompt does. */
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  // ---- answers, as far as they are read

  record Models(List<Model> data) {}

  /**
   * @param meta null in a router of several models
   */
  record Model(String id, Meta meta) {}

  record Meta(
      @JsonProperty("n_vocab") int vocabularySize, @JsonProperty("n_params") long parameters) {}

  record Properties(
      @JsonProperty("default_generation_settings") Defaults defaults,
      @JsonProperty("model_path") String modelPath) {}

  record Defaults(@JsonProperty("n_ctx") int contextLength) {}

  record Completion(
      @JsonProperty("completion_probabilities") List<Position> positions,
      @JsonProperty("generation_settings") Settings settings) {}

  /**
   * @param bias what {@code ignore_eos} rules out: every token that ends a text
   */
  record Settings(@JsonProperty("logit_bias") List<Bias> bias) {}

  record Bias(int token) {}

  /**
   * One generated token.
   *
   * @param top most probable tokens, in descending order
   */
  record Position(float logprob, @JsonProperty("top_logprobs") List<Entry> top) {}

  /**
   * @param logprob ln of its probability at temperature 1
   * @param bytes of its text; none for special tokens
   */
  record Entry(int id, float logprob, int[] bytes) {}

  record Tokens(int[] tokens) {}

  record Prompt(String prompt) {}

  private final URI address;
  private final Duration patience;
  private final String key;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER) // or the key would go along
          .connectTimeout(CONNECT)
          .build();

  /**
   * @param patience longest time until an answer is there, all of it
   * @param key null for none
   */
  LlamaServer(URI address, Duration patience, String key) {
    this.address = address;
    this.patience = patience;
    this.key = key;
  }

  /** As messages call it. */
  @Override
  public String toString() {
    return "llama-server " + address;
  }

  <T> T get(String path, Class<T> type) {
    return ask(path, request(path).GET().build(), type);
  }

  <T> T post(String path, Map<String, ?> body, Class<T> type) {
    byte[] bytes;
    try {
      bytes = JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // maps of lists, numbers and texts
    }
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
            .build();
    return ask(path, request, type);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
    return key == null ? request : request.header("Authorization", "Bearer " + key);
  }

  private <T> T ask(String path, HttpRequest request, Class<T> type) {
    HttpResponse<byte[]> response = send(path, request, true);
    if (response.statusCode() != 200) {
      throw refused(path, response);
    }
    try {
      return JSON.readValue(response.body(), type);
    } catch (IOException e) {
      throw failure(
          "does not answer "
              + path
              + " as llama-server does; name the address of a recent llama-server, with no other program in"
              + " between",
          e);
    }
  }

  /**
   * @param again whether to ask once more where the connection breaks: a server may close one that
   *     it kept open just when it is used again
   */
  private HttpResponse<byte[]> send(String path, HttpRequest request, boolean again) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw failure(
          "has not answered "
              + path
              + " within "
              + patience.toSeconds()
              + " seconds; see what it is doing, or shorten the prompt",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConnectException
          || e.getCause() instanceof HttpTimeoutException) {
        throw failure("cannot be reached; start it, or name the address where it listens", e);
      }
      if (again) {
        return send(path, request, false);
      }
      throw failure("broke off while it answered " + path + "; see why in its log", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("was not waited for: interrupted", e);
    }
  }

  private ModelException refused(String path, HttpResponse<byte[]> response) {
    int status = response.statusCode();
    String said = said(response.body());
    String message =
        switch (status) {
          case 503 -> "is not ready (503" + said + "); try again when it has loaded its model";
          case 401, 403 -> "wants its key (" + status + said + "); set LLAMA_API_KEY to it";
          case 404 ->
              "has no "
                  + path
                  + " (404"
                  + said
                  + "); name the address of a llama-server, with the prefix that it was given, if any";
          default -> "refuses " + path + " (" + status + said + ")";
        };
    return failure(message, null);
  }

  /** What llama-server says of an error, its first line. */
  private static String said(byte[] body) {
    try {
      JsonNode message = JSON.readTree(body).at("/error/message");
      return message.isTextual() && !message.asText().isBlank()
          ? ": " + message.asText().strip().lines().findFirst().orElse("")
          : "";
    } catch (IOException e) {
      return "";
    }
  }

  ModelException failure(String message, Exception cause) {
    return new ModelException(this + " " + message, cause);
  }
}
