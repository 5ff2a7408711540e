package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.Drafter;
import redraft.latency.ConstantRatio;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.Policies;
import redraft.replay.Costed;
import redraft.replay.ReplaySequence;
import redraft.replay.RuleLaw;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.trace.Prompt;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * Live runs under policies that follow history take the steps and draft the tokens that sampled
 * timelines of the texts they made take and draft.
 */
class HistoryPoliciesLiveTest {
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private static final int RUNS = 200;
  private static final int TOKENS = 64;
  private final OnnxPair pair = ShippedPair.get();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heuristic",
        "sglang-adaptive",
        "sglang-adaptive:0,1,3:warmup=0:interval=2",
        "trt-threshold:4,0.4",
        "bandit:0.1:explore=0.2"
      })
  void liveStepsAreThoseOfTimelinesOnTheSameText(String name) throws Exception {
    DraftLengthPolicy policy = Policies.named(name, 5);
    VerificationRule rule = VerificationRules.named("block");
    double steps = 0; // live − replayed, added up over texts
    double drafted = 0;
    double stepVariance = 0;
    double timeVariance = 0;
    double time = 0;
    List<Prompt> prompts = Prompt.readAll(ShippedPair.PROMPTS);
    Limits limits = new Limits(TOKENS, pair.endTokens());
    try (Drafter drafter = new ModelDrafter(pair.drafts().get(0), rule.draftSampling(WARM));
        SpeculativeDecoding live =
            new SpeculativeDecoding(pair.target(), drafter, rule, policy, WARM, limits)) {
      for (Prompt prompt : prompts) {
        int[] tokens = pair.tokenizer().encode(prompt.prompt());
        Continuation run = live.run(tokens, new RandomStreams(5), prompt.id());
        ReplaySequence sequence =
            new ReplaySequence(
                prompt.id(),
                new RuleLaw(rule, ShippedPairReplayLawTest.score(pair, tokens, run.tokens())),
                tokens.length,
                !run.ended());
        Costed replayed =
            Costed.sampled(policy, new ConstantRatio(.5), 1, RUNS, new RandomStreams(6), sequence);
        int liveDrafted = run.steps().stream().mapToInt(Step::draftLength).sum();
        steps += run.steps().size() - replayed.steps();
        drafted += liveDrafted - replayed.drafted();
        time += run.steps().size() + .5 * liveDrafted - replayed.time();
        stepVariance += variance(replayed.expectation().runSteps()) * (1 + 1.0 / RUNS);
        timeVariance += variance(replayed.runTimes()) * (1 + 1.0 / RUNS);
      }
    }
    assertTrue(stepVariance > 100 && timeVariance > 100, "the runs hardly differ");
    double stepZ = steps / Math.sqrt(stepVariance);
    double timeZ = time / Math.sqrt(timeVariance);
    String what = name + ": z of steps " + stepZ + ", of time " + timeZ + ", drafted " + drafted;
    assertTrue(Math.abs(stepZ) < 3.5 && Math.abs(timeZ) < 3.5, what);
  }

  private static double variance(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum()
        / (values.length - 1);
  }
}
