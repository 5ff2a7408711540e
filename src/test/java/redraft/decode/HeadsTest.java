package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.latency.ConstantRatio;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.RowGrouping;
import redraft.model.onnx.OnnxLanguageModel;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.FixedLength;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.replay.AcceptanceLaw;
import redraft.replay.Costed;
import redraft.replay.DepthDraft;
import redraft.replay.ReplaySequence;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Depths;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * The shipped heads, whose q depends on the place in the block: drafting live, recording and replay
 * say the same of them.
 */
class HeadsTest {
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private static final int HEADS = 4;
  private static final DraftInfo INFO = DraftInfo.ofHeads("tiny-heads", "", 0, HEADS);
  private static OnnxLanguageModel heads;
  private final OnnxPair pair = ShippedPair.get();

  /** Every other one, of all domains. */
  private static List<Prompt> prompts() throws IOException {
    List<Prompt> all = Prompt.readAll(ShippedPair.PROMPTS);
    return IntStream.range(0, all.size()).filter(i -> i % 2 == 0).mapToObj(all::get).toList();
  }

  @BeforeAll
  static void load() {
    heads =
        new OnnxLanguageModel(
            ShippedPair.DIRECTORY.resolve("heads.onnx"),
            "tiny-heads",
            512,
            new OnnxOptions(1, true));
  }

  @AfterAll
  static void close() {
    heads.close();
  }

  @Test
  void theFirstHeadIsTheShippedDraftAndNoHeadDependsOnHowRowsAreGrouped() {
    int[] text = pair.tokenizer().encode("<|dialogue|>User: Hello, one latte please");
    assertEquals(HEADS, heads.heads());
    assertTrue(RowGrouping.of(heads, 40).exact());
    try (ModelSession session = heads.open();
        ModelSession again = heads.open();
        ModelSession draft = pair.drafts().get(0).open()) {
      Logits all = session.forward(text, 0, text.length);
      FloatBuffer shipped = draft.forward(text, 0, text.length).row(text.length - 1);
      assertEquals(shipped, all.row(text.length - 1));
      assertEquals(shipped, all.head(0).row(text.length - 1));
      again.prefill(text, 0, text.length - 1);
      Logits last = again.forward(text, text.length - 1, text.length);
      for (int head = 0; head < HEADS; head++) {
        assertEquals(all.head(head).row(text.length - 1), last.head(head).row(0));
      }
    }
  }

  private Recorder recorder(int tokens, LogitDetail logits) {
    return new Recorder(
        pair.tokenizer(),
        pair.target(),
        List.of(heads),
        WARM,
        new Limits(tokens, pair.endTokens()),
        new Detail(logits, 1),
        new RandomStreams(21));
  }

  @Test
  void aRecordingHoldsWhatTheHeadsSayAtEachPositionOfTheTokensFromThereOn() throws Exception {
    Prompt prompt = Prompt.readAll(ShippedPair.PROMPTS).get(0);
    int tokens = 70; // more than two passes of the recorder
    TraceSequence recorded;
    try (Recorder recorder = recorder(tokens, LogitDetail.NONE)) {
      recorded = recorder.record(prompt, 0);
    }
    Depths depths = recorded.drafts().get(0).depths();
    assertEquals(recorded.length(), depths.logprob().length);
    int[] prompted = recorded.promptTokens();
    int[] text = Arrays.copyOf(prompted, prompted.length + recorded.length());
    System.arraycopy(recorded.tokens(), 0, text, prompted.length, recorded.length());
    try (ModelSession session = heads.open()) {
      session.prefill(text, 0, prompted.length - 1);
      for (int s = 0; s < recorded.length(); s++) {
        int start = prompted.length + s;
        Logits logits = session.forward(text, start - 1, start);
        assertEquals(Math.min(HEADS, recorded.length() - s), depths.logprob()[s].length);
        for (int i = 0; i < depths.logprob()[s].length; i++) {
          Distribution q = logits.head(i).distribution(0, WARM);
          int token = text[start + i];
          assertEquals(Math.log(q.probability(token)), depths.logprob()[s][i]);
          assertEquals(q.argmax() == token, depths.rank()[s][i] == 1);
        }
      }
    }
  }

