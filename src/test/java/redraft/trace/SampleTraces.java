package redraft.trace;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;
import redraft.sampling.TopK;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceHeader.ModelInfo;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceHeader.TokenizerInfo;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/** Small traces from a seed, with every kind of value that the format has. */
public final class SampleTraces {
  private static final int VOCABULARY = 50;

  private SampleTraces() {}

  public static TraceHeader header(LogitDetail logits) {
    return new TraceHeader(
        new TokenizerInfo("0a".repeat(32), VOCABULARY),
        new ModelInfo("large", "1b".repeat(32), 7_000_000_000L),
        List.of(new DraftInfo("small", "2c".repeat(32), 500), new DraftInfo("n-gram", "", 0)),
        new Sampling(0.7, 20, 0.95, -3),
        logits);
  }

  /** Prompts of two samples each, in two domains. */
  public static List<TraceSequence> sequences(int count, LogitDetail logits, long seed) {
    return sequences(count, logits, header(logits).sampling(), seed);
  }

  /** The same under other sampling parameters. */
  public static List<TraceSequence> sequences(
      int count, LogitDetail logits, Sampling sampling, long seed) {
    Random random = new Random(seed);
    List<TraceSequence> sequences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sequences.add(
          new Sampled(logits, sampling, 1 + random.nextInt(6), random)
              .sequence(
                  new TraceSequence.Label("p" + i / 2, i % 2, i % 4 < 2 ? "maths" : "drama")));
    }
    return sequences;
  }

  /** A text sampled from logits at random, and what two drafts at random thought of it. */
  private static final class Sampled {
    private final LogitDetail detail;
    private final int length;
    private final Random random;
    private final int[] tokens;
    private final Rows target;
    private final List<Rows> drafts;

    Sampled(LogitDetail detail, Sampling sampling, int length, Random random) {
      this.detail = detail;
      this.length = length;
      this.random = random;
      tokens = new int[length];
      SamplingParameters parameters =
          new SamplingParameters(sampling.temperature(), sampling.topK(), sampling.topP());
      target = new Rows(parameters);
      for (int t = 0; t < length; t++) {
        tokens[t] = target.distributions[t].sample(random);
      }
      drafts = List.of(new Rows(parameters), new Rows(parameters));
    }

    TraceSequence sequence(TraceSequence.Label label) {
      return new TraceSequence(
          label,
          new TraceSequence.Prefix(
              "Wie spät? \"now\" \u2028 😀\n",
              random.ints(1 + random.nextInt(4), 0, VOCABULARY).toArray()),
          new TraceSequence.CommittedPath(
              tokens, random.nextBoolean() ? Finish.EOS : Finish.LENGTH),
          new Target(
              target.logprob(),
              target.each(t -> target.distributions[t].entropy()),
              target.each(target::margin),
              target.top()),
          drafts.stream()
              .map(
                  draft ->
                      new Draft(
                          draft.logprob(),
                          IntStream.range(0, length).map(draft::rank).toArray(),
                          draft.each(t -> target.distributions[t].overlap(draft.distributions[t])),
                          draft.top()))
              .toList());
    }

    /** One model's logits; one position rules a token out, another all but two. */
    private final class Rows {
      private final float[][] logits = new float[length][VOCABULARY];
      private final Distribution[] distributions = new Distribution[length];

      Rows(SamplingParameters parameters) {
        int narrow = random.nextInt(length);
        int ruledOut = random.nextInt(length);
        for (int t = 0; t < length; t++) {
          for (int v = 0; v < VOCABULARY; v++) {
            logits[t][v] =
                t == narrow && v > 1 ? Float.NEGATIVE_INFINITY : 3 * (float) random.nextGaussian();
          }
          if (t == ruledOut && t != narrow) {
            logits[t][tokens[t]] = Float.NEGATIVE_INFINITY;
          }
          distributions[t] = Distribution.ofLogits(FloatBuffer.wrap(logits[t]), parameters);
        }
      }

      double[] each(IntToDoubleFunction number) {
        return IntStream.range(0, length).mapToDouble(number).toArray();
      }

      double[] logprob() {
        return each(t -> Math.log(distributions[t].probability(tokens[t])));
      }

      double margin(int t) {
        int[] best = TopK.tokens(logits[t], 2);
        return logits[t][best[0]] - logits[t][best[1]];
      }

      int rank(int t) {
        int[] ranked = TopK.tokens(logits[t], VOCABULARY);
        return 1 + IntStream.of(ranked).boxed().toList().indexOf(tokens[t]);
      }

      TopLogits top() {
        if (detail == LogitDetail.NONE) {
          return null;
        }
        int listed = detail == LogitDetail.ALL ? VOCABULARY : 3;
        int[][] best = new int[length][];
        float[][] kept = new float[length][listed];
        double[] tail = new double[length];
        for (int t = 0; t < length; t++) {
          int[] ranked = TopK.tokens(logits[t], VOCABULARY);
          best[t] = Arrays.copyOf(ranked, listed);
          double all = 0;
          double rest = 0;
          for (int i = 0; i < VOCABULARY; i++) {
            double weight = Math.exp(logits[t][ranked[i]] - (double) logits[t][ranked[0]]);
            all += weight;
            rest += i < listed ? 0 : weight;
            if (i < listed) {
              kept[t][i] = logits[t][ranked[i]];
            }
          }
          tail[t] = Math.log(rest / all);
        }
        return new TopLogits(best, kept, tail);
      }
    }
  }

  /** As an import gives them: accept lengths only, the first token from the prefill. */
  public static List<TraceSequence> acceptLengths(int count, long seed) {
    Random random = new Random(seed);
    List<TraceSequence> sequences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(6);
      List<Draft> drafts = new ArrayList<>();
      for (int d = 0; d < 2; d++) {
        drafts.add(Draft.ofAcceptLengths(random.ints(length + d, 1, 9).toArray()));
      }
      sequences.add(
          new TraceSequence(
              new TraceSequence.Label("q" + i, 0, "chat"),
              new TraceSequence.Prefix("", random.ints(3, 0, VOCABULARY).toArray()),
              new TraceSequence.CommittedPath(
                  random.ints(length, 0, VOCABULARY).toArray(), 1, Finish.LENGTH),
              Target.UNKNOWN,
              drafts));
    }
    return sequences;
  }

  /** The only sample of a prompt without text, ended by the length limit. */
  public static TraceSequence sequence(
      String id,
      String domain,
      int[] promptTokens,
      int[] tokens,
      Target target,
      List<Draft> drafts) {
    return new TraceSequence(
        new TraceSequence.Label(id, 0, domain),
        new TraceSequence.Prefix("", promptTokens),
        new TraceSequence.CommittedPath(tokens, Finish.LENGTH),
        target,
        drafts);
  }

  /** Writes a complete trace. */
  public static Path write(Path file, TraceHeader header, List<TraceSequence> sequences)
      throws IOException {
    try (TraceWriter writer = new TraceWriter(file, header)) {
      for (TraceSequence sequence : sequences) {
        writer.write(sequence);
      }
      writer.finish();
    }
    return file;
  }

  /** The lines of all complete sequences, by which they can be compared. */
  public static List<String> lines(Path file) throws IOException {
    try (TraceReader reader = new TraceReader(file)) {
      List<TraceSequence> sequences = new ArrayList<>();
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        sequences.add(sequence);
      }
      return lines(sequences);
    }
  }

  public static List<String> lines(List<TraceSequence> sequences) throws IOException {
    List<String> lines = new ArrayList<>();
    for (TraceSequence sequence : sequences) {
      lines.add(new String(TraceWriter.line(sequence), java.nio.charset.StandardCharsets.UTF_8));
    }
    return lines;
  }
}
