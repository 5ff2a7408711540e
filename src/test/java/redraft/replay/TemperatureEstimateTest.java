package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.policy.Oracle;
import redraft.replay.TemperatureEstimate.Bounds;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;
import redraft.steps.StepLog;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;
import redraft.verify.ExactMatchRule;
import redraft.verify.GreedyDraftRule;
import redraft.verify.TokenRule;

class TemperatureEstimateTest {
  private static final int VOCABULARY = 30;

  /** The n largest of each row, and what they leave out. */
  private static TopLogits top(float[][] rows, int n) {
    int[][] tokens = new int[rows.length][];
    float[][] logits = new float[rows.length][n];
    double[] tail = new double[rows.length];
    for (int t = 0; t < rows.length; t++) {
      float[] row = rows[t];
      int[] order =
          IntStream.range(0, row.length)
              .boxed()
              .sorted(Comparator.comparing(token -> -row[token]))
              .mapToInt(token -> token)
              .toArray();
      Distribution p = distribution(row, 1);
      for (int i = 0; i < n; i++) {
        logits[t][i] = row[order[i]];
      }
      double rest = 0;
      for (int i = n; i < row.length; i++) {
        rest += p.probability(order[i]);
      }
      tokens[t] = Arrays.copyOf(order, n);
      tail[t] = Math.log(rest);
    }
    return new TopLogits(tokens, logits, tail);
  }