  @Test
  void logitsOfHeadsAreNotRecorded() {
    assertEquals(
        "draft 'tiny-heads' has 4 heads, whose logits a trace does not keep; record it without"
            + " --logits, or name other drafts",
        assertThrows(IllegalArgumentException.class, () -> recorder(8, LogitDetail.TOP))
            .getMessage());
  }

  /** What a step was seen to accept, and what a law expected. */
  private static final class Tally {
    final double[] expected = new double[HEADS + 1];
    final double[] variance = new double[HEADS + 1];

    void add(AcceptanceLaw law, int position) {
      double[] survival = new double[HEADS + 2];
      law.survival(position, HEADS, survival);
      for (int j = 0; j <= HEADS; j++) {
        double probability = survival[j] - survival[j + 1];
        expected[j] += probability;
        variance[j] += probability * (1 - probability);
      }
    }

    double accepted() {
      double accepted = 0;
      for (int j = 1; j <= HEADS; j++) {
        accepted += j * expected[j];
      }
      return accepted;
    }
  }

  /**
   * Live steps, each compared with the law of the text that they made; and with what a replay
   * expects that takes the draft's opinion of the next token for every place of a block.
   */
  @ParameterizedTest
  @CsvSource({"token, 1.2", "block, 1.2", "greedy-draft, 1.1", "exact-match, 1.05"})
  void acceptedCountsFollowTheReplayLawAndNotThatOfTheFirstHead(String name, double times)
      throws Exception {
    VerificationRule rule = VerificationRules.named(name);
    double[] observed = new double[HEADS + 1];
    Tally byDepth = new Tally();
    Tally ignored = new Tally();
    try (ModelDrafter drafter = new ModelDrafter(heads, rule.draftSampling(WARM));
        SpeculativeDecoding live =
            new SpeculativeDecoding(
                pair.target(),
                drafter,
                rule,
                new FixedLength(HEADS),
                WARM,
                new Limits(40, pair.endTokens()))) {
      for (Prompt prompt : prompts()) {
        int[] promptTokens = pair.tokenizer().encode(prompt.prompt());
        Continuation run = live.run(promptTokens, new RandomStreams(11), prompt.id());
        List<AcceptanceLaw> laws = laws(promptTokens, run.tokens(), rule);
        for (Step step : run.steps()) {
          if (step.draftLength() == HEADS && step.position() + HEADS < run.tokens().length) {
            observed[step.acceptedCount()]++;
            byDepth.add(laws.get(0), step.position());
            ignored.add(laws.get(1), step.position());
          } // else cut by the end
        }
      }
    }
    double statistic = 0;
    int cells = 0;
    double accepted = 0;
    double variance = 0;
    for (int j = 0; j <= HEADS; j++) {
      double difference = Math.abs(observed[j] - byDepth.expected[j]);
      assertTrue(
          difference <= 1e-9 + 4 * Math.sqrt(byDepth.variance[j]),
          j + " accepted: " + observed[j] + " steps, expected " + byDepth.expected[j]);
      if (byDepth.expected[j] >= 5) {
        statistic += difference * difference / byDepth.expected[j];
        cells++;
      }
      accepted += j * observed[j];
      variance += j * j * byDepth.variance[j];
    }
    assertTrue(cells >= 3, "nothing to see: " + Arrays.toString(byDepth.expected));
    double p = ChiSquaredDistribution.of(cells - 1).survivalProbability(statistic);
    assertTrue(p > 1e-3, "chi-square " + statistic + ", p = " + p);
    assertTrue(
        ignored.accepted() > times * accepted
            && ignored.accepted() - accepted > 4 * Math.sqrt(variance),
        accepted + " accepted, the first head alone would have them " + ignored.accepted());
  }

