package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.decode.Limits;
import redraft.model.TableModel;
import redraft.model.Tokenizer;
import redraft.model.server.ModelServer;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

class RecordFromServerTest {
  private static final double[][] P = {
    {.1, .5, .2, .15, .05},
    {.4, .1, .3, .2, 0},
    {.25, .25, .1, .3, .1},
    {.05, .6, .2, .1, .05},
    {.2, .2, .2, .2, .2}
  };
  private static final double[][] Q = {
    {.2, .4, .2, .1, .1},
    {.3, .2, .3, .15, .05},
    {.2, .3, .1, .3, .1},
    {.1, .5, .3, 0, .1},
    {.2, .2, .2, .2, .2}
  };
  private static final TableModel TARGET = TableModel.ofProbabilities("target.gguf", P);
  private static final TableModel DRAFT = TableModel.ofProbabilities("draft.gguf", Q);
  private static final int END = 4; // the last token, as ModelServer has it

  @TempDir Path folder;
  private ModelServer target;
  private ModelServer draft;

  @BeforeEach
  void start() throws IOException {
    target = new ModelServer(TARGET, 'a');
    draft = new ModelServer(DRAFT, 'a');
  }

  @AfterEach
  void stop() {
    target.close();
    draft.close();
  }

  /** From servers of which it is said that they are llama-servers, asked once. */
  private Cli record(String out, String... more) throws IOException {
    List<String> all = new ArrayList<>(List.of("--server-api", "llama.cpp", "--retries", "0"));
    all.addAll(List.of(more));
    return recordAs(out, all);
  }

  private Cli recordAs(String out, List<String> more) throws IOException {
    List<String> prompts = new ArrayList<>();
    for (String text : List.of("a", "bc", "abd", "dd", "cab")) {
      prompts.add("{\"id\":\"" + text + "\",\"domain\":\"letters\",\"prompt\":\"" + text + "\"}");
    }
    Path file = Files.write(folder.resolve("prompts.jsonl"), prompts);
    List<String> arguments =
        new ArrayList<>(List.of("record", "--from-server", target.address(), "--draft-server"));
    arguments.add(draft.address());
    arguments.addAll(List.of("--prompts", file.toString(), "--out", out(out).toString()));
    arguments.addAll(List.of("--temperature", "0.8", "--top-p", "0.95", "--max-new-tokens", "12"));
    arguments.addAll(more);
    return Cli.run(arguments.toArray(String[]::new));
  }

  private Path out(String name) {
    return folder.resolve(name);
  }

  private void assertRefused(int exit, String message, Cli run) {
    assertEquals(exit, run.exit(), run.err());
    assertEquals(1, run.err().strip().lines().count(), run.err());
    assertTrue(run.err().contains(message), run.err());
  }

  private static final Tokenizer LETTERS =
      new Tokenizer() {
        @Override
        public int[] encode(String text) {
          return text.chars().map(letter -> letter - 'a').toArray();
        }

        @Override
        public String decode(int[] tokens) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
      };

  @Test
  void aTraceFromServersIsThatOfTheirModels() throws Exception {
    Cli run = record("t.jsonl", "--logits", "all", "--samples", "3");
    assertEquals(0, run.exit(), run.err());
    assertEquals("", run.err());
    try (TraceReader reader = new TraceReader(out("t.jsonl"));
        Recorder direct =
            new Recorder(
                LETTERS,
                TARGET,
                List.of(DRAFT),
                new SamplingParameters(0.8, 0, 0.95),
                new Limits(12, Set.of(END)),
                new Detail(LogitDetail.ALL, 0),
                new RandomStreams(0))) {
      TraceHeader header = reader.header();
      assertEquals(new TraceHeader.ModelInfo("target.gguf", "", 1000), header.target());
      assertEquals(List.of(new TraceHeader.DraftInfo("draft.gguf", "", 1000)), header.drafts());
      assertEquals(new TraceHeader.TokenizerInfo("", 5), header.tokenizer());
      int sequences = 0;
      for (TraceSequence actual; (actual = reader.next()) != null; sequences++) {
        TraceSequence expected =
            direct.record(
                new Prompt(actual.id(), actual.domain(), actual.prompt()), actual.sample());
        assertArrayEquals(expected.tokens(), actual.tokens());
        assertEquals(expected.finish(), actual.finish());
        assertArrayEquals(expected.target().logprob(), actual.target().logprob(), 1e-6);
        assertArrayEquals(expected.target().entropy(), actual.target().entropy(), 1e-6);
        assertArrayEquals(expected.target().margin(), actual.target().margin(), 1e-6);
        TraceSequence.Draft drafted = actual.drafts().get(0);
        assertArrayEquals(expected.drafts().get(0).logprob(), drafted.logprob(), 1e-6);
        assertArrayEquals(expected.drafts().get(0).rank(), drafted.rank());
        assertArrayEquals(expected.drafts().get(0).overlap(), drafted.overlap(), 1e-6);
      }
      assertEquals(15, sequences);
    }
  }

