package redraft.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;

/**
 * What it costs that logits do not depend on how rows are grouped: plain decoding with every pass
 * of one row run as two, over plain decoding with single rows.
 *
 * <p>Method: every third of the shipped prompts, 128 tokens each at temperature 1; the two ways
 * decode each prompt in turns, each with its own copy of the target; one round warms up, the ratio
 * of the medians of the next nine counts. Run it with {@code scripts/bench exact-rows}.
 */
public final class ExactRowsBench {
  private static final int ROUNDS = 9;

  private ExactRowsBench() {}

  public static void main(String[] arguments) throws Exception {
    List<Prompt> prompts = Prompt.readAll(ShippedPair.PROMPTS);
    int threads = Runtime.getRuntime().availableProcessors();
    SamplingParameters sampling = SamplingParameters.temperature(1);
    try (OnnxPair exact =
            new OnnxPair(
                ShippedPair.DIRECTORY, new OnnxOptions(threads, true), new OnnxOptions(1, true));
        OnnxPair single =
            new OnnxPair(
                ShippedPair.DIRECTORY,
                new OnnxOptions(threads, false),
                new OnnxOptions(1, false))) {
      Limits limits = new Limits(128, exact.endTokens());
      double[][] millis = new double[2][ROUNDS]; // per token
      try (PlainDecoding first = new PlainDecoding(exact.target(), sampling, limits);
          PlainDecoding second = new PlainDecoding(single.target(), sampling, limits)) {
        for (int round = -1; round < ROUNDS; round++) {
          double[] nanos = new double[2];
          int decoded = 0;
          for (int i = 0; i < prompts.size(); i += 3) {
            int[] prompt = exact.tokenizer().encode(prompts.get(i).prompt());
            var a = first.run(prompt, new RandomStreams(1), prompts.get(i).id());
            var b = second.run(prompt, new RandomStreams(1), prompts.get(i).id());
            nanos[0] += a.decodeNanos() / (double) a.tokens().length;
            nanos[1] += b.decodeNanos() / (double) b.tokens().length;
            decoded++;
          }
          for (int way = 0; way < 2; way++) {
            millis[way][Math.max(0, round)] = nanos[way] / decoded / 1e6;
          }
        }
      }
      double[] medians =
          Arrays.stream(millis)
              .mapToDouble(row -> Arrays.stream(row).sorted().toArray()[ROUNDS / 2])
              .toArray();
      System.out.printf(
          Locale.ROOT,
          "exact rows %.3f ms per token, single rows %.3f ms per token: ratio %.3f%n",
          medians[0],
          medians[1],
          medians[0] / medians[1]);
    }
  }
}
