package redraft.model.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A hub on loopback that answers requests for the files of a folder, OWNER/NAME/FILE, in the way of
 * the Hugging Face hub; where the folder holds {@code answers/N}, the request of that number gets
 * those bytes.
 */
public final class FuzzedHub implements AutoCloseable {
  private final Path folder;
  private final ServerSocket server;

  /** Requests as they came, in order. */
  public final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  public FuzzedHub(Path folder) throws IOException {
    this.folder = folder;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::answerAll, "fuzzed hub");
  }

  /** Pulls a pair of a catalogue from this hub with a token, never waiting. */
  public PairPull.Result pull(Path catalogue, String name, Path to, Consumer<String> notes)
      throws IOException {
    HuggingFaceHub hub =
        new HuggingFaceHub(
            HuggingFaceHub.Access.of(
                "http://127.0.0.1:" + server.getLocalPort(), Map.of("HF_TOKEN", "hf_s3cret")),
            notes,
            wait -> {},
            Duration.ofSeconds(2));
    PairPull.Progress silent =
        new PairPull.Progress() {
          @Override
          public void planned(long bytes) {}

          @Override
          public void arrived(long bytes) {}
        };
    return new PairPull(hub, silent).pull(PairCatalogue.read(catalogue).named(name), to, false);
  }

  private void answerAll() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        start(() -> answer(socket), "fuzzed hub's answer"); // a client may keep it open
      } catch (IOException e) {
        // closed
      }
    }
  }

  private static void start(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void answer(Socket socket) {
    try (socket) {
      String head = head(socket.getInputStream());
      Path other;
      synchronized (asked) {
        other = folder.resolve("answers").resolve(Integer.toString(asked.size()));
        asked.add(head);
      }
      socket
          .getOutputStream()
          .write(Files.exists(other) ? Files.readAllBytes(other) : answer(folder, head));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes(); // until the client has left, or it loses the answer
    } catch (IOException e) {
      // the client has left
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next; head.indexOf("\r\n\r\n") < 0 && (next = in.read()) != -1; ) {
      head.append((char) next);
    }
    return head.toString();
  }

  /** The right answer to a request, without redirects. */
  public static byte[] answer(Path folder, String head) throws IOException {
    Map<String, String> headers = new HashMap<>();
    head.lines()
        .filter(line -> line.contains(": "))
        .forEach(line -> headers.put(line.split(": ")[0], line.split(": ")[1]));
    String[] request = head.split(" ");
    String[] path = request.length < 2 ? new String[0] : request[1].split("/", 6);
    Path file = path.length < 6 ? null : folder.resolve(path[1]).resolve(path[2]).resolve(path[5]);
    if (file == null || !Files.isRegularFile(file)) {
      return ascii("HTTP/1.1 404 No\r\nX-Error-Code: EntryNotFound\r\nContent-Length: 0\r\n\r\n");
    }
    byte[] body = Files.readAllBytes(file);
    String range = headers.getOrDefault("Range", "bytes=0-").replaceAll("\\D", "");
    int from = Math.min(body.length, Integer.parseInt(range));
    String hash =
        file.toString().endsWith(".onnx")
            ? DigestUtils.sha256Hex(body)
            : DigestUtils.sha1Hex(concat(ascii("blob " + body.length + "\0"), body));
    byte[] answer =
        ascii(
            (from == 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content")
                + "\r\nX-Repo-Commit: "
                + HubServer.COMMIT
                + "\r\nX-Linked-Size: "
                + body.length
                + "\r\nX-Linked-ETag: \""
                + hash
                + "\"\r\nETag: \""
                + hash
                + "\"\r\nContent-Range: bytes "
                + from
                + "-"
                + (body.length - 1)
                + "/"
                + body.length
                + "\r\nContent-Length: "
                + (body.length - from)
                + "\r\nConnection: close\r\n\r\n");
    return request[0].equals("HEAD")
        ? answer
        : concat(answer, Arrays.copyOfRange(body, from, body.length));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
