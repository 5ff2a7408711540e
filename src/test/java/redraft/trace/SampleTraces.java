package redraft.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
    Random random = new Random(seed);
    List<TraceSequence> sequences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(6);
      Target target =
          new Target(
              random.doubles(length, -9, 0).toArray(),
              random.doubles(length, 0, 3).toArray(),
              random.doubles(length, 0, 8).toArray(),
              top(logits, length, random));
      List<Draft> drafts = new ArrayList<>();
      for (int d = 0; d < 2; d++) {
        double[] logprob = random.doubles(length, -9, 0).toArray();
        logprob[random.nextInt(length)] = Double.NEGATIVE_INFINITY;
        drafts.add(
            new Draft(
                logprob,
                random.ints(length, 1, VOCABULARY + 1).toArray(),
                random.doubles(length, 0, 1).toArray(),
                top(logits, length, random)));
      }
      sequences.add(
          new TraceSequence(
              new TraceSequence.Label("p" + i / 2, i % 2, i % 4 < 2 ? "maths" : "drama"),
              new TraceSequence.Prefix(
                  "Wie spät? \"now\" \u2028 😀\n",
                  random.ints(1 + random.nextInt(4), 0, VOCABULARY).toArray()),
              new TraceSequence.CommittedPath(
                  random.ints(length, 0, VOCABULARY).toArray(),
                  random.nextBoolean() ? Finish.EOS : Finish.LENGTH),
              target,
              drafts));
    }
    return sequences;
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

  private static TopLogits top(LogitDetail detail, int length, Random random) {
    if (detail == LogitDetail.NONE) {
      return null;
    }
    int listed = detail == LogitDetail.ALL ? VOCABULARY : 3;
    int[][] tokens = new int[length][];
    float[][] logits = new float[length][listed];
    double[] tail = new double[length];
    for (int t = 0; t < length; t++) {
      tokens[t] = random.ints(0, VOCABULARY).distinct().limit(listed).toArray();
      float logit = 5 * random.nextFloat();
      for (int i = 0; i < listed; i++) {
        logits[t][i] = logit;
        logit -= random.nextFloat();
      }
      logits[t][listed - 1] = Float.NEGATIVE_INFINITY;
      tail[t] = detail == LogitDetail.ALL ? Double.NEGATIVE_INFINITY : -random.nextDouble();
    }
    return new TopLogits(tokens, logits, tail);
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
