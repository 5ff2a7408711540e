package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.Drafter;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.FixedLength;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.trace.Prompt;
import redraft.verify.RecordedPath;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * What live steps accept on the shipped pair is distributed as the replay law says, given the text
 * they made: for every rule, the whole distribution of accepted counts.
 */
class ShippedPairReplayLawTest {
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private static final int DRAFT_LENGTH = 4;
  private static final int TOKENS = 64;
  private final OnnxPair pair = ShippedPair.get();

  @ParameterizedTest
  @ValueSource(strings = {"token", "block", "greedy-draft", "exact-match"})
  void acceptedCountsFollowTheReplayLaw(String name) throws Exception {
    VerificationRule rule = VerificationRules.named(name);
    double[] observed = new double[DRAFT_LENGTH + 1];
    double[] expected = new double[DRAFT_LENGTH + 1];
    double[] variance = new double[DRAFT_LENGTH + 1];
    Limits limits = new Limits(TOKENS, pair.endTokens());
    try (Drafter drafter = new ModelDrafter(pair.drafts().get(0), rule.draftSampling(WARM));
        SpeculativeDecoding live =
            new SpeculativeDecoding(
                pair.target(), drafter, rule, new FixedLength(DRAFT_LENGTH), WARM, limits)) {
      for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
        int[] promptTokens = pair.tokenizer().encode(prompt.prompt());
        Continuation run = live.run(promptTokens, new RandomStreams(11), prompt.id());
        RecordedPath path = score(pair, promptTokens, run.tokens());
        double[] survival = new double[DRAFT_LENGTH + 1];
        for (Step step : run.steps()) {
          if (step.draftLength() < DRAFT_LENGTH
              || step.position() + DRAFT_LENGTH >= path.length()) {
            continue; // a block cut by the end
          }
          rule.survival(path, step.position(), DRAFT_LENGTH, survival);
          observed[step.acceptedCount()]++;
          for (int j = 0; j <= DRAFT_LENGTH; j++) {
            double probability = survival[j] - (j < DRAFT_LENGTH ? survival[j + 1] : 0);
            expected[j] += probability;
            variance[j] += probability * (1 - probability);
          }
        }
      }
    }
    double statistic = 0;
    for (int j = 0; j <= DRAFT_LENGTH; j++) {
      assertTrue(expected[j] > 20, "nothing to see at " + j + " accepted: " + expected[j]);
      // Given the text so far, each step is a draw of its own, so the differences add up like a
      // random walk's. Of a greedy
      // draft the text decides everything, and nothing may differ.
      double difference = Math.abs(observed[j] - expected[j]);
      assertTrue(
          difference <= 4 * Math.sqrt(variance[j]),
          j + " accepted: " + observed[j] + " steps, expected " + expected[j]);
      statistic += difference * difference / expected[j];
    }
    double p = ChiSquaredDistribution.of(DRAFT_LENGTH).survivalProbability(statistic);
    assertTrue(p > 1e-3, "chi-square " + statistic + ", p = " + p);
  }

  /** The path that a recording of this text would hold. */
  static RecordedPath score(OnnxPair pair, int[] prompt, int[] tokens) {
    Distribution[] p = distributions(pair.target(), prompt, tokens);
    Distribution[] q = distributions(pair.drafts().get(0), prompt, tokens);
    double[] ratio = new double[tokens.length];
    double[] draftProbability = new double[tokens.length];
    boolean[] draftArgmax = new boolean[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      draftProbability[t] = q[t].probability(tokens[t]);
      ratio[t] = draftProbability[t] / p[t].probability(tokens[t]);
      draftArgmax[t] = q[t].argmax() == tokens[t];
    }
    return new RecordedPath(ratio, draftProbability, draftArgmax);
  }

  private static Distribution[] distributions(LanguageModel model, int[] prompt, int[] tokens) {
    int[] scored = new int[tokens.length];
    scored[0] = prompt[prompt.length - 1];
    System.arraycopy(tokens, 0, scored, 1, tokens.length - 1);
    Distribution[] distributions = new Distribution[tokens.length];
    try (ModelSession session = model.open()) {
      session.prefill(prompt, 0, prompt.length - 1);
      Logits logits = session.forward(scored, 0, scored.length);
      for (int t = 0; t < tokens.length; t++) {
        distributions[t] = logits.distribution(t, WARM);
      }
    }
    return distributions;
  }
}
