package redraft.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;

/**
 * What passes of a target cost besides the model's own work: a single row run as two, the heads'
 * caches moved together after a rollback, and the cache written anew by every pass.
 *
 * <p>Method: passes after a number of tokens, all ways in turns; two rounds warm up. The pass of
 * five rows comes once after a cache without gaps and once after one from which three tokens were
 * taken back. The last line copies as many bytes as the cache of that many tokens has, which a
 * model whose graph joins past and present does in every pass, ours or anybody's: it is no work of
 * ours, and shows what the growing cache costs.
 *
 * <p>Run it with {@code scripts/bench passes}.
 */
@Command(name = "passes", mixinStandardHelpOptions = true)
public final class PassBench implements Callable<Integer> {
  private static final int ROWS = 5;
  private static final int TAKEN_BACK = 3;
  private static final int BEFORE = 8; // rows of the pass that ends where a timed one begins

  @Option(names = "--models", description = "Model directory (default: the shipped pair).")
  private Path models = ShippedPair.DIRECTORY;

  @Option(names = "--contexts", split = ",", defaultValue = "64,256")
  private List<Integer> contexts;

  @Option(names = "--rounds", defaultValue = "15")
  private int rounds;

  @Option(names = "--threads", description = "Default: all processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--cache-bytes",
      defaultValue = "0",
      description = "Of a token, as 'redraft inspect' says; 0 leaves the copy out.")
  private int cacheBytes;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new PassBench()).execute(arguments));
  }

  @Override
  public Integer call() {
    OnnxOptions draft = new OnnxOptions(1, true);
    try (OnnxPair exact = new OnnxPair(models, new OnnxOptions(threads, true), draft);
        OnnxPair single = new OnnxPair(models, new OnnxOptions(threads, false), draft);
        ModelSession two = exact.target().open();
        ModelSession one = single.target().open()) {
      int[] tokens = new int[exact.target().contextLength()];
      Arrays.setAll(tokens, i -> (i * 37 + 11) % exact.target().vocabularySize());
      for (int context : contexts) {
        measure(two, one, tokens, context);
      }
    }
    return 0;
  }

  private void measure(ModelSession two, ModelSession one, int[] tokens, int context) {
    ByteBuffer cache = ByteBuffer.allocateDirect(Math.max(1, cacheBytes * context));
    ByteBuffer copy = ByteBuffer.allocateDirect(cache.capacity());
    Map<String, LongSupplier> ways = new LinkedHashMap<>();
    ways.put("1 row", () -> pass(one, tokens, context, 1, 0));
    ways.put("1 row as two", () -> pass(two, tokens, context, 1, 0));
    ways.put("5 rows", () -> pass(two, tokens, context, ROWS, 0));
    ways.put("5 rows, 3 taken back", () -> pass(two, tokens, context, ROWS, TAKEN_BACK));
    ways.put(
        "copy of the cache",
        () -> {
          long started = System.nanoTime();
          copy.put(0, cache, 0, cache.capacity());
          return System.nanoTime() - started;
        });
    Rounds measured = new Rounds(ways, (way, round) -> way.getAsLong() / 1e6, 2, rounds);
    System.out.printf(
        Locale.ROOT, "%s, %d threads, after %d tokens, ms%n", models, threads, context);
    ways.keySet()
        .forEach(way -> System.out.printf(Locale.ROOT, "  %-22s %s%n", way, measured.of(way)));
    System.out.printf(
        Locale.ROOT, "  two rows over one      %s%n", measured.ratio("1 row as two", "1 row"));
    System.out.printf(
        Locale.ROOT,
        "  taken back over not    %s%n",
        measured.ratio("5 rows, 3 taken back", "5 rows"));
    System.out.print(measured.problem("1 row", threads));
  }

  /** Nanoseconds of a pass whose cache is without a gap, or has one of some tokens. */
  private static long pass(
      ModelSession session, int[] tokens, int context, int rows, int takenBack) {
    int before = context - BEFORE;
    if (session.length() > before) {
      session.rollback(before);
    } else {
      session.prefill(tokens, session.length(), before);
    }
    session.forward(tokens, before, context + takenBack);
    session.rollback(context);
    long started = System.nanoTime();
    session.forward(tokens, context, context + rows);
    return System.nanoTime() - started;
  }
}
