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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.Tokenizer;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;

/**
 * Serves a model on loopback with the JSON of vLLM 0.32 ({@code vllm serve}): ranks count the
 * tokens that are no less probable, probabilities are in single precision and at temperature 1, −∞
 * is −9999. It draws the tokens of a seed from the stream that it is told. Misbehaves when told to.
 */
public final class VllmServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SamplingParameters WHOLE = new SamplingParameters(1, 0, 1);

  private static final int ROWS = 32; // of a pass that reads

  private final LanguageModel model;
  private final Tokenizer tokenizer;
  private final Set<Integer> endTokens;
  private final RandomStreams streams;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Texts of the streams, by the seeds that stand for them. */
  public final Map<Long, String> texts = new ConcurrentHashMap<>();

  private final Map<String, String> tokenized = new ConcurrentHashMap<>(); // with special tokens

  public final AtomicInteger completions = new AtomicInteger();
  public final AtomicLong usage = new AtomicLong(); // tokens read and written in answers
  public final List<String> keys = new ArrayList<>(); // Authorization of each request, or null
  private final AtomicInteger busy = new AtomicInteger();
  public final AtomicInteger mostBusy = new AtomicInteger();

  public volatile ModelServer.Fault fault = exchange -> false;
  public volatile Consumer<ObjectNode> change = answer -> {}; // of /v1/completions
  public volatile Consumer<ObjectNode> models = answer -> {}; // of /v1/models
  public volatile int contextLength;
  public volatile boolean tokenizes = true;

  public VllmServer(
      LanguageModel model, Tokenizer tokenizer, Set<Integer> endTokens, RandomStreams streams)
      throws IOException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.endTokens = endTokens;
    this.streams = streams;
    contextLength = model.contextLength();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    mostBusy.accumulateAndGet(busy.incrementAndGet(), Math::max);
    try {
      synchronized (keys) {
        keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
      }
      if (!fault.answered(exchange)) {
        answer(exchange, body.length == 0 ? null : JSON.readTree(body));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      refuse(exchange, 500, "InternalServerError", e.toString());
    } finally {
      exchange.close();
      busy.decrementAndGet();
    }
  }

  private void answer(HttpExchange exchange, JsonNode request) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/v1/models")) {
      send(exchange, 200, models());
    } else if (path.equals("/tokenize") && tokenizes) {
      send(exchange, 200, tokenize(request));
    } else if (path.equals("/detokenize") && tokenizes) {
      send(
          exchange,
          200,
          JSON.createObjectNode()
              .put("prompt", tokenized.get(Arrays.toString(tokens(request, "tokens")))));
    } else if (path.equals("/v1/completions")) {
      completions.incrementAndGet();
      complete(exchange, request);
    } else {
      send(exchange, 404, JSON.createObjectNode().put("detail", "Not Found"));
    }
  }

  private static void send(HttpExchange exchange, int status, ObjectNode answer)
      throws IOException {
    byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void refuse(HttpExchange exchange, int status, String type, String message)
      throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putObject("error")
        .put("message", message)
        .put("type", type)
        .putNull("param")
        .put("code", status);
    send(exchange, status, answer);
  }

  private ObjectNode models() {
    ObjectNode answer = JSON.createObjectNode().put("object", "list");
    ObjectNode one = answer.putArray("data").addObject().put("id", model.name());
    one.put("object", "model").put("owned_by", "vllm").put("root", "/models/" + model.name());
    one.putNull("parent").put("max_model_len", contextLength);
    models.accept(answer);
    return answer;
  }

  private ObjectNode tokenize(JsonNode request) {
    String text =
        request.has("messages")
            ? "User: " + request.at("/messages/0/content").asText() + "\nAnswer:"
            : request.get("prompt").asText();
    int[] tokens = tokenizer.encode(text);
    tokenized.put(Arrays.toString(tokens), text);
    ObjectNode answer = JSON.createObjectNode().put("count", tokens.length);
    answer.put("max_model_len", contextLength).set("tokens", JSON.valueToTree(tokens));
    return answer.putNull("token_strs");
  }

  private static int[] tokens(JsonNode request, String field) {
    return JSON.convertValue(request.get(field), int[].class);
  }

  private void complete(HttpExchange exchange, JsonNode request) throws IOException {
    if (!request.path("model").asText().equals(model.name())) {
      refuse(
          exchange,
          404,
          "NotFoundError",
          "The model `" + request.path("model").asText() + "` does not exist.");
      return;
    }
    for (String token : (Iterable<String>) () -> request.path("logit_bias").fieldNames()) {
      if (Long.parseLong(token) >= model.vocabularySize()) {
        refuse(
            exchange,
            400,
            "BadRequestError",
            "token_id(s) ["
                + token
                + "] in logit_bias contain out-of-vocab token ids. Vocabulary size: "
                + model.vocabularySize()
                + " (parameter=logit_bias, value=["
                + token
                + "])");
        return;
      }
    }
    int[] prompt =
        request.get("prompt").isTextual()
            ? tokenizer.encode(request.get("prompt").asText())
            : tokens(request, "prompt");
    int most = request.get("max_tokens").asInt();
    if (prompt.length + most > contextLength) {
      refuse(
          exchange,
          400,
          "BadRequestError",
          "This model's maximum context length is " + contextLength + " tokens.");
      return;
    }
    ObjectNode answer;
    synchronized (model) {
      answer = completion(request, prompt, most);
    }
    change.accept(answer);
    usage.addAndGet(answer.at("/usage/total_tokens").asLong());
    send(exchange, 200, answer);
  }

  private ObjectNode completion(JsonNode request, int[] prompt, int most) {
    SamplingParameters sampling =
        new SamplingParameters(request.get("temperature").asDouble(), 0, 1);
    String text = texts.getOrDefault(request.path("seed").asLong(), "unknown");
    List<Double> written = new ArrayList<>();
    Continuation continuation;
    try (PlainDecoding decoding = new PlainDecoding(model, sampling, new Limits(most, endTokens))) {
      continuation =
          decoding.run(
              prompt, streams, text, (token, logits, p) -> written.add(logprob(logits, 0, token)));
    }
    ObjectNode answer =
        JSON.createObjectNode().put("id", "cmpl-1").put("object", "text_completion");
    ObjectNode choice = answer.put("model", model.name()).putArray("choices").addObject();
    choice.put("index", 0).put("text", tokenizer.decode(continuation.tokens()));
    if (request.has("logprobs")) {
      ObjectNode logprobs = choice.putObject("logprobs");
      ArrayNode numbers = logprobs.putArray("token_logprobs");
      ArrayNode names = logprobs.putArray("tokens");
      for (int i = 0; i < written.size(); i++) {
        numbers.add(written.get(i).floatValue());
        names.add(
            request.path("return_tokens_as_token_ids").asBoolean()
                ? "token_id:" + continuation.tokens()[i]
                : tokenizer.decode(new int[] {continuation.tokens()[i]}));
      }
    }
    choice.put("finish_reason", continuation.ended() ? "stop" : "length").putNull("stop_reason");
    boolean ids = request.path("return_token_ids").asBoolean();
    choice.set("token_ids", ids ? JSON.valueToTree(continuation.tokens()) : null);
    choice.set("prompt_token_ids", ids ? JSON.valueToTree(prompt) : null);
    choice.set("prompt_logprobs", request.has("prompt_logprobs") ? read(prompt) : null);
    answer
        .putObject("usage")
        .put("prompt_tokens", prompt.length)
        .put("completion_tokens", continuation.tokens().length)
        .put("total_tokens", prompt.length + continuation.tokens().length);
    return answer;
  }

  private ArrayNode read(int[] text) {
    ArrayNode positions = JSON.createArrayNode().addNull();
    try (ModelSession session = model.open()) {
      for (int begin = 0; begin < text.length - 1; begin += ROWS) {
        int end = Math.min(begin + ROWS, text.length - 1);
        Logits logits = session.forward(text, begin, end);
        for (int t = begin; t < end; t++) {
          entry(positions.addObject(), logits, t - begin, text[t + 1]);
        }
      }
    }
    return positions;
  }

  private void entry(ObjectNode position, Logits logits, int row, int token) {
    FloatBuffer values = logits.row(row);
    int rank = 0;
    for (int other = 0; other < values.limit(); other++) {
      rank += values.get(other) >= values.get(token) ? 1 : 0;
    }
    position
        .putObject(String.valueOf(token))
        .put("logprob", (float) logprob(logits, row, token))
        .put("rank", rank)
        .put("decoded_token", tokenizer.decode(new int[] {token}));
  }

  private static double logprob(Logits logits, int row, int token) {
    return Math.max(-9999, Math.log(logits.distribution(row, WHOLE).probability(token)));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
