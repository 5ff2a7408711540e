package redraft.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;
import redraft.policy.DraftTree;
import redraft.replay.MarkovTrees;
import redraft.sampling.Distribution;
import redraft.verify.CandidateRule;
import redraft.verify.SampledCandidates;
import redraft.verify.TransportLimit;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * How often rules of several candidates accept, beside what none can exceed, and how replay's steps
 * compare with live ones.
 *
 * <p>Method: a node of two candidates whose distributions can be worked by hand; the mean over 200
 * seeded pairs of distributions of 50 tokens; and texts of 40 tokens of models that look at the
 * last token only, decoded live and, other texts of the same law, replayed from what a recording
 * would hold, the error being that of the texts; and how long a ladder and the limit take. Run it
 * with {@code scripts/bench laws [TEXTS]}.
 */
public final class LawsBench {
  private static final Distribution P = Distribution.of(.5, .3, .2);
  private static final Distribution Q = Distribution.of(.2, .3, .5);
  private static final int PAIRS = 200;
  private static final int TOKENS = 50;
  private static final int ROUNDS = 200;

  private LawsBench() {}

  public static void main(String[] arguments) {
    int texts = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
    SampledCandidates[] rules =
        VerificationRules.sampled().stream()
            .map(rule -> (SampledCandidates) rule)
            .toArray(SampledCandidates[]::new);
    print("P(a candidate is accepted), p = (.5, .3, .2), q = (.2, .3, .5):");
    print("candidates  %s  likeliest  limit", names(rules));
    for (int count = 1; count <= 3; count++) {
      node(rules, P, Q, count);
    }
    print("%nThe same, mean of %d random pairs of %d tokens:", PAIRS, TOKENS);
    print("candidates  %s  likeliest  limit", names(rules));
    for (int count = 1; count <= 4; count++) {
      pairs(rules, count);
    }
    for (int vocabulary : List.of(2_048, 50_000)) {
      time(rules, vocabulary);
    }
    print("%nSteps of texts of 40 tokens, mean (standard error) of %d texts:", texts);
    print("tree    rule            live             replay             z  variance live/replay");
    for (DraftTree tree : List.of(MarkovTrees.UNEVEN, DraftTree.full(2, 3))) {
      for (VerificationRule rule : VerificationRules.REGISTRY.all()) {
        if (rule instanceof CandidateRule candidates) {
          steps(tree, candidates, texts);
        }
      }
    }
  }

  /** What a position of a recording takes. */
  private static void time(SampledCandidates[] rules, int vocabulary) {
    SplittableRandom random = new SplittableRandom(3);
    Distribution p = random(random, vocabulary);
    Distribution q = random(random, vocabulary);
    print("%nMilliseconds of a ladder of 4 over %d tokens, median of %d:", vocabulary, ROUNDS);
    for (SampledCandidates rule : rules) {
      print("%-5s  %.3f", rule.name(), median(() -> rule.ladder(p, q, 7, 4, random)));
    }
    print("limit  %.3f", median(() -> TransportLimit.accepted(p, q, 4)));
  }

  private static double median(Supplier<double[]> work) {
    double[] times = new double[ROUNDS];
    double sum = 0; // asked for, so that the work is done
    for (int round = -ROUNDS; round < ROUNDS; round++) { // half of them to warm up
      long start = System.nanoTime();
      sum += work.get()[0];
      times[Math.max(0, round)] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(times);
    return sum < 0 ? Double.NaN : times[ROUNDS / 2];
  }

  private static String names(SampledCandidates[] rules) {
    return String.join("    ", Arrays.stream(rules).map(rule -> pad(rule.name())).toList());
  }

  private static String pad(String name) {
    return String.format(Locale.ROOT, "%-5s", name);
  }

  private static void node(SampledCandidates[] rules, Distribution p, Distribution q, int count) {
    RandomGenerator random = new SplittableRandom(1);
    print(
        "%10d  %s  %9.4f  %.4f",
        count,
        String.join(
            "    ",
            Arrays.stream(rules)
                .map(
                    rule -> String.format(Locale.ROOT, "%.4f", accepted(rule, p, q, count, random)))
                .toList()),
        likeliest(p, q, count),
        TransportLimit.accepted(p, q, count)[count - 1]);
  }

  private static void pairs(SampledCandidates[] rules, int count) {
    SplittableRandom random = new SplittableRandom(7);
    double[] sums = new double[rules.length + 2];
    for (int pair = 0; pair < PAIRS; pair++) {
      Distribution p = random(random);
      Distribution q = random(random);
      for (int i = 0; i < rules.length; i++) {
        sums[i] += accepted(rules[i], p, q, count, random);
      }
      sums[rules.length] += likeliest(p, q, count);
      sums[rules.length + 1] += TransportLimit.accepted(p, q, count)[count - 1];
    }
    print(
        "%10d  %s  %9.4f  %.4f",
        count,
        String.join(
            "    ",
            Arrays.stream(sums, 0, rules.length)
                .mapToObj(sum -> String.format(Locale.ROOT, "%.4f", sum / PAIRS))
                .toList()),
        sums[rules.length] / PAIRS,
        sums[rules.length + 1] / PAIRS);
  }

  private static Distribution random(RandomGenerator random) {
    return random(random, TOKENS);
  }

  private static Distribution random(RandomGenerator random, int tokens) {
    double[] weights = random.doubles(tokens).map(x -> x * x).toArray();
    double sum = DoubleStream.of(weights).sum();
    return Distribution.of(DoubleStream.of(weights).map(x -> x / sum).toArray());
  }

  /** Over what the target emits. */
  private static double accepted(
      SampledCandidates rule, Distribution p, Distribution q, int count, RandomGenerator random) {
    double sum = 0;
    for (int x = 0; x < p.vocabularySize(); x++) {
      if (p.probability(x) > 0) {
        sum += p.probability(x) * DoubleStream.of(rule.ladder(p, q, x, count, random)).sum();
      }
    }
    return sum;
  }

  private static double likeliest(Distribution p, Distribution q, int count) {
    return Arrays.stream(q.likeliest(count)).mapToDouble(p::probability).sum();
  }

  private static void steps(DraftTree tree, CandidateRule rule, int texts) {
    Moments live = Moments.of(MarkovTrees.live(rule, tree, texts));
    Moments replay = Moments.of(MarkovTrees.replayed(rule, tree, texts));
    print(
        "%-6s  %-12s  %.3f (%.3f)  %.3f (%.3f)  %+5.1f  %.1f",
        tree.name(),
        rule.name(),
        live.mean,
        live.error(),
        replay.mean,
        replay.error(),
        (live.mean - replay.mean) / Math.hypot(live.error(), replay.error()),
        live.variance / replay.variance);
  }

  private record Moments(double mean, double variance, int count) {
    static Moments of(double[] values) {
      DoubleStatistics statistics =
          DoubleStatistics.of(java.util.EnumSet.of(Statistic.MEAN, Statistic.VARIANCE), values);
      return new Moments(
          statistics.getAsDouble(Statistic.MEAN),
          statistics.getAsDouble(Statistic.VARIANCE),
          values.length);
    }

    double error() {
      return Math.sqrt(variance / count);
    }
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
