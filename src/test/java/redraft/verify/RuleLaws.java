package redraft.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/** Exact laws of rules on worlds small enough to enumerate. */
final class RuleLaws {
  private RuleLaws() {}

  /**
   * A target and a draft, each a distribution for every prefix.
   *
   * @param vocabularySize of both
   */
  record World(
      int vocabularySize,
      Function<List<Integer>, Distribution> target,
      Function<List<Integer>, Distribution> draft) {

    /** Distributions that depend on the whole prefix, about a quarter of their entries 0. */
    static World random(int vocabularySize, long seed) {
      return new World(vocabularySize, tables(vocabularySize, seed), tables(vocabularySize, ~seed));
    }

    /** Distributions that depend on the last token only. */
    static World markov(int vocabularySize, long seed) {
      World world = random(vocabularySize, seed);
      return new World(
          vocabularySize,
          prefix -> world.target.apply(last(prefix)),
          prefix -> world.draft.apply(last(prefix)));
    }

    /** The same two distributions everywhere. */
    static World constant(Distribution target, Distribution draft) {
      return new World(target.vocabularySize(), prefix -> target, prefix -> draft);
    }

    /** This world at temperature 0. */
    World greedy() {
      return new World(
          vocabularySize,
          prefix -> Distribution.oneHot(target.apply(prefix).argmax(), vocabularySize),
          prefix -> Distribution.oneHot(draft.apply(prefix).argmax(), vocabularySize));
    }

    private static List<Integer> last(List<Integer> prefix) {
      return prefix.subList(Math.max(0, prefix.size() - 1), prefix.size());
    }

    private static Function<List<Integer>, Distribution> tables(int size, long seed) {
      Map<List<Integer>, Distribution> known = new HashMap<>();
      return prefix ->
          known.computeIfAbsent(
              List.copyOf(prefix),
              key -> table(size, new SplittableRandom(seed * 31 + key.hashCode())));
    }

    private static Distribution table(int size, RandomGenerator random) {
      double[] weights = new double[size];
      for (int token = 0; token < size; token++) {
        weights[token] = random.nextInt(4) == 0 ? 0 : Math.pow(random.nextDouble(), 2);
      }
      weights[random.nextInt(size)] += 0.01;
      double sum = Arrays.stream(weights).sum();
      return Distribution.of(Arrays.stream(weights).map(weight -> weight / sum).toArray());
    }

    /** What the draft samples from when the rule has its way. */
    Distribution drafting(VerificationRule rule, List<Integer> prefix) {
      Distribution q = draft.apply(prefix);
      boolean greedy =
          rule.draftSampling(SamplingParameters.temperature(1)).equals(SamplingParameters.GREEDY);
      return greedy ? Distribution.oneHot(q.argmax(), vocabularySize) : q;
    }

    /** ∏ p along the path. */
    double probability(List<Integer> path) {
      double probability = 1;
      for (int t = 0; t < path.size(); t++) {
        probability *= target.apply(path.subList(0, t)).probability(path.get(t));
      }
      return probability;
    }

    /** What a recording would hold of a path of positive probability. */
    RecordedPath record(List<Integer> path) {
      double[] ratio = new double[path.size()];
      double[] draftProbability = new double[path.size()];
      boolean[] draftArgmax = new boolean[path.size()];
      for (int t = 0; t < path.size(); t++) {
        Distribution q = draft.apply(path.subList(0, t));
        draftProbability[t] = q.probability(path.get(t));
        ratio[t] = draftProbability[t] / target.apply(path.subList(0, t)).probability(path.get(t));
        draftArgmax[t] = q.argmax() == path.get(t);
      }
      return new RecordedPath(ratio, draftProbability, draftArgmax);
    }

    /** All paths of that length and positive target probability. */
    List<List<Integer>> paths(int length) {
      return extend(List.of(), length, target).keySet().stream().toList();
    }

    /** The law of all continuations of a prefix up to that length. */
    Map<List<Integer>, Double> extend(
        List<Integer> prefix, int length, Function<List<Integer>, Distribution> model) {
      Map<List<Integer>, Double> law = new LinkedHashMap<>(Map.of(prefix, 1.0));
      for (int at = prefix.size(); at < length; at++) {
        Map<List<Integer>, Double> longer = new LinkedHashMap<>();
        law.forEach(
            (path, probability) -> {
              for (int token = 0; token < vocabularySize; token++) {
                double next = model.apply(path).probability(token);
                if (next > 0) {
                  longer.put(append(path, token), probability * next);
                }
              }
            });
        law = longer;
      }
      return law;
    }
  }

  static List<Integer> append(List<Integer> path, int token) {
    List<Integer> longer = new ArrayList<>(path);
    longer.add(token);
    return List.copyOf(longer);
  }

  /**
   * The law of one live step from a prefix: P(the tokens after the prefix are path, j of them were
   * accepted drafts), the path filled up with the target's tokens to draftLength + 1.
   *
   * @return for every path [draftLength + 1], by accepted count
   */
  static Map<List<Integer>, double[]> live(
      VerificationRule rule, World world, List<Integer> prefix, int draftLength) {
    int end = prefix.size() + draftLength + 1;
    Map<List<Integer>, double[]> law = new LinkedHashMap<>();
    world
        .extend(prefix, end - 1, text -> world.drafting(rule, text))
        .forEach(
            (drafted, draftProbability) ->
                verdicts(rule, world, drafted, prefix.size())
                    .forEach(
                        (verdict, probability) -> {
                          List<Integer> emitted =
                              append(
                                  drafted.subList(0, prefix.size() + verdict.acceptedCount()),
                                  verdict.token());
                          world
                              .extend(emitted, end, world.target)
                              .forEach(
                                  (path, rest) ->
                                      law.computeIfAbsent(path, p -> new double[draftLength + 1])[
                                              verdict.acceptedCount()] +=
                                          draftProbability * probability * rest);
                        }));
    return law;
  }

