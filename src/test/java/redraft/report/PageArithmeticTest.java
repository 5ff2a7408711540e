package redraft.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import redraft.cli.Main;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.MeasuredProfile;
import redraft.latency.PassTimes;
import redraft.latency.ProfileFiles;
import redraft.metrics.RatioSums;
import redraft.policy.Policies;
import redraft.replay.Expectation;
import redraft.replay.LookupDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.ReplaySequence;
import redraft.replay.Setting;
import redraft.replay.TraceReplay;
import redraft.replay.TraceSource;
import redraft.sampling.RandomStreams;
import redraft.verify.VerificationRules;

/** The page computes what the replay engine does, on a report of the shipped traces. */
class PageArithmeticTest {
  private static final List<String> TRACES = List.of("tiny-t0.jsonl.gz", "tiny-t1.jsonl.gz");
  private static final List<String> DRAFTS = List.of("tiny-draft", "prompt-lookup");
  private static final List<Integer> DRAFT_LENGTHS = List.of(1, 4, 7);
  private static final String HARDWARE = "llama-3.1-8b-eagle3-h100";
  private static final String ROOFLINE = "llama-3.1-70b+llama-3.2-1b@h100x4";

  @TempDir static Path folder;
  private static PageScript page;

  @BeforeAll
  static void report() throws IOException {
    page =
        page(
            TRACES,
            "--latency",
            HARDWARE + "," + ROOFLINE,
            "--batch",
            "1,8",
            "--draft-length",
            "1,4,7");
  }

  @AfterAll
  static void close() {
    page.close();
  }

