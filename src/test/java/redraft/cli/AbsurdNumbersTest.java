package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** Every option that takes a number, of every command, given numbers that nobody means. */
class AbsurdNumbersTest {
  private static final List<String> WHOLE = List.of("0", "2147483647");
  private static final List<String> REAL = List.of("-1", "1e308", "NaN");

  /** Read by commands of their own, after picocli. */
  private static final Set<String> NUMBERS_IN_TEXT =
      Set.of("--acceptance", "--acceptance-rates", "--acceptance-length", "--verify-ms");

  private static final String STATED = "--draft-length 2 --target-speed 50 --draft-speed 200";
  private static final String ROOFLINE =
      "--draft-length 2 --hardware h100-sxm --target-model llama-3.1-70b --draft-model llama-3.2-1b";

  private static final String SERVED =
      "--draft-length 2 --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b";

  /** Each option is tried on the first line of each kind on which it may stand. */
  private static final List<String> LINES =
      List.of(
          "replay TRACE --draft-length 2 --cost-ratio 0.1",
          "replay TRACE " + STATED,
          "replay TRACE --draft-length 2 --plain-ms 20 --draft-pass-ms 5",
          "replay TRACE --draft-length 2 --verify-ms 1=9,4=10 --draft-pass-ms 5",
          "replay TRACE --rule token --usd-per-hour 2 --batch 2 --context 9 " + ROOFLINE,
          "replay --draft-length 2 --cost-ratio 0.1 --acceptance 0.8",
          "replay --draft-length 2 --cost-ratio 0.1 --acceptance-rates 0.8",
          "replay --draft-length 2 --cost-ratio 0.1 --acceptance-length 2@3",
          "best TRACE --context 9 " + ROOFLINE,
          "traffic TRACE --rates 2 --requests 9 " + SERVED,
          "traffic TRACE --users 2 --requests 9 " + SERVED,
          "report TRACE --out OUT --format json --draft-length 2 --cost-ratio 0.1",
          "generate --models OUT/none --prompt x",
          "record --models OUT/none --out OUT/new.jsonl",
          "demo --models OUT/none --out OUT",
          "profile --models OUT/none --out OUT/profile.json",
          "validate --models OUT/none --out OUT",
          "inspect OUT/none",
          "import OUT/none.jsonl --from accept-lengths --out OUT/imported.jsonl");

  @TempDir Path folder;

  private String[] words(String line) throws Exception {
    Path trace = folder.resolve("t.jsonl");
    if (line.contains("TRACE")) {
      SampleTraces.write(
          trace,
          SampleTraces.header(LogitDetail.NONE),
          SampleTraces.sequences(5, LogitDetail.NONE, 1));
    }
    return line.replace("TRACE", trace.toString()).replace("OUT", folder.toString()).split(" ");
  }

  @Test
  void areAnsweredInNumbersOrRefusedInOneLine() throws Exception {
    Set<String> tried = new HashSet<>();
    Set<String> numeric = new HashSet<>();
    for (String line : LINES) {
      String[] words = words(line);
      for (OptionSpec option : options(words[0])) {
        String name = option.longestName();
        numeric.add(name);
        if (goesWith(words, option) && tried.add(name)) {
          List<String> values =
              option.auxiliaryTypes()[0].getSimpleName().matches("(?i)int.*|long") ? WHOLE : REAL;
          for (String value : values) {
            check(with(words, name, value));
          }
        }
      }
    }
    assertEquals(numeric, tried);
    assertTrue(tried.containsAll(Set.of("--batch", "--threads", "--seed")), tried.toString());
  }

  private static List<OptionSpec> options(String command) {
    CommandLine program = new CommandLine(new Main());
    return program.getSubcommands().get(command).getCommandSpec().options().stream()
        .filter(AbsurdNumbersTest::takesNumbers)
        .toList();
  }

  private static boolean takesNumbers(OptionSpec option) {
    Class<?> type = option.auxiliaryTypes()[0];
    return option.converters().length > 0
        || NUMBERS_IN_TEXT.contains(option.longestName())
        || Number.class.isAssignableFrom(type)
        || type == int.class
        || type == long.class
        || type == double.class;
  }

  /** Whether an option is on the line, or excludes none of those that are. */
  private static boolean goesWith(String[] words, OptionSpec option) {
    return option.group() == null
        || Arrays.asList(words).contains(option.longestName())
        || option.group().args().stream()
            .anyMatch(
                other ->
                    other instanceof OptionSpec each
                        && !option.group().exclusive()
                        && Arrays.asList(words).contains(each.longestName()));
  }

