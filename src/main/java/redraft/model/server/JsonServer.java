package redraft.model.server;

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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import redraft.model.ModelException;

/**
 * A server that answers JSON to JSON. What it is posted may be asked again where it is busy or
 * broken; what it is asked by GET, which only the opening does, is asked once.
 */
class JsonServer {
  /** What messages say of a server. */
  enum Program {
    ANY("server", "LLAMA_API_KEY or OPENAI_API_KEY", "a server that lists its models"),
    LLAMA_CPP("llama-server", "LLAMA_API_KEY", "a llama-server"),
    OPENAI("server", "OPENAI_API_KEY", "a server of OpenAI's completions, such as vLLM");

    private final String name;
    private final String key;
    private final String kind;

    Program(String name, String key, String kind) {
      this.name = name;
      this.key = key;
      this.kind = kind;
    }
  }

  /** Of the connection; what it answers may take as long as a long prompt does. */
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private static final long LONGEST_WAIT_SECONDS = 60;
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Program program;
  private final URI address;
  private final ServerContact contact;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER) // or the key would go along
          .connectTimeout(CONNECT)
          .build();

  JsonServer(Program program, URI address, ServerContact contact) {
    this.program = program;
    this.address = address;
    this.contact = contact;
  }

  /** As messages call it. */
  @Override
  public String toString() {
    return program.name + " " + address;
  }

  final <T> T get(String path, Class<T> type) {
    return read(path, once(path), type);
  }

  /** Asks by GET, once, and takes every status. */
  final HttpResponse<byte[]> once(String path) {
    try {
      return send(path, request(path).GET().build());
    } catch (Passing e) {
      throw failure(e.getMessage(), e.getCause());
    }
  }

  final <T> T post(String path, Map<String, ?> body, Class<T> type) {
    return read(path, posted(path, body), type);
  }

  /**
   * Takes every status but those that may pass.
   *
   * @throws ModelException if there is no answer, or one of those after all retries
   */
  final HttpResponse<byte[]> posted(String path, Map<String, ?> body) {
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
    for (int retry = 0; ; retry++) {
      long wait = Math.min(LONGEST_WAIT_SECONDS, 1L << Math.min(retry, 30));
      try {
        HttpResponse<byte[]> response = send(path, request);
        if (!PASSING.contains(response.statusCode())) {
          return response;
        }
        if (retry == contact.retries()) {
          throw refused(path, response, times(retry));
        }
        wait = Math.max(wait, asked(response));
      } catch (Passing e) {
        if (retry == contact.retries()) {
          throw failure(e.getMessage() + times(retry), e.getCause());
        }
      }
      try {
        TimeUnit.SECONDS.sleep(wait);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  private static String times(int retries) {
    return retries == 0 ? "" : "; asked " + (retries + 1) + " times";
  }

  /** Seconds that the server asks to be left alone. */
  private static long asked(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(seconds -> seconds.matches("[0-9]{1,6}"))
        .map(seconds -> Math.min(LONGEST_WAIT_SECONDS, Long.parseLong(seconds)))
        .orElse(0L);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
    return contact.key() == null
        ? request
        : request.header("Authorization", "Bearer " + contact.key());
  }

  final <T> T read(String path, HttpResponse<byte[]> response, Class<T> type) {
    if (response.statusCode() != 200) {
      throw refused(path, response, "");
    }
    try {
      return JSON.readValue(response.body(), type);
    } catch (IOException e) {
      throw strange(path, e);
    }
  }

  /** What is said of an answer that has another form than it should have. */
  final ModelException strange(String path, Exception cause) {
    return failure(
        "does not answer "
            + path
            + (program == Program.LLAMA_CPP
                ? " as llama-server does; name the address of a recent llama-server"
                : " in JSON of that kind; name the address of " + program.kind)
            + ", with no other program in between",
        cause);
  }

  /** What may pass: no answer, or none that is whole. */
  private static final class Passing extends Exception {
    private static final long serialVersionUID = 1;

    Passing(String message, Exception cause) {
      super(message, cause);
    }
  }

  private HttpResponse<byte[]> send(String path, HttpRequest request) throws Passing {
    try {
      return sendOnce(path, request);
    } catch (ExecutionException e) {
      // a server may close a connection that it kept open just when it is used again
      try {
        return sendOnce(path, request);
      } catch (ExecutionException again) {
        throw new Passing("broke off while it answered " + path + "; see why in its log", again);
      }
    }
  }

  /**
   * @throws ExecutionException if the connection breaks
   */
  private HttpResponse<byte[]> sendOnce(String path, HttpRequest request)
      throws Passing, ExecutionException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    try {
      return answer.get(contact.patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new Passing(
          "has not answered "
              + path
              + " within "
              + contact.patience().toSeconds()
              + " seconds; see what it is doing, or shorten the prompt",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConnectException
          || e.getCause() instanceof HttpTimeoutException) {
        throw new Passing("cannot be reached; start it, or name the address where it listens", e);
      }
      throw e;
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw interrupted(e);
    }
  }

  private ModelException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return failure("was not waited for: interrupted", e);
  }

  /**
   * @param times how often it was asked, in words
   */
  private ModelException refused(String path, HttpResponse<byte[]> response, String times) {
    int status = response.statusCode();
    String said = said(response) + times;
    String message =
        switch (status) {
          case 503 -> "is not ready (503" + said + "); try again when it has loaded its model";
          case 401, 403 -> "wants its key (" + status + said + "); set " + program.key + " to it";
          case 404 ->
              "has no "
                  + path
                  + " (404"
                  + said
                  + "); name the address of "
                  + program.kind
                  + ", with the prefix that it was given, if any";
          case 301, 302, 303, 307, 308 ->
              "sends "
                  + path
                  + " elsewhere ("
                  + status
                  + "), where its key must not go; name the address that answers";
          case 429 ->
              "takes no more for now (429"
                  + said
                  + "); lower --concurrency, raise --retries, or continue later with --resume";
          default -> "refuses " + path + " (" + status + said + ")";
        };
    return failure(message, null);
  }

  /** What a server says of an error, its first line. */
  static String said(HttpResponse<byte[]> response) {
    try {
      JsonNode answer = JSON.readTree(response.body());
      for (String place : new String[] {"/error/message", "/message", "/detail", "/error"}) {
        JsonNode message = answer.at(place);
        if (message.isTextual() && !message.asText().isBlank()) {
          return ": " + message.asText().strip().lines().findFirst().orElse("");
        }
      }
      return "";
    } catch (IOException e) {
      return "";
    }
  }

  final ModelException failure(String message, Throwable cause) {
    return new ModelException(this + " " + message, cause);
  }
}
