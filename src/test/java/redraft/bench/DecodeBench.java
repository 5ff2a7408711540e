package redraft.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.FixedLength;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.verify.TokenRule;

/**
 * What decoding costs beyond ONNX Runtime, what recording costs beyond decoding, and what
 * speculation gains, with the shipped pair.
 *
 * <p>Method: the first two shipped prompts of each domain, at most 128 tokens each, target on all
 * processors, draft on one thread, passes of one row run as two, as everywhere by default. The ways
 * are timed in turns and a ratio is taken round by round; printed are its median and, in brackets,
 * its least, most and quartiles; a line says where plain decoding disagrees with itself.
 *
 * <ul>
 *   <li>The bare loop is {@code session.run} alone, for the same passes on the same tokens, with
 *       all tensors made before the clock starts. The decoding loop is compared with it.
 *   <li>Recording is compared with plain decoding of the same prompt, prefill and tokenizer
 *       included in both, apart from the bare loop, whose threads and caches would slow down what
 *       comes next. A round of these two comparisons is one prompt; the prompts go round four
 *       times, the first to warm up.
 *   <li>Speculation (rule token) is compared with plain decoding by time a token, decoding only. A
 *       round is both prompts of a domain; two rounds warm up, seven count.
 * </ul>
 *
 * <p>Run it with {@code scripts/bench decode}.
 */
public final class DecodeBench {
  private static final int PROMPTS = 2; // of each domain
  private static final int TOKENS = 128;
  private static final int[] DRAFT_LENGTHS = {1, 2, 3, 4, 6};
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  private final OnnxPair pair;
  private final Limits limits;
  private final Map<String, List<Prompt>> domains = new LinkedHashMap<>();

  private DecodeBench(OnnxPair pair) throws Exception {
    this.pair = pair;
    limits = new Limits(TOKENS, new HashSet<>(pair.manifest().endTokens()));
    for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
      List<Prompt> domain = domains.computeIfAbsent(prompt.domain(), name -> new ArrayList<>());
      if (domain.size() < PROMPTS) {
        domain.add(prompt);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    try (OnnxPair pair =
        new OnnxPair(
            ShippedPair.DIRECTORY, new OnnxOptions(THREADS, true), new OnnxOptions(1, true))) {
      DecodeBench bench = new DecodeBench(pair);
      System.out.println(
          "                          decoding over bare     recording over decoding");
      for (SamplingParameters sampling :
          List.of(
              SamplingParameters.GREEDY,
              SamplingParameters.temperature(1),
              new SamplingParameters(0.7, 50, 0.9))) {
        bench.overhead(sampling);
      }
      System.out.println();
      System.out.println("plain over speculative time a token, by draft length");
      for (double temperature : new double[] {0, 1}) {
        bench.speculation(SamplingParameters.temperature(temperature));
      }
    }
  }

  private void overhead(SamplingParameters sampling) throws Exception {
    List<Prompt> prompts = domains.values().stream().flatMap(List::stream).toList();
    RandomStreams streams = new RandomStreams(1);
    try (PlainDecoding plain = new PlainDecoding(pair.target(), sampling, limits);
        Recorder recorder =
            new Recorder(
                pair.tokenizer(),
                pair.target(),
                pair.drafts(),
                sampling,
                limits,
                Detail.NONE,
                streams);
        BareLoop bare =
            new BareLoop(
                ShippedPair.DIRECTORY.resolve(pair.manifest().target().file()),
                THREADS,
                pair.target().contextLength())) {
      for (Prompt prompt : prompts) {
        int[] tokens = pair.tokenizer().encode(prompt.prompt());
        bare.add(tokens, plain.run(tokens, streams, prompt.id() + "/0").tokens());
      }
      int texts = prompts.size();
      Rounds.Measure<IntToDoubleFunction> measure =
          (way, round) -> way.applyAsDouble(round % texts);
      Map<String, IntToDoubleFunction> loops = new LinkedHashMap<>();
      loops.put("bare", bare::nanos);
      loops.put(
          "decoding",
          text -> {
            Prompt prompt = prompts.get(text);
            int[] tokens = pair.tokenizer().encode(prompt.prompt());
            return plain.run(tokens, streams, prompt.id() + "/0").decodeNanos();
          });
      Map<String, IntToDoubleFunction> whole = new LinkedHashMap<>();
      whole.put(
          "decoding",
          text -> {
            long started = System.nanoTime();
            loops.get("decoding").applyAsDouble(text);
            return System.nanoTime() - started;
          });
      whole.put(
          "recording",
          text -> {
            long started = System.nanoTime();
            recorder.record(prompts.get(text), 0);
            return System.nanoTime() - started;
          });
      System.out.printf(
          Locale.ROOT,
          "%-24s %s %s%n",
          name(sampling),
          new Rounds(loops, measure, texts, 3 * texts).ratio("decoding", "bare"),
          new Rounds(whole, measure, texts, 3 * texts).ratio("recording", "decoding"));
    }
  }

  private void speculation(SamplingParameters sampling) {
    try (PlainDecoding plain = new PlainDecoding(pair.target(), sampling, limits);
        ModelDrafter drafter = new ModelDrafter(pair.drafts().get(0), sampling)) {
      Map<String, Decoding> ways = new LinkedHashMap<>();
      ways.put("plain", plain::run);
      for (int k : DRAFT_LENGTHS) {
        SpeculativeDecoding speculative =
            new SpeculativeDecoding(
                pair.target(), drafter, new TokenRule(), new FixedLength(k), sampling, limits);
        ways.put(String.valueOf(k), speculative::run);
      }
      for (var domain : domains.entrySet()) {
        Rounds rounds =
            new Rounds(ways, (way, round) -> nanosPerToken(way, domain.getValue()), 2, 7);
        for (int k : DRAFT_LENGTHS) {
          System.out.printf(
              Locale.ROOT,
              "%-18s %-10s %d %s%n",
              name(sampling),
              domain.getKey(),
              k,
              rounds.ratio("plain", String.valueOf(k)));
        }
        System.out.print(rounds.problem("plain", THREADS));
      }
    }
  }

  private interface Decoding {
    Continuation run(int[] prompt, RandomStreams streams, String text);
  }

  private double nanosPerToken(Decoding decoding, List<Prompt> prompts) {
    double nanos = 0;
    int tokens = 0;
    for (Prompt prompt : prompts) {
      Continuation run =
          decoding.run(pair.tokenizer().encode(prompt.prompt()), new RandomStreams(1), prompt.id());
      nanos += run.decodeNanos();
      tokens += run.tokens().length;
    }
    return nanos / tokens;
  }

  private static String name(SamplingParameters sampling) {
    return sampling.topK() == 0
        ? "temperature " + sampling.temperature()
        : sampling.temperature() + ", top-k " + sampling.topK() + ", top-p " + sampling.topP();
  }
}
