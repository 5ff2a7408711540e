package redraft.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import redraft.cli.Cli;
import redraft.model.hub.FuzzedHub;
import redraft.model.hub.PairPull;
import redraft.model.onnx.Exports;

/** A hub whose answers, or whose files, are not what a hub gives. */
final class HubFuzz extends Surface {
  private static final List<String> HEADS =
      List.of(
          "HTTP/1.1 200 OK",
          "HTTP/1.1 206 Partial Content",
          "HTTP/1.1 302 Found",
          "HTTP/1.1 307 Temporary Redirect",
          "HTTP/1.1 401 Unauthorized",
          "HTTP/1.1 404 Not Found",
          "HTTP/1.1 416 Range",
          "HTTP/1.1 429 Slow",
          "HTTP/1.1 503 No",
          "HTTP/1.1 \u001b[31m",
          "HTTP/9.9 abc",
          "");

  private static final List<String> HEADERS =
      List.of(
          "Location: http://127.0.0.1:1/x",
          "Location: /demo/tiny-target/resolve/main/config.json",
          "Location: ../../../x",
          "Location: file:///etc/passwd",
          "Location: http://user:pass@127.0.0.1:99999/",
          "Location: \u001b[2J",
          "Content-Length: 0",
          "Content-Length: 7",
          "Content-Length: -7",
          "Content-Length: 99999999999999999999",
          "Transfer-Encoding: chunked",
          "Content-Encoding: gzip",
          "Content-Range: bytes 5-1/-3",
          "X-Linked-Size: -1",
          "X-Linked-Size: 9223372036854775807",
          "X-Linked-ETag: \"../../../../etc/passwd\"",
          "X-Repo-Commit: ../../main",
          "X-Error-Code: GatedRepo",
          "X-Error-Code: \u001b[31m",
          "Retry-After: 999999999999",
          "Retry-After: Mon, 99 Foo 2020 99:99:99 GMT",
          "X-Huge: " + "x".repeat(400_000),
          ": ",
          "\u0000");

  private final Map<String, byte[]> right = new HashMap<>();
  private final List<String> asked = new ArrayList<>(); // by a pull that nothing hinders
  private final List<byte[]> answers = new ArrayList<>();

  HubFuzz() {
    super("hub", 5);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    if (right.isEmpty()) {
      pullOnce();
    }
    Map<String, byte[]> files = new HashMap<>(right);
    if (random.nextInt(3) == 0) {
      String file = Mutation.any(right.keySet().stream().sorted().toList(), random);
      files.put(file, Mutation.json(files.get(file), random));
    } else {
      int from = random.nextInt(answers.size());
      for (int request = from; request <= from + random.nextInt(7); request++) {
        byte[] answer = answers.get(Math.min(request, answers.size() - 1));
        files.put("answers/" + request, changed(answer, random));
      }
    }
    return new FuzzCase("demo", files);
  }

  private static byte[] changed(byte[] answer, Random random) {
    if (random.nextInt(4) == 0) {
      return Mutation.bytes(answer, random);
    }
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    List<String> lines = new ArrayList<>(List.of(text.split("(?<=\r\n)", 10)));
    for (int change = 1 + random.nextInt(3); change > 0; change--) {
      String other = Mutation.any(HEADERS, random);
      switch (random.nextInt(4)) {
        case 0 -> lines.set(0, Mutation.any(HEADS, random) + "\r\n");
        case 1 -> lines.remove(random.nextInt(lines.size()));
        default -> {
          String name = other.substring(0, other.indexOf(':') + 1);
          lines.removeIf(line -> !name.isEmpty() && line.startsWith(name));
          lines.add(Math.min(1, lines.size()), other + "\r\n");
        }
      }
      if (lines.isEmpty()) {
        break;
      }
    }
    return String.join("", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private void pullOnce() throws IOException {
    right.put(
        "catalogue.json",
        Mutation.utf8(
            """
            {"pairs": [{"name": "demo", "licence": "Apache-2.0",
              "target": {"name": "t", "repository": "demo/tiny-target", "onnx": "onnx/model.onnx", "parameters": 7},
              "drafts": [{"name": "d", "repository": "demo/tiny-draft", "onnx": "onnx/model.onnx", "parameters": 5}]}]}
            """));
    right.put("demo/tiny-target/onnx/model.onnx", new byte[2000]);
    right.put("demo/tiny-draft/onnx/model.onnx", new byte[1000]);
    for (String repository : List.of("demo/tiny-target/", "demo/tiny-draft/")) {
      right.put(
          repository + "config.json",
          Mutation.utf8("{\"model_type\": \"gpt2\", \"n_positions\": 512, \"eos_token_id\": 1}\n"));
    }
    right.put("demo/tiny-target/generation_config.json", Mutation.utf8("{\"eos_token_id\": [0]}"));
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      right.put(
          "demo/tiny-target/" + name,
          Files.readAllBytes(Exports.DIRECTORY.resolve("draft").resolve(name)));
    }
    Path work = Files.createTempDirectory("hub");
    FuzzCase input = new FuzzCase("demo", right);
    input.write(work);
    try (FuzzedHub hub = new FuzzedHub(work)) {
      hub.pull(work.resolve("catalogue.json"), "demo", work.resolve("pulled"), note -> {});
      asked.addAll(hub.asked);
    }
    for (String request : asked) {
      answers.add(FuzzedHub.answer(work, request));
    }
    Fuzz.delete(work);
  }

  /** As {@code models pull} does it, but for waiting. */
  @Override
  Cli run(FuzzCase input, Path in, Path out) throws IOException {
    StringBuilder notes = new StringBuilder();
    Cli end;
    try (FuzzedHub hub = new FuzzedHub(in)) {
      PairPull.Result pulled =
          hub.pull(
              in.resolve("catalogue.json"),
              input.arguments().get(0),
              out.resolve("demo"),
              note -> notes.append(Cli.message(note)).append('\n'));
      end = new Cli(0, pulled.bytes() + " bytes", "");
    } catch (IOException | RuntimeException e) {
      end = Cli.failed(e);
    }
    return new Cli(end.exit(), end.out(), notes + end.err());
  }

  /** What has arrived waits there for the next pull. */
  @Override
  boolean leaves(Path file) {
    return file.startsWith(".demo.pulling");
  }
}
