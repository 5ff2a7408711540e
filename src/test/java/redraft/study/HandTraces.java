package redraft.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceWriter;

/** Traces whose acceptances are given by hand. */
public final class HandTraces {
  private static final double P = 1e-3;

  private HandTraces() {}

  /** One draft called "small"; the names are those of the domains, with a text each. */
  public static Path write(Path file, double overlap, List<String> domains, double[]... acceptance)
      throws IOException {
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", 10),
            new TraceHeader.ModelInfo("large", "", 0),
            List.of(new TraceHeader.DraftInfo("small", "", 0)),
            new TraceHeader.Sampling(1, 0, 1, 5),
            LogitDetail.NONE);
    try (TraceWriter writer = new TraceWriter(file, header)) {
      for (int i = 0; i < domains.size(); i++) {
        writer.write(sequence("text-" + i, domains.get(i), overlap, acceptance[i]));
      }
      writer.finish();
    }
    return file;
  }

  /** A text with p = 1/1000 everywhere, so that q = acceptance / 1000 is accepted as it says. */
  private static TraceSequence sequence(
      String id, String domain, double overlap, double[] acceptance) {
    int length = acceptance.length;
    double[] logprob = new double[length];
    Arrays.fill(logprob, Math.log(P));
    double[] entropy = new double[length];
    Arrays.fill(entropy, 1);
    double[] overlaps = new double[length];
    Arrays.fill(overlaps, overlap);
    int[] twos = new int[length]; // tokens and ranks
    Arrays.fill(twos, 2);
    return SampleTraces.sequence(
        id,
        domain,
        new int[] {1, 2},
        twos,
        new Target(logprob, entropy, new double[length], null),
        List.of(
            new Draft(
                Arrays.stream(acceptance).map(a -> Math.log(a * P)).toArray(),
                twos,
                overlaps,
                null)));
  }

  /** 1, 0, 1, 0, …: every second drafted token is accepted. */
  public static double[] alternating(int length) {
    double[] values = new double[length];
    for (int t = 0; t < length; t++) {
      values[t] = t % 2 == 0 ? 1 : 0;
    }
    return values;
  }
}
