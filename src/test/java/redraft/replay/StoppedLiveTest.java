package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.SpeculativeDecoding;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.OneToken;
import redraft.model.TableModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.Policies;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.StepLog;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.Signals;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * Policies that stop on the draft's signal, live and replayed, on models that look at the last
 * token only and often end the text: steps, drafted tokens and passes of the draft.
 */
class StoppedLiveTest {
  private static final double[][] P = {
    {.2, .4, .1, .2, .1},
    {.5, .1, .1, .25, .05},
    {.1, .1, .6, .15, .05},
    {.3, .2, .2, .2, .1},
    {.2, .2, .2, .2, .2}
  };
  private static final double[][] Q = {
    {.3, .3, .2, .1, .1},
    {.7, .1, .1, .05, .05},
    {.1, .1, .5, .1, .2},
    {.25, .25, .2, .2, .1},
    {.1, .6, .1, .1, .1}
  };
  private static final int END = 4;
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private static final Limits LIMITS = new Limits(24, Set.of(END));
  private static final int DRAFT_LENGTH = 5;
  private static final int TEXTS = 6000;
  private static final LanguageModel TARGET = TableModel.ofProbabilities("target", P);
  private static final LanguageModel DRAFT = TableModel.ofProbabilities("draft", Q);
  private static final TraceHeader HEADER =
      new TraceHeader(
          new TraceHeader.TokenizerInfo("", 5),
          new TraceHeader.ModelInfo("target", "", 0),
          List.of(new TraceHeader.DraftInfo("draft", "", 0)),
          new TraceHeader.Sampling(1, 0, 1, 0),
          LogitDetail.NONE);

  /** The draft, and how many passes it made. */
  private static final class Counting implements LanguageModel {
    private int passes;

    @Override
    public String name() {
      return DRAFT.name();
    }

    @Override
    public int vocabularySize() {
      return DRAFT.vocabularySize();
    }

    @Override
    public int contextLength() {
      return DRAFT.contextLength();
    }

    @Override
    public ModelSession open() {
      ModelSession session = DRAFT.open();
      return new ModelSession() {
        @Override
        public int length() {
          return session.length();
        }

        @Override
        public Logits forward(int[] tokens, int from, int to) {
          passes++;
          return session.forward(tokens, from, to);
        }

        @Override
        public void rollback(int length) {
          session.rollback(length);
        }

        @Override
        public void close() {
          session.close();
        }
      };
    }

    @Override
    public void close() {}
  }

  /** Numbers of one text after the other. */
  private static final class Counts {
    final List<Double> tokens = new ArrayList<>();
    final List<Double> steps = new ArrayList<>();
    final List<Double> drafted = new ArrayList<>();
    final List<Double> passes = new ArrayList<>();

    void add(int tokens, double steps, double drafted, double passes) {
      this.tokens.add((double) tokens);
      this.steps.add(steps);
      this.drafted.add(drafted);
      this.passes.add(passes);
    }

    void add(int tokens, StepLog log) {
      double[] sum = new double[1];
      log.forEach(
          (shape, position, weight) ->
              sum[0] += shape == null ? 0 : weight * shape.draftRows().size());
      add(tokens, log.steps(), log.drafted(), sum[0]);
    }
  }

  private static Sample sample(List<Double> values) {
    return Sample.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static Counts live(VerificationRule rule, DraftLengthPolicy policy) {
    Counts counts = new Counts();
    Counting draft = new Counting();
    try (ModelDrafter drafter = new ModelDrafter(draft, rule.draftSampling(WARM));
        SpeculativeDecoding decoding =
            new SpeculativeDecoding(TARGET, drafter, rule, policy, WARM, LIMITS)) {
      for (int text = 0; text < TEXTS; text++) {
        draft.passes = 0;
        Continuation run = decoding.run(new int[] {0}, new RandomStreams(1), "" + text);
        counts.add(run.tokens().length, run.steps().size(), run.drafted(), draft.passes);
      }
    }
    return counts;
  }

  private static List<TraceSequence> recorded(double fraction) {
    List<TraceSequence> sequences = new ArrayList<>();
    Detail detail =
        new Detail(
            LogitDetail.NONE,
            0,
            List.of(),
            true,
            List.of(
                new Detail.Rollouts(false, DRAFT_LENGTH, fraction),
                new Detail.Rollouts(true, DRAFT_LENGTH, fraction)));
    try (Recorder recorder =
        new Recorder(
            new OneToken(), TARGET, List.of(DRAFT), WARM, LIMITS, detail, new RandomStreams(2))) {
      for (int text = 0; text < TEXTS; text++) {
        sequences.add(recorder.record(new Prompt("" + text, "x", "0"), 0));
      }
    }
    return sequences;
  }

  private static final Map<Double, List<TraceSequence>> RECORDED =
      Map.of(1.0, recorded(1), 0.3, recorded(0.3));

  private static StepLog replay(
      Replayer replayer, TraceSequence sequence, Draft draft, VerificationRule rule) {
    ReplaySequence replayed =
        new RecordedDraft(HEADER, 0, true)
            .sequence(sequence, rule)
            .with(new PathSignals(HEADER, sequence, draft, rule));
    StepLog log = new StepLog(sequence.length());
    replayer.replay(replayed, log);
    return log;
  }

  /** What there is of something beyond its usual number a token: texts differ in length. */
  private static Sample beyond(double rate, List<Double> values, List<Double> tokens) {
    double[] residuals = new double[values.size()];
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = values.get(i) - rate * tokens.get(i);
    }
    return Sample.of(residuals);
  }

