package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.decode.TreeDecoding;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.verify.CandidateRule;
import redraft.verify.VerificationRules;

/**
 * Decoding with trees of candidates on models that look at the last token only: what it writes,
 * what it does on average, and what replay says of paths that the target wrote alone.
 */
class TreeLiveReplayTest {
  private static CandidateRule rule(String name) {
    return (CandidateRule) VerificationRules.named(name);
  }

  private static final int TEXTS = 3000;

  @ParameterizedTest
  @CsvSource({"iid, 2", "wor, 2", "k-seq, 2", "greedy-draft, .9"})
  void replayPredictsTheMeanStepsOfLiveDecoding(String name, double times) {
    Sample live = Sample.of(MarkovTrees.live(rule(name), MarkovTrees.UNEVEN, TEXTS));
    Sample replayed = Sample.of(MarkovTrees.replayed(rule(name), MarkovTrees.UNEVEN, TEXTS));
    double error = Math.hypot(live.standardError(), replayed.standardError());
    assertTrue(error < .1, "the means are known too badly to be compared: " + error);
    assertEquals(live.mean(), replayed.mean(), 4 * error);
    assertTrue(live.variance() / replayed.variance() > times, live + " live, replayed " + replayed);
  }

  @ParameterizedTest
  @CsvSource({"iid", "wor", "k-seq", "greedy-draft"})
  void theTextIsTheTargets(String name) {
    int texts = 20_000;
    double[] observed = new double[64]; // of the first three tokens
    try (TreeDecoding live =
        new TreeDecoding(
            MarkovTrees.TARGET,
            MarkovTrees.DRAFT,
            rule(name),
            MarkovTrees.UNEVEN,
            MarkovTrees.SAMPLING,
            new Limits(4, Set.of()))) {
      for (int text = 0; text < texts; text++) {
        int[] tokens = live.run(MarkovTrees.PROMPT, new RandomStreams(9), "" + text).tokens();
        observed[16 * tokens[0] + 4 * tokens[1] + tokens[2]]++;
      }
    }
    double statistic = 0;
    for (int cell = 0; cell < 64; cell++) {
      int first = cell / 16;
      int second = cell / 4 % 4;
      double expected =
          texts
              * MarkovTrees.P[0][first]
              * MarkovTrees.P[first][second]
              * MarkovTrees.P[second][cell % 4];
      statistic += Math.pow(observed[cell] - expected, 2) / expected;
    }
    double p = ChiSquaredDistribution.of(63).survivalProbability(statistic);
    assertTrue(p > 1e-3, "chi-square " + statistic + ", p = " + p);
  }

  @ParameterizedTest
  @CsvSource({"iid, 3x2", "wor, 3x2", "k-seq, 2x3", "greedy-draft, medusa-63"})
  void greedyTextIsThatOfPlainDecodingWithTheShippedPair(String name, String tree)
      throws Exception {
    OnnxPair pair = ShippedPair.get();
    Limits limits = new Limits(24, pair.endTokens());
    SamplingParameters greedy = SamplingParameters.GREEDY;
    try (TreeDecoding live =
            new TreeDecoding(
                pair.target(),
                pair.drafts().get(0),
                rule(name),
                DraftTrees.load(tree),
                greedy,
                limits);
        PlainDecoding plain = new PlainDecoding(pair.target(), greedy, limits)) {
      for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS).subList(10, 13)) {
        int[] tokens = pair.tokenizer().encode(prompt.prompt());
        RandomStreams streams = new RandomStreams(5);
        assertArrayEquals(
            plain.run(tokens, streams, prompt.id()).tokens(),
            live.run(tokens, streams, prompt.id()).tokens());
      }
    }
  }

  /** Of one candidate at each place, all are the token rule. */
  @Test
  void aChainOfDrawnCandidatesIsTheTokenRule() {
    double[][] ladder = {{.5}, {.25}, {1}, {.1}};
    CandidateLaw law = new CandidateLaw(DraftTree.chain(3), new double[][][] {null, ladder}, 0, 4);
    double[] survival = new double[4];
    law.survival(0, 3, survival);
    assertArrayEquals(new double[] {1, .5, .125, .125}, survival);
  }

  /** By hand: nodes 1, 2 and 1-1 over three positions. */
  @Test
  void reachAddsUpByLevels() {
    DraftTree tree = DraftTree.of("hand", List.of(List.of(1), List.of(2), List.of(1, 1)));
    double[][] one = {{.5}, {.25}, {.4}};
    double[][] two = {{.5, .2}, {.25, .5}, {.4, .3}};
    CandidateLaw law = new CandidateLaw(tree, new double[][][] {null, one, two}, 0, 3);
    double[] survival = new double[3];
    law.survival(0, 2, survival);
    assertArrayEquals(new double[] {1, .7, .5 * .25}, survival, 1e-15);
    law.survival(1, 1, survival);
    assertEquals(.75, survival[1], 1e-15);
  }
}