  private static PageScript page(List<String> traces, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("report", "--format", "html"));
    traces.forEach(trace -> arguments.add(Path.of("traces", trace).toString()));
    arguments.addAll(
        List.of(
            "--draft", String.join(",", DRAFTS), "--sequences", "8", "--preset", "constant-0.8"));
    arguments.addAll(List.of("--out", folder.toString()));
    arguments.addAll(List.of(options));
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new Main())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    assertEquals(0, exit, err.toString());
    return PageScript.of(folder.resolve("report.html"));
  }

  private static Deployment deployment(String latency, int batch) throws IOException {
    LatencyModel model = LatencyModels.load(latency);
    return new Deployment(model, batch, null, model.usdPerHour());
  }

  private static ReplayOptions options(List<Deployment> deployments, int timelines, long seed) {
    return new ReplayOptions(
        VerificationRules.all(),
        Policies.every(List.of("fixed"), DRAFT_LENGTHS),
        deployments,
        timelines,
        seed,
        false,
        null);
  }

  /** What Java makes of the texts that the page holds, by setting. */
  private static Map<Setting, List<TraceReplay.Outcome>> replayed(
      PageScript page, int trace, ReplayOptions options) throws IOException {
    Set<String> held =
        new HashSet<>(
            List.of(
                page.call(
                        "(trace) => report.traces[trace].sequences.map((one) => one.id + '/' + one.sample)",
                        trace)
                    .as(String[].class)));
    Map<Setting, List<TraceReplay.Outcome>> outcomes = new LinkedHashMap<>();
    try (TraceSource source = TraceSource.of(Path.of("traces", TRACES.get(trace)))) {
      new TraceReplay(options, source.drafts(DRAFTS, LookupDraft.Ngrams.USUAL))
          .run(
              source,
              outcome -> {
                if (held.contains(outcome.text().sequence().name())) {
                  outcomes
                      .computeIfAbsent(outcome.setting(), setting -> new ArrayList<>())
                      .add(outcome);
                }
              });
    }
    return outcomes;
  }

  /** Tokens, steps, drafted tokens, time, baseline time, and the interval of the speedup. */
  private static double[] sums(List<TraceReplay.Outcome> outcomes) {
    double[] sums = new double[7];
    Map<String, double[]> prompts = new LinkedHashMap<>();
    for (TraceReplay.Outcome outcome : outcomes) {
      Expectation one = outcome.expectation();
      sums[0] += one.tokens();
      sums[1] += one.steps();
      sums[2] += one.drafted();
      sums[3] += outcome.cost().time();
      sums[4] += outcome.cost().baselineTime();
      double[] own = prompts.computeIfAbsent(outcome.text().id(), id -> new double[2]);
      own[0] += outcome.cost().baselineTime();
      own[1] += outcome.cost().time();
    }
    RatioSums ratio = new RatioSums();
    prompts.values().forEach(own -> ratio.add(own[0], own[1]));
    sums[5] = ratio.interval().low();
    sums[6] = ratio.interval().high();
    return sums;
  }

  /**
   * @param price of the page; null for the cost ratio
   */
  private static double[] pooled(
      PageScript page, int trace, Setting setting, Integer price, String domain) {
    return page.numbers(
        """
        (index, name, rule, K, price, domain) => {
          const trace = report.traces[index];
          const draft = trace.drafts.find((one) => one.name === name);
          const prices = replay.costsOf(trace, price == null ? { costRatio: 1, context: null } : report.deployments[price], draft, 0.37);
          const sums = replay.pool(trace, draft, rule, K, prices, domain);
          return [sums.tokens, sums.steps, sums.drafted, sums.time, sums.baselineTime, ...replay.interval(report, sums)];
        }
        """,
        trace,
        setting.draft().name(),
        setting.rule().name(),
        setting.draftLength(),
        price,
        domain);
  }

  private static void assertClose(double[] expected, double[] actual, String what) {
    assertEquals(expected.length, actual.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-9 * Math.abs(expected[i]), what + " " + i);
    }
  }

  private static void assertAgrees(PageScript page, List<Deployment> deployments, int prices)
      throws IOException {
    int traces = page.call("() => report.traces.length").asInt();
    for (int trace = 0; trace < traces; trace++) {
      var outcomes = replayed(page, trace, options(deployments, 0, 0));
      assertEquals(
          DRAFTS.size()
              * VerificationRules.all().size()
              * DRAFT_LENGTHS.size()
              * deployments.size(),
          outcomes.size());
      for (var one : outcomes.entrySet()) {
        Setting setting = one.getKey();
        int index = deployments.indexOf(setting.deployment());
        Integer price = index < prices ? index : null;
        String what = TRACES.get(trace) + " " + setting;
        assertClose(sums(one.getValue()), pooled(page, trace, setting, price, "all"), what);
        if (price == null) {
          List<TraceReplay.Outcome> code =
              one.getValue().stream()
                  .filter(outcome -> outcome.text().domain().equals("code"))
                  .toList();
          assertClose(sums(code), pooled(page, trace, setting, price, "code"), what);
        }
      }
    }
  }

  @Test
  void everyRuleDraftLengthDraftAndPriceGivesWhatReplayGives() throws IOException {
    assertAgrees(
        page,
        List.of(
            deployment(HARDWARE, 1),
            deployment(HARDWARE, 8),
            deployment(ROOFLINE, 1),
            deployment(ROOFLINE, 8),
            new Deployment(new ConstantRatio(0.37))),
        4);
  }

  /** The page prices other batches of what was asked for. */
  @Test
  void batchesThatNobodyAskedForGiveWhatReplayGives() throws IOException {
    for (Deployment deployment : List.of(deployment(HARDWARE, 64), deployment(ROOFLINE, 256))) {
      int price =
          page.call(
                  "(pair, batch) => report.deployments.findIndex((one) => one.pair === pair && one.batch === batch)",
                  Verdict.pair(deployment),
                  deployment.batch())
              .asInt();
      assertTrue(price >= 4, deployment + " is at " + price);
      for (var one : replayed(page, 1, options(List.of(deployment), 0, 0)).entrySet()) {
        assertClose(
            sums(one.getValue()),
            pooled(page, 1, one.getKey(), price, "all"),
            one.getKey().toString());
      }
    }
  }

  private static final String INTERVAL =
      """
      (...times) => {
        const byId = new Map();
        for (let i = 0; i < times.length; i += 2) byId.set(i, [times[i], times[i + 1]]);
        const sum = (from) => times.filter((_, i) => i % 2 === from).reduce((a, b) => a + b);
        return replay.interval(report, { byId, baselineTime: sum(0), time: sum(1) });
      }
      """;

  // Equal weights: R = 25/12; residuals x − R y of −1/3, 5/3, −4/3, whose squares add up to 14/3;
  // 2 degrees of freedom. Of two, R = 2 and the residuals are ±1; 1 degree. The quantiles of t with
  // 2 and 1 degrees have closed forms: (2 p − 1) / √(2 p (1 − p)) and tan(π (p − 1/2)).
  @Test
  void theIntervalIsStudentsOfARatioOfSums() {
    double error = Math.sqrt(3 / 2. * 14 / 3.) / 12;
    double reach = Math.exp(0.95 / Math.sqrt(2 * 0.975 * 0.025) * error * 12 / 25.);
    assertArrayEquals(
        new double[] {25 / 12. / reach, 25 / 12. * reach},
        page.numbers(INTERVAL, 8, 4, 10, 4, 7, 4),
        1e-9);
    reach = Math.exp(Math.tan(Math.PI * 0.475) * Math.sqrt(2 * 2) / 4 / 2);
    assertArrayEquals(
        new double[] {2 / reach, 2 * reach}, page.numbers(INTERVAL, 3, 2, 5, 2), 1e-12);
  }

  // Weights 1/6, 2/6, 3/6: Σh² = 14/36, Σh³ = 1/6, Σh⁴ = 98/1296, so 1 degree of freedom
  // (196/98 − 1); Σh² / (Σh² − 2Σh³ + (Σh²)²) = (14/36) / (14/36 − 12/36 + 196/1296) = 126/67.
  // R = 2, residuals 1, 0 and −1.
  @Test
  void unequalPromptsCountForFewer() {
    double error = Math.sqrt(2 * 126 / 67.) / 6;
    double reach = Math.exp(Math.tan(Math.PI * 0.475) * error / 2);
    assertArrayEquals(
        new double[] {2 / reach, 2 * reach}, page.numbers(INTERVAL, 3, 1, 4, 2, 5, 3), 1e-9);
  }

  // x = 1.1 y for all: the squares cancel, and rounding leaves no root of less than 0.
  @Test
  void equalPromptsLeaveNoDoubtAndOnePromptNothingButDoubt() {
    assertArrayEquals(
        new double[] {1.1, 1.1}, page.numbers(INTERVAL, 1.1, 1, 3.3, 3, 7.7, 7), 1e-6);
    assertTrue(page.call(INTERVAL, 6, 3).isNull());
  }

  /** Times that bend in the context, and differ between greedy and sampled text. */
  @Test
  void measuredPassTimesGiveWhatReplayGives() throws IOException {
    MeasuredProfile laptop =
        new MeasuredProfile(
            "laptop",
            new PassTimes("big", List.of(curve(1, 5, 5.5, 7), curve(8, 6, 7.1, 9)), 512, false),
            new PassTimes("small", List.of(curve(1, .5, .6, .9), curve(2, .7, .8, 1)), 512, false),
            new PassTimes("small", List.of(curve(1, .6, .6, .9), curve(2, .9, .9, 1)), 512, false),
            new MeasuredProfile.Surroundings(.1, .01, .2, .3, .4),
            new MeasuredProfile.Surroundings(.5, .02, .6, .7, .8),
            0);
    String file = folder.resolve("laptop.json").toString();
    ProfileFiles.write(Path.of(file), laptop, "a test", "2026-01-01");
    try (PageScript measured = page(TRACES, "--latency", file, "--draft-length", "1,4,7")) {
      assertAgrees(measured, List.of(deployment(file, 1)), 1);
    }
  }

  private static PassTimes.Curve curve(int rows, double... ms) {
    return new PassTimes.Curve(rows, new int[] {10, 90, 200}, ms, ms, ms);
  }

  private static final String RUN =
      """
      (index, name, rule, text, seed) => {
        const trace = report.traces[index];
        const draft = trace.drafts.find((one) => one.name === name);
        const sequence = trace.sequences.find((one) => one.id + '/' + one.sample === text);
        const steps = replay.timeline(sequence, replay.lawOf(draft, rule, sequence), 4, BigInt(seed));
        return steps.flatMap((step) => [step.start, step.drafted, step.accepted]);
      }
      """;

  @Test
  void theRunShownIsTheFirstThatReplayDraws() throws IOException {
    for (long seed : new long[] {0, -7}) {
      var drawn =
          replayed(page, 1, options(List.of(new Deployment(new ConstantRatio(0.1))), 1, seed));
      for (var one : drawn.entrySet()) {
        Setting setting = one.getKey();
        if (setting.draftLength() != 4) {
          continue;
        }
        for (TraceReplay.Outcome outcome : one.getValue()) {
          ReplaySequence course = outcome.text().sequence();
          double[] steps =
              page.numbers(
                  RUN,
                  1,
                  setting.draft().name(),
                  setting.rule().name(),
                  course.name(),
                  Long.toString(seed));
          String what = setting + " " + course.name() + " " + seed;
          assertArrayEquals(steps(course, 4, seed), steps, what);
          Expectation run = outcome.expectation();
          assertEquals(run.steps(), steps.length / 3, what);
          double[] counts = new double[run.acceptedCounts().length];
          double drafted = 0;
          for (int i = 0; i < steps.length; i += 3) {
            drafted += steps[i + 1];
            counts[(int) steps[i + 2]]++;
          }
          assertEquals(run.drafted(), drafted, what);
          assertArrayEquals(run.acceptedCounts(), counts, what);
        }
      }
    }
  }

  /** Start, drafted and accepted tokens of each step of a run, as sampled replay defines it. */
  private static double[] steps(ReplaySequence course, int draftLength, long seed) {
    var random = new RandomStreams(seed).stream("replay/" + course.name());
    var law = course.law();
    double[] survival = new double[draftLength + 1];
    DoubleStream.Builder steps = DoubleStream.builder();
    for (int t = 0; t < law.length(); ) {
      int left = law.length() - t - 1;
      int drafted = Math.min(draftLength, law.available(t));
      drafted = course.endKnown() ? Math.min(drafted, left) : drafted;
      int most = Math.min(drafted, left);
      law.survival(t, most, survival);
      double u = random.nextDouble();
      int accepted = 0;
      while (accepted < most && u < survival[accepted + 1]) {
        accepted++;
      }
      steps.add(t).add(drafted).add(accepted);
      t += accepted + 1;
    }
    return steps.build().toArray();
  }

  // FNV-1a and SplittableRandom on UTF-8 of one to four bytes.
  @Test
  void randomStreamsAreThoseOfJava() {
    for (String name : List.of("replay/maths-02/0", "é/0", "我/1", "😀%/2")) {
      for (long seed : new long[] {0, 1, -1, Long.MAX_VALUE}) {
        var random = new RandomStreams(seed).stream(name);
        double[] expected = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
        assertArrayEquals(
            expected,
            page.numbers(
                "(seed, name) => { const random = replay.stream(BigInt(seed), name);"
                    + " return [random.nextDouble(), random.nextDouble(), random.nextDouble()]; }",
                Long.toString(seed),
                name),
            name + " " + seed);
      }
    }
  }
}