  // each row is one request: what was generated, twice, and the probes at the start
  @Test
  void theServersAreAskedOncePerTokenAndModel() throws Exception {
    Cli run = record("t.jsonl");
    int checks = 1 + 1 + 18; // vocabulary; grouping: whole, and token by token
    int positions = Integer.parseInt(run.out().replaceFirst("(?s).*, (\\d+) positions.*", "$1"));
    assertEquals(checks + positions, target.completions.get());
    assertEquals(checks + positions, draft.completions.get());
    // what a cache holds from before makes no difference: vocabulary, two groupings, five prompts
    assertEquals(8, target.fromTheStart.get());
    assertEquals(8, draft.fromTheStart.get());
  }

  @Test
  void aRecordingWhoseServerDiedIsContinuedToTheSameBytes() throws Exception {
    record("whole.jsonl", "--samples", "2");
    int asked = target.completions.get();
    target.fault = exchange -> target.completions.get() > 1.6 * asked;
    assertRefused(
        1,
        "redraft: llama-server " + target.address() + " broke off while it answered /completion",
        record("cut.jsonl", "--samples", "2"));
    long lines = Files.readAllLines(out("cut.jsonl")).size();
    assertTrue(lines > 2 && lines < 11, lines + " lines");
    target.fault = exchange -> false;
    Cli resumed = record("cut.jsonl", "--samples", "2", "--resume");
    assertEquals(0, resumed.exit(), resumed.err());
    assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out("cut.jsonl")));
  }

  @Test
  void aLlamaServerIsKnownByHowItListsItsModels() throws Exception {
    Cli run = recordAs("t.jsonl", List.of());
    assertEquals(0, run.exit(), run.err());
    assertEquals(
        target.address() + " is asked as --server-api llama.cpp",
        run.out().lines().findFirst().orElseThrow());
  }

  @Test
  void aServerThatIsBusyOnceIsAskedAgain() throws Exception {
    int[] asked = {0};
    target.fault =
        exchange ->
            exchange.getRequestURI().getPath().equals("/completion")
                && ++asked[0] == 30
                && ModelServer.status(503, "{}").answered(exchange);
    Cli run = recordAs("t.jsonl", List.of("--retries", "1"));
    assertEquals(0, run.exit(), run.err());
    record("whole.jsonl");
    assertEquals(Files.readString(out("whole.jsonl")), Files.readString(out("t.jsonl")));
  }

  @Test
  void aMessageIsWrittenInTheTemplateOfTheServer() throws Exception {
    record("t.jsonl", "--chat");
    try (TraceReader reader = new TraceReader(out("t.jsonl"))) {
      assertArrayEquals(new int[] {0, 1, 0}, reader.next().promptTokens());
    }
  }

  @Test
  void aDraftIsCalledAsItsServerCallsItOrAsAsked() throws Exception {
    Cli run = record("t.jsonl", "--draft-server", "other=" + draft.address() + "/");
    assertEquals(0, run.exit(), run.err());
    try (TraceReader reader = new TraceReader(out("t.jsonl"))) {
      assertEquals(
          List.of("draft.gguf", "other"),
          reader.header().drafts().stream().map(TraceHeader.DraftInfo::name).toList());
    }
    assertRefused(
        1,
        "two drafts are called 'draft.gguf'; give one another name: --draft-server NAME=",
        record("u.jsonl", "--draft-server", draft.address()));
  }

  @Test
  void aServerThatIsAwayLoadsRefusesOrIsNoneIsNamed() throws Exception {
    String name = "redraft: llama-server " + target.address();
    target.fault =
        ModelServer.status(503, "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}");
    assertRefused(
        1,
        name + " is not ready (503: Loading model); try again when it has loaded its model",
        record("t.jsonl"));
    target.fault = ModelServer.status(401, "{\"error\":{\"message\":\"Invalid API Key\"}}");
    assertRefused(
        1,
        name + " wants its key (401: Invalid API Key); set LLAMA_API_KEY to it",
        record("t.jsonl"));
    target.fault = ModelServer.status(404, "<html>");
    assertRefused(1, name + " has no /v1/models (404); name the", record("t.jsonl"));
    target.fault = ModelServer.status(200, "<html>");
    assertRefused(1, name + " does not answer /v1/models as llama-server does", record("t.jsonl"));
    target.fault = ModelServer.status(500, "{\"error\":{\"message\":\"one\\ntwo\"}}");
    assertRefused(1, name + " refuses /v1/models (500: one)", record("t.jsonl"));
    target.fault =
        exchange -> {
          Thread.sleep(1300);
          return false;
        };
    assertRefused(
        1,
        name + " has not answered /v1/models within 1 seconds",
        record("t.jsonl", "--server-timeout", "1"));
    target.close();
    assertRefused(1, name + " cannot be reached; start it, or name", record("t.jsonl"));
    assertTrue(Files.notExists(out("t.jsonl")));
  }

  @Test
  void aServerThatKeepsProbabilitiesBackIsRefused() throws Exception {
    draft.change =
        answer -> ((ArrayNode) answer.at("/completion_probabilities/0/top_logprobs")).remove(2);
    assertRefused(
        1,
        "redraft: llama-server "
            + draft.address()
            + " gives the probabilities of 4 of its 5 tokens; p and q need all of them",
        record("t.jsonl"));
    draft.change =
        answer -> {
          ObjectNode position = (ObjectNode) answer.at("/completion_probabilities/0");
          position.put("logprob", 0).putArray("top_logprobs");
        };
    assertRefused(
        1,
        "says that every token has probability 1, as it does while it speculates",
        record("t.jsonl"));
    draft.change = answer -> answer.putArray("completion_probabilities");
    assertRefused(1, "gives no probabilities with the token that it generates", record("t.jsonl"));
    draft.change = answer -> {};
    draft.models = answer -> ((ObjectNode) answer.at("/data/0")).putNull("meta");
    assertRefused(1, "serves 1 models, or one that is not loaded", record("t.jsonl"));
  }

  @Test
  void aDraftOfAnotherVocabularyIsRefused() throws Exception {
    draft.close();
    draft = new ModelServer(DRAFT, 'b');
    assertRefused(
        1,
        "redraft: token 0 is 'b' to draft 'draft.gguf' and 'a' to target 'target.gguf'; serve a draft that shares",
        record("t.jsonl"));
    draft.close();
    draft = new ModelServer(TableModel.ofProbabilities("small.gguf", new double[][] {{1}}), 'a');
    assertRefused(
        1,
        "redraft: draft 'small.gguf' has a vocabulary of 1 tokens, target 'target.gguf' of 5; serve",
        record("t.jsonl"));
  }

  @Test
  void whatDoesNotGoTogetherIsWrongUsage() throws Exception {
    assertRefused(2, "--threads is for models of a directory", record("t.jsonl", "--threads", "1"));
    String out = out("t.jsonl").toString();
    assertRefused(
        2,
        "--from-server http://x needs a draft to score the same tokens",
        Cli.run("record", "--from-server", "http://x", "--out", out));
    assertRefused(
        2,
        "--draft-server and --server-timeout go with --from-server",
        Cli.run("record", "--draft-server", "http://x", "--out", out));
    for (String wrong :
        List.of("localhost:8080", "ftp://x", "http://x y", "http://x?y=1", "=http://x")) {
      assertRefused(2, "--draft-server " + wrong, record("t.jsonl", "--draft-server", wrong));
    }
  }
}