  /** The same law as replay has it: P(path)·(S_j − S_{j+1}). */
  static Map<List<Integer>, double[]> replayed(
      VerificationRule rule, World world, List<Integer> prefix, int draftLength) {
    Map<List<Integer>, double[]> law = new LinkedHashMap<>();
    world
        .extend(prefix, prefix.size() + draftLength + 1, world.target)
        .forEach(
            (path, probability) -> {
              double[] counts = counts(rule, world.record(path), prefix.size(), draftLength);
              law.put(path, Arrays.stream(counts).map(c -> c * probability).toArray());
            });
    return law;
  }

  /** P(exactly j accepted | path) for j = 0 … draftLength. */
  static double[] counts(VerificationRule rule, RecordedPath path, int start, int draftLength) {
    double[] survival = new double[draftLength + 1];
    rule.survival(path, start, draftLength, survival);
    for (int j = 0; j < draftLength; j++) {
      survival[j] -= survival[j + 1];
    }
    return survival;
  }

  /** E[accepted] under such a law. */
  static double meanAccepted(Map<List<Integer>, double[]> law) {
    double mean = 0;
    for (double[] counts : law.values()) {
      for (int j = 0; j < counts.length; j++) {
        mean += j * counts[j];
      }
    }
    return mean;
  }

  /** The law of the verdict on text[from …], drafted after text[0 … from − 1]. */
  static Map<Verdict, Double> verdicts(
      VerificationRule rule, World world, List<Integer> text, int from) {
    List<Distribution> p = new ArrayList<>();
    List<Distribution> q = new ArrayList<>();
    for (int t = from; t <= text.size(); t++) {
      p.add(world.target.apply(text.subList(0, t)));
      if (t < text.size()) {
        q.add(world.drafting(rule, text.subList(0, t)));
      }
    }
    int[] tokens = text.subList(from, text.size()).stream().mapToInt(i -> i).toArray();
    return verdicts(rule, new Proposal(tokens, q), p);
  }

  static Map<Verdict, Double> verdicts(
      VerificationRule rule, Proposal proposal, List<Distribution> target) {
    return law(random -> rule.verify(proposal, target, random));
  }

  /**
   * The law of what is decided over all values of the random numbers that are asked for, each of
   * the 2^53 that nextDouble returns being as likely as the others.
   *
   * <p>A decision cuts the range of a random number into intervals, whose ends bisection finds
   * exactly; two values lead to the same decision if they lead to the same outcome with all later
   * random numbers held fixed.
   */
  static <T> Map<T, Double> law(Function<RandomGenerator, T> decide) {
    Map<T, Double> law = new LinkedHashMap<>();
    new Exploration<>(decide, law).from(new double[0], 1);
    return law;
  }

  private record Run<T>(T outcome, int asked) {}

  private record Exploration<T>(Function<RandomGenerator, T> decide, Map<T, Double> law) {
    private static final long VALUES = 1L << 53;

    /** Adds the outcomes that follow when the first random numbers are the given ones. */
    void from(double[] script, double probability) {
      Run<T> run = run(script);
      if (run.asked == script.length) {
        law.merge(run.outcome, probability, Double::sum);
        return;
      }
      double[] longer = Arrays.copyOf(script, script.length + 1);
      long start = 0;
      while (start < VALUES) {
        long end = endOfInterval(longer, start);
        longer[script.length] = start * 0x1p-53;
        from(longer.clone(), probability * ((end - start) * 0x1p-53));
        start = end;
      }
    }

    /** The end, exclusive, of the values that the last number may take with the run unchanged. */
    private long endOfInterval(double[] script, long start) {
      Run<T> first = runWith(script, start);
      long same = start;
      long other = VALUES - 1;
      if (runWith(script, other).equals(first)) {
        return VALUES;
      }
      while (other - same > 1) {
        long middle = (same + other) >>> 1;
        if (runWith(script, middle).equals(first)) {
          same = middle;
        } else {
          other = middle;
        }
      }
      return other;
    }

    private Run<T> runWith(double[] script, long value) {
      script[script.length - 1] = value * 0x1p-53;
      return run(script);
    }

    private Run<T> run(double[] script) {
      Script random = new Script(script);
      return new Run<>(decide.apply(random), random.asked);
    }
  }

  /** Random numbers that are written down beforehand; 0.5 after the last of them. */
  static final class Script implements RandomGenerator {
    private final double[] values;
    private int asked;

    Script(double... values) {
      this.values = values;
    }

    @Override
    public double nextDouble() {
      return asked < values.length ? values[asked++] : tail();
    }

    private double tail() {
      asked++;
      return 0.5;
    }

    @Override
    public long nextLong() {
      throw new UnsupportedOperationException("a rule decides by nextDouble alone");
    }
  }
}
