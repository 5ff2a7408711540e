package redraft.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static redraft.model.hub.HubServer.cut;
import static redraft.model.hub.HubServer.instead;
import static redraft.model.hub.HubServer.status;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;
import redraft.model.hub.HubServer.Request;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.Origin;

/** Pulls from a server on loopback that answers as the hub does, and misbehaves when told to. */
class PairPullTest {
  private static final String MODEL = "onnx/model.onnx"; // of target and draft alike, target first
  private static final byte[] TARGET = bytes(1, 300_000);
  private static final byte[] DRAFT = bytes(2, 50_000);

  private static final PairPull.Progress SILENT =
      new PairPull.Progress() {
        @Override
        public void planned(long bytes) {}

        @Override
        public void arrived(long bytes) {}
      };

  @TempDir Path folder;
  private Path to;
  private Path catalogue;
  private HubServer server;
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private final List<Long> waits = new ArrayList<>(); // seconds
  private final List<Long> progress = new ArrayList<>(); // the total, then how much is there
  private Duration stall = Duration.ofSeconds(60);

  private static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void serve() throws IOException {
    to = folder.resolve("models/demo");
    catalogue = DemoRepositories.of(folder.resolve("hub"), TARGET, DRAFT);
    server = new HubServer(folder.resolve("hub"), 0);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private PairPull.Result pull(boolean force) throws IOException {
    return pull(server.endpoint(), force);
  }

  private HuggingFaceHub hub(String endpoint) {
    return new HuggingFaceHub(
        HuggingFaceHub.Access.of(endpoint, environment),
        notes::add,
        duration -> waits.add(duration.toSeconds()),
        stall);
  }

  private PairPull.Result pull(String endpoint, boolean force) throws IOException {
    PairPull.Progress listener =
        new PairPull.Progress() {
          @Override
          public void planned(long bytes) {
            progress.clear();
            progress.add(bytes);
          }

          @Override
          public void arrived(long bytes) {
            progress.add(bytes);
          }
        };
    return new PairPull(hub(endpoint), listener)
        .pull(PairCatalogue.read(catalogue).named("demo"), to, force);
  }

  /** The failure of a pull, which leaves nothing in place. */
  private String refused() {
    String message = assertThrows(ModelException.class, () -> pull(false)).getMessage();
    assertFalse(Files.exists(to), message);
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private void assertPulled() throws IOException {
    assertArrayEquals(TARGET, Files.readAllBytes(to.resolve("tiny-target/model.onnx")));
    assertArrayEquals(DRAFT, Files.readAllBytes(to.resolve("tiny-draft/model.onnx")));
    PairManifest.read(to);
    try (Stream<Path> files = Files.list(to.getParent())) {
      assertEquals(List.of(to), files.toList(), "something was left beside the directory");
    }
  }

  @Test
  void aPulledPairLoadsAndIsPinned() throws IOException {
    DemoRepositories.ofShippedPair(folder.resolve("hub"));
    PairPull.Result result = pull(false);
    assertTrue(result.arrived());
    try (OnnxPair pair = new OnnxPair(to, new OnnxOptions(1, true), new OnnxOptions(1, true))) {
      assertEquals(512, pair.target().contextLength());
      assertEquals(2048, pair.target().vocabularySize());
      assertEquals("tiny-draft", pair.draft("tiny-draft").name());
      assertEquals(List.of(0), pair.manifest().endTokens(), "generation_config.json decides");
      assertEquals(2048, pair.manifest().tokenizer().vocabularySize());
      assertEquals(7_110_720, pair.manifest().target().parameters());
      assertEquals("Apache-2.0", pair.manifest().licence());
    }
    PairManifest shipped = PairManifest.read(ShippedPair.DIRECTORY);
    assertEquals(shipped.target().sha256(), result.manifest().target().sha256());
    Origin origin =
        result.manifest().origins().stream()
            .filter(one -> one.file().equals("tiny-target/model.onnx"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        new Origin(
            "tiny-target/model.onnx",
            "demo/tiny-target",
            "main",
            HubServer.COMMIT,
            MODEL,
            Files.size(ShippedPair.DIRECTORY.resolve("target.onnx"))),
        origin);
    assertEquals(7, result.manifest().origins().size(), "tokenizer 2, target 3, draft 2");
    assertEquals(progress.get(0), progress.get(progress.size() - 1), "progress ends at its total");
    assertEquals(progress.stream().skip(1).sorted().toList(), progress.stream().skip(1).toList());
  }

  @Test
  void aCutConnectionIsResumedToTheSameBytes() throws IOException {
    server.next(MODEL, cut(100_000));
    pull(false);
    assertPulled();
    List<String> ranges =
        server.bodies("demo/tiny-target/" + MODEL).stream().map(Request::range).toList();
    assertEquals(2, ranges.size());
    assertNull(ranges.get(0));
    assertTrue(ranges.get(1).matches("bytes=[1-9]\\d*-"), ranges.get(1));
    assertEquals(List.of(1L), waits);
    assertTrue(notes.get(0).contains("the connection broke after "), notes.toString());
  }

  @Test
  void aPullThatGaveUpIsResumedByTheNext() throws IOException {
    server.next(MODEL, cut(100_000), status(503), status(502), status(504), status(500));
    String message = refused();
    assertTrue(message.startsWith(MODEL + " of demo/tiny-target: http://127.0.0.1:"), message);
    assertTrue(message.contains("answered 500: the server is in trouble"), message);
    assertTrue(message.endsWith("gave up after 5 tries; run again to resume"), message);
    assertFalse(message.contains("Signature"), message);

    server.requests.clear();
    pull(false);
    assertPulled();
    List<Request> again = server.bodies("demo/tiny-target/" + MODEL);
    assertEquals(1, again.size());
    assertTrue(again.get(0).range().matches("bytes=[1-9]\\d*-"), again.get(0).range());
    assertEquals(0, server.bodies("tokenizer.json").size(), "what is complete is not asked for");
  }

  @Test
  void theTokenGoesToTheHubAndNowhereElse() throws IOException {
    environment.put("HF_TOKEN", "hf_secret");
    server.token = "hf_secret";
    pull(false);
    assertPulled();
    assertTrue(server.requests.stream().anyMatch(request -> !request.toHub()));
    for (Request request : server.requests) {
      assertEquals(
          request.toHub() ? "Bearer hf_secret" : null, request.authorization(), request.toString());
    }
  }

  @Test
  void aSecondPullAsksNobody() throws IOException {
    pull(false);
    server.requests.clear();
    PairPull.Result result = pull(false);
    assertFalse(result.arrived());
    assertEquals(List.of(), server.requests);
    assertPulled();
  }

  @Test
  void oneCommitIsPulledAlthoughTheBranchMoves() throws IOException {
    String moved = "f".repeat(40);
    server.next(
        "tokenizer.json",
        (exchange, body) -> {
          server.commit = moved;
          instead(body).answer(exchange, body);
        });
    PairPull.Result result = pull(false);
    for (Origin origin : result.manifest().origins()) {
      assertEquals(HubServer.COMMIT, origin.commit());
    }
    assertTrue(
        server.requests.stream()
            .filter(request -> request.method().equals("GET") && request.toHub())
            .allMatch(request -> request.path().contains(HubServer.COMMIT)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "              | answered 401 (GatedRepo): access is not granted; accept the licence at",
        "hf_not_allowed | answered 403 (GatedRepo): access is not granted; accept the licence at"
      })
  void aGatedRepositoryIsRefusedWithTheWayIn(String token, String said) {
    server.token = "hf_right";
    if (token != null) {
      environment.put("HF_TOKEN", token);
    }
    String message = refused();
    assertTrue(message.contains(said), message);
    assertTrue(message.contains(server.endpoint() + "/demo/tiny-target"), message);
    assertTrue(message.contains("HF_TOKEN"), message);
    assertFalse(message.contains("hf_"), "a token is no message: " + message);
    assertFalse(Files.exists(folder.resolve("models/.demo.pulling")), "nothing to resume");
  }

  @Test
  void aRepositoryThatIsNotThereIsNamed() throws IOException {
    replaceInCatalogue("demo/tiny-draft", "demo/none");
    String message = refused();
    assertTrue(message.startsWith("config.json of demo/none: " + server.endpoint()), message);
    assertTrue(
        message.contains("answered 401 (RepoNotFound): there is no such repository"), message);
    environment.put("HF_TOKEN", "hf_some");
    message = refused();
    assertTrue(
        message.contains("answered 404 (RepoNotFound): there is no such repository"), message);
  }

  @Test
  void aRevisionThatIsNotThereIsNamed() throws IOException {
    replaceInCatalogue("\"demo/tiny-draft\",", "\"demo/tiny-draft\", \"revision\": \"v9\",");
    String message = refused();
    assertTrue(
        message.contains("(RevisionNotFound): the repository has no revision 'v9'"), message);
  }

  @Test
  void aFileThatIsNotThereIsNamedBeforeAnythingIsDownloaded() throws IOException {
    replaceInCatalogue(MODEL, "onnx/model_q4.onnx");
    String message = refused();
    assertTrue(message.startsWith("onnx/model_q4.onnx of demo/tiny-target: "), message);
    assertTrue(
        message.contains("answered 404: there is no such file at that revision; look at"), message);
    assertTrue(server.requests.stream().allMatch(request -> request.method().equals("HEAD")));
  }

  @Test
  void weightsOutsideTheOnnxFileArePulledAndPinned() throws IOException {
    byte[] data = bytes(3, 40_000);
    Files.write(folder.resolve("hub/demo/tiny-target/onnx/model.onnx_data"), data);
    pull(false);
    Path local = to.resolve("tiny-target/model.onnx_data");
    assertArrayEquals(data, Files.readAllBytes(local));
    data[7]++;
    Files.write(local, data);
    String message = assertThrows(ModelException.class, () -> PairManifest.read(to)).getMessage();
    assertTrue(message.contains("model.onnx_data is not the file that pair.json names"), message);
  }

  @Test
  void retryAfterIsHonoured() throws IOException {
    String past =
        ZonedDateTime.now(ZoneOffset.UTC).minusDays(1).format(DateTimeFormatter.RFC_1123_DATE_TIME);
    server.next(
        MODEL, status(429, "Retry-After", "17"), status(503, "Retry-After", past), status(429));
    pull(false);
    assertPulled();
    assertEquals(
        List.of(17L, 0L, 4L), waits, "asked for, a date that is over, the third wait of ours");
  }

  @Test
  void aWaitThatIsTooLongEndsThePull() {
    server.next(MODEL, status(429, "Retry-After", "3600"));
    String message = refused();
    assertTrue(message.contains("it asks to wait 3600 seconds; run again to resume"), message);
    assertEquals(List.of(), waits);
  }

  @Test
  void tooManyRequestsEndAfterSomeTries() {
    server.next("tokenizer.json", status(429), status(429), status(429), status(429), status(429));
    String message = refused();
    assertTrue(message.contains("answered 429: too many requests; wait, or set HF_TOKEN"), message);
    assertEquals(List.of(1L, 2L, 4L, 8L), waits);
  }

  @Test
  void anAddressThatRanOutIsAskedForAgain() throws IOException {
    server.next(MODEL, status(403));
    pull(false);
    assertPulled();
    assertEquals(
        2,
        server.requests.stream()
            .filter(request -> request.method().equals("GET") && request.toHub())
            .filter(
                request -> request.path().contains("tiny-target") && request.path().endsWith(MODEL))
            .count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"200", "416", "another range"})
  void aServerThatDoesNotContinueIsAskedForTheWhole(String how) throws IOException {
    server.next(
        MODEL,
        cut(100_000),
        switch (how) {
          case "200" -> instead(TARGET);
          case "416" -> status(416);
          default ->
              (exchange, body) -> {
                exchange
                    .getResponseHeaders()
                    .set("Content-Range", "bytes 1-" + (body.length - 1) + "/" + body.length);
                exchange.sendResponseHeaders(206, body.length - 1);
                exchange.getResponseBody().write(body, 1, body.length - 1);
              };
        });
    pull(false);
    assertPulled();
  }

  @Test
  void aBodyThatFallsSilentIsResumed() throws IOException {
    stall = Duration.ofMillis(200);
    server.next(
        MODEL,
        (exchange, body) -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body, 0, 70_000);
          exchange.getResponseBody().flush();
          sleepUntilStopped();
        });
    pull(false);
    assertPulled();
    assertTrue(notes.get(0).contains("nothing more came"), notes.toString());
  }

  /** Many bytes in each window of half a second: never silent for so long, and never done. */
  @Test
  void aBodyThatDripsIsGivenUpInTheEnd() throws IOException {
    stall = Duration.ofMillis(500);
    for (int i = 0; i < 5; i++) {
      server.next(
          MODEL,
          (exchange, body) -> {
            exchange.sendResponseHeaders(200, body.length);
            for (byte each : body) {
              exchange.getResponseBody().write(each);
              exchange.getResponseBody().flush();
              pause(20);
            }
          });
    }
    String message = refused();
    assertTrue(message.contains("(slower than 1024 bytes a second); gave up after 5"), message);
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void sleepUntilStopped() {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void wrongBytesAreThrownAway() throws IOException {
    byte[] wrong = TARGET.clone();
    wrong[12_345] ^= 1;
    server.next(MODEL, instead(wrong));
    String message = refused();
    assertTrue(message.contains("what arrived is another file: its SHA-256 is "), message);
    pull(false);
    assertPulled();
  }

  @Test
  void aSmallFileIsCheckedByItsGitHash() {
    byte[] wrong = "{\"model_max_length\": 513}\n".getBytes(StandardCharsets.UTF_8);
    server.next("tokenizer_config.json", instead(wrong));
    String message = refused();
    assertTrue(message.contains("its git blob hash is "), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {299_999, 300_001})
  void aWrongSizeIsRefused(int bytes) {
    server.next(MODEL, instead(Arrays.copyOf(TARGET, bytes)));
    String message = refused();
    assertTrue(message.contains("the hub names 300,000"), message);
  }

  @Test
  void aBodyWithoutItsLengthThatGoesOnTooLongIsRefused() {
    server.next(
        MODEL,
        (exchange, body) -> {
          exchange.sendResponseHeaders(200, 0); // chunked
          exchange.getResponseBody().write(Arrays.copyOf(TARGET, 400_000));
        });
    assertTrue(refused().contains("the hub names 300,000"));
  }

  @Test
  void aHubThatCannotBeReachedIsNamed() {
    String gone = server.endpoint();
    server.close();
    String message = assertThrows(ModelException.class, () -> pull(gone, false)).getMessage();
    assertTrue(message.contains(gone + "/demo/tiny-target/resolve/main/tokenizer.json"), message);
    assertTrue(message.contains("cannot be reached: connection refused"), message);
    assertTrue(message.contains("HTTPS_PROXY"), message);
    assertFalse(Files.exists(to));

    message =
        assertThrows(ModelException.class, () -> pull("http://hub.invalid", false)).getMessage();
    assertTrue(message.contains("no address is known for this host"), message);
  }

  /** What a pull from a server says that answers everything with these headers. */
  private String refusedBy(String... headers) throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          try (exchange) {
            status(200, headers).answer(exchange, new byte[0]);
          }
        });
    other.start();
    try {
      String endpoint = "http://127.0.0.1:" + other.getAddress().getPort();
      return assertThrows(ModelException.class, () -> pull(endpoint, false)).getMessage();
    } finally {
      other.stop(0);
    }
  }

  @Test
  void anotherServerThanAHubIsRefused() throws IOException {
    String message = refusedBy("Content-Length", "7", "ETag", "\"5f-1a\"");
    assertTrue(message.contains("names no commit, size and hash of it"), message);
    assertTrue(message.endsWith("see that HF_ENDPOINT is a hub"), message);
  }

  @Test
  void aDiskWithoutRoomIsToldBeforehand() throws IOException {
    String message =
        refusedBy(
            "X-Repo-Commit",
            HubServer.COMMIT,
            "X-Linked-ETag",
            "a".repeat(64),
            "X-Linked-Size",
            "100000000000000000");
    assertTrue(message.contains("bytes more, its disk has "), message);
    assertTrue(message.endsWith("name another directory with --to"), message);
  }

  @Test
  void aDiskThatFillsUpIsToldAndNotTriedAgain() throws IOException {
    Path full = Path.of("/dev/full"); // Linux: every write fails as on a full disk
    assumeTrue(Files.exists(full));
    Path partial = Files.createSymbolicLink(folder.resolve("part"), full);
    HuggingFaceHub hub =
        new HuggingFaceHub(HuggingFaceHub.Access.of(server.endpoint(), environment), notes::add);
    HuggingFaceHub.RemoteFile file = hub.require("demo/tiny-target", "main", MODEL);
    String message =
        assertThrows(ModelException.class, () -> hub.download(file, partial, there -> {}))
            .getMessage();
    assertTrue(
        message.startsWith(partial + " cannot be written: No space left on device"), message);
    Files.delete(partial);
    assertEquals(List.of(), notes);
  }

  @Test
  void aRedirectWithoutEndIsRefused() {
    server.next(
        MODEL,
        (exchange, body) -> {
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
          exchange.sendResponseHeaders(302, -1);
        });
    for (int i = 0; i < 12; i++) {
      server.next(
          MODEL,
          (exchange, body) -> {
            exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(302, -1);
          });
    }
    assertTrue(refused().contains("leads from one redirect to the next"));
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAlone() throws IOException {
    Files.createDirectories(to);
    Path precious = Files.writeString(to.resolve("precious.txt"), "mine");
    for (boolean force : new boolean[] {false, true}) {
      String message = assertThrows(ModelException.class, () -> pull(force)).getMessage();
      assertTrue(message.contains("holds no pair.json; name another directory with --to"), message);
    }
    assertEquals("mine", Files.readString(precious));
    assertEquals(List.of(), server.requests);
  }

  @Test
  void forceDeletesNoFileThatIsNotOfThePair() throws IOException {
    pull(false);
    Path notes = Files.writeString(to.resolve("tiny-target/notes.txt"), "mine");
    Files.createSymbolicLink(to.resolve("weights"), folder);
    server.requests.clear();
    String message = assertThrows(ModelException.class, () -> pull(true)).getMessage();
    assertEquals(
        to
            + " holds tiny-target/notes.txt and 1 more besides its pair, which --force would delete;"
            + " move them away, or name another directory with --to",
        message);
    assertEquals("mine", Files.readString(notes));
    assertEquals(List.of(), server.requests);
    Files.delete(notes);
    Files.delete(to.resolve("weights"));
    pull(true);
    assertPulled();
  }

  @Test
  void anEmptyDirectoryIsFilled() throws IOException {
    Files.createDirectories(to);
    pull(false);
    assertPulled();
  }

  @Test
  void aLockOfAnotherSourceIsRefusedAndReplacedByForce() throws IOException {
    pull(false);
    replaceInCatalogue(
        "\"demo/tiny-draft\",", "\"demo/tiny-draft\", \"revision\": \"" + HubServer.COMMIT + "\",");
    String message = assertThrows(ModelException.class, () -> pull(false)).getMessage();
    assertTrue(
        message.contains(
            "its pair.json does not pin tiny-draft/config.json to config.json of demo/tiny-draft at 0123"),
        message);
    assertTrue(message.endsWith("or replace it with --force"), message);
    assertTrue(pull(true).arrived());
    assertPulled();
    assertFalse(pull(false).arrived());
  }

  @Test
  void aFailedForceLeavesThePairThatWasThere() throws IOException {
    pull(false);
    server.next(MODEL, instead(new byte[300_000]));
    assertThrows(ModelException.class, () -> pull(true));
    assertArrayEquals(TARGET, Files.readAllBytes(to.resolve("tiny-target/model.onnx")));
    PairManifest.read(to);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-target/model.onnx", "tokenizer.json", "tiny-draft/config.json"})
  void aChangedFileIsRefusedOnLoadAndByPull(String name) throws IOException {
    pull(false);
    Path file = to.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    String message = assertThrows(ModelException.class, () -> PairManifest.read(to)).getMessage();
    assertTrue(message.contains(name + " is not the file that pair.json names"), message);
    message = assertThrows(ModelException.class, () -> pull(false)).getMessage();
    assertTrue(message.contains("replace the directory with --force"), message);
    pull(true);
    assertPulled();
  }

  @Test
  void aFileCutShortIsRefusedOnLoad() throws IOException {
    pull(false);
    Files.write(to.resolve("tiny-target/model.onnx"), Arrays.copyOf(TARGET, 1000));
    String message = assertThrows(ModelException.class, () -> PairManifest.read(to)).getMessage();
    assertTrue(message.contains("has 1000 bytes, not the 300000 that pair.json pins"), message);
  }

  @Test
  void aLockThatNamesAnUnknownFileIsRefusedOnLoad() throws IOException {
    pull(false);
    Path manifest = to.resolve("pair.json");
    String text = Files.readString(manifest);
    assertNotNull(PairManifest.read(to));
    Files.writeString(
        manifest,
        text.replaceFirst(
            "(?s)(\"origins\".*?)\"file\": \"tokenizer.json\"", "$1\"file\": \"other.json\""));
    String message = assertThrows(ModelException.class, () -> PairManifest.read(to)).getMessage();
    assertTrue(message.contains("\"origins\" has other.json, which no other entry names"), message);
  }

  @Test
  void twoPullsToOneDirectoryDoNotMix() throws IOException {
    List<String> second = new ArrayList<>();
    server.next(
        "tokenizer.json",
        (exchange, body) -> {
          second.add(assertThrows(ModelException.class, () -> pull(false)).getMessage());
          instead(body).answer(exchange, body);
        });
    pull(false);
    assertPulled();
    assertTrue(second.get(0).contains("another pull is writing"), second.toString());
  }

  /** Two pulls ask again until the pair is there: one of them is always in the other's way. */
  @Test
  void pullsThatInsistNeverTakeEachOthersFiles() throws Exception {
    byte[] large = bytes(3, 16_000_000); // whose hash takes a while
    DemoRepositories.of(folder.resolve("hub"), large, DRAFT);
    PairCatalogue.Pair pair = PairCatalogue.read(catalogue).named("demo");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 4; round++) {
        Path directory = folder.resolve("models/demo-" + round);
        CyclicBarrier start = new CyclicBarrier(2);
        Callable<Integer> insisting =
            () -> {
              start.await();
              for (; ; ) {
                try {
                  return new PairPull(hub(server.endpoint()), SILENT)
                          .pull(pair, directory, false)
                          .arrived()
                      ? 1
                      : 0;
                } catch (ModelException e) {
                  if (!e.getMessage().contains("another pull is writing")) {
                    throw e;
                  }
                  Thread.sleep(1);
                }
              }
            };
        int arrived = 0;
        for (Future<Integer> done : threads.invokeAll(List.of(insisting, insisting))) {
          arrived += done.get();
        }
        assertEquals(1, arrived, "the one finds what the other pulled");
        PairManifest.read(directory);
        try (Stream<Path> files = Files.list(directory.getParent())) {
          assertEquals(List.of(directory), files.toList());
        }
        Files.move(directory, folder.resolve("done-" + round));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A lock file of a pull that was killed is no lock, and goes with the next pull. */
  @Test
  void aLockThatNobodyHoldsIsTaken() throws IOException {
    Files.createDirectories(to.getParent());
    Files.writeString(to.resolveSibling(".demo.lock"), "left");
    pull(false);
    assertPulled();
  }

  @Test
  void linksInThePlaceOfWhatAnEarlierPullLeftAreNotFollowed() throws IOException {
    Path victim = Files.createDirectories(folder.resolve("victim"));
    Path staging = to.resolveSibling(".demo.pulling");
    Files.createDirectories(to.getParent());
    Files.createSymbolicLink(staging, victim);
    assertTrue(refused().contains(staging + " is a link"));
    Files.delete(staging);
    Files.createDirectories(staging);
    Files.createSymbolicLink(staging.resolve("tiny-target"), victim);
    pull(false);
    assertPulled();
    try (Stream<Path> files = Files.list(victim)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void whatIsLeftOfAnotherPullIsNotTakenForThisOne() throws IOException {
    server.next(
        MODEL, cut(100_000), status(503), status(503), status(503), status(503), status(503));
    refused();
    byte[] other = bytes(9, 300_000); // the branch has moved: another file under the same name
    Files.write(folder.resolve("hub/demo/tiny-target").resolve(MODEL), other);
    server.requests.clear();
    pull(false);
    assertArrayEquals(other, Files.readAllBytes(to.resolve("tiny-target/model.onnx")));
    assertNull(server.bodies("demo/tiny-target/" + MODEL).get(0).range());
    try (Stream<Path> files = Files.walk(to)) {
      assertFalse(files.anyMatch(file -> file.toString().endsWith(".part")));
    }
  }

  @Test
  void aModelThatNeverEndsATextIsRefused() throws IOException {
    Files.delete(folder.resolve("hub/demo/tiny-target/generation_config.json"));
    Files.writeString(
        folder.resolve("hub/demo/tiny-target/config.json"),
        "{\"max_position_embeddings\": 512, \"eos_token_id\": null}\n");
    String message = refused();
    assertTrue(
        message.contains("tiny-target/config.json names no token that ends a text"), message);
  }

  @Test
  void theTokenizersEndEndsATextWhereTheModelNamesNone() throws IOException {
    Path target = folder.resolve("hub/demo/tiny-target");
    Files.delete(target.resolve("generation_config.json"));
    Files.writeString(target.resolve("config.json"), "{\"n_ctx\": 512}\n");
    Files.writeString(
        target.resolve("tokenizer_config.json"), "{\"eos_token\": {\"content\": \"<|end|>\"}}\n");
    PairManifest manifest = pull(false).manifest();
    assertEquals(List.of(0), manifest.endTokens());
    assertEquals(512, manifest.target().contextLength());
  }

  @Test
  void configurationsOfOtherNamesAreFoundAgainUnderTheirUsualOnes() throws IOException {
    Path target = folder.resolve("hub/demo/tiny-target");
    Files.move(target.resolve("config.json"), target.resolve("onnx/config-fp32.json"));
    Files.move(target.resolve("generation_config.json"), target.resolve("ends.json"));
    replaceInCatalogue(
        "\"demo/tiny-target\",",
        "\"demo/tiny-target\", \"config\": \"onnx/config-fp32.json\", \"generationConfig\": \"ends.json\",");
    PairManifest manifest = pull(false).manifest();
    assertEquals(List.of(0), manifest.endTokens());
    assertEquals(512, manifest.target().contextLength());
    Origin origin =
        manifest.origins().stream()
            .filter(file -> file.file().equals("tiny-target/config.json"))
            .findFirst()
            .orElseThrow();
    assertEquals("onnx/config-fp32.json", origin.path());
    assertFalse(pull(false).arrived());
  }

  private void replaceInCatalogue(String what, String by) throws IOException {
    String text = Files.readString(catalogue);
    assertTrue(text.contains(what));
    Files.writeString(catalogue, text.replace(what, by));
  }
}
