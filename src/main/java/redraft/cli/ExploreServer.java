package redraft.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import redraft.report.ExplorePage;

/**
 * Serves the page of {@code explore} and its questions on the loopback interface, to who knows the
 * address alone: a secret is its first part. Requests under another host's name, of another origin
 * or another site are refused, so that no page of elsewhere can ask (DNS rebinding, cross-site
 * requests).
 */
final class ExploreServer implements AutoCloseable {
  private static final int SECRET_BYTES = 16;
  private static final int LONGEST_QUERY = 8192; // characters
  private static final int THREADS = 4; // the engine uses all processors for one question
  private static final int WAITING = 16; // connections

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final ExploreAnswers answers;
  private final byte[] secret;
  private final byte[] page;

  /** What is sent back. */
  private record Reply(int status, String type, byte[] body) {
    static Reply text(int status, String text) {
      return new Reply(
          status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static Reply json(int status, byte[] body) {
      return new Reply(status, "application/json", body);
    }
  }

  private ExploreServer(HttpServer server, ExploreFolder folder) throws IOException {
    this.server = server;
    byte[] random = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(random);
    secret = HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
    answers = new ExploreAnswers(folder);
    page = ExplorePage.of(answers.choices()).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param port 0 for any that is free
   */
  static ExploreServer start(ExploreFolder folder, int port) throws IOException {
    HttpServer http =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
            WAITING);
    ExploreServer server = new ExploreServer(http, folder);
    http.createContext("/", server::handle);
    http.setExecutor(server.threads);
    http.start();
    return server;
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** To open in a browser. */
  String address() {
    return "http://" + host() + "/" + new String(secret, StandardCharsets.US_ASCII) + "/";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (RuntimeException e) { // such as no memory for an answer: the next may do
        reply = Reply.text(500, "this failed: " + e.getClass().getSimpleName());
      }
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", reply.type);
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer"); // the address is a secret
      headers.set("Content-Security-Policy", "frame-ancestors 'none'");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Cross-Origin-Opener-Policy", "same-origin");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(reply.status, head ? -1 : reply.body.length);
      if (!head) {
        exchange.getResponseBody().write(reply.body);
      }
    }
  }

  private Reply reply(HttpExchange exchange) {
    if (!isOurs(exchange)) {
      return Reply.text(403, "this page answers on http://" + host() + " and to itself alone");
    }
    String path = exchange.getRequestURI().getRawPath();
    String[] parts = path.split("/", 3); // "", the secret, the rest
    byte[] said = parts.length < 2 ? new byte[0] : parts[1].getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(said, secret) || parts.length < 3) {
      return Reply.text(404, "nothing is here; open the address that redraft explore printed");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Reply.text(405, method + " is not answered; GET is");
    }
    if (parts[2].isEmpty()) {
      return new Reply(200, "text/html; charset=utf-8", page);
    }
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null && query.length() > LONGEST_QUERY) {
      return Reply.text(414, "a question has at most " + LONGEST_QUERY + " characters");
    }
    try {
      return Reply.json(200, answers.answer(parts[2], parameters(query)));
    } catch (ExploreAnswers.NoSuchQuestion e) {
      return Reply.text(404, e.getMessage());
    } catch (ExploreAnswers.Superseded e) {
      return Reply.text(409, "something else was asked since");
    } catch (IllegalArgumentException e) {
      return Reply.text(400, e.getMessage());
    } catch (IOException e) {
      return Reply.text(500, e.getMessage());
    }
  }

  /** Whether a request was sent to this address by name, by nobody or by this page itself. */
  private boolean isOurs(HttpExchange exchange) {
    List<String> hosts = exchange.getRequestHeaders().get("Host");
    List<String> origins = exchange.getRequestHeaders().get("Origin");
    List<String> sites = exchange.getRequestHeaders().get("Sec-Fetch-Site");
    return exchange.getRemoteAddress().getAddress().isLoopbackAddress()
        && List.of(host()).equals(hosts)
        && (origins == null || List.of("http://" + host()).equals(origins))
        && (sites == null || sites.equals(List.of("none")) || sites.equals(List.of("same-origin")));
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String part : query.split("&")) {
      int is = part.indexOf('=');
      String name = decoded(is < 0 ? part : part.substring(0, is));
      if (parameters.put(name, is < 0 ? "" : decoded(part.substring(is + 1))) != null) {
        throw new IllegalArgumentException("'" + name + "' is asked for twice");
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Ends it at once, whatever is being answered. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
