package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import redraft.latency.ConstantRatio;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.FixedLength;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.replay.Costed;
import redraft.replay.RecordedPaths;
import redraft.replay.ReplaySequence;
import redraft.replay.RuleLaw;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.trace.TraceSequence;
import redraft.verify.TokenRule;

/** The claims of losslessness and of exact replay, on real models. */
class ShippedPairDecodingTest {
  private final OnnxPair pair = ShippedPair.get();

  private Limits limits(int maxNewTokens) {
    return new Limits(maxNewTokens, pair.endTokens());
  }

  private SpeculativeDecoding speculative(
      ModelDrafter drafter, int draftLength, SamplingParameters sampling, int maxNewTokens) {
    return new SpeculativeDecoding(
        pair.target(),
        drafter,
        new TokenRule(),
        new FixedLength(draftLength),
        sampling,
        limits(maxNewTokens));
  }

  @Test
  void greedySpeculationSaysWhatPlainGreedyDecodingSaysOnEveryShippedPrompt() throws Exception {
    List<Prompt> prompts = Prompt.readAll(ShippedPair.PROMPTS);
    assertTrue(prompts.size() >= 40, "only " + prompts.size() + " prompts");
    SamplingParameters greedy = SamplingParameters.GREEDY;
    try (PlainDecoding plain = new PlainDecoding(pair.target(), greedy, limits(96));
        ModelDrafter drafter = new ModelDrafter(pair.drafts().get(0), greedy)) {
      int draftLength = 1;
      for (Prompt prompt : prompts) {
        int[] tokens = pair.tokenizer().encode(prompt.prompt());
        int[] expected = plain.run(tokens, new RandomStreams(0), prompt.id()).tokens();
        try (SpeculativeDecoding speculative = speculative(drafter, draftLength, greedy, 96)) {
          assertArrayEquals(
              expected,
              speculative.run(tokens, new RandomStreams(0), prompt.id()).tokens(),
              prompt.id() + " at draft length " + draftLength);
        }
        draftLength = draftLength % 8 + 1;
      }
    }
  }

  /**
   * Chi-square of the second token, given the most probable first one: both can be drafted,
   * recovered or bonus.
   */
  @Test
  void liveOutputsAreDistributedAsTheTarget() {
    SamplingParameters sampling = new SamplingParameters(0.8, 40, 0.95);
    int[] prompt = pair.tokenizer().encode("<|dialogue|>User: Hello, one latte please\nAssistant:");
    Distribution first;
    Distribution second;
    int likely;
    try (ModelSession session = pair.target().open()) {
      session.prefill(prompt, 0, prompt.length - 1);
      first = session.forward(prompt, prompt.length - 1, prompt.length).distribution(0, sampling);
      likely = first.argmax();
      second = session.forward(new int[] {likely}, 0, 1).distribution(0, sampling);
    }
    int runs = 1500;
    double[] firstCounts = new double[first.vocabularySize()];
    double[] secondCounts = new double[first.vocabularySize()];
    int likelyRuns = 0;
    try (ModelDrafter drafter = new ModelDrafter(pair.drafts().get(0), sampling);
        SpeculativeDecoding speculative = speculative(drafter, 2, sampling, 3)) {
      for (int run = 0; run < runs; run++) {
        int[] tokens = speculative.run(prompt, new RandomStreams(run), "text").tokens();
        firstCounts[tokens[0]]++;
        if (tokens[0] == likely && tokens.length > 1) {
          secondCounts[tokens[1]]++;
          likelyRuns++;
        }
      }
    }
    assertTrue(
        pValue(firstCounts, first, runs) > 1e-3,
        "first token: p = " + pValue(firstCounts, first, runs));
    assertTrue(likelyRuns > 200, "only " + likelyRuns + " runs began with the likely token");
    assertTrue(
        pValue(secondCounts, second, likelyRuns) > 1e-3,
        "second token: p = " + pValue(secondCounts, second, likelyRuns));
  }

  /**
   * Cells expected fewer than 5 times are pooled; a token of probability 0 must not come at all.
   */
  private static double pValue(double[] counts, Distribution expected, int runs) {
    double statistic = 0;
    int cells = 0;
    double pooledCount = 0;
    double pooledExpected = 0;
    for (int token = 0; token < counts.length; token++) {
      double mean = runs * expected.probability(token);
      if (mean == 0) {
        assertEquals(0, counts[token], "token " + token + " has probability 0");
      } else if (mean < 5) {
        pooledCount += counts[token];
        pooledExpected += mean;
      } else {
        statistic += (counts[token] - mean) * (counts[token] - mean) / mean;
        cells++;
      }
    }
    if (pooledExpected > 0) {
      statistic += (pooledCount - pooledExpected) * (pooledCount - pooledExpected) / pooledExpected;
      cells++;
    }
    return cells < 2 ? 1 : ChiSquaredDistribution.of(cells - 1).survivalProbability(statistic);
  }

  /** The recording and the live runs draw different texts; their mean steps must agree. */
  @Test
  void liveStepsAgreeWithReplay() throws Exception {
    SamplingParameters sampling = SamplingParameters.temperature(1);
    int tokens = 48;
    int draftLength = 4;
    List<Prompt> prompts = Prompt.readAll(ShippedPair.PROMPTS);
    double sum = 0;
    double squares = 0;
    int pairs = 0;
    try (Recorder recorder =
            new Recorder(
                pair.tokenizer(),
                pair.target(),
                pair.drafts(),
                sampling,
                limits(tokens),
                Detail.NONE,
                new RandomStreams(100));
        ModelDrafter drafter = new ModelDrafter(pair.drafts().get(0), sampling);
        SpeculativeDecoding speculative = speculative(drafter, draftLength, sampling, tokens)) {
      for (Prompt prompt : prompts) {
        TraceSequence recorded = recorder.record(prompt, 0);
        Costed expected =
            Costed.exact(
                new FixedLength(draftLength),
                new ConstantRatio(0),
                1,
                false,
                new ReplaySequence(
                    "text",
                    new RuleLaw(new TokenRule(), RecordedPaths.of(recorded, 0)),
                    recorded.promptTokens().length,
                    true));
        Continuation live =
            speculative.run(
                pair.tokenizer().encode(prompt.prompt()), new RandomStreams(200), prompt.id());
        double difference =
            live.steps().size() / (double) live.tokens().length
                - expected.steps() / expected.tokens();
        sum += difference;
        squares += difference * difference;
        pairs++;
      }
    }
    double mean = sum / pairs;
    double error = Math.sqrt((squares / pairs - mean * mean) / (pairs - 1));
    assertTrue(Math.abs(mean) < 3.5 * error, "steps per token differ by " + mean + " ± " + error);
    assertTrue(error < 0.05, "too few runs to say anything: " + error);
  }
}
