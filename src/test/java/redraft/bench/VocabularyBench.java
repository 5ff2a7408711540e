package redraft.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.model.OneToken;
import redraft.policy.FixedLength;
import redraft.recording.Detail;
import redraft.recording.Recorder;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.verify.TokenRule;

/**
 * What everything around the model costs at a vocabulary of 151,936 tokens, beside what a target
 * pass of that vocabulary costs.
 *
 * <p>Method: the loops that decode and record, whole, over two models whose passes cost nothing:
 * they hand out rows made in advance, the draft's being the target's with noise. A row is a normal
 * bulk (σ 2.5) under a head of a thousand tokens whose logits fall as 18 − 1.5 ln rank; a flat row
 * is the bulk alone, which is the worst case of top-p. Beside it ONNX Runtime multiplies one row by
 * the vocabulary projection of Qwen2.5-0.5B (896 × 151,936, fp32) on all processors. A whole pass
 * of that model is taken to cost 3.63 times its projection: it multiplies by 494 million weights
 * where the projection holds 136 million, attention not counted. Every round runs each way for 32
 * tokens, in turns; three rounds warm up, the medians of the next nine count, with the smallest and
 * the largest. Run it with {@code scripts/bench vocabulary}.
 */
public final class VocabularyBench {
  private static final int VOCABULARY = 151_936;
  private static final int WIDTH = 896;
  private static final double PASS_OVER_PROJECTION = 494.0 / 136.1;
  private static final int TOKENS = 32;
  private static final int PROJECTIONS = 8; // timed in a round
  private static final int DRAFT_LENGTH = 4;
  private static final Prompt PROMPT = new Prompt("text", "none", "");

  private VocabularyBench() {}

  public static void main(String[] arguments) throws OrtException {
    RowModel target = new RowModel("target", 1000, 0);
    RowModel draft = new RowModel("draft", 1000, 1);
    RowModel flatTarget = new RowModel("flat target", 0, 0);
    RowModel flatDraft = new RowModel("flat draft", 0, 1);
    SamplingParameters greedy = SamplingParameters.GREEDY;
    SamplingParameters warm = SamplingParameters.temperature(1);
    SamplingParameters cut = new SamplingParameters(0.7, 50, 0.9);
    SamplingParameters nucleus = new SamplingParameters(1, 0, 0.9);
    Map<String, Runnable> ways = new LinkedHashMap<>();
    ways.put("decode, temperature 0", plain(target, greedy));
    ways.put("decode, temperature 1", plain(target, warm));
    ways.put("decode, 0.7, top-k 50, top-p 0.9", plain(target, cut));
    ways.put("decode, 1, top-p 0.9", plain(target, nucleus));
    ways.put("decode, 1, top-p 0.9, flat rows", plain(flatTarget, nucleus));
    ways.put("record, temperature 0", record(target, draft, greedy, LogitDetail.NONE));
    ways.put("record, temperature 1", record(target, draft, warm, LogitDetail.NONE));
    ways.put("record, 0.7, top-k 50, top-p 0.9", record(target, draft, cut, LogitDetail.NONE));
    ways.put("record, 1, top-p 0.9", record(target, draft, nucleus, LogitDetail.NONE));
    ways.put(
        "record, 1, top-p 0.9, flat rows",
        record(flatTarget, flatDraft, nucleus, LogitDetail.NONE));
    ways.put("record, 1, 64 top logits", record(target, draft, warm, LogitDetail.TOP));
    ways.put("speculate, temperature 0", speculative(target, draft, greedy));
    ways.put("speculate, temperature 1", speculative(target, draft, warm));
    ways.put("speculate, 0.7, top-k 50, top-p 0.9", speculative(target, draft, cut));
    try (Projection projection = new Projection()) {
      ways.put("projection", projection::run);
      Rounds rounds = new Rounds(ways, (way, round) -> millis(way), 3, 9);
      double product = rounds.of("projection").median() / PROJECTIONS;
      double pass = product * PASS_OVER_PROJECTION;
      System.out.printf(
          Locale.ROOT, "projection of one row %.2f ms, a pass about %.1f ms%n%n", product, pass);
      System.out.println(
          "a token of                             ms     (least – most)   of a pass");
      for (String way : ways.keySet()) {
        if (!way.equals("projection")) {
          Rounds.SourcedNumber millis = rounds.of(way).over(TOKENS);
          System.out.printf(
              Locale.ROOT, "%-36s %s %6.1f%%%n", way, millis, 100 * millis.median() / pass);
        }
      }
    }
  }

  private static double millis(Runnable way) {
    long started = System.nanoTime();
    way.run();
    return (System.nanoTime() - started) / 1e6;
  }

  private static Runnable plain(LanguageModel target, SamplingParameters sampling) {
    PlainDecoding decoding = new PlainDecoding(target, sampling, limits());
    return () -> decoding.run(new int[] {0}, new RandomStreams(1), "text");
  }

  private static Runnable record(
      LanguageModel target, LanguageModel draft, SamplingParameters sampling, LogitDetail logits) {
    Recorder recorder =
        new Recorder(
            new OneToken(),
            target,
            List.of(draft),
            sampling,
            limits(),
            new Detail(logits, 64),
            new RandomStreams(1));
    return () -> recorder.record(PROMPT, 0);
  }

  private static Runnable speculative(
      LanguageModel target, LanguageModel draft, SamplingParameters sampling) {
    SpeculativeDecoding decoding =
        new SpeculativeDecoding(
            target,
            new ModelDrafter(draft, sampling),
            new TokenRule(),
            new FixedLength(DRAFT_LENGTH),
            sampling,
            limits());
    return () -> decoding.run(new int[] {0}, new RandomStreams(1), "text");
  }

