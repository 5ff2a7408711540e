package redraft.replay;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.decode.TreeDecoding;
import redraft.latency.ConstantRatio;
import redraft.model.LanguageModel;
import redraft.model.TableModel;
import redraft.policy.DraftTree;
import redraft.policy.FixedLength;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.CandidateRule;
import redraft.verify.SampledCandidates;

/** Two models that look at the last token only, decoding with trees of candidates and replayed. */
public final class MarkovTrees {
  static final double[][] P = {
    {.2, .5, .2, .1}, {.6, .1, .2, .1}, {.1, .2, .3, .4}, {.25, .25, .25, .25}
  };
  static final double[][] Q = {
    {.4, .3, .2, .1}, {.1, .4, .2, .3}, {.3, .3, .3, .1}, {.7, .1, .1, .1}
  };
  static final LanguageModel TARGET = TableModel.ofProbabilities("target", P);
  static final LanguageModel DRAFT = TableModel.ofProbabilities("draft", Q);
  static final SamplingParameters SAMPLING = SamplingParameters.temperature(1);
  static final int[] PROMPT = {0};
  private static final Limits LIMITS = new Limits(40, Set.of());

  /** Three children, of which the first has two and the second one, with one more below. */
  public static final DraftTree UNEVEN =
      DraftTree.of(
          "uneven",
          List.of(
              List.of(1),
              List.of(2),
              List.of(3),
              List.of(1, 1),
              List.of(1, 2),
              List.of(2, 1),
              List.of(1, 1, 1)));

  private MarkovTrees() {}

  /** Steps of each text, live. */
  public static double[] live(CandidateRule rule, DraftTree tree, int texts) {
    double[] steps = new double[texts];
    try (TreeDecoding live = new TreeDecoding(TARGET, DRAFT, rule, tree, SAMPLING, LIMITS)) {
      for (int text = 0; text < texts; text++) {
        steps[text] = live.run(PROMPT, new RandomStreams(1), "" + text).steps().size();
      }
    }
    return steps;
  }

  /** Expected steps of each text, of paths that the target wrote alone. */
  public static double[] replayed(CandidateRule rule, DraftTree tree, int texts) {
    double[] steps = new double[texts];
    try (PlainDecoding plain = new PlainDecoding(TARGET, SAMPLING, LIMITS)) {
      for (int text = 0; text < texts; text++) {
        int[] path = plain.run(PROMPT, new RandomStreams(2), "" + text).tokens();
        steps[text] =
            Costed.exact(
                    new FixedLength(tree.depth()),
                    new ConstantRatio(.1),
                    1,
                    false,
                    new ReplaySequence("" + text, law(rule, tree, path, text), 1, true))
                .steps();
      }
    }
    return steps;
  }

  /** What a recording would make of the path. */
  private static AcceptanceLaw law(CandidateRule rule, DraftTree tree, int[] path, int text) {
    if (rule instanceof SampledCandidates sampled) {
      RandomGenerator random = new RandomStreams(3).stream("" + text);
      double[][][] ladders = new double[Q.length + 1][path.length][];
      for (int siblings = 1; siblings < ladders.length; siblings++) {
        int last = PROMPT[0];
        for (int t = 0; t < path.length; t++) {
          Distribution p = Distribution.of(P[last]);
          Distribution q = Distribution.of(Q[last]);
          ladders[siblings][t] = sampled.ladder(p, q, path[t], siblings, random);
          last = path[t];
        }
      }
      return new CandidateLaw(tree, ladders, 0, path.length);
    }
    int[] matched = new int[path.length];
    for (int t = 0; t < path.length; t++) {
      int start = t;
      matched[t] = tree.accepted(i -> rank(path, start + i), path.length - t);
    }
    return new CertainLaw(matched, null);
  }

  private static int rank(int[] path, int t) {
    double[] q = Q[t == 0 ? PROMPT[0] : path[t - 1]];
    int rank = 1;
    for (int other = 0; other < q.length; other++) {
      rank += q[other] > q[path[t]] || (q[other] == q[path[t]] && other < path[t]) ? 1 : 0;
    }
    return rank;
  }
}
