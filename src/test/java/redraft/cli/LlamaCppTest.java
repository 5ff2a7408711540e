package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.model.LanguageModel;
import redraft.model.ModelSession;
import redraft.model.server.ServerContact;
import redraft.model.server.ServerPair;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

/**
 * Recording from the real llama-server, beside llama-perplexity's own probabilities. Runs where
 * REDRAFT_LLAMA_CPP names a folder of llama.cpp's programs.
 */
class LlamaCppTest {
  private static final Path MODELS = Path.of("src/test/resources/redraft/gguf").toAbsolutePath();
  private static final String PROGRAMS = System.getenv("REDRAFT_LLAMA_CPP");
  private static final int CONTEXT = 64; // of llama-perplexity

  /** Half a step of the 16 bits in which 16 nats are saved, and a little of single precision. */
  private static final double ROUNDING = 16 / 65535.0 / 2 + 1e-5;

  /** Or a cache of 16 bits makes more of a difference than that between passes of 1 and 64 rows. */
  private static final List<String> SINGLE_PRECISION =
      List.of("-ctk", "f32", "-ctv", "f32", "-fa", "off");

  private static final String TEXT =
      "The ferry left in the rain and nothing on the other shore was seen again before the morning. "
          + "He had been waiting there for an hour, and the sand under him was wet and cold. ";

  @TempDir Path folder;
  private final List<Process> servers = new ArrayList<>();

  @BeforeEach
  void requirePrograms() {
    assumeTrue(
        PROGRAMS != null, "passed over: REDRAFT_LLAMA_CPP names no folder of llama.cpp's programs");
  }

  @AfterEach
  void stop() throws Exception {
    for (Process server : servers) {
      server.destroy();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
    }
  }

  private Process start(String program, String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(PROGRAMS, program).toString()));
    command.addAll(SINGLE_PRECISION);
    command.addAll(List.of(options));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(program + servers.size() + ".log").toFile())
        .start();
  }

  /** The address of a server that is ready. */
  private String serve(String model, String... more) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    List<String> options =
        new ArrayList<>(List.of("-m", MODELS.resolve(model).toString(), "-np", "1", "-t", "1"));
    options.addAll(List.of("--port", Integer.toString(port)));
    options.addAll(List.of(more));
    servers.add(start("llama-server", options.toArray(String[]::new)));
    String address = "http://127.0.0.1:" + port;
    HttpRequest health = HttpRequest.newBuilder(URI.create(address + "/health")).build();
    for (int i = 0; i < 600; i++) {
      try {
        if (HttpClient.newHttpClient()
                .send(health, HttpResponse.BodyHandlers.discarding())
                .statusCode()
            == 200) {
          return address;
        }
      } catch (IOException e) {
        // does not listen yet
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("llama-server is not ready after a minute");
  }

  /** What llama-perplexity saves: tokens, and ln p of the second half of each chunk. */
  private ByteBuffer saved(String model) throws Exception {
    Path text = Files.writeString(folder.resolve("text.txt"), TEXT.repeat(2));
    Path file = folder.resolve(model + ".logits");
    Process run =
        start(
            "llama-perplexity",
            "-m",
            MODELS.resolve(model).toString(),
            "-f",
            text.toString(),
            "-c",
            Integer.toString(CONTEXT),
            "-t",
            "1",
            "--save-all-logits",
            file.toString());
    assertEquals(0, run.waitFor());
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
  }

  private static void assertAsSaved(LanguageModel model, ByteBuffer saved) {
    int vocabulary = saved.getInt(12);
    assertEquals(vocabulary, model.vocabularySize());
    assertEquals(CONTEXT, saved.getInt(8));
    int chunks = saved.getInt(16);
    int[] text = new int[CONTEXT];
    for (int i = 0; i < CONTEXT; i++) {
      text[i] = saved.getInt(20 + 4 * i);
    }
    assertEquals(1, text[0], "the chunk begins with <s>");
    int first = CONTEXT / 2;
    int stride = 2 * (2 * ((vocabulary + 1) / 2) + 4); // bytes
    try (ModelSession session = model.open()) {
      session.prefill(text, 0, first);
      for (int row = 0; first + row < CONTEXT - 1; row++) {
        FloatBuffer logits = session.forward(text, first + row, first + row + 1).row(0);
        int at = 20 + 4 * CONTEXT * chunks + row * stride;
        float scale = saved.getFloat(at);
        float least = saved.getFloat(at + 4);
        for (int token = 0; token < vocabulary; token++) {
          int steps = Short.toUnsignedInt(saved.getShort(at + 8 + 2 * token));
          if (steps > 0) { // 0 is everything 16 nats below the largest
            assertEquals(
                least + scale * steps,
                logits.get(token),
                ROUNDING,
                "row " + row + ", token " + token);
          }
        }
      }
    }
  }

  @Test
  void probabilitiesOfTheServerAreThoseOfLlamaPerplexity() throws Exception {
    URI target = URI.create(serve("target.gguf"));
    URI draft = URI.create(serve("draft.gguf"));
    ServerPair pair =
        new ServerPair(
            new ServerPair.Served(null, target),
            List.of(new ServerPair.Served(null, draft)),
            new ServerContact(Duration.ofMinutes(1), null, 0));
    assertArrayEquals(
        new int[] {1}, Arrays.copyOf(pair.tokenizer().encode(TEXT), 1), "<s> is added");
    assertEquals(TEXT.strip(), pair.tokenizer().decode(pair.tokenizer().encode(TEXT)).strip());
    assertEquals(Set.of(2), pair.endTokens());
    assertAsSaved(pair.target(), saved("target.gguf"));
    assertAsSaved(pair.drafts().get(0), saved("draft.gguf"));
  }

  @Test
  void aPairOfGgufFilesIsRecordedTwiceTheSame() throws Exception {
    String target = serve("target.gguf");
    String draft = serve("draft.gguf");
    Path prompts =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"id\":\"a\",\"domain\":\"d\",\"prompt\":\"the ferry\"}\n{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"wind\"}\n");
    List<String> traces = new ArrayList<>();
    for (String out : List.of("1.jsonl", "2.jsonl")) {
      Cli run =
          Cli.run(
              "record",
              "--from-server",
              target,
              "--draft-server",
              "small=" + draft,
              "--prompts",
              prompts.toString(),
              "--temperature",
              "1",
              "--max-new-tokens",
              "24",
              "--out",
              folder.resolve(out).toString());
      assertEquals(0, run.exit(), run.err());
      traces.add(Files.readString(folder.resolve(out)));
    }
    assertEquals(traces.get(0), traces.get(1));
    try (TraceReader reader = new TraceReader(folder.resolve("1.jsonl"))) {
      assertEquals("target.gguf", reader.header().target().name());
      assertEquals(64, reader.header().target().sha256().length());
      assertTrue(
          reader.header().target().parameters() > reader.header().drafts().get(0).parameters());
      double overlap = 0;
      int positions = 0;
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        for (double each : sequence.drafts().get(0).overlap()) {
          overlap += each;
          positions++;
        }
      }
      assertTrue(
          overlap / positions > .3 && overlap / positions < .95, "overlap " + overlap / positions);
    }
  }
}
