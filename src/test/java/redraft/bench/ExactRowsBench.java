package redraft.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;

/**
 * What it costs that logits do not depend on how rows are grouped: milliseconds a token of plain
 * decoding with every pass of one row run as two, and with single rows.
 *
 * <p>Method: the first {@value #TEXTS} of every third shipped prompt, {@value #TOKENS} tokens each
 * at temperature 1 whether or not the text ends before, reading the prompt included; two virtual
 * machines for each way. The ratio of the two is the cost. Run it with {@code scripts/bench
 * exact-rows}; more iterations: {@code scripts/bench exact-rows -f 5 -i 9}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@OperationsPerInvocation(ExactRowsBench.TEXTS * ExactRowsBench.TOKENS)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:+UseSerialGC"})
public class ExactRowsBench {
  static final int TEXTS = 16;
  static final int TOKENS = 128;

  @Param({"exact", "single"})
  public String rows;

  private OnnxPair pair;
  private PlainDecoding decoding;
  private final List<int[]> prompts = new ArrayList<>();

  @Setup(Level.Trial)
  public void load() throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    boolean exact = rows.equals("exact");
    pair =
        new OnnxPair(
            ShippedPair.DIRECTORY, new OnnxOptions(threads, exact), new OnnxOptions(1, exact));
    decoding =
        new PlainDecoding(
            pair.target(), SamplingParameters.temperature(1), new Limits(TOKENS, Set.of()));
    List<Prompt> shipped = Prompt.readAll(ShippedPair.PROMPTS);
    for (int i = 0; i < TEXTS; i++) {
      prompts.add(pair.tokenizer().encode(shipped.get(3 * i).prompt()));
    }
  }

  @Benchmark
  public int token() {
    int tokens = 0;
    for (int i = 0; i < TEXTS; i++) {
      tokens += decoding.run(prompts.get(i), new RandomStreams(1), "text " + i).tokens().length;
    }
    if (tokens != TEXTS * TOKENS) {
      throw new IllegalStateException(tokens + " tokens: a prompt leaves too little room");
    }
    return tokens;
  }

  @TearDown(Level.Trial)
  public void close() {
    decoding.close();
    pair.close();
  }
}