  private static void assertAlike(
      String what, Counts live, Counts replayed, Function<Counts, List<Double>> number) {
    double rate = sample(number.apply(replayed)).mean() / sample(replayed.tokens).mean();
    Sample first = beyond(rate, number.apply(live), live.tokens);
    Sample second = beyond(rate, number.apply(replayed), replayed.tokens);
    double error = Math.hypot(first.standardError(), second.standardError());
    double mean = sample(number.apply(live)).mean();
    assertTrue(error < .02 * mean, what + " is known too badly: " + mean + " ± " + error);
    assertEquals(first.mean(), second.mean(), 3.6 * error, what);
  }

  static Stream<Arguments> rulesAndPolicies() {
    return Stream.of("token", "block", "greedy-draft", "exact-match")
        .flatMap(
            rule ->
                Stream.of(
                        "p-min:0.45",
                        "entropy:0.48",
                        "confidence:0.25",
                        "confidence:0.6",
                        "specdec:0.6")
                    .map(policy -> Arguments.of(rule, policy)));
  }

  @ParameterizedTest
  @MethodSource("rulesAndPolicies")
  void stepsDraftedTokensAndPassesAreThoseOfLiveDecoding(String name, String written) {
    VerificationRule rule = VerificationRules.named(name);
    DraftLengthPolicy policy = Policies.named(written, DRAFT_LENGTH);
    Counts live = live(rule, policy);
    Replayer replayer = new ExactReplay(policy, false);
    for (double fraction : RECORDED.keySet()) {
      Counts replayed = new Counts();
      for (TraceSequence sequence : RECORDED.get(fraction)) {
        replayed.add(sequence.length(), replay(replayer, sequence, sequence.drafts().get(0), rule));
      }
      String what = " under " + written + " with chains at " + fraction;
      assertAlike("steps" + what, live, replayed, counts -> counts.steps);
      assertAlike("drafted" + what, live, replayed, counts -> counts.drafted);
      assertAlike("passes" + what, live, replayed, counts -> counts.passes);
    }
  }

  @ParameterizedTest
  @MethodSource("rulesAndPolicies")
  void withoutChainsStepsAreTheSameAndDraftedTokensWithinBounds(String name, String written) {
    VerificationRule rule = VerificationRules.named(name);
    DraftLengthPolicy policy = Policies.named(written, DRAFT_LENGTH);
    StoppedReplay middle = new StoppedReplay(policy, false, StoppedReplay.Unknown.MIDDLE);
    Counts known = new Counts();
    List<Counts> unknown = List.of(new Counts(), new Counts(), new Counts());
    for (TraceSequence sequence : RECORDED.get(1.0)) {
      Draft draft = sequence.drafts().get(0);
      known.add(sequence.length(), replay(middle, sequence, draft, rule));
      Draft without = draft.with(draft.signals().with(Map.<String, Signals.Rollouts>of()));
      for (StoppedReplay.Unknown each : StoppedReplay.Unknown.values()) {
        unknown
            .get(each.ordinal())
            .add(sequence.length(), replay(middle.assuming(each), sequence, without, rule));
      }
    }
    for (Counts each : unknown) {
      assertEquals(sample(known.steps).mean(), sample(each.steps).mean(), 1e-12);
    }
    assertBetween(known.drafted, unknown.stream().map(each -> each.drafted).toList());
    assertBetween(known.passes, unknown.stream().map(each -> each.passes).toList());
  }

  private static void assertBetween(List<Double> known, List<List<Double>> bounds) {
    double least = sample(bounds.get(0)).mean();
    double most = sample(bounds.get(2)).mean();
    double mean = sample(known).mean();
    assertTrue(least < mean && mean <= most + 1e-9, mean + " is not from " + least + " to " + most);
    assertEquals((least + most) / 2, sample(bounds.get(1)).mean(), 1e-9);
  }
}
