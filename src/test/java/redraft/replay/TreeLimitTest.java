package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.cli.Cli;
import redraft.policy.DraftTree;
import redraft.sampling.Distribution;
import redraft.verify.Ladder;
import redraft.verify.SampledCandidates;
import redraft.verify.TransportLimit;
import redraft.verify.VerificationRules;

/** What no rule exceeds that decides node by node on candidates drawn independently. */
class TreeLimitTest {
  private static final Distribution[] P = distributions(MarkovTrees.P);
  private static final Distribution[] Q = distributions(MarkovTrees.Q);

  @TempDir Path directory;

  private static Distribution[] distributions(double[][] rows) {
    return Arrays.stream(rows).map(Distribution::of).toArray(Distribution[]::new);
  }

  /** What a recording of a path would make of it, its length being known. */
  private static TreeLimit limit(String rule, DraftTree tree, int... path) {
    SampledCandidates sampled = (SampledCandidates) VerificationRules.named(rule);
    double[][][] ladders = new double[4][path.length][];
    double[][][] headroom = new double[4][path.length][];
    double[] logP = new double[path.length];
    double[] logQ = new double[path.length];
    int last = MarkovTrees.PROMPT[0];
    for (int t = 0; t < path.length; t++) {
      Distribution p = P[last];
      Distribution q = Q[last];
      for (int siblings = 1; siblings <= 3; siblings++) {
        ladders[siblings][t] = sampled.ladder(p, q, path[t], siblings, null);
        headroom[siblings][t] =
            new Ladder(sampled, siblings).headroom(p, q, TransportLimit.accepted(p, q, siblings));
      }
      logP[t] = Math.log(p.probability(path[t]));
      logQ[t] = Math.log(q.probability(path[t]));
      last = path[t];
    }
    return new TreeLimit(tree, ladders, headroom, logP, logQ, 0, true);
  }

  /** Over every path of three tokens, the last of which no step accepts. */
  private static double expected(String rule, DraftTree tree) {
    double sum = 0;
    for (int path = 0; path < 64; path++) {
      int[] tokens = {path / 16, path / 4 % 4, path % 4};
      double probability =
          P[MarkovTrees.PROMPT[0]].probability(tokens[0])
              * P[tokens[0]].probability(tokens[1])
              * P[tokens[1]].probability(tokens[2]);
      sum += probability * limit(rule, tree, tokens).accepted(0, tree.nodes());
    }
    return sum;
  }

  // One level: the transport itself, whatever the rule whose numbers were recorded.
  @ParameterizedTest
  @ValueSource(strings = {"iid", "k-seq"})
  void ofOneNodeItIsTheTransport(String rule) {
    for (int siblings = 1; siblings <= 3; siblings++) {
      assertEquals(
          TransportLimit.accepted(P[0], Q[0], siblings)[siblings - 1],
          expected(rule, DraftTree.full(siblings, 1)),
          1e-12);
    }
  }

  // A chain: what rule token gives, E[min(1, r_1)] + E[min(1, r_1) min(1, r_2)].
  @Test
  void ofAChainItIsTheTokenRule() {
    double expected = P[0].overlap(Q[0]);
    for (int x = 0; x < 4; x++) {
      expected += Math.min(P[0].probability(x), Q[0].probability(x)) * P[x].overlap(Q[x]);
    }
    assertEquals(expected, expected("iid", DraftTree.chain(2)), 1e-12);
  }

  // Two levels of two: the transport, and below token x, which no rule accepts more often than
  // min(p, 1 − (1 − q)²), the transport of its own node.
  @ParameterizedTest
  @ValueSource(strings = {"iid", "k-seq"})
  void belowATokenItIsTheTransportWhereTheTokenWasAmongTheCandidates(String rule) {
    double expected = TransportLimit.accepted(P[0], Q[0], 2)[1];
    for (int x = 0; x < 4; x++) {
      double within = 1 - Math.pow(1 - Q[0].probability(x), 2);
      expected += Math.min(P[0].probability(x), within) * TransportLimit.accepted(P[x], Q[x], 2)[1];
    }
    assertEquals(expected, expected(rule, DraftTree.full(2, 2)), 1e-12);
  }

  // Only one of two children has candidates below it: x goes on there as often as one draw has it.
  @Test
  void childrenWithLessBelowThemAreReachedLast() {
    DraftTree tree = DraftTree.of("t", List.of(List.of(1), List.of(2), List.of(2, 1)));
    double expected = TransportLimit.accepted(P[0], Q[0], 2)[1];
    for (int x = 0; x < 4; x++) {
      expected += Math.min(P[0].probability(x), Q[0].probability(x)) * P[x].overlap(Q[x]);
    }
    assertEquals(expected, expected("iid", tree), 1e-12);
  }

  @Test
  void noStepOfAKnownLengthAcceptsTheLastToken() {
    assertEquals(0, limit("iid", DraftTree.full(2, 1), 1).accepted(0, 2));
  }

  @Test
  void replayHasItBesideTreesWhoseRuleIsBelowIt() throws Exception {
    String trace = directory.resolve("t.jsonl").toString();
    Cli.fine(
        "record --limit 3 --max-new-tokens 30 --temperature 1 --ladder iid:3,k-seq:2,wor:2 --out "
            + trace);
    for (JsonNode row :
        new JsonMapper()
            .readTree(
                Cli.fine(
                        "replay "
                            + trace
                            + " --tree 1x2,2x3 --rule iid,wor,greedy-draft --cost-ratio 0.1 --json")
                    .out())) {
      JsonNode limit = row.get("tokens_per_step_tree_limit");
      assertTrue(row.get("tokens_per_step_limit").isNull());
      boolean known = row.get("rule").asText().equals("iid");
      assertEquals(known, !limit.isNull(), row.toString());
      if (known) {
        double reached = row.get("tokens_per_step").asDouble();
        boolean chain = row.get("tree").asText().equals("1x2");
        assertEquals(chain ? reached : limit.asDouble(), limit.asDouble(), 1e-9);
        assertTrue(chain || reached + .05 < limit.asDouble(), row.toString());
      }
    }
    String words = Cli.fine("best " + trace + " --tree 2x3 --rule k-seq --cost-ratio 0.1").err();
    assertTrue(
        words.contains(
            "decides node by node of tree 2x3, of candidates drawn independently, would"),
        words);
  }
}
