package redraft.model.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Serves the folders OWNER/NAME of a folder as the Hugging Face hub serves repositories, on
 * loopback, and misbehaves when told to. Small files come by a relative redirect to a cache of the
 * hub, ONNX files by a redirect to a signed address of another server.
 *
 * <p>By hand: {@code HubServer FOLDER [--cut]} serves the shipped pair; see docs/models.md.
 */
public final class HubServer implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private static final Pattern RESOLVE = Pattern.compile("/([^/]+/[^/]+)/resolve/([^/]+)/(.+)");
  private static final Pattern CACHED =
      Pattern.compile("/api/resolve-cache/models/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)");
  private static final Pattern ELSEWHERE = Pattern.compile("/lfs/([^/]+/[^/]+)/(.+)");

  /** One request, as it came. */
  record Request(boolean toHub, String method, String path, String range, String authorization) {}

  /** What is done in place of the right answer; {@code body} is that of the whole file. */
  @FunctionalInterface
  interface Fault {
    void answer(HttpExchange exchange, byte[] body) throws IOException;
  }

  private final Path root;
  private final HttpServer hub;
  private final HttpServer elsewhere;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
  final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  volatile String commit = COMMIT; // of "main", in every repository
  public volatile String token; // which every request needs; null for none

  public HubServer(Path root, int port) throws IOException {
    this.root = root;
    hub = server(port, this::answerAsHub);
    elsewhere = server(0, this::answerElsewhere);
  }

  private HttpServer server(int port, com.sun.net.httpserver.HttpHandler handler)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", handler);
    server.start();
    return server;
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public String endpoint() {
    return address(hub);
  }

  /** Misbehaves at the next GET requests for the bytes of a file, once for each fault. */
  void next(String file, Fault... once) {
    faults.computeIfAbsent(file, key -> new ArrayDeque<>()).addAll(List.of(once));
  }

  /** Requests for the bytes of a file. */
  List<Request> bodies(String file) {
    return requests.stream()
        .filter(
            request ->
                request.method.equals("GET")
                    && request.path.endsWith("/" + file)
                    && !request.path.contains("/resolve/"))
        .toList();
  }

  static Fault status(int status, String... headers) {
    return (exchange, body) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** Closes the connection after that many bytes of a full answer. */
  static Fault cut(int bytes) {
    return (exchange, body) -> {
      int from = from(exchange);
      exchange.getResponseHeaders().set("Content-Range", range(from, body));
      exchange.sendResponseHeaders(from == 0 ? 200 : 206, body.length - from);
      exchange.getResponseBody().write(body, from, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** Sends all of this, whatever was asked for. */
  static Fault instead(byte[] other) {
    return (exchange, body) -> {
      exchange.sendResponseHeaders(200, other.length);
      exchange.getResponseBody().write(other);
    };
  }

  private void answerAsHub(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = record(exchange, true);
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      Matcher cached = CACHED.matcher(path);
      if (cached.matches()) {
        byte[] body = Files.readAllBytes(root.resolve(cached.group(1)).resolve(cached.group(3)));
        exchange.getResponseHeaders().set("ETag", "\"" + gitBlobHash(body) + "\"");
        exchange.getResponseHeaders().set("X-Repo-Commit", cached.group(2));
        send(exchange, cached.group(3), body);
        return;
      }
      Matcher resolve = RESOLVE.matcher(path);
      if (!resolve.matches()) {
        refuse(exchange, 404, null);
        return;
      }
      String file = resolve.group(3);
      Path repository = root.resolve(resolve.group(1));
      if (token != null && !("Bearer " + token).equals(authorization)) {
        refuse(exchange, authorization == null ? 401 : 403, "GatedRepo");
      } else if (!Files.isDirectory(repository)) {
        refuse(exchange, authorization == null ? 401 : 404, "RepoNotFound");
      } else if (!List.of("main", COMMIT, commit).contains(resolve.group(2))) {
        refuse(exchange, 404, "RevisionNotFound");
      } else if (!Files.isRegularFile(repository.resolve(file))) {
        refuse(exchange, 404, "EntryNotFound");
      } else {
        redirect(exchange, resolve.group(1), resolve.group(2), file);
      }
    }
  }

  private void redirect(HttpExchange exchange, String repository, String revision, String file)
      throws IOException {
    String at = revision.equals("main") ? commit : revision;
    exchange.getResponseHeaders().set("X-Repo-Commit", at);
    if (file.contains(".onnx")) {
      byte[] body = Files.readAllBytes(root.resolve(repository).resolve(file));
      exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(body.length));
      exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + DigestUtils.sha256Hex(body) + "\"");
      exchange.getResponseHeaders().set("ETag", "\"of the redirect, not of the file\"");
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              address(elsewhere) + "/lfs/" + repository + "/" + file + "?Signature=s3cret");
      exchange.sendResponseHeaders(302, -1);
    } else {
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              "/api/resolve-cache/models/" + repository + "/" + at + "/" + file + "?e=1");
      exchange.sendResponseHeaders(307, -1);
    }
  }

  private void answerElsewhere(HttpExchange exchange) throws IOException {
    try (exchange) {
      Matcher path = ELSEWHERE.matcher(record(exchange, false));
      if (!path.matches() || !"Signature=s3cret".equals(exchange.getRequestURI().getQuery())) {
        refuse(exchange, 403, null);
        return;
      }
      byte[] body = Files.readAllBytes(root.resolve(path.group(1)).resolve(path.group(2)));
      exchange.getResponseHeaders().set("ETag", "\"a hash of its own\"");
      send(exchange, path.group(2), body);
    }
  }

  private String record(HttpExchange exchange, boolean toHub) {
    String path = exchange.getRequestURI().getPath();
    requests.add(
        new Request(
            toHub,
            exchange.getRequestMethod(),
            path,
            exchange.getRequestHeaders().getFirst("Range"),
            exchange.getRequestHeaders().getFirst("Authorization")));
    return path;
  }

  private void send(HttpExchange exchange, String file, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    Deque<Fault> queue = faults.get(file);
    Fault fault = queue == null ? null : queue.poll();
    if (fault != null) {
      fault.answer(exchange, body);
      return;
    }
    int from = from(exchange);
    if (from >= body.length && from > 0) {
      refuse(exchange, 416, null);
      return;
    }
    if (from > 0) {
      exchange.getResponseHeaders().set("Content-Range", range(from, body));
    }
    exchange.sendResponseHeaders(from == 0 ? 200 : 206, body.length == 0 ? -1 : body.length - from);
    exchange.getResponseBody().write(body, from, body.length - from);
  }

  private static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
  }

  private static String range(int from, byte[] body) {
    return "bytes " + from + "-" + (body.length - 1) + "/" + body.length;
  }

  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    if (code != null) {
      exchange.getResponseHeaders().set("X-Error-Code", code);
    }
    exchange.sendResponseHeaders(status, -1);
  }

  private static String gitBlobHash(byte[] body) {
    MessageDigest digest = DigestUtils.getSha1Digest();
    DigestUtils.updateDigest(digest, "blob " + body.length + "\0");
    return Hex.encodeHexString(digest.digest(body));
  }

  @Override
  public void close() {
    hub.stop(0);
    elsewhere.stop(0);
    threads.shutdownNow();
  }

  /** Serves the shipped pair until it is stopped. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Path catalogue = DemoRepositories.ofShippedPair(folder);
    HubServer server = new HubServer(folder, 0);
    if (Arrays.asList(arguments).contains("--cut")) {
      server.next("onnx/model.onnx", cut(9_000_000));
    }
    System.out.println("a hub with the repositories demo/tiny-target and demo/tiny-draft; try:");
    System.out.println(
        "HF_ENDPOINT="
            + server.endpoint()
            + " scripts/redraft models pull demo --catalogue "
            + catalogue
            + " --to "
            + folder.resolve("pulled"));
    Thread.currentThread().join();
  }
}