  /** The line with this value of the option, in place of the one that it has. */
  private static String[] with(String[] words, String option, String value) {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    int place = all.indexOf(option);
    if (place >= 0) {
      all.subList(place, place + 2).clear();
    }
    all.add(option + "=" + value);
    return all.toArray(String[]::new);
  }

  private static void check(String[] line) {
    Cli run = Cli.run(line);
    String said = String.join(" ", line) + "\n" + run.exit() + "\n" + run.out() + run.err();
    if (run.exit() == 0) {
      assertFalse(run.out().matches("(?s).*(NaN|Infinity|∞|\\s-[1-9]).*"), said);
      return;
    }
    assertTrue(run.exit() == 1 || run.exit() == 2, said);
    List<String> lines = run.err().lines().filter(each -> !each.startsWith("See '")).toList();
    assertEquals(1, lines.size(), said);
    assertTrue(lines.get(0).startsWith("redraft: "), said);
    assertFalse(run.err().matches("(?s).*(internal error|not enough memory|null).*"), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "best TRACE --cost-ratio 0.1 --max-batch 2147483647 | --max-batch 2147483647 must be at most 1048576",
        "replay TRACE --cost-ratio 0.1 --sampled 2147483647 | --sampled 2147483647 must be at most 100000",
        "record --out OUT/t.jsonl --samples 2147483647 | --samples 2147483647 must be at most 1000000",
        "generate --prompt x --rounds 2147483647 | --rounds 2147483647 must be at most 10000",
        "replay TRACE --batch 8000000 HARDWARE | batch 8000000 is beyond 1048576, the largest that has a cost",
        "best TRACE --context 20000000 HARDWARE | context 20000000 is beyond 16777216 tokens, the longest that has a cost",
        "replay TRACE --cost-ratio 1e9 | cost ratio 1.0E9 must be at most 1000000",
        "replay TRACE --target-speed 1e12 --draft-speed 9 | plain step of 1.0E-9 ms must be at least 1.0E-6"
      })
  void areRefusedByTheRuleThatTheyBreak(String line, String refusal) throws Exception {
    Cli run = Cli.run(words(line.replace("HARDWARE", ROOFLINE)));
    assertEquals(2, run.exit(), run.err());
    assertEquals("redraft: " + refusal + "\n", run.err());
  }

  @ParameterizedTest
  @CsvSource({"--threads", "--draft-threads"})
  void moreThreadsThanFourForEachProcessorAreRefused(String option) {
    int most = 4 * Runtime.getRuntime().availableProcessors();
    Cli run = Cli.run("generate", "--prompt", "x", option, Integer.toString(most + 1));
    assertEquals(2, run.exit(), run.err());
    assertEquals(
        "redraft: "
            + option
            + " "
            + (most + 1)
            + " must be at most "
            + most
            + ", 4 for each processor here\n",
        run.err());
  }

  /** 300 batches × 200 contexts are 60,000; 1,000 lengths × 2 rules under 30 batches as many. */
  @ParameterizedTest
  @CsvSource({"300, 200, 1", "30, 1, 1000"})
  void gridsThatNoTableHoldsAreRefused(int batches, int contexts, int lengths) throws Exception {
    String numbers = "--batch " + upTo(batches) + " --context " + upTo(contexts);
    Cli run =
        Cli.run(
            words(
                "replay TRACE --rule token,block "
                    + numbers
                    + " "
                    + ROOFLINE.replace("--draft-length 2", "--draft-length 1.." + lengths)));
    assertEquals(2, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("are more than 50000 settings; name fewer of them"), run.err());
  }

  // 2²⁰ texts of 2²⁴ tokens are 2⁴⁴ together, beyond 32 bits.
  @Test
  void atTheLargestBatchAndContextPricesArePositive() throws Exception {
    for (String command : List.of("replay", "best")) {
      String line = " TRACE --batch 1048576 --context 16777216 --usd-per-hour 1000000 --json ";
      Cli run = Cli.run(words(command + line + ROOFLINE));
      JsonNode json = new JsonMapper().readTree(run.out());
      JsonNode row = json.isArray() ? json.get(0) : json;
      for (String price : List.of("usd_per_million_tokens", "ms_per_token", "tokens_per_second")) {
        double value = row.get(price).doubleValue();
        assertTrue(value > 0 && Double.isFinite(value), price + " " + value);
      }
    }
  }

  private static String upTo(int most) {
    return IntStream.rangeClosed(1, most)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));
  }
}