  private static Limits limits() {
    return new Limits(TOKENS, Set.of());
  }

  /** A model whose passes cost nothing: the logits depend on the position alone. */
  private static final class RowModel implements LanguageModel {
    private static final int PERIOD = 16; // positions until the rows come again
    private static final int ROWS = PERIOD + TOKENS; // a pass is a window of these
    private final String name;
    private final FloatBuffer rows = direct(ROWS * VOCABULARY); // [ROWS, VOCABULARY]

    RowModel(String name, int head, double noise) {
      this.name = name;
      SplittableRandom text = new SplittableRandom(1);
      SplittableRandom own = new SplittableRandom(2);
      for (int row = 0; row < PERIOD; row++) {
        int start = row * VOCABULARY;
        for (int token = 0; token < VOCABULARY; token++) {
          rows.put(start + token, (float) text.nextGaussian(0, 2.5));
        }
        for (int rank = 1; rank <= head; rank++) {
          rows.put(start + text.nextInt(VOCABULARY), (float) (18 - 1.5 * Math.log(rank)));
        }
        for (int token = 0; token < VOCABULARY; token++) {
          float logit = rows.get(start + token) + (float) (noise * own.nextGaussian());
          rows.put(start + token, logit);
        }
      }
      for (int row = PERIOD; row < ROWS; row++) {
        rows.put(row * VOCABULARY, rows, (row - PERIOD) * VOCABULARY, VOCABULARY);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int vocabularySize() {
      return VOCABULARY;
    }

    @Override
    public int contextLength() {
      return 4096;
    }

    @Override
    public ModelSession open() {
      return new ModelSession() {
        private int length;

        @Override
        public int length() {
          return length;
        }

        @Override
        public Logits forward(int[] tokens, int from, int to) {
          int first = length;
          length += to - from;
          FloatBuffer window = rows.slice(first % PERIOD * VOCABULARY, (to - from) * VOCABULARY);
          return new Logits(name, window, to - from, VOCABULARY, first);
        }

        @Override
        public void rollback(int length) {
          this.length = length;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }

  /** One row times the vocabulary projection, in ONNX Runtime. */
  private static final class Projection implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final OnnxTensor hidden;
    private final OnnxTensor logits;

    Projection() throws OrtException {
      SplittableRandom random = new SplittableRandom(3);
      FloatBuffer weights = direct(WIDTH * VOCABULARY); // [WIDTH, VOCABULARY]
      for (int i = 0; i < weights.limit(); i++) {
        weights.put(i, (float) random.nextDouble(-.1, .1));
      }
      FloatBuffer row = direct(WIDTH);
      for (int i = 0; i < WIDTH; i++) {
        row.put(i, (float) random.nextDouble(-1, 1));
      }
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
          OnnxTensor initializer =
              OnnxTensor.createTensor(environment, weights, new long[] {WIDTH, VOCABULARY})) {
        options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        options.addExternalInitializers(Map.of("weights", initializer));
        session = environment.createSession(graph(), options);
      }
      hidden = OnnxTensor.createTensor(environment, row, new long[] {1, WIDTH});
      logits = OnnxTensor.createTensor(environment, direct(VOCABULARY), new long[] {1, VOCABULARY});
    }

    void run() {
      try {
        for (int i = 0; i < PROJECTIONS; i++) {
          session.run(Map.of("hidden", hidden), Map.of("logits", logits)).close();
        }
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws OrtException {
      hidden.close();
      logits.close();
      session.close();
    }

    /**
     * logits = MatMul(hidden, weights) as ONNX's protocol buffers; the weights come from outside.
     */
    private static byte[] graph() {
      byte[] node =
          message(field(1, "hidden"), field(1, "weights"), field(2, "logits"), field(4, "MatMul"));
      byte[] weights =
          message(
              field(1, WIDTH),
              field(1, VOCABULARY),
              field(2, 1), // float
              field(8, "weights"),
              field(13, message(field(1, "location"), field(2, "memory"))),
              field(14, 1)); // external
      byte[] graph =
          message(
              field(1, node),
              field(2, "projection"),
              field(5, weights),
              field(11, value("hidden", WIDTH)),
              field(12, value("logits", VOCABULARY)));
      byte[] operators = message(field(1, ""), field(2, 13));
      return message(field(1, 8), field(7, graph), field(8, operators));
    }

    /** A float tensor [1, columns]. */
    private static byte[] value(String name, int columns) {
      byte[] shape = message(field(1, message(field(1, 1))), field(1, message(field(1, columns))));
      byte[] tensor = message(field(1, 1), field(2, shape));
      return message(field(1, name), field(2, message(field(1, tensor))));
    }

    private static byte[] message(byte[]... fields) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (byte[] field : fields) {
        bytes.writeBytes(field);
      }
      return bytes.toByteArray();
    }

    private static byte[] field(int number, String value) {
      return field(number, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] field(int number, byte[] value) {
      return message(varint(number << 3 | 2), varint(value.length), value);
    }

    private static byte[] field(int number, int value) {
      return message(varint(number << 3), varint(value));
    }

    private static byte[] varint(int value) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int rest = value; ; rest >>>= 7) {
        if (rest < 0x80) {
          bytes.write(rest);
          return bytes.toByteArray();
        }
        bytes.write(rest & 0x7f | 0x80);
      }
    }
  }

  private static FloatBuffer direct(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }
}