  private static TemperatureEstimate estimate(float[][] p, float[][] q, int n, double temperature) {
    int length = p.length;
    double[] zeros = new double[length];
    TraceSequence sequence =
        SampleTraces.sequence(
            "a",
            "chat",
            new int[1],
            new int[length],
            new Target(zeros, zeros, zeros, top(p, n)),
            List.of(new Draft(zeros, new int[length], zeros, top(q, n))));
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", p[0].length),
            new TraceHeader.ModelInfo("big", "", 0),
            List.of(new TraceHeader.DraftInfo("small", "", 0)),
            new TraceHeader.Sampling(1e9, 0, 1, 0), // which none of these is
            LogitDetail.TOP);
    return TemperatureEstimate.of(sequence, header, 0, temperature);
  }

  private static Distribution distribution(float[] logits, double temperature) {
    return Distribution.ofLogits(
        FloatBuffer.wrap(logits), SamplingParameters.temperature(temperature));
  }

  private static float[] logs(double... weights) {
    float[] logits = new float[weights.length];
    for (int v = 0; v < weights.length; v++) {
      logits[v] = (float) Math.log(weights[v]);
    }
    return logits;
  }

  // p ∝ (8 4 2 2), q ∝ (2 8 1 5), the two largest listed, T = 1/2. Relative to the largest weight:
  // p lists 1 and 1/4 at T and leaves out 2 tokens with 1/2 in all at temperature 1, each at most
  // 1/2: together from 2 · (1/4)² = 1/8 to 1/2 · 1/2 = 1/4. So p(0) is from 1/(3/2) to 1/(11/8),
  // p(1)
  // a quarter of it, and what p leaves out at most 1/6.
  // q lists 1 and 25/64 and leaves out 3/8 in all, each at most 5/8: from 2 · (3/16)² = 9/128 to
  // 3/8 · 5/8 = 15/64. So q(1) is from 64/104 to 128/187, q(3) from 25/104 to 50/187, and what q
  // leaves out at most 15/104.
  @Test
  void twoOfFourTokensListed() {
    float[][] p = {logs(8, 4, 2, 2)};
    float[][] q = {logs(2, 8, 1, 5)};
    TemperatureEstimate estimate = estimate(p, q, 2, .5);
    double onlyP = 15 / 104.; // of min(p, q): no more than q leaves out
    double onlyQ = 1 / 6.;
    assertBounds(1 / 6., 2 / 11. + onlyP + onlyQ, estimate.acceptance(new TokenRule()));
    assertBounds(1 / 6., 2 / 11., estimate.acceptance(new GreedyDraftRule()));
    assertBounds(
        1 / 6. * 8 / 13,
        2 / 11. * 128 / 187 + 8 / 11. * 15 / 104 + 1 / 6. * 50 / 187 + 1 / 6. * 15 / 104,
        estimate.acceptance(new ExactMatchRule()));
    // p² ∝ (64 16 4 4), q² ∝ (4 64 1 25)
    double overlap = 4 / 94. + 16 / 88. + 1 / 94. + 4 / 88.;
    assertBounds(overlap, overlap, estimate(p, q, 4, .5).overlap());
  }

  private static void assertBounds(double low, double high, Bounds bounds) {
    assertEquals(low, bounds.low()[0], 1e-6); // logits are in single precision
    assertEquals(high, bounds.high()[0], 1e-6);
  }

  // p ∝ (8 4 1 3) leaves out token 2, q's choice. Two listed: all that is left is 4/16, as much as
  // the smallest listed has. Three listed: 1/16 is left, less than that.
  @Test
  void aChoiceThatTheTargetDoesNotListHasAtMostWhatIsLeft() {
    float[][] p = {logs(8, 4, 1, 3)};
    float[][] q = {logs(1, 2, 9, 4)};
    assertBounds(0, 4 / 16., estimate(p, q, 2, 1).choice());
    assertBounds(0, 1 / 16., estimate(p, q, 3, 1).choice());
  }

  /** Rows of every shape: flat and steep, with equal and impossible tokens, tails alike and not. */
  private static float[][] rows(int count, Random random) {
    float[][] rows = new float[count][VOCABULARY];
    for (float[] row : rows) {
      double scale = 6 * random.nextDouble();
      int shape = random.nextInt(4);
      for (int v = 0; v < VOCABULARY; v++) {
        row[v] = (float) (scale * random.nextGaussian());
        if (shape == 1 && v > 4) {
          row[v] = -1; // a tail of equals
        } else if (shape == 2 && v > 8 && v != 20) {
          row[v] = Float.NEGATIVE_INFINITY;
        } else if (shape == 3) {
          row[v] = Math.round(row[v]);
        }
      }
    }
    return rows;
  }

  /** The draft's rows resemble the target's, so that overlaps are not all near 0. */
  private static float[][] drafts(float[][] target, Random random) {
    float[][] rows = new float[target.length][VOCABULARY];
    for (int t = 0; t < rows.length; t++) {
      for (int v = 0; v < VOCABULARY; v++) {
        rows[t][v] = (float) (target[t][v] + random.nextInt(3) * random.nextGaussian());
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, .3, .7, 1, 1.5, 4})
  void theTruthLiesWithinTheBounds(double temperature) {
    Random random = new Random(11);
    int length = 1000;
    float[][] p = rows(length, random);
    float[][] q = drafts(p, random);
    double[][] truth = new double[3][length];
    for (int t = 0; t < length; t++) {
      Distribution target = distribution(p[t], temperature);
      Distribution draft = distribution(q[t], temperature);
      truth[0][t] = target.overlap(draft);
      truth[1][t] = target.probability(draft.argmax());
      for (int v = 0; v < VOCABULARY; v++) {
        truth[2][t] += target.probability(v) * draft.probability(v);
      }
    }
    double[] width = new double[VOCABULARY + 1];
    for (int n : new int[] {1, 2, 8, 20, VOCABULARY}) {
      TemperatureEstimate estimate = estimate(p, q, n, temperature);
      List<Bounds> bounds =
          List.of(
              estimate.acceptance(new TokenRule()),
              estimate.acceptance(new GreedyDraftRule()),
              estimate.acceptance(new ExactMatchRule()));
      for (int rule = 0; rule < 3; rule++) {
        for (int t = 0; t < length; t++) {
          double low = bounds.get(rule).low()[t];
          double high = bounds.get(rule).high()[t];
          String where = "n " + n + ", rule " + rule + ", position " + t;
          assertTrue(low >= 0 && low <= high && high <= 1, where);
          assertTrue(low <= truth[rule][t] + 1e-12, where + ": " + truth[rule][t] + " < " + low);
          assertTrue(high >= truth[rule][t] - 1e-12, where + ": " + truth[rule][t] + " > " + high);
          width[n] += (high - low) / (3 * length);
        }
        if (n == VOCABULARY) {
          assertArrayEquals(bounds.get(rule).low(), bounds.get(rule).high());
          assertArrayEquals(truth[rule], bounds.get(rule).low(), 1e-9);
        }
      }
    }
    if (temperature == 0) {
      assertEquals(0, width[1]);
    } else {
      assertTrue(width[2] < width[1] && width[8] < width[2] && width[20] < width[8]);
      assertTrue(width[1] > .05 && width[20] < .1, width[1] + " " + width[20]);
    }
  }

  @Test
  void atTheRecordedTemperatureAllLogitsGiveTheRecordedOverlap() {
    Random random = new Random(5);
    float[][] p = rows(200, random);
    float[][] q = drafts(p, random);
    double recorded = 0;
    for (int t = 0; t < p.length; t++) {
      recorded += distribution(p[t], .8).overlap(distribution(q[t], .8));
    }
    assertTrue(recorded > 20 && recorded < 180, "recorded " + recorded);
    assertEquals(recorded / p.length, estimate(p, q, VOCABULARY, .8).overlapSum() / p.length, 1e-9);
  }

  private static double steps(Replayer replayer, double... acceptance) {
    EstimatedLaw law = new EstimatedLaw(acceptance, acceptance);
    StepLog log = new StepLog(acceptance.length);
    replayer.replay(new ReplaySequence("a", law, 5, true), log);
    return log.steps();
  }

  @Test
  void moreAcceptanceNeverTakesMoreStepsAtOneDraftLengthNorForTheOracle() {
    Random random = new Random(3);
    for (int trial = 0; trial < 500; trial++) {
      double[] low = random.doubles(1 + random.nextInt(20)).toArray();
      double[] high = low.clone();
      high[random.nextInt(low.length)] = 1;
      Replayer fixed = new ExactReplay(new FixedLength(1 + trial % 5), false);
      Replayer oracle = new ExactReplay(new Oracle(), true);
      assertTrue(steps(fixed, high) <= steps(fixed, low) + 1e-12);
      assertTrue(steps(oracle, high) <= steps(oracle, low) + 1e-12);
    }
  }

  // Lengths 1, 3, 2 with the first token accepted: steps at 0, 2, 3, 6. Without it lengths 1, 1, 3:
  // steps at 0, 1, 3.
  @Test
  void moreAcceptanceCanCostTheHeuristicAStep() {
    Replayer heuristic = new ExactReplay(new Heuristic(1), false);
    assertEquals(3, steps(heuristic, 0, 1, 0, 1, 1, 1, 1));
    assertEquals(4, steps(heuristic, 1, 1, 0, 1, 1, 1, 1));
  }
}
