package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.study.HandTraces;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** {@code explore}: what it answers, to whom, and of what. */
class ExploreTest {
  private static final double[] SURE = {1, 1, 1, 1, 1, 1, 1, 1};
  private static final double[] EVERY_SECOND = {1, 0, 1, 0, 1, 0, 1, 0};
  private static final String BEST = "best?trace=sure.jsonl&cost-ratio=0.1";

  @TempDir Path folder;

  private ExploreServer server;
  private URI address;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

  @BeforeEach
  void serve() throws IOException {
    Files.createDirectories(folder.resolve("traces/sub"));
    HandTraces.write(
        folder.resolve("traces/sure.jsonl"), .5, List.of("a", "a", "b"), SURE, SURE, EVERY_SECOND);
    HandTraces.write(
        folder.resolve("traces/sub/half.jsonl"),
        .5,
        List.of("a", "a", "b"),
        EVERY_SECOND,
        SURE,
        SURE);
    SampleTraces.write(
        folder.resolve("traces/two.jsonl"),
        SampleTraces.header(LogitDetail.NONE),
        SampleTraces.sequences(6, LogitDetail.NONE, 3));
    Files.writeString(folder.resolve("traces/prompts.jsonl"), "{\"id\":\"a\"}\n");
    Files.writeString(folder.resolve("traces/other.json"), "{}");
    Files.writeString(folder.resolve("secret.jsonl"), "not in the folder");
    server = ExploreServer.start(ExploreFolder.of(folder.resolve("traces")), 0);
    address = URI.create(server.address());
  }

  @AfterEach
  void end() {
    server.close();
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(60));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<byte[]> response = get(path);
    assertEquals(200, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    return new JsonMapper().readTree(response.body());
  }

  @Test
  void tracesOfOneRecordingInAFolderAreOneArchive() throws Exception {
    Path traces = Files.createDirectories(folder.resolve("archives"));
    Shards.split(folder.resolve("traces/sure.jsonl"), traces.resolve("one"), 1);
    Path two = traces.resolve("two");
    Files.createDirectories(two);
    Files.copy(folder.resolve("traces/sure.jsonl"), two.resolve("a.jsonl"));
    Files.copy(folder.resolve("traces/sub/half.jsonl"), two.resolve("b.jsonl"));
    Path mixed = Files.createDirectories(traces.resolve("mixed"));
    Files.copy(folder.resolve("traces/sure.jsonl"), mixed.resolve("a.jsonl"));
    Files.copy(folder.resolve("traces/two.jsonl"), mixed.resolve("b.jsonl"));
    assertEquals(
        List.of("mixed/a.jsonl", "mixed/b.jsonl", "one/deep/s0.jsonl.gz", "two"),
        List.copyOf(ExploreFolder.of(traces).traces().keySet()));
    try (ExploreServer other = ExploreServer.start(ExploreFolder.of(traces), 0)) {
      address = URI.create(other.address());
      assertEquals(
          Cli.json("best " + two + " --cost-ratio 0.1"),
          json("best?trace=two&cost-ratio=0.1").get("answer"));
    }
  }

  @Test
  void theEngineAnswersAsTheCommandsDo() throws Exception {
    JsonNode best = json(BEST);
    Path trace = folder.resolve("traces/sure.jsonl");
    assertEquals(Cli.json("best " + trace + " --cost-ratio 0.1"), best.get("answer"));
    assertEquals("redraft best " + trace + " --cost-ratio 0.1", best.get("command").asText());
    assertEquals(
        Cli.json("replay " + trace + " --cost-ratio 0.1 --rule token --by-domain"),
        json("replay?trace=sure.jsonl&cost-ratio=0.1&rule=token").get("answer"));
    JsonNode compared = json("compare?trace=sure.jsonl&second=sub%2Fhalf.jsonl&cost-ratio=0.1");
    assertEquals(
        Cli.json(
            "report --compare "
                + trace
                + " "
                + folder.resolve("traces/sub/half.jsonl")
                + " --cost-ratio 0.1"),
        compared.get("answer"));
    String l40s = "&hardware=l40s&target-model=llama-3.1-8b&draft-model=llama-3.2-1b";
    JsonNode swept =
        json("sweep?trace=sure.jsonl&batch=1,8&context=256&draft-length=1..2&rule=token" + l40s);
    assertEquals(4, swept.get("answer").size());
    JsonNode refused = json("best?trace=sure.jsonl");
    assertTrue(refused.get("error").asText().startsWith("nothing says what passes cost"));
    assertTrue(json("best?trace=sure.jsonl&cost-ratio=x").get("error").asText().contains("'x'"));
  }

