package redraft.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;
import redraft.model.hub.HuggingFaceHub.RemoteFile;

/** Answers that no hub gives, byte for byte: each is a refusal of one line. */
class HubAnswersTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final RemoteFile FILE = new RemoteFile("a/b", COMMIT, "m.onnx", 1000, COMMIT);

  @TempDir Path folder;
  private ServerSocket server;
  private volatile String answer = "";
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::answerAll, "answers");
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void answerAll() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        InputStream in = socket.getInputStream();
        for (int newlines = 0; newlines < 2; ) { // to the blank line
          int next = in.read();
          newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
          if (next == -1) {
            break;
          }
        }
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        socket.shutdownOutput();
      } catch (IOException e) {
        // the client has left, or the test has
      }
    }
  }

  private String endpoint() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  private HuggingFaceHub hub() {
    return new HuggingFaceHub(
        HuggingFaceHub.Access.of(endpoint(), Map.of("HF_TOKEN", "hf_s3cret")),
        notes::add,
        wait -> {},
        Duration.ofSeconds(5));
  }

  private static void assertPlain(String message) {
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.length() < 1000, message);
    assertTrue(message.startsWith("m.onnx of a/b: "), message);
    assertTrue(!message.contains("s3cret") && !message.contains("Exception"), message);
  }

  private static String answer(String status, String... headers) {
    return "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:0/x",
        "http://127.0.0.1:-5/x",
        "ftp://127.0.0.1/x",
        "http:///x",
        "http://[::1/x",
        "http://a b/x",
        "//",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:pass word@h/",
        "%",
        ""
      })
  void aRedirectToWhatIsNoAddressIsRefusedWithIt(String location) {
    answer = answer("302 Found", "Location: " + location, "Content-Length: 0");
    String message =
        assertThrows(ModelException.class, () -> hub().find("a/b", "main", "m.onnx")).getMessage();
    assertPlain(message);
    assertTrue(
        message.contains("no HTTP address: " + location.strip()) || location.isEmpty(), message);
  }

  @Test
  void aLongRedirectIsShownByItsBeginning() {
    answer = answer("302 Found", "Location: ftp://h/" + "x".repeat(20_000), "Content-Length: 0");
    assertPlain(
        assertThrows(ModelException.class, () -> hub().find("a/b", "main", "m.onnx")).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n\r\n",
        "nonsense",
        "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 99999 OK\r\n\r\n",
        "HTTP/1.1 -1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes -1--5/-9\r\nContent-Length: 5\r\n\r\nabcde",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 429 Slow\r\nRetry-After: -1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 No\r\nRetry-After: Mon, 99 Foo 2020 99:99:99 GMT\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 No\r\nRetry-After: 999999999\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 No\r\nX-Error-Code: RepoNotFound\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 No\r\nX-Error-Code: \u001b[31m\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n"
      })
  void anAnswerThatIsNoneIsRefused(String text) {
    answer = text;
    List<String> messages = new ArrayList<>();
    messages.add(
        assertThrows(
                ModelException.class,
                () -> {
                  hub().require("a/b", "main", "m.onnx");
                })
            .getMessage());
    messages.add(
        assertThrows(
                ModelException.class,
                () -> hub().download(FILE, folder.resolve("part"), there -> {}))
            .getMessage());
    messages.addAll(notes);
    messages.forEach(HubAnswersTest::assertPlain);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Linked-Size: -1",
        "X-Linked-Size: 1e9",
        "X-Linked-Size: 99999999999999999999",
        "X-Linked-Size: ",
        "X-Linked-ETag: \"short\"",
        "X-Linked-ETag: \"../../../../etc/passwd\"",
        "X-Repo-Commit: main",
        "X-Repo-Commit: ../../other"
      })
  void aHeaderOfTheWrongFormIsRefused(String wrong) {
    List<String> headers =
        new ArrayList<>(
            List.of(
                "X-Repo-Commit: " + COMMIT,
                "X-Linked-Size: 1000",
                "X-Linked-ETag: \"" + COMMIT + "\"",
                "Content-Length: 0"));
    headers.replaceAll(right -> right.split(":")[0].equals(wrong.split(":")[0]) ? wrong : right);
    answer = answer("200 OK", headers.toArray(String[]::new));
    String message =
        assertThrows(ModelException.class, () -> hub().find("a/b", "main", "m.onnx")).getMessage();
    assertPlain(message);
    assertTrue(message.contains("names no commit, size and hash of it"), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2000})
  void headersWithoutEndAreRefused(int count) {
    String huge = "X-Huge: " + "x".repeat(2_000_000 / count) + "\r\n";
    answer = "HTTP/1.1 200 OK\r\n" + huge.repeat(count) + "\r\n";
    assertPlain(
        assertThrows(ModelException.class, () -> hub().find("a/b", "main", "m.onnx")).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:99999", "http://127.0.0.1:0", "http://:80", "https://"})
  void anEndpointThatIsNoAddressIsRefused(String endpoint) {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> HuggingFaceHub.Access.of(endpoint, Map.of()))
            .getMessage();
    assertTrue(message.startsWith("'" + endpoint + "' is no address of a hub"), message);
  }
}
