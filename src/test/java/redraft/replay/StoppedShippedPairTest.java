package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.SpeculativeDecoding;
import redraft.draft.DraftSignal;
import redraft.draft.Drafter;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
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

/** Policies that stop on the signal of a real draft, live and replayed. */
class StoppedShippedPairTest {
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private static final int DRAFT_LENGTH = 6;
  private static final Limits LIMITS = new Limits(48, Set.of());
  private static final OnnxPair PAIR = ShippedPair.get();
  private static final List<TraceSequence> RECORDED = recorded();
  private static final TraceHeader HEADER =
      new TraceHeader(
          new TraceHeader.TokenizerInfo("", 2048),
          new TraceHeader.ModelInfo("target", "", 0),
          List.of(new TraceHeader.DraftInfo("draft", "", 0)),
          new TraceHeader.Sampling(1, 0, 1, 0),
          LogitDetail.ALL);

  private static List<TraceSequence> recorded() {
    Detail detail =
        new Detail(
            LogitDetail.ALL,
            0,
            List.of(),
            true,
            List.of(
                new Detail.Rollouts(false, DRAFT_LENGTH, 1),
                new Detail.Rollouts(true, DRAFT_LENGTH, 1)));
    List<TraceSequence> sequences = new ArrayList<>();
    try (Recorder recorder =
        new Recorder(
            PAIR.tokenizer(),
            PAIR.target(),
            PAIR.drafts(),
            WARM,
            LIMITS,
            detail,
            new RandomStreams(31))) {
      for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
        sequences.add(recorder.record(prompt, 0));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sequences;
  }

  @ParameterizedTest
  @CsvSource({
    "token, p-min:0.4",
    "block, p-min:0.4",
    "block, confidence:0.3",
    "block, specdec:0.5",
    "token, entropy:0.2",
    "greedy-draft, confidence:0.3"
  })
  void stepsAndDraftedTokensAreThoseOfLiveDecoding(String name, String written) throws Exception {
    VerificationRule rule = VerificationRules.named(name);
    DraftLengthPolicy policy = Policies.named(written, DRAFT_LENGTH);
    double[] steps = new double[RECORDED.size()]; // live − replayed, text by text
    double[] drafted = new double[RECORDED.size()];
    try (Drafter drafter = new ModelDrafter(PAIR.drafts().get(0), rule.draftSampling(WARM));
        SpeculativeDecoding decoding =
            new SpeculativeDecoding(PAIR.target(), drafter, rule, policy, WARM, LIMITS)) {
      for (int i = 0; i < steps.length; i++) {
        TraceSequence sequence = RECORDED.get(i);
        Continuation run =
            decoding.run(sequence.promptTokens(), new RandomStreams(32), sequence.id());
        StepLog log = replay(policy, rule, sequence);
        steps[i] = run.steps().size() - log.steps();
        drafted[i] = run.drafted() - log.drafted();
      }
    }
    assertNothing("steps", Sample.of(steps));
    assertNothing("drafted tokens", Sample.of(drafted));
  }

  private static void assertNothing(String what, Sample difference) {
    double z = difference.mean() / difference.standardError();
    assertTrue(difference.standardError() < 4, what + " are known too badly: " + difference);
    assertTrue(Math.abs(z) < 3, what + " differ by " + difference + ", z " + z);
  }

  private static StepLog replay(
      DraftLengthPolicy policy, VerificationRule rule, TraceSequence sequence) {
    StepLog log = new StepLog(sequence.length());
    ReplaySequence replayed =
        new RecordedDraft(HEADER, 0, true)
            .sequence(sequence, rule)
            .with(new PathSignals(HEADER, sequence, sequence.drafts().get(0), rule));
    new ExactReplay(policy, false).replay(replayed, log);
    return log;
  }

  // All logits were kept, so that the signals can be worked again; and a trace of logits alone
  // gives the same steps.
  @Test
  void signalsAreThoseOfTheLogits() {
    for (TraceSequence sequence : RECORDED.subList(0, 4)) {
      Draft draft = sequence.drafts().get(0);
      Draft logitsAlone = draft.with((Signals) null);
      for (DraftSignal signal : DraftSignal.values()) {
        VerificationRule rule = VerificationRules.named("token");
        PathSignals recorded = new PathSignals(HEADER, sequence, draft, rule);
        PathSignals worked = new PathSignals(HEADER, sequence, logitsAlone, rule);
        for (int t = 0; t < sequence.length(); t++) {
          assertEquals(recorded.at(signal, t), worked.at(signal, t), 1e-6, signal + " at " + t);
        }
      }
    }
  }

  // A chain is what the draft writes by itself: the greedy one, read again token by token.
  @Test
  void chainsAreWhatTheDraftWritesByItself() {
    TraceSequence sequence = RECORDED.get(3);
    Signals.Rollouts chains = sequence.drafts().get(0).signals().rollouts().get(Signals.GREEDY);
    int[] prompt = sequence.promptTokens();
    int left = 0;
    try (ModelSession session = PAIR.drafts().get(0).open()) {
      for (int t = 0; t < sequence.length(); t++) {
        session.rollback(0);
        session.prefill(prompt, 0, prompt.length - (t == 0 ? 1 : 0));
        session.prefill(sequence.tokens(), 0, Math.max(0, t - 1));
        int last = t == 0 ? prompt[prompt.length - 1] : sequence.tokens()[t - 1];
        for (int i = 0; i < chains.tokens()[t].length; i++) {
          Logits logits = session.forward(new int[] {last}, 0, 1);
          last = logits.distribution(0, SamplingParameters.GREEDY).argmax();
          assertEquals(last, chains.tokens()[t][i], "token " + i + " from " + t);
          float[] row = new float[2048];
          logits.row(0).get(0, row);
          assertEquals(DraftSignal.ENTROPY.of(row, last), chains.entropy()[t][i], 1e-4);
        }
        boolean follows = chains.tokens()[t][0] == sequence.tokens()[t];
        assertEquals(follows ? 1 : DRAFT_LENGTH, chains.tokens()[t].length);
        left += follows ? 0 : 1;
      }
    }
    assertTrue(left > 5, "only " + left + " chains left the path");
  }
}
