package redraft.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redraft.cli.Cli;

/**
 * Damaged and hostile inputs, thousands of each surface, on the program in this process.
 *
 * <p>Method: every input is drawn from the seed and its number alone. It is handled where the
 * program ends within a minute with exit code 0, 1 or 2, standard error is a few lines of {@code
 * redraft: } and words, nobody is shown a control character or the name of a class, what was read
 * is there unchanged, and a failure leaves no output. What is not is printed, and kept in {@code
 * target/fuzz/SURFACE}. Run it with {@code scripts/bench fuzz [--seed N] [--count N] [SURFACE...]}.
 */
public final class Fuzz {
  private static final int SECONDS = 60; // beyond any load of the machine
  private static final int MOST_LINES = 20; // each try of a pull is one
  private static final int LONGEST_LINE = 2100;
  private static final Path KEPT = Path.of("target", "fuzz");
  private static final Pattern INTERNAL =
      Pattern.compile(
          "Exception|internal error|\\bjava\\.|\\bjavax\\.|com\\.fasterxml|ai\\.onnxruntime|ai\\.djl"
              + "|com\\.hubspot|picocli|redraft\\.[a-z]+\\.[A-Z]|\\tat |s3cret");

  /**
   * What came of the inputs of a surface.
   *
   * @param mishandled each with its number and what is wrong
   */
  record Count(String surface, int cases, int accepted, List<String> mishandled) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-8s %6d inputs: %5d accepted, %5d refused, %d mishandled",
          surface,
          cases,
          accepted,
          cases - accepted - mishandled.size(),
          mishandled.size());
    }
  }

  private final Path work;
  private final ExecutorService runner =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "fuzz");
            thread.setDaemon(true); // one that never ends keeps nobody
            return thread;
          });
  private int exit;

  Fuzz(Path work) {
    this.work = work;
  }

  public static void main(String[] arguments) throws Exception {
    long seed = 1;
    int count = 10_000;
    List<Surface> surfaces = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--seed" -> seed = Long.parseLong(arguments[++i]);
        case "--count" -> count = Integer.parseInt(arguments[++i]);
        default -> surfaces.add(named(arguments[i]));
      }
    }
    Path work = Files.createTempDirectory("fuzz");
    List<Count> counts =
        new Fuzz(work).run(surfaces.isEmpty() ? Surface.ALL : surfaces, seed, count, System.out);
    delete(work);
    System.exit(counts.stream().allMatch(each -> each.mishandled.isEmpty()) ? 0 : 1);
  }

  private static Surface named(String name) {
    return Surface.ALL.stream()
        .filter(surface -> surface.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    name + " is none of " + Surface.ALL.stream().map(each -> each.name).toList()));
  }

  /**
   * Runs inputs of surfaces.
   *
   * @param count of all together
   */
  List<Count> run(List<Surface> surfaces, long seed, int count, PrintStream print)
      throws IOException, InterruptedException {
    int weights = surfaces.stream().mapToInt(surface -> surface.weight).sum();
    List<Count> counts = new ArrayList<>();
    InputStream standardInput = System.in;
    System.setIn(new ByteArrayInputStream(new byte[0]));
    try {
      int begun = 0;
      for (Surface surface : surfaces) {
        int until = begun + surface.weight;
        counts.add(run(surface, seed, count * until / weights - count * begun / weights, print));
        print.println(counts.get(counts.size() - 1));
        begun = until;
      }
    } finally {
      System.setIn(standardInput);
    }
    print.printf(
        Locale.ROOT,
        "%d inputs from seed %d, %d mishandled%n",
        count,
        seed,
        counts.stream().mapToInt(each -> each.mishandled.size()).sum());
    return counts;
  }

  private Count run(Surface surface, long seed, int count, PrintStream print)
      throws IOException, InterruptedException {
    int accepted = 0;
    List<String> mishandled = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      FuzzCase input = surface.next(new Random(seed * 1_000_003 + number));
      Optional<String> wrong = wrong(surface, input);
      if (wrong.isPresent()) {
        Path kept = KEPT.resolve(surface.name).resolve(seed + "-" + number);
        delete(kept);
        input.save(kept);
        mishandled.add(number + ": " + wrong.get());
        print.println(kept + ": " + wrong.get());
      } else if (exit == 0) {
        accepted++;
      }
    }
    return new Count(surface.name, count, accepted, mishandled);
  }

  /** What is wrong with how an input is handled; empty where nothing is. */
  Optional<String> wrong(Surface surface, FuzzCase input) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve("case"));
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    try {
      Map<Path, byte[]> before = input.write(in);
      Cli run = runner.submit(() -> surface.run(input, in, out)).get(SECONDS, TimeUnit.SECONDS);
      exit = run.exit();
      Optional<String> said = wrong(input, run);
      return said.isPresent() ? said : damage(surface, before, in, out);
    } catch (ExecutionException e) {
      return Optional.of("it threw " + e.getCause());
    } catch (TimeoutException e) {
      return Optional.of("it takes more than " + SECONDS + " s: " + input.arguments());
    } finally {
      delete(folder);
    }
  }

  private static Optional<String> wrong(FuzzCase input, Cli run) {
    String words = String.join(" ", input.arguments());
    String shown =
        (words.length() > 300 ? words.substring(0, 300) + "…" : words) + "\n" + run.err();
    if (run.exit() < 0 || run.exit() > 2) {
      return Optional.of("exit code " + run.exit() + " of " + shown);
    }
    List<String> lines = run.err().lines().toList();
    if (run.exit() != 0 && lines.isEmpty()) {
      return Optional.of("no word of what is wrong with " + shown);
    }
    if (lines.size() > MOST_LINES
        || lines.stream().anyMatch(line -> line.length() > LONGEST_LINE)) {
      return Optional.of("more is said than anybody reads of " + shown);
    }
    if (!lines.stream().allMatch(line -> line.matches("redraft: \\S.*|See '[a-z -]+'\\."))) {
      return Optional.of("a line that is no message of " + shown);
    }
    if (INTERNAL.matcher(run.err()).find()) {
      return Optional.of("insides are shown of " + shown);
    }
    if (!visible(run.err())) {
      return Optional.of("a control character in " + shown);
    }
    boolean forPrograms =
        input.arguments().stream()
            .anyMatch(word -> word.matches("--json.*|--csv.*|-|--histogram.*"));
    if (!forPrograms && !visible(run.out())) {
      return Optional.of("a control character on standard output of " + shown);
    }
    return Optional.empty();
  }

  private static boolean visible(String text) {
    return text.codePoints()
        .allMatch(
            c ->
                c == '\n'
                    || c == '\t'
                    || c == '\r'
                    || !Character.isISOControl(c) && (c < 0x202a || c > 0x202e));
  }

  private Optional<String> damage(Surface surface, Map<Path, byte[]> before, Path in, Path out)
      throws IOException {
    Map<Path, byte[]> after = FuzzCase.contents(in);
    if (!after.keySet().equals(before.keySet())) {
      return Optional.of("the inputs are other files now: " + after.keySet());
    }
    for (Map.Entry<Path, byte[]> file : before.entrySet()) {
      if (!Arrays.equals(file.getValue(), after.get(file.getKey()))) {
        return Optional.of(file.getKey() + ", which is read, was changed");
      }
    }
    List<Path> left =
        FuzzCase.contents(out).keySet().stream()
            .map(out::relativize)
            .filter(file -> !surface.leaves(file))
            .toList();
    return exit == 0 || left.isEmpty() ? Optional.empty() : Optional.of("a failure left " + left);
  }

  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> walk = Files.walk(folder)) {
        for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