  @Test
  void thePageNamesTheTracesOfTheFolderAndNothingElse() throws Exception {
    HttpResponse<byte[]> page = get("");
    assertEquals(200, page.statusCode());
    String text = new String(page.body(), StandardCharsets.UTF_8);
    assertTrue(text.contains("\"sub/half.jsonl\"") && text.contains("\"sure.jsonl\""), text);
    assertFalse(text.contains("prompts.jsonl") || text.contains("other.json"));
    assertFalse(text.contains("{{"), "a place of the template is left");
    assertEquals("no-store", page.headers().firstValue("Cache-Control").orElseThrow());
    assertEquals("no-referrer", page.headers().firstValue("Referrer-Policy").orElseThrow());
    for (String outside :
        List.of(
            "best?trace=../secret.jsonl&cost-ratio=0.1",
            "best?trace=" + folder.resolve("secret.jsonl") + "&cost-ratio=0.1",
            "best?trace=preset:constant-0.8&cost-ratio=0.1",
            "best?trace=-&cost-ratio=0.1",
            BEST.replace("cost-ratio=0.1", "latency=/etc/passwd"),
            BEST.replace("cost-ratio=0.1", "latency=other.json"),
            BEST.replace("cost-ratio=0.1", "hardware=./h.json"),
            BEST + "&csv=" + folder.resolve("written.csv"),
            BEST + "&json=x.json",
            BEST + "&cost-ratio=0.2",
            BEST + "&draft=",
            "best?cost-ratio=0.1")) {
      assertEquals(400, get(outside).statusCode(), outside);
    }
    assertEquals(404, get("report?trace=sure.jsonl").statusCode());
    assertEquals(414, get(BEST + "&draft=" + "x".repeat(9000)).statusCode());
    assertFalse(Files.exists(folder.resolve("written.csv")));
  }

  @Test
  void nobodyElseIsAnswered() throws Exception {
    assertEquals(404, get("/").statusCode());
    assertEquals(404, get("/" + "0".repeat(32) + "/").statusCode());
    assertEquals(404, get("/" + BEST).statusCode());
    String own = "http://127.0.0.1:" + address.getPort();
    assertEquals(200, get("", "Origin", own, "Sec-Fetch-Site", "same-origin").statusCode());
    assertEquals(200, get("", "Sec-Fetch-Site", "none").statusCode());
    for (String[] other :
        new String[][] {
          {"Origin", "http://evil.example"},
          {"Origin", "null"},
          {"Origin", own.replace("127.0.0.1", "localhost")},
          {"Origin", own + "0"},
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"}
        }) {
      assertEquals(403, get(BEST, other).statusCode(), String.join(" ", other));
    }
    String path = address.getPath();
    for (String host : List.of("evil.example", "localhost:" + address.getPort(), "127.0.0.1", "")) {
      assertTrue(raw("GET " + path + " HTTP/1.1", "Host: " + host).contains(" 403 "), host);
    }
    String right = "Host: 127.0.0.1:" + address.getPort();
    assertTrue(raw("GET " + path + " HTTP/1.1", right).contains(" 200 "));
    assertTrue(
        raw("GET " + path + " HTTP/1.1", right, "Host: evil.example").matches(".* 40[03] .*"));
    assertTrue(raw("POST " + path + " HTTP/1.1", right, "Content-Length: 0").contains(" 405 "));
    HttpResponse<byte[]> allowed = get("");
    assertTrue(allowed.headers().firstValue("Access-Control-Allow-Origin").isEmpty());
  }

