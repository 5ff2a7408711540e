package redraft.model.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import redraft.model.LanguageModel;
import redraft.model.ModelSession;

/**
 * Serves a model on loopback as llama-server does, each token a letter from {@code first} on, the
 * last one ending a text. Misbehaves when told to.
 */
public final class ModelServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the server does in place of answering; false where it answers after all. */
  public interface Fault {
    boolean answered(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final LanguageModel model;
  private final char first;
  private final HttpServer server;
  public final AtomicInteger completions = new AtomicInteger();
  public final AtomicInteger fromTheStart = new AtomicInteger(); // completions without the cache
  public volatile Fault fault = exchange -> false;

  /** What becomes of an answer to /completion. */
  public volatile Consumer<ObjectNode> change = answer -> {};

  /** What becomes of an answer to /v1/models. */
  public volatile Consumer<ObjectNode> models = answer -> {};

  public ModelServer(LanguageModel model, char first) throws IOException {
    this.model = model;
    this.first = first;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public static Fault status(int status, String body) {
    return exchange -> {
      send(exchange, status, body);
      return true;
    };
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    try (exchange) {
      if (fault.answered(exchange)) {
        return;
      }
      String path = exchange.getRequestURI().getPath();
      ObjectNode answer =
          switch (path) {
            case "/v1/models" -> models();
            case "/props" -> properties();
            case "/tokenize" -> tokens(request.get("content").asText());
            case "/apply-template" ->
                JSON.createObjectNode()
                    .put("prompt", "ab" + request.at("/messages/0/content").asText());
            case "/completion" -> completion(request);
            default -> throw new IllegalArgumentException(path);
          };
      send(exchange, 200, answer.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ObjectNode models() {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode one = answer.putArray("data").addObject().put("id", model.name());
    one.putObject("meta").put("n_vocab", model.vocabularySize()).put("n_params", 1000);
    models.accept(answer);
    return answer;
  }

  private ObjectNode properties() {
    ObjectNode answer = JSON.createObjectNode().put("model_path", "/models/" + model.name());
    answer.putObject("default_generation_settings").put("n_ctx", model.contextLength());
    return answer;
  }

  private ObjectNode tokens(String text) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode tokens = answer.putArray("tokens");
    text.chars()
        .forEach(letter -> tokens.add(Math.floorMod(letter - first, model.vocabularySize())));
    return answer;
  }

  /**
   * One token with the probabilities of all, in single precision as llama-server has them. It gives
   * none where it generates the first token, which is a part of a character unless it is asked for.
   */
  private ObjectNode completion(JsonNode request) {
    completions.incrementAndGet();
    if (!request.get("cache_prompt").asBoolean()) {
      fromTheStart.incrementAndGet();
    }
    int[] prompt = JSON.convertValue(request.get("prompt"), int[].class);
    FloatBuffer row;
    try (ModelSession session = model.open()) {
      session.prefill(prompt, 0, prompt.length - 1);
      row = session.forward(prompt, prompt.length - 1, prompt.length).row(0);
    }
    int[] sorted =
        IntStream.range(0, row.limit())
            .boxed()
            .sorted(Comparator.comparing((Integer token) -> -row.get(token)))
            .mapToInt(Integer::intValue)
            .toArray();
    float sum = 0;
    for (int token : sorted) {
      sum += (float) Math.exp(row.get(token) - row.get(sorted[0]));
    }
    boolean forced = !request.at("/logit_bias").isEmpty();
    int generated = forced ? request.at("/logit_bias/0/0").asInt() : sorted[0];
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode positions = answer.putArray("completion_probabilities");
    ArrayNode top = JSON.createArrayNode();
    for (int token : sorted) {
      float p = (float) Math.exp(row.get(token) - row.get(sorted[0])) / sum;
      float logprob = p == 0 ? -Float.MAX_VALUE : (float) Math.log(p);
      ObjectNode entry = top.addObject().put("id", token).put("logprob", logprob);
      entry.put("token", "" + (char) (first + token)).putArray("bytes").add(first + token);
    }
    if (forced || generated != 0) {
      ObjectNode position = positions.addObject().put("id", generated);
      position.put("logprob", row.get(generated)).set("top_logprobs", top);
    }
    ArrayNode bias = answer.putObject("generation_settings").putArray("logit_bias");
    if (forced) {
      bias.addObject().put("bias", 1e6).put("token", generated);
    }
    if (request.get("ignore_eos").asBoolean()) {
      bias.addObject().put("bias", "-inf").put("token", model.vocabularySize() - 1);
    }
    change.accept(answer);
    return answer;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