  /**
   * The law by depth, and one that takes the first head's opinion, given all before it, at every
   * place of a block.
   */
  private List<AcceptanceLaw> laws(int[] prompt, int[] tokens, VerificationRule rule) {
    int[] scored = new int[tokens.length];
    scored[0] = prompt[prompt.length - 1];
    System.arraycopy(tokens, 0, scored, 1, tokens.length - 1);
    double[] p = new double[tokens.length];
    Distribution[][] q = new Distribution[tokens.length][HEADS];
    try (ModelSession target = pair.target().open();
        ModelSession draft = heads.open()) {
      target.prefill(prompt, 0, prompt.length - 1);
      draft.prefill(prompt, 0, prompt.length - 1);
      Logits large = target.forward(scored, 0, scored.length);
      Logits small = draft.forward(scored, 0, scored.length);
      for (int s = 0; s < tokens.length; s++) {
        p[s] = Math.log(large.distribution(s, WARM).probability(tokens[s]));
        for (int i = 0; i < HEADS; i++) {
          q[s][i] = small.head(i).distribution(s, WARM);
        }
      }
    }
    return List.of(
        law(prompt, tokens, p, (s, i) -> q[s][i], rule),
        law(prompt, tokens, p, (s, i) -> q[s + i][0], rule));
  }

  /** The i-th token of a block that starts at s, both from 0. */
  private interface Opinion {
    Distribution of(int s, int i);
  }

  private static AcceptanceLaw law(
      int[] prompt, int[] tokens, double[] p, Opinion opinion, VerificationRule rule) {
    double[][] logprob = new double[tokens.length][];
    int[][] rank = new int[tokens.length][];
    for (int s = 0; s < tokens.length; s++) {
      int depth = Math.min(HEADS, tokens.length - s);
      logprob[s] = new double[depth];
      rank[s] = new int[depth];
      for (int i = 0; i < depth; i++) {
        Distribution q = opinion.of(s, i);
        logprob[s][i] = Math.log(q.probability(tokens[s + i]));
        rank[s][i] = q.argmax() == tokens[s + i] ? 1 : 2;
      }
    }
    TraceSequence sequence =
        new TraceSequence(
            new TraceSequence.Label("a", 0, "d"),
            new TraceSequence.Prefix("", prompt),
            new TraceSequence.CommittedPath(tokens, TraceSequence.Finish.LENGTH),
            new TraceSequence.Target(p, null, null, null),
            List.of(TraceSequence.Draft.ofDepths(new Depths(logprob, rank))));
    return new DepthDraft(INFO, 0).law(sequence, rule);
  }

  // The same prompts, live and recorded with random numbers of their own.
  @Test
  void replayOfARecordingPredictsTheStepsOfLiveDecoding() throws Exception {
    VerificationRule rule = VerificationRules.named("block");
    List<Prompt> prompts = prompts();
    DepthDraft draft = new DepthDraft(INFO, 0);
    double[] perToken = new double[prompts.size()]; // steps a token, live less replayed
    try (ModelDrafter drafter = new ModelDrafter(heads, WARM);
        SpeculativeDecoding live =
            new SpeculativeDecoding(
                pair.target(),
                drafter,
                rule,
                new FixedLength(HEADS),
                WARM,
                new Limits(40, pair.endTokens()));
        Recorder recorder = recorder(40, LogitDetail.NONE)) {
      for (int i = 0; i < perToken.length; i++) {
        TraceSequence recorded = recorder.record(prompts.get(i), 0);
        Continuation run =
            live.run(recorded.promptTokens(), new RandomStreams(22), prompts.get(i).id());
        ReplaySequence course = draft.sequence(recorded, rule);
        double replayed =
            Costed.exact(new FixedLength(HEADS), new ConstantRatio(.1), 1, false, course).steps();
        perToken[i] =
            (double) run.steps().size() / run.tokens().length - replayed / recorded.length();
      }
    }
    double mean = Arrays.stream(perToken).average().orElseThrow();
    double squares = Arrays.stream(perToken).map(d -> (d - mean) * (d - mean)).sum();
    double error = Math.sqrt(squares / (perToken.length - 1) / perToken.length);
    assertTrue(error < 0.06, "known too badly to be compared: " + error);
    assertEquals(0, mean, 4 * error);
  }
}