  /** The first line of what a request gets. */
  private String raw(String... lines) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", address.getPort()), 10_000);
      socket.setSoTimeout(10_000);
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void itListensOnTheLoopbackInterfaceAlone() throws Exception {
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress other : each.inetAddresses().toList()) {
        if (!other.isLoopbackAddress()) {
          assertThrows(
              IOException.class,
              () -> {
                try (Socket socket = new Socket()) {
                  socket.connect(new InetSocketAddress(other, address.getPort()), 2000);
                }
              },
              other.toString());
        }
      }
    }
    server.close();
    assertThrows(IOException.class, () -> raw("GET / HTTP/1.1"));
  }

  @Test
  void anAnswerIsKeptUntilItsFileChanges() throws Exception {
    byte[] first = get(BEST).body();
    assertArrayEquals(first, get(BEST).body());
    HandTraces.write(
        folder.resolve("traces/sure.jsonl"), .5, List.of("a", "a"), EVERY_SECOND, EVERY_SECOND);
    assertNotEquals(new JsonMapper().readTree(first), json(BEST));
  }

  @Test
  void whatAPageAskedBeforeIsNotWorkedOut() throws Exception {
    assertEquals(200, get(BEST + "&page=1&turn=1").statusCode());
    assertEquals(200, get(BEST + "&page=1&turn=2").statusCode());
    assertEquals(409, get(BEST + "&page=1&turn=1").statusCode());
    assertEquals(200, get(BEST + "&page=2&turn=1").statusCode());
    assertEquals(400, get(BEST + "&page=2&turn=x").statusCode());
  }

  @Test
  void anInterruptEndsIt() throws Exception {
    Process process =
        Cli.process(List.of(), "explore", folder.resolve("traces").toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("3 traces of " + folder.resolve("traces"), out.readLine());
      String open = out.readLine();
      assertTrue(open.matches("open http://127\\.0\\.0\\.1:\\d+/[0-9a-f]{32}/"), open);
      HttpRequest page = HttpRequest.newBuilder(URI.create(open.substring(5))).build();
      assertEquals(200, client.send(page, HttpResponse.BodyHandlers.discarding()).statusCode());
      assertEquals("Ctrl-C ends it", out.readLine());
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(10, TimeUnit.SECONDS), "it goes on");
      assertEquals(null, out.readLine()); // nothing more to say
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aWrongFolderOrPortIsALine() {
    Cli none = Cli.run("explore", folder.resolve("none").toString());
    assertEquals(1, none.exit());
    assertEquals(1, none.err().lines().count(), none.err());
    assertEquals(2, Cli.run("explore", "--port", "70000").exit());
    Cli taken =
        Cli.run("explore", folder.resolve("traces").toString(), "--port=" + address.getPort());
    assertEquals(1, taken.exit());
    assertEquals(1, taken.err().lines().count(), taken.err());
  }

  @Test
  void aBrowserChoosesAndCompares() {
    try (Browser browser = Browser.start(folder.resolve("profile"))) {
      browser.width(1280, 900);
      browser.driver.get(server.address());
      ready(browser);
      assertTrue(browser.text("folder").startsWith("3 traces of "));
      browser.set("trace", "sure.jsonl");
      ready(browser);
      assertTrue(browser.text("headline").contains(" times plain decoding at draft length "));
      String before = browser.text("headline");
      browser.set("cost-ratio", "0.9"); // an input speaks when it is left
      browser.eval(
          "document.getElementById('cost-ratio').dispatchEvent(new Event('change', { bubbles: true }))");
      ready(browser);
      assertNotEquals(before, browser.text("headline"));
      assertTrue(browser.text("command").endsWith("traces/sure.jsonl --cost-ratio 0.9"));
      assertEquals(
          2L, browser.eval("return document.querySelectorAll('#charts figure.chart').length"));
      browser.set("trace", "two.jsonl"); // of two drafts, and the first alone is shown
      ready(browser);
      assertEquals(
          12L, browser.eval("return document.querySelector('#lengths tbody').rows.length"));
      browser.set("trace", "sure.jsonl");
      ready(browser);
      browser.set("second", "sub/half.jsonl");
      ready(browser);
      assertTrue(browser.text("answers").contains("Each at its own best setting: "));
      assertEquals(
          2L, browser.eval("return document.querySelectorAll('#changes figure.chart').length"));
      browser.set("price", "those of hardware");
      ready(browser);
      assertTrue((Long) browser.eval("return document.querySelectorAll('.cell').length") > 8);
      browser.driver.navigate().refresh(); // the address keeps what was chosen
      ready(browser);
      assertEquals(
          "sub/half.jsonl", browser.eval("return document.getElementById('second').value"));
      assertTrue(browser.text("command").contains("--hardware l40s --target-model llama-3.1-8b"));
      browser.width(400, 900);
      assertEquals(true, browser.eval("return document.documentElement.scrollWidth <= innerWidth"));
      browser.assertQuiet();
      server.close();
      browser.set("second", "no other");
      wait(browser, "failed");
      assertTrue(browser.text("status").contains("was it ended?"), browser.text("status"));
    }
  }

  static void ready(Browser browser) {
    wait(browser, "true");
    assertEquals("", browser.text("status"));
  }

  private static void wait(Browser browser, String state) {
    browser.driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
    browser.driver.executeAsyncScript(
        """
        const [state, done] = arguments;
        const look = () => ['true', 'failed'].includes(document.documentElement.dataset.ready) ? done() : setTimeout(look, 20);
        look();
        """,
        state);
    assertEquals(
        state,
        browser.eval("return document.documentElement.dataset.ready"),
        browser.text("status"));
  }
}
