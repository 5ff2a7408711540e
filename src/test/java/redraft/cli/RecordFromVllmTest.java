package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.Tokenizer;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.model.server.ModelServer;
import redraft.model.server.VllmServer;
import redraft.recording.ScoringRecorder;
import redraft.sampling.RandomStreams;
import redraft.trace.Grade;
import redraft.trace.Prompt;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

class RecordFromVllmTest {
  private static final int PROMPTS = 5;
  private static final int SAMPLES = 2;
  private static final RandomStreams STREAMS = new RandomStreams(3);

  @TempDir Path folder;
  private VllmServer target;
  private VllmServer draft;

  @BeforeEach
  void start() throws IOException {
    OnnxPair pair = ShippedPair.get();
    target = new VllmServer(pair.target(), pair.tokenizer(), pair.endTokens(), STREAMS);
    draft = new VllmServer(pair.drafts().get(0), pair.tokenizer(), pair.endTokens(), STREAMS);
    for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
      for (int sample = 0; sample < SAMPLES; sample++) {
        target.texts.put(
            ScoringRecorder.seed(STREAMS, prompt.id(), sample), prompt.id() + "/" + sample);
      }
    }
  }

  @AfterEach
  void stop() {
    target.close();
    draft.close();
  }

  private Path out(String name) {
    return folder.resolve(name);
  }

  private static final List<String> WHAT =
      List.of(
          "--prompts " + ShippedPair.PROMPTS + " --limit " + PROMPTS,
          "--samples " + SAMPLES + " --seed 3 --max-new-tokens 20");

  private Cli run(String line) {
    String retries = line.contains("--retries") || line.contains("--models") ? "" : " --retries 0";
    return Cli.run((line.strip() + retries + " " + String.join(" ", WHAT)).split(" "));
  }

  private Cli record(String out, String more) {
    return run(
        "record --from-server "
            + target.address()
            + " --draft-server "
            + draft.address()
            + " --out "
            + out(out)
            + " "
            + more);
  }

  private void assertRefused(int exit, String message, Cli run) {
    assertEquals(exit, run.exit(), run.err());
    assertEquals(1, run.err().strip().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }

  private void assertFine(Cli run) {
    assertEquals(0, run.exit(), run.err());
    assertEquals("", run.err());
  }

  private List<TraceSequence> sequences(String name) throws IOException {
    List<TraceSequence> all = new ArrayList<>();
    try (TraceReader reader = new TraceReader(out(name))) {
      for (TraceSequence one; (one = reader.next()) != null; ) {
        all.add(one);
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aTraceFromServersIsThatOfTheModelsThemselves(int temperature) throws Exception {
    Cli served = record("served.jsonl", "--temperature " + temperature + " --concurrency 3");
    assertFine(served);
    assertTrue(
        served.out().startsWith(target.address() + " is asked as --server-api openai"),
        served.out());
    assertFine(
        run(
            "record --models models/tiny --temperature "
                + temperature
                + " --out "
                + out("own.jsonl")));
    List<TraceSequence> expected = sequences("own.jsonl");
    List<TraceSequence> actual = sequences("served.jsonl");
    assertEquals(PROMPTS * SAMPLES, actual.size());
    for (int i = 0; i < actual.size(); i++) {
      TraceSequence own = expected.get(i);
      TraceSequence one = actual.get(i);
      assertEquals(own.label(), one.label());
      assertEquals(own.prompt(), one.prompt());
      assertArrayEquals(own.promptTokens(), one.promptTokens());
      assertArrayEquals(own.tokens(), one.tokens());
      assertEquals(own.finish(), one.finish());
      assertArrayEquals(own.target().logprob(), one.target().logprob(), 1e-6);
      assertArrayEquals(own.drafts().get(0).logprob(), one.drafts().get(0).logprob(), 1e-6);
      assertArrayEquals(own.drafts().get(0).rank(), one.drafts().get(0).rank());
      assertNull(one.target().entropy());
      assertNull(one.drafts().get(0).overlap());
    }
    try (TraceReader reader = new TraceReader(out("served.jsonl"))) {
      assertEquals("vllm", reader.header().source());
      assertEquals(Grade.EXACT, reader.header().grade());
      assertEquals("tiny-target", reader.header().target().name());
      assertEquals("tiny-draft", reader.header().drafts().get(0).name());
      assertEquals(2048, reader.header().tokenizer().vocabularySize());
    }
    assertEquals(
        steps("own.jsonl"),
        steps("served.jsonl"),
        "replay has to be that of the models themselves");
  }

  /** Tokens per step by every rule, to seven places. */
  private List<String> steps(String trace) throws IOException {
    List<String> steps = new ArrayList<>();
    Cli.json(
            "replay "
                + out(trace)
                + " --rule token,block,greedy-draft --draft-length 1..4 --cost-ratio 0.1")
        .findValues("tokens_per_step")
        .forEach(one -> steps.add(String.format(Locale.ROOT, "%.5f", one.asDouble())));
    assertEquals(12, steps.size());
    return steps;
  }

  @Test
  void concurrencyChangesNothingButTheTime() throws Exception {
    assertFine(record("one.jsonl", "--temperature 1"));
    assertEquals(1, target.mostBusy.get());
    target.fault =
        exchange -> {
          Thread.sleep(50);
          return false;
        };
    assertFine(record("four.jsonl", "--temperature 1 --concurrency 4"));
    assertTrue(target.mostBusy.get() > 1 && target.mostBusy.get() <= 4, "" + target.mostBusy);
    assertEquals(Files.readString(out("one.jsonl")), Files.readString(out("four.jsonl")));
  }

  // the server reads with the same arithmetic as it writes: single precision is all that is lost
  @Test
  void theTargetsOwnReadingSaysHowFarItCanBeTrusted() throws Exception {
    Cli same = record("t.jsonl", "--temperature 1 --score-target");
    assertFine(same);
    String line = same.out().lines().reduce((first, second) -> second).orElseThrow();
    assertTrue(line.matches("mean \\|Δ ln p\\| .*: [0-9.e-]+ nats over \\d+ positions"), line);
    assertTrue(Double.parseDouble(line.replaceFirst(".*: (\\S+) nats.*", "$1")) < 1e-6, line);
    target.change =
        answer ->
            answer
                .at("/choices/0/prompt_logprobs")
                .forEach(
                    position ->
                        position.forEach(
                            entry ->
                                ((ObjectNode) entry)
                                    .put("logprob", entry.get("logprob").asDouble() - 0.25)));
    Cli off = record("u.jsonl", "--temperature 1 --score-target");
    assertTrue(off.out().contains("between writing and reading: 0.25 nats"), off.out());
    assertEquals(Files.readString(out("t.jsonl")), Files.readString(out("u.jsonl")));
  }

  // a text of n tokens after a prompt of m is written once, and read by the draft, which writes a
  // token more: 2 (m + n) + 1
  @Test
  void aBudgetIsNeverExceededAndTheRecordingGoesOnLater() throws Exception {
    assertFine(record("whole.jsonl", "--temperature 1"));
    List<TraceSequence> all = sequences("whole.jsonl");
    long[] cost =
        all.stream()
            .mapToLong(one -> 2L * (one.promptTokens().length + one.length()) + 1)
            .toArray();
    long budget = cost[0] + cost[1] + cost[2] + 2L * (all.get(3).promptTokens().length + 20);
    for (int concurrency : new int[] {1, 4}) {
      String name = "cut" + concurrency + ".jsonl";
      long before = target.usage.get() + draft.usage.get();
      Cli cut =
          record(
              name, "--temperature 1 --token-budget " + budget + " --concurrency " + concurrency);
      assertFine(cut);
      assertTrue(cut.out().contains("3 sequences"), cut.out());
      assertTrue(cut.out().contains("might exceed the token budget; continue with"), cut.out());
      assertTrue(target.usage.get() + draft.usage.get() - before <= budget);
      assertFine(record(name, "--temperature 1 --resume"));
      assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out(name)));
    }
  }

  @Test
  void aRecordingThatBrokeOffIsContinuedToTheSameBytes() throws Exception {
    assertFine(record("whole.jsonl", "--temperature 1"));
    AtomicInteger asked = new AtomicInteger();
    draft.fault =
        exchange ->
            exchange.getRequestURI().getPath().equals("/v1/completions")
                && asked.incrementAndGet() > 6
                && ModelServer.status(500, "{\"error\":{\"message\":\"EngineDeadError\"}}")
                    .answered(exchange);
    assertRefused(
        1,
        "redraft: server "
            + draft.address()
            + " refuses /v1/completions (500: EngineDeadError; asked 2 times)",
        record("cut.jsonl", "--temperature 1 --retries 1"));
    int lines = Files.readAllLines(out("cut.jsonl")).size();
    assertTrue(lines > 2 && lines < 11, lines + " lines");
    draft.fault = exchange -> false;
    assertRefused(
        2,
        "may have 12 tokens now; resume with the token limit",
        Cli.run(
            ("record --from-server "
                    + target.address()
                    + " --draft-server "
                    + draft.address()
                    + " --temperature 1 --resume --out "
                    + out("cut.jsonl")
                    + " "
                    + String.join(" ", WHAT).replace("20", "12"))
                .split(" ")));
    assertFine(record("cut.jsonl", "--temperature 1 --resume --concurrency 2"));
    assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out("cut.jsonl")));
  }

  @Test
  void aDraftThatIsAnotherModelNowIsNoticed() throws Exception {
    assertFine(record("whole.jsonl", "--temperature 1"));
    List<String> lines = Files.readAllLines(out("whole.jsonl"));
    Files.write(out("cut.jsonl"), lines.subList(0, 4));
    draft.change =
        answer ->
            answer
                .at("/choices/0/prompt_logprobs")
                .forEach(
                    position ->
                        position.forEach(
                            entry ->
                                ((ObjectNode) entry)
                                    .put("logprob", entry.get("logprob").asDouble() - 0.2)));
    assertRefused(
        2,
        "has other probabilities to draft 'tiny-draft' now",
        record("cut.jsonl", "--temperature 1 --resume"));
  }

  @Test
  void aServerThatIsBusyOnceIsAskedAgain() throws Exception {
    assertFine(record("whole.jsonl", "--temperature 1"));
    AtomicInteger asked = new AtomicInteger();
    target.fault =
        exchange -> {
          int now =
              exchange.getRequestURI().getPath().equals("/v1/completions")
                  ? asked.incrementAndGet()
                  : 0;
          if (now == 3) {
            return ModelServer.status(429, "{}").answered(exchange);
          }
          if (now == 6) { // an answer that is cut
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            exchange.close();
            return true;
          }
          return false;
        };
    assertFine(record("t.jsonl", "--temperature 1 --retries 2"));
    assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out("t.jsonl")));
  }

  @Test
  void aServerThatFailsForGoodIsNamedWithWhatItSays() throws Exception {
    String name = "redraft: server " + target.address();
    target.fault = onlyCompletions(ModelServer.status(429, "{}"));
    assertRefused(
        1,
        name + " takes no more for now (429; asked 2 times); lower --concurrency, raise",
        record("t.jsonl", "--retries 1"));
    target.fault =
        ModelServer.status(401, "{\"error\":\"Unauthorized\"}"); // as vLLM with --api-key
    assertRefused(
        1,
        name + " wants its key (401: Unauthorized); set OPENAI_API_KEY to it",
        record("t.jsonl", ""));
    target.fault =
        onlyCompletions(
            exchange -> {
              exchange.getResponseHeaders().set("Location", "http://elsewhere.example/");
              return ModelServer.status(307, "").answered(exchange);
            });
    assertRefused(1, name + " sends /v1/completions elsewhere (307)", record("t.jsonl", ""));
    target.fault = ModelServer.status(200, "<html>");
    assertRefused(
        1, name + " does not answer /v1/models in JSON of that kind", record("t.jsonl", ""));
    target.fault =
        onlyCompletions(
            exchange -> {
              Thread.sleep(1300);
              return false;
            });
    assertRefused(
        1,
        name + " has not answered /v1/completions within 1 seconds",
        record("t.jsonl", "--server-timeout 1 --retries 0"));
    target.close();
    assertRefused(1, name + " cannot be reached; start it, or name", record("t.jsonl", ""));
    assertTrue(Files.notExists(out("t.jsonl")));
  }

  // the first request finds out what kind of server it is, which llama-server says without a key
  @Test
  void theKeyGoesToTheServersAndNowhereElse() throws Exception {
    OnnxPair pair = ShippedPair.get();
    try (VllmServer elsewhere =
        new VllmServer(pair.target(), pair.tokenizer(), pair.endTokens(), STREAMS)) {
      draft.fault =
          onlyCompletions(
              exchange -> {
                exchange
                    .getResponseHeaders()
                    .set("Location", elsewhere.address() + "/v1/completions");
                return ModelServer.status(307, "").answered(exchange);
              });
      List<String> line =
          new ArrayList<>(List.of("record", "--from-server", target.address(), "--draft-server"));
      line.addAll(List.of(draft.address(), "--limit", "1", "--out", out("t.jsonl").toString()));
      line.addAll(List.of("--vocabulary-size", "2048", "--max-new-tokens", "4"));
      line.addAll(List.of("--prompts", ShippedPair.PROMPTS.toString()));
      ProcessBuilder program = Cli.process(List.of(), line.toArray(String[]::new));
      program.environment().put("OPENAI_API_KEY", "secret");
      Path err = out("err.txt");
      int exit =
          program
              .redirectOutput(out("out.txt").toFile())
              .redirectError(err.toFile())
              .start()
              .waitFor();
      assertEquals(1, exit);
      assertTrue(Files.readString(err).contains("sends /v1/completions elsewhere (307), where"));
      assertEquals(List.of(), elsewhere.keys);
      assertNull(target.keys.get(0));
      for (String key : target.keys.subList(1, target.keys.size())) {
        assertEquals("Bearer secret", key);
      }
      assertTrue(target.keys.size() > 3);
    }
  }

  private static ModelServer.Fault onlyCompletions(ModelServer.Fault fault) {
    return exchange ->
        exchange.getRequestURI().getPath().equals("/v1/completions") && fault.answered(exchange);
  }

  @Test
  void idsAndProbabilitiesThatDoNotComeBackAreAskedForInWords() throws Exception {
    String name = "redraft: server " + target.address();
    target.change = answer -> ((ObjectNode) answer.at("/choices/0")).remove("token_ids");
    assertFine(record("t.jsonl", "")); // return_tokens_as_token_ids says them too
    target.change =
        answer -> {
          ObjectNode choice = (ObjectNode) answer.at("/choices/0");
          choice.remove("token_ids");
          if (choice.has("logprobs")) {
            ((ObjectNode) choice.get("logprobs")).putArray("tokens").add(" a");
          }
        };
    assertRefused(
        1,
        name + " gives texts and no token ids; ask vLLM 0.10.2 or newer (return_token_ids)",
        record("u.jsonl", ""));
    target.change =
        answer -> {
          if (answer.at("/choices/0/logprobs/token_logprobs") instanceof ArrayNode numbers) {
            numbers.remove(0);
          }
        };
    assertRefused(1, name + " gives 20 tokens and 19 probabilities", record("v.jsonl", ""));
    target.change = answer -> ((ObjectNode) answer.at("/choices/0")).putNull("logprobs");
    assertRefused(1, name + " gives no probabilities of what it writes", record("w.jsonl", ""));
    target.change = answer -> ((ObjectNode) answer.at("/choices/0")).put("finish_reason", "abort");
    assertRefused(1, name + " ended a text with 'abort'; see why", record("x.jsonl", ""));
    target.change = answer -> {};
    String other = "redraft: server " + draft.address();
    draft.change = answer -> ((ObjectNode) answer.at("/choices/0")).remove("prompt_logprobs");
    assertRefused(1, other + " gives none of the", record("y.jsonl", ""));
    draft.change =
        answer ->
            answer
                .at("/choices/0/prompt_logprobs")
                .forEach(
                    position -> position.forEach(entry -> ((ObjectNode) entry).remove("rank")));
    assertRefused(1, other + " does not give probability and rank of token", record("z.jsonl", ""));
  }

  @Test
  void whatHasNoProbabilityIsNull() throws Exception {
    draft.change =
        answer ->
            answer
                .at("/choices/0/prompt_logprobs")
                .forEach(
                    position ->
                        position.forEach(
                            entry -> ((ObjectNode) entry).put("logprob", -9999).put("rank", 2048)));
    assertFine(record("t.jsonl", "--temperature 1"));
    for (TraceSequence one : sequences("t.jsonl")) {
      assertTrue(
          Arrays.stream(one.drafts().get(0).logprob())
              .allMatch(q -> q == Double.NEGATIVE_INFINITY));
    }
  }

  @Test
  void aModelOfSeveralIsChosenByName() throws Exception {
    target.models = answer -> ((ArrayNode) answer.get("data")).addObject().put("id", "other");
    assertRefused(
        1,
        "serves tiny-target, other; say which: MODEL=" + target.address(),
        record("t.jsonl", ""));
    String line = "record --draft-server d=" + draft.address() + " --out " + out("t.jsonl");
    assertRefused(
        1,
        "serves tiny-target, other, not 'x'; say which",
        run(line + " --from-server x=" + target.address()));
    assertFine(run(line + " --from-server tiny-target=" + target.address() + "/v1/"));
    try (TraceReader reader = new TraceReader(out("t.jsonl"))) {
      assertEquals("tiny-target", reader.header().target().name());
      assertEquals("d", reader.header().drafts().get(0).name());
    }
    assertRefused(
        1,
        "The model `other` does not exist",
        run(line + " --force --from-server other=" + target.address()));
  }

  @Test
  void aServerWithoutTokenizerIsAskedForTheTokensOfItsPrompts() throws Exception {
    assertFine(record("whole.jsonl", ""));
    target.tokenizes = false;
    draft.tokenizes = false;
    assertFine(record("t.jsonl", ""));
    assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out("t.jsonl")));
  }

  @Test
  void aMessageIsWrittenInTheTemplateOfTheServer() throws Exception {
    assertFine(record("t.jsonl", "--chat"));
    for (TraceSequence one : sequences("t.jsonl")) {
      assertTrue(one.prompt().startsWith("User: "), one.prompt());
      assertArrayEquals(
          ShippedPair.get().tokenizer().encode(one.prompt()), one.promptTokens(), one.prompt());
    }
  }

  @Test
  void aTextThatADraftCannotReadToItsEndIsRefusedOrStopped() throws Exception {
    assertFine(record("whole.jsonl", ""));
    List<TraceSequence> whole = sequences("whole.jsonl");
    int firstPrompt = whole.get(0).promptTokens().length;
    int longest = whole.stream().mapToInt(one -> one.promptTokens().length).max().orElseThrow();
    draft.contextLength = longest + 12;
    assertRefused(
        1,
        "draft 'tiny-draft' takes texts of "
            + (longest + 11)
            + "; lower --max-new-tokens to "
            + (longest + 11 - firstPrompt)
            + ", or let record end texts there with --when-draft-is-full stop",
        record("t.jsonl", ""));
    assertFine(record("t.jsonl", "--when-draft-is-full stop"));
    int most =
        sequences("t.jsonl").stream()
            .mapToInt(one -> one.promptTokens().length + one.length())
            .max()
            .orElseThrow();
    assertEquals(longest + 11, most);
  }

  @Test
  void aDraftOfAnotherTokenizerIsRefused() throws Exception {
    draft.close();
    OnnxPair pair = ShippedPair.get();
    draft =
        new VllmServer(
            pair.drafts().get(0),
            new Tokenizer() {
              @Override
              public int[] encode(String text) {
                return new int[] {7, 8, 9};
              }

              @Override
              public String decode(int[] tokens) {
                return "";
              }

              @Override
              public void close() {}
            },
            pair.endTokens(),
            STREAMS);
    assertRefused(
        1,
        "has other tokens to draft 'tiny-draft' than to target 'tiny-target'; serve a draft that",
        record("t.jsonl", ""));
  }

  @Test
  void aVocabularyThatNobodySaysIsTypedIn() throws Exception {
    target.fault =
        exchange ->
            target.completions.get() == 0
                && exchange.getRequestURI().getPath().equals("/v1/completions")
                && ModelServer.status(200, "{}").answered(exchange);
    assertRefused(
        1, "does not say how large its vocabulary is, as vLLM does", record("t.jsonl", ""));
    target.fault = exchange -> false;
    assertFine(record("t.jsonl", "--vocabulary-size 4000"));
    try (TraceReader reader = new TraceReader(out("t.jsonl"))) {
      assertEquals(4000, reader.header().tokenizer().vocabularySize());
    }
  }

  @Test
  void whatSuchServersDoNotSayIsNotAskedOfThem() throws Exception {
    Map.of(
            "--temperature 0.8",
            "--temperature 0.8 changes probabilities after the server has said them",
            "--temperature 1 --top-p 0.9",
            "--top-k or --top-p changes probabilities",
            "--logits all",
            "--logits all takes more than such a server says of a token",
            "--draft nobody",
            "--draft nobody is none of the drafts tiny-draft",
            "--concurrency 0",
            "--concurrency 0 must be at least 1",
            "--token-budget 0",
            "--token-budget 0 must be at least 1",
            "--server-api grpc",
            "--server-api grpc is none of llama.cpp, openai",
            "--server-api llama.cpp --score-target",
            "--score-target is for servers that score a text at once")
        .forEach((options, message) -> assertRefused(2, message, record("t.jsonl", options)));
    assertRefused(
        2,
        "--concurrency goes with --from-server URL",
        run("record --concurrency 2 --models models/tiny --out " + out("t.jsonl")));
    assertTrue(Files.notExists(out("t.jsonl")));
  }
}
