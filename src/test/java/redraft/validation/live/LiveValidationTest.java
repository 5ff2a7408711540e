package redraft.validation.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.decode.Limits;
import redraft.latency.ConstantRatio;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.TableModel;
import redraft.model.Tokenizer;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.recording.Recording;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.validation.ValidationRow;
import redraft.verify.BlockRule;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

class LiveValidationTest {
  private static final TableModel TARGET =
      TableModel.ofProbabilities("big", new double[][] {{.5, .3, .2}, {.1, .2, .7}, {.4, .4, .2}});
  private static final TableModel DRAFT =
      TableModel.ofProbabilities(
          "small", new double[][] {{.4, .4, .2}, {.2, .3, .5}, {.2, .6, .2}});
  private static final List<VerificationRule> RULES = List.of(new TokenRule(), new BlockRule());
  private static final List<Prompt> PROMPTS =
      IntStream.range(0, 12).mapToObj(i -> new Prompt("p" + i, "d", "" + i % 3)).toList();
  private static final Tokenizer DIGITS =
      new Tokenizer() {
        @Override
        public int[] encode(String text) {
          return new int[] {Integer.parseInt(text)};
        }

        @Override
        public String decode(int[] tokens) {
          return "";
        }

        @Override
        public void close() {}
      };

  private static List<ValidationRow> rows(Path trace, double temperature) throws Exception {
    SamplingParameters sampling = SamplingParameters.temperature(temperature);
    Limits limits = new Limits(60, Set.of());
    TraceHeader.ModelInfo big = new TraceHeader.ModelInfo("big", "0".repeat(64), 1);
    TraceHeader.DraftInfo small = new TraceHeader.DraftInfo("small", "0".repeat(64), 1);
    try (Recorder recorder =
        new Recorder(
            DIGITS, TARGET, List.of(DRAFT), sampling, limits, Detail.NONE, new RandomStreams(1))) {
      new Recording(
              new TraceHeader(
                  new TraceHeader.TokenizerInfo("0".repeat(64), 3),
                  big,
                  List.of(small),
                  new TraceHeader.Sampling(temperature, 0, 1, 1),
                  LogitDetail.NONE),
              PROMPTS,
              temperature == 0 ? 1 : 20,
              recorder::record,
              sequences -> {})
          .write(trace);
    }
    try (LiveValidation validation =
        new LiveValidation(
            DIGITS, TARGET, DRAFT, RULES, List.of(1, 4), sampling, limits, new RandomStreams(0))) {
      for (int round = 1; round <= 20; round++) {
        for (Prompt prompt : PROMPTS) {
          validation.run(prompt, round, true);
        }
      }
      return validation.rows(trace, new ConstantRatio(.1));
    }
  }

  @Test
  void greedyStepsAreAsPredictedToTheLast(@TempDir Path folder) throws Exception {
    List<ValidationRow> rows = rows(folder.resolve("t0.jsonl"), 0);
    assertEquals(4, rows.size());
    for (ValidationRow row : rows) {
      assertEquals(row.tokens().predicted(), row.tokens().measured(), 1e-12);
      assertEquals(0, row.tokens().difference().low(), 1e-12);
      assertEquals(0, row.tokens().difference().high(), 1e-12);
      assertTrue(row.withinInterval());
    }
  }

  // 14,400 tokens a cell on either side: the means agree to a hundredth or two.
  @Test
  void sampledStepsAreAsPredictedOnAverage(@TempDir Path folder) throws Exception {
    for (ValidationRow row : rows(folder.resolve("t1.jsonl"), 1)) {
      assertEquals(row.tokens().predicted(), row.tokens().measured(), .06);
      assertTrue(row.tokens().difference().low() < row.tokens().difference().high());
      assertTrue(row.withinInterval(), row.toString());
      assertTrue(row.speedups().measured() > 0);
      assertEquals(
          row.speedups().predicted() / row.speedups().measured() - 1, row.speedupError(), 1e-12);
    }
  }

  /** Counts the sessions of a model that are open. */
  private static final class Counting implements LanguageModel {
    private final LanguageModel model;
    private int open;
    private int most;

    Counting(LanguageModel model) {
      this.model = model;
    }

    @Override
    public String name() {
      return model.name();
    }

    @Override
    public int vocabularySize() {
      return model.vocabularySize();
    }

    @Override
    public int contextLength() {
      return model.contextLength();
    }

    @Override
    public ModelSession open() {
      most = Math.max(most, ++open);
      ModelSession session = model.open();
      return new ModelSession() {
        @Override
        public int length() {
          return session.length();
        }

        @Override
        public Logits forward(int[] tokens, int from, int to) {
          return session.forward(tokens, from, to);
        }

        @Override
        public void rollback(int length) {
          session.rollback(length);
        }

        @Override
        public void close() {
          open--;
        }
      };
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 12})
  void sessionsDoNotGrowWithRulesAndDraftLengthsAndAllAreClosed(int longest) {
    Counting target = new Counting(TARGET);
    Counting draft = new Counting(DRAFT);
    List<Integer> draftLengths = IntStream.rangeClosed(1, longest).boxed().toList();
    try (LiveValidation validation =
        new LiveValidation(
            DIGITS,
            target,
            draft,
            RULES,
            draftLengths,
            SamplingParameters.temperature(1),
            new Limits(20, Set.of()),
            new RandomStreams(0))) {
      validation.run(PROMPTS.get(0), 1, true);
      validation.run(PROMPTS.get(1), 1, true);
    }
    assertEquals(2, target.most, "plain and speculative decoding");
    assertEquals(1, draft.most);
    assertEquals(0, target.open);
    assertEquals(0, draft.open);
  }
}
