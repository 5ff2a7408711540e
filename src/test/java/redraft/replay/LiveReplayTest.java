package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.ConstantRatio;
import redraft.model.LanguageModel;
import redraft.model.TableModel;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * Speculative decoding of 60 tokens, four drafted a step, on models that look at the last token
 * only: what it does on average, and what replay says of paths that the target wrote alone.
 */
class LiveReplayTest {
  private static final double[][] P = {{.2, .5, .3}, {.6, .1, .3}, {.1, .2, .7}};
  private static final double[][] Q = {{.4, .3, .3}, {.4, .4, .2}, {.3, .3, .4}};
  private static final LanguageModel TARGET = TableModel.ofProbabilities("target", P);
  private static final LanguageModel DRAFT = TableModel.ofProbabilities("draft", Q);
  private static final SamplingParameters SAMPLING = SamplingParameters.temperature(1);
  private static final Limits LIMITS = new Limits(60, Set.of());
  private static final int[] PROMPT = {0};
  private static final int DRAFT_LENGTH = 4;
  private static final int TEXTS = 3000;

  @ParameterizedTest
  @CsvSource({"token, 4", "block, 3", "greedy-draft, .9", "exact-match, 40"})
  void replayPredictsTheMeanStepsOfLiveDecodingWithLessVariance(String name, double times) {
    VerificationRule rule = VerificationRules.named(name);
    Sample live = Sample.of(liveSteps(rule));
    Sample replayed = Sample.of(replayedSteps(rule));
    double error = Math.hypot(live.standardError(), replayed.standardError());
    assertTrue(error < .1, "the means are known too badly to be compared: " + error);
    assertEquals(live.mean(), replayed.mean(), 4 * error);
    // Replay averages over the draws of a path, so that only the paths differ; with a greedy draft
    // there is nothing else.
    double less = live.variance() / replayed.variance();
    assertTrue(less > times, live + " live, replayed " + replayed);
  }

  private static double[] liveSteps(VerificationRule rule) {
    double[] steps = new double[TEXTS];
    try (ModelDrafter drafter = new ModelDrafter(DRAFT, rule.draftSampling(SAMPLING));
        SpeculativeDecoding decoding =
            new SpeculativeDecoding(
                TARGET, drafter, rule, new FixedLength(DRAFT_LENGTH), SAMPLING, LIMITS)) {
      for (int text = 0; text < TEXTS; text++) {
        steps[text] = decoding.run(PROMPT, new RandomStreams(1), "" + text).steps().size();
      }
    }
    return steps;
  }

  private static double[] replayedSteps(VerificationRule rule) {
    double[] steps = new double[TEXTS];
    try (PlainDecoding decoding = new PlainDecoding(TARGET, SAMPLING, LIMITS)) {
      for (int text = 0; text < TEXTS; text++) {
        int[] tokens = decoding.run(PROMPT, new RandomStreams(2), "" + text).tokens();
        ReplaySequence course =
            new ReplaySequence("" + text, new RuleLaw(rule, recorded(tokens)), 1, true);
        steps[text] =
            Costed.exact(new FixedLength(DRAFT_LENGTH), new ConstantRatio(.1), 1, false, course)
                .steps();
      }
    }
    return steps;
  }

  private static RecordedPath recorded(int[] tokens) {
    double[] ratio = new double[tokens.length];
    double[] draftProbability = new double[tokens.length];
    boolean[] draftArgmax = new boolean[tokens.length];
    int last = PROMPT[0];
    for (int t = 0; t < tokens.length; t++) {
      double[] q = Q[last];
      int token = tokens[t];
      draftProbability[t] = q[token];
      ratio[t] = q[token] / P[last][token];
      draftArgmax[t] = token == argmax(q);
      last = token;
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }

  /** The lowest among equals. */
  private static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
