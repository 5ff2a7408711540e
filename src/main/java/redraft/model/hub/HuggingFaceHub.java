package redraft.model.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import redraft.model.ModelException;

/**
 * The Hugging Face hub: all that Redraft knows of its addresses, headers, hashes and refusals.
 *
 * <p>{@code /REPOSITORY/resolve/REVISION/FILE} answers a small file kept in git after a relative
 * redirect to a cache of the hub, and a large one (LFS, Xet) with a redirect to a signed address
 * elsewhere. On the way {@code X-Repo-Commit} names the commit, {@code X-Linked-Size} and {@code
 * X-Linked-ETag} size and SHA-256 of a large file; a small one's {@code ETag} is its git blob hash.
 * What is wrong stands in {@code X-Error-Code}. So read in the source of huggingface_hub
 * (file_download.py, utils/_http.py).
 *
 * <p>The token goes to the hub alone: redirects are followed here, and one that leaves the hub's
 * scheme, host and port goes without it.
 */
public final class HuggingFaceHub {
  public static final String ENDPOINT = "https://huggingface.co";

  private static final int TRIES = 5; // without a new byte in between
  private static final int MOST_REDIRECTS = 10;
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofSeconds(60); // until the headers are there
  private static final int SLOWEST = 1024; // bytes a second of a body, over one stall
  private static final int LONGEST_SHOWN = 200; // characters of what an answer holds
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5); // that a server may ask for

  /**
   * One file at one commit.
   *
   * @param bytes its size
   * @param hash SHA-256 (64 hex digits), or the SHA-1 of its git blob (40)
   */
  public record RemoteFile(
      String repository, String commit, String path, long bytes, String hash) {}

  /**
   * How the hub is reached.
   *
   * @param token null for none
   * @param environment where proxies are named
   */
  public record Access(URI endpoint, String token, Map<String, String> environment) {
    /**
     * @throws IllegalArgumentException if one of them cannot be one
     */
    public static Access of(String endpoint, Map<String, String> environment) {
      String address = endpoint.strip().replaceFirst("/+$", "");
      URI uri = null;
      try {
        uri = URI.create(address);
      } catch (IllegalArgumentException e) {
        // said below
      }
      if (uri == null || !isAddress(uri)) {
        throw new IllegalArgumentException(
            "'" + endpoint + "' is no address of a hub, such as " + ENDPOINT + " (HF_ENDPOINT)");
      }
      String token = environment.getOrDefault("HF_TOKEN", "").strip();
      if (!token.matches("[!-~]*")) {
        throw new IllegalArgumentException(
            "HF_TOKEN is no token: it holds a character that tokens do not have");
      }
      return new Access(uri, token.isEmpty() ? null : token, environment);
    }
  }

  /** How waiting is done; tests do not wait. */
  @FunctionalInterface
  interface Waiting {
    void await(Duration duration) throws InterruptedException;
  }

  private final Access access;
  private final Consumer<String> notes;
  private final Waiting waiting;
  private final Duration stall;
  private final HttpClient client;

  /**
   * @param notes told, one line each, what went wrong and is tried again
   */
  public HuggingFaceHub(Access access, Consumer<String> notes) {
    this(
        access,
        notes,
        duration -> TimeUnit.MILLISECONDS.sleep(duration.toMillis()),
        Duration.ofSeconds(60));
  }

  /**
   * @param stall longest silence within a body
   */
  HuggingFaceHub(Access access, Consumer<String> notes, Waiting waiting, Duration stall) {
    this.access = access;
    this.notes = notes;
    this.waiting = waiting;
    this.stall = stall;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER) // or the token would go along
            .connectTimeout(CONNECT);
    EnvironmentProxies.configure(builder, access.environment);
    client = builder.build();
  }

  /**
   * Finds a file: which commit the revision is, how large the file is, and its hash.
   *
   * @return empty if the repository has that revision, but not that file
   * @throws ModelException if the hub refuses or cannot be reached
   */
  public Optional<RemoteFile> find(String repository, String revision, String path) {
    URI uri = address(repository, revision, path);
    return trying(path + " of " + repository, () -> 0, () -> head(uri, repository, revision, path));
  }

  private Optional<RemoteFile> head(URI uri, String repository, String revision, String path)
      throws IOException {
    Answer answer = send("HEAD", uri, 0, path, repository);
    answer.response.body().close();
    if (answer.status() == 404
        && !answer.names("RepoNotFound")
        && !answer.names("RevisionNotFound")) {
      return Optional.empty();
    }
    if (answer.status() != 200 && !answer.left) {
      throw refusal(answer, path, repository, revision);
    }
    String commit = answer.linked("X-Repo-Commit");
    String hash = answer.linked("X-Linked-ETag");
    String size = answer.linked("X-Linked-Size");
    if (!answer.left) {
      hash = hash == null ? answer.header("ETag") : hash;
      size = size == null ? answer.header("Content-Length") : size;
    }
    // ETag: "abc", or W/"abc" where something on the way recoded the body
    hash = hash == null ? "" : hash.replaceFirst("^W/", "").replace("\"", "");
    if (commit == null
        || !commit.matches("[0-9a-f]{40}")
        || !hash.matches("[0-9a-f]{40}|[0-9a-f]{64}")
        || size == null
        || !size.matches("\\d{1,18}")) {
      throw new ModelException(
          what(path, repository)
              + uri
              + " names no commit, size and hash of it, as the Hugging Face hub does"
              + " (X-Repo-Commit, X-Linked-Size, ETag); see that HF_ENDPOINT is a hub");
    }
    return Optional.of(new RemoteFile(repository, commit, path, Long.parseLong(size), hash));
  }

  /**
   * A file that has to be there.
   *
   * @throws ModelException if it is not, or if the hub refuses or cannot be reached
   */
  public RemoteFile require(String repository, String revision, String path) {
    return find(repository, revision, path)
        .orElseThrow(
            () ->
                new ModelException(
                    what(path, repository)
                        + address(repository, revision, path)
                        + " answered 404: there is no such file at that revision; look at "
                        + access.endpoint
                        + "/"
                        + repository
                        + "/tree/"
                        + revision
                        + " and correct the catalogue"));
  }

  /**
   * Downloads a file, or the rest of it where {@code partial} holds its beginning, and checks size
   * and hash. What arrived stays in {@code partial} when this fails, unless it is wrong.
   *
   * @param arrived told how many bytes are there, beginning with those of {@code partial}
   * @return the SHA-256 of the file
   * @throws ModelException if the hub refuses, cannot be reached or sent something else
   */
  public String download(RemoteFile file, Path partial, LongConsumer arrived) {
    String what = file.path + " of " + file.repository;
    if (bytesOf(partial) > file.bytes) {
      remove(partial);
    }
    if (bytesOf(partial) > 0 && bytesOf(partial) < file.bytes) {
      notes.accept(
          String.format(
              Locale.ROOT, "%s: resumes at %,d of %,d bytes", what, bytesOf(partial), file.bytes));
    }
    while (bytesOf(partial) < file.bytes || !Files.exists(partial)) {
      trying(
          what,
          () -> bytesOf(partial),
          () -> {
            append(file, partial, arrived);
            return null;
          });
    }
    arrived.accept(file.bytes);
    try {
      return verified(file, partial);
    } catch (ModelException e) {
      remove(partial);
      throw e;
    }
  }

  /**
   * Checks a file against the hub's size and hash.
   *
   * @return its SHA-256
   * @throws ModelException if it is another file
   */
  public static String verified(RemoteFile file, Path local) {
    String sha256;
    String actual;
    boolean large = file.hash.length() == 64;
    try {
      sha256 = new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(local);
      actual = large ? sha256 : gitBlobHash(local);
    } catch (IOException e) {
      throw new ModelException(local + " cannot be read: " + e.getMessage(), e);
    }
    if (!actual.equals(file.hash)) {
      throw new ModelException(
          what(file.path, file.repository)
              + "what arrived is another file: its "
              + (large ? "SHA-256" : "git blob hash")
              + " is "
              + actual
              + ", the hub names "
              + file.hash
              + "; it was thrown away, run again to fetch it anew");
    }
    return sha256;
  }

  /** SHA-1 of {@code blob SIZE\0} and the content, as git names a file. */
  private static String gitBlobHash(Path file) throws IOException {
    MessageDigest digest = DigestUtils.getSha1Digest();
    DigestUtils.updateDigest(digest, "blob " + Files.size(file) + "\0");
    return Hex.encodeHexString(DigestUtils.updateDigest(digest, file).digest());
  }

  private void append(RemoteFile file, Path partial, LongConsumer arrived) throws IOException {
    long have = bytesOf(partial);
    URI uri = address(file.repository, file.commit, file.path);
    Answer answer = send("GET", uri, have, file.path, file.repository);
    try (InputStream body = answer.response.body()) {
      int status = answer.status();
      if (status == 416 || status == 206 && !startsAt(have, answer)) {
        remove(partial);
        throw new Passing(
            what(file.path, file.repository)
                + bare(answer.uri)
                + " does not continue at byte "
                + have
                + (status == 416 ? " (416)" : " (Content-Range)"));
      }
      if (status != 200 && status != 206) {
        throw refusal(answer, file.path, file.repository, file.commit);
      }
      long from = status == 206 ? have : 0; // 200: the whole of it, whatever was asked for
      long length = answer.response.headers().firstValueAsLong("Content-Length").orElse(-1);
      if (length >= 0 && from + length != file.bytes) {
        throw wrongSize(file, from + length);
      }
      copy(file, body, partial, from, arrived);
    }
    if (bytesOf(partial) < file.bytes) {
      throw new Passing(cut(file, partial, "it ended early"));
    }
  }

  private void copy(
      RemoteFile file, InputStream body, Path partial, long from, LongConsumer arrived)
      throws IOException {
    long there = from;
    AtomicLong lastByte = new AtomicLong(System.nanoTime());
    AtomicLong window = new AtomicLong(); // bytes of the body since the last look at its rate
    AtomicBoolean slow = new AtomicBoolean();
    // A read of a body waits for ever; closing the body ends it.
    ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "redraft-stall");
              thread.setDaemon(true);
              return thread;
            });
    watch.scheduleWithFixedDelay(
        () -> {
          if (System.nanoTime() - lastByte.get() > stall.toNanos()) {
            close(body);
          }
        },
        stall.toMillis() / 4 + 1,
        stall.toMillis() / 4 + 1,
        TimeUnit.MILLISECONDS);
    watch.scheduleWithFixedDelay(
        () -> {
          if (window.getAndSet(0) < SLOWEST * stall.toMillis() / 1000) {
            slow.set(true);
            close(body);
          }
        },
        stall.toMillis(),
        stall.toMillis(),
        TimeUnit.MILLISECONDS);
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = open(partial, from == 0)) {
      while (true) {
        int count;
        try {
          count = body.read(buffer);
        } catch (IOException e) {
          boolean silent = System.nanoTime() - lastByte.get() > stall.toNanos();
          String why =
              silent
                  ? "nothing more came"
                  : slow.get() ? "slower than " + SLOWEST + " bytes a second" : reason(e);
          throw new Passing(cut(file, partial, why), null, slow.get());
        }
        if (count == -1) {
          return;
        }
        lastByte.set(System.nanoTime());
        window.addAndGet(count);
        there += count;
        if (there > file.bytes) {
          throw wrongSize(file, there);
        }
        write(out, buffer, count, partial);
        arrived.accept(there);
      }
    } catch (ModelException e) {
      if (there > file.bytes) {
        remove(partial);
      }
      throw e;
    } finally {
      watch.shutdownNow();
    }
  }

  private static OutputStream open(Path partial, boolean anew) {
    try {
      return Files.newOutputStream(
          partial,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          anew ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw unwritable(partial, e);
    }
  }

  private static void write(OutputStream out, byte[] buffer, int count, Path partial) {
    try {
      out.write(buffer, 0, count);
    } catch (IOException e) {
      throw unwritable(partial, e);
    }
  }

  /** A full disk is no network failure: trying again would not help. */
  private static ModelException unwritable(Path partial, IOException e) {
    return new ModelException(
        partial
            + " cannot be written: "
            + reason(e)
            + "; what arrived is kept, make room or name another directory with --to, and run again",
        e);
  }

  private static boolean startsAt(long byteIndex, Answer answer) {
    String range = answer.header("Content-Range");
    return range != null && range.matches("bytes " + byteIndex + "-\\d+/.+");
  }

  private static String cut(RemoteFile file, Path partial, String why) {
    return String.format(
        Locale.ROOT,
        "%sthe connection broke after %,d of %,d bytes (%s)",
        what(file.path, file.repository),
        bytesOf(partial),
        file.bytes,
        why);
  }

  private static ModelException wrongSize(RemoteFile file, long bytes) {
    return new ModelException(
        String.format(
            Locale.ROOT,
            "%ssize of what is sent: %,d bytes or more, the hub names %,d; run again, and look at the proxy or"
                + " mirror in between if it stays so",
            what(file.path, file.repository),
            bytes,
            file.bytes));
  }

  /**
   * The end of a chain of redirects.
   *
   * @param first the headers of the hub's own answers, the last value of each
   * @param left whether the last answer is a redirect away from the hub, not followed
   */
  private record Answer(
      HttpResponse<InputStream> response, URI uri, Map<String, String> first, boolean left) {
    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    /** A header that any of the hub's answers on the way had. */
    String linked(String name) {
      return first.get(name);
    }

    boolean names(String error) {
      return error.equals(header("X-Error-Code"));
    }
  }

  /** Sends a request and follows redirects; a HEAD request stays with the hub. */
  private Answer send(String method, URI start, long from, String path, String repository)
      throws IOException {
    Map<String, String> linked = new HashMap<>();
    URI uri = start;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri)
              .timeout(ANSWER)
              .header("User-Agent", "redraft")
              .header("Accept-Encoding", "identity") // sizes are those of the file itself
              .method(method, HttpRequest.BodyPublishers.noBody());
      if (access.token != null && isHub(uri)) {
        request.header("Authorization", "Bearer " + access.token);
      }
      if (from > 0) {
        request.header("Range", "bytes=" + from + "-");
      }
      HttpResponse<InputStream> response = exchange(request.build(), path, repository);
      if (isHub(uri)) {
        Stream.of("X-Repo-Commit", "X-Linked-ETag", "X-Linked-Size")
            .forEach(
                name -> response.headers().firstValue(name).ifPresent(it -> linked.put(name, it)));
      }
      String location = response.headers().firstValue("Location").orElse(null);
      boolean redirect = response.statusCode() / 100 == 3 && location != null;
      URI next = redirect ? target(uri, location, path, repository) : null;
      boolean leaves = redirect && !isHub(next);
      if (!redirect || leaves && method.equals("HEAD")) {
        return new Answer(response, uri, linked, leaves);
      }
      response.body().close();
      if (uri.getScheme().equalsIgnoreCase("https")
          && !"https".equalsIgnoreCase(next.getScheme())) {
        throw new ModelException(
            what(path, repository)
                + uri
                + " leads to "
                + bare(next)
                + ", which is not HTTPS; refused");
      }
      uri = next;
    }
    throw new ModelException(
        what(path, repository) + start + " leads from one redirect to the next; gave up");
  }

  private static URI target(URI uri, String location, String path, String repository) {
    try {
      URI next = uri.resolve(location);
      if (isAddress(next)) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new ModelException(
        what(path, repository)
            + bare(uri)
            + " leads to what is no HTTP address: "
            + shortened(location.replaceFirst("\\?.*", "")));
  }

  /** Whether a request can be sent there. */
  private static boolean isAddress(URI uri) {
    return uri.getHost() != null
        && String.valueOf(uri.getScheme()).matches("(?i)https?")
        && uri.getPort() != 0
        && uri.getPort() <= 65_535;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  private HttpResponse<InputStream> exchange(HttpRequest request, String path, String repository)
      throws IOException {
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() == 407) { // has no body where a tunnel was asked for
        throw new ModelException(
            what(path, repository)
                + bare(request.uri())
                + ": the proxy answered 407, it wants a login that is right; give it in the address,"
                + " as in HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT");
      }
      return response;
    } catch (IllegalArgumentException e) { // of Java's client, for a length that is no number
      throw new Passing(
          what(path, repository)
              + bare(request.uri())
              + " answers what is no HTTP: "
              + reason(e)
              + "; see that HF_ENDPOINT is a hub, and no proxy or mirror in between is broken");
    } catch (SSLException e) {
      throw new ModelException(
          what(path, repository)
              + bare(request.uri())
              + " cannot be trusted: "
              + reason(e)
              + "; a proxy that opens TLS needs its certificate in Java's trust store"
              + " (JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE)",
          e);
    } catch (IOException e) {
      throw new Passing(
          what(path, repository)
              + bare(request.uri())
              + " cannot be reached: "
              + reason(e)
              + "; see that the network is up, and set HTTPS_PROXY or HF_ENDPOINT where one is needed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelException(what(path, repository) + "interrupted", e);
    }
  }

  private boolean isHub(URI uri) {
    URI hub = access.endpoint;
    return hub.getScheme().equalsIgnoreCase(uri.getScheme())
        && hub.getHost().equalsIgnoreCase(uri.getHost())
        && port(hub) == port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() != -1
        ? uri.getPort()
        : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  /** What to tell of an answer that is no file: a failure that may pass, or one that will not. */
  private IOException refusal(Answer answer, String path, String repository, String revision) {
    int status = answer.status();
    String code = answer.header("X-Error-Code");
    String said =
        what(path, repository)
            + bare(answer.uri)
            + " answered "
            + status
            + (code == null ? "" : " (" + shortened(code) + ")");
    String page = access.endpoint + "/" + repository;
    if (status == 429) {
      return new Passing(
          said + ": too many requests; wait, or set HF_TOKEN for a higher limit", asked(answer));
    }
    if (!isHub(answer.uri) && status / 100 == 4) {
      return new Passing(said + "; a signed address that has run out is asked for again");
    }
    if (status >= 500 || status == 408) {
      return new Passing(said + ": the server is in trouble", asked(answer));
    }
    if (answer.names("GatedRepo") || status == 403) {
      throw new ModelException(
          said
              + ": access is not granted; accept the licence at "
              + page
              + (access.token == null
                  ? " and set HF_TOKEN to a token of that account"
                  : " with the account of HF_TOKEN, and see that the token may read it"));
    }
    if (status == 401) {
      throw new ModelException(
          said
              + (access.token == null
                  ? ": there is no such repository, or it is not public; look at "
                      + page
                      + ", and set HF_TOKEN if it needs a login"
                  : ": there is no such repository, or the token in HF_TOKEN is not valid for it"));
    }
    if (answer.names("RevisionNotFound")) {
      throw new ModelException(
          said + ": the repository has no revision '" + revision + "'; see " + page + "/tree/main");
    }
    if (status == 404) {
      throw new ModelException(
          said + ": there is no such repository; see that the catalogue names it right");
    }
    throw new ModelException(said + "; nothing is known of that answer");
  }

  /** How long a server asks to wait, in seconds or until a date; null if it does not. */
  private static Duration asked(Answer answer) {
    String value = answer.header("Retry-After");
    if (value == null) {
      return null;
    }
    if (value.strip().matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(value.strip()));
    }
    try {
      ZonedDateTime until =
          ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration wait = Duration.between(Clock.systemUTC().instant(), until.toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return null;
    }
  }

  @FunctionalInterface
  private interface Attempt<T> {
    T run() throws IOException;
  }

  /** A failure that may pass by itself. */
  private static final class Passing extends IOException {
    private static final long serialVersionUID = 1;
    private final transient Duration asked; // how long the server asks to wait; null if not
    private final boolean slow; // that bytes came does not count

    Passing(String message) {
      this(message, null);
    }

    Passing(String message, Duration asked) {
      this(message, asked, false);
    }

    Passing(String message, Duration asked, boolean slow) {
      super(message);
      this.asked = asked;
      this.slow = slow;
    }
  }

  /**
   * Tries until it works, waiting 1, 2, 4, 8 seconds or as long as the server asks; new bytes,
   * unless they were too slow, start the count again.
   */
  private <T> T trying(String what, LongSupplier bytes, Attempt<T> attempt) {
    long before = bytes.getAsLong();
    for (int failures = 1; ; failures++) {
      String failure;
      Duration wait;
      boolean slow = false;
      try {
        return attempt.run();
      } catch (Passing e) {
        failure = e.getMessage();
        wait = e.asked;
        slow = e.slow;
      } catch (IOException e) {
        failure = what + ": " + reason(e);
        wait = null;
      }
      if (bytes.getAsLong() > before && !slow) {
        before = bytes.getAsLong();
        failures = 1;
      }
      String afterwards = "; run again to resume";
      if (wait != null && wait.compareTo(LONGEST_WAIT) > 0) {
        throw new ModelException(
            failure + "; it asks to wait " + wait.toSeconds() + " seconds" + afterwards);
      }
      if (failures == TRIES) {
        throw new ModelException(failure + "; gave up after " + TRIES + " tries" + afterwards);
      }
      wait = wait == null ? Duration.ofSeconds(1L << (failures - 1)) : wait;
      notes.accept(failure + "; again in " + wait.toSeconds() + " s");
      try {
        waiting.await(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ModelException(what + ": interrupted" + afterwards, e);
      }
    }
  }

  private URI address(String repository, String revision, String path) {
    StringBuilder address = new StringBuilder(access.endpoint.toString()).append('/');
    address.append(repository).append("/resolve/").append(encoded(revision));
    for (String part : path.split("/")) {
      address.append('/').append(encoded(part));
    }
    return URI.create(address.toString());
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String what(String path, String repository) {
    return path + " of " + repository + ": ";
  }

  /** An address without its query, which may hold a signature. */
  private static String bare(URI uri) {
    return shortened(uri.toString().replaceFirst("\\?.*", ""));
  }

  private static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "no address is known for this host";
      }
    }
    if (failure instanceof HttpTimeoutException) {
      return "no answer in time";
    }
    if (failure instanceof ConnectException && failure.getMessage() == null) {
      return "connection refused";
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message.lines().findFirst().get();
  }

  private static long bytesOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be removed: " + e.getMessage(), e);
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // the reader notices
    }
  }
}
