package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.latency.Deployment;
import redraft.report.ReportBuilder;
import redraft.report.TrafficReport;
import redraft.report.TrafficTables;
import redraft.study.BestSetting;
import redraft.study.Grid;
import redraft.study.ServingPlan;
import redraft.traffic.ArrivalSummary;
import redraft.traffic.OfferedLoad;
import redraft.traffic.Server;
import redraft.traffic.ServingSetting;
import redraft.traffic.Slo;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

@Command(
    name = "traffic",
    description = {
      "Says whether speculation helps under load: requests come, wait, share passes and leave, iteration by iteration as engines batch, "
          + "and each accepts as the recorded text that it follows. Plain decoding is served beside every draft length, with the same "
          + "requests.",
      "",
      "Times are those of a simulation with seeded random numbers; intervals are over runs with other seeds, not over what the costs or "
          + "the recorded prompts leave open. Requests end sooner by the ratio of mean latencies."
    },
    footer = {
      "",
      "Examples:",
      "  redraft traffic traces/tiny-t1.jsonl.gz --engine vllm --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b",
      "  redraft traffic traces/tiny-t1.jsonl.gz --rate 8 --slo ttft=500ms,tpot=50ms --engine vllm --hardware h100-sxm \\",
      "      --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --prompt-tokens 1000 --output-tokens 300",
      "  redraft traffic --acceptance 0.7 --rates 1..64 --draft-length 1..4 --policy fixed,off-above:32,goodput --engine vllm --hardware l40s \\",
      "      --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --prompt-tokens 500 --output-tokens 200"
    })
final class TrafficCommand extends TraceCommand {
  private static final int LONGEST_DRAFT = 5; // where none was named
  private static final int MOST_ROWS = 16; // of the table of everything
  private static final List<Double> OF_CAPACITY = List.of(0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0);

  @Parameters(
      paramLabel = "TRACE",
      arity = "0..*",
      description = TRACE + " None of them where nothing is drafted and requests bring lengths.")
  private List<String> traces;

  @Mixin private TreeOptions trees;
  @Mixin private LoadOptions load;
  @Mixin private EngineOptions engine;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      split = Names.BETWEEN_POLICIES,
      splitSynopsisLabel = ",",
      defaultValue = "fixed",
      description =
          "How draft lengths are chosen: fixed; off-above:BATCH, none while more requests run; batch-table:1-4=5,5-32=2; goodput, the length up to "
              + "--draft-length that promises the most tokens for its time; sglang-adaptive with its tiers by batch; heuristic, bandit and "
              + "trt-threshold, by each request's own steps (default: ${DEFAULT-VALUE}).")
  private List<String> policies;

  @Option(
      names = "--slo",
      paramLabel = "BOUNDS",
      description =
          "What a request has to get, such as ttft=500ms,tpot=50ms,latency=20s, on average over its own tokens: shows how many do, and goodput.")
  private String slo;

  @Option(
      names = "--slo-part",
      paramLabel = "PART",
      defaultValue = "0.99",
      description = "Part of the requests that has to meet the SLO (default: ${DEFAULT-VALUE}).")
  private double sloPart;

  @Option(
      names = "--advise",
      description =
          "Also serve with the draft length by batch that decodes fastest on this trace and machine, and print that table as engines take it.")
  private boolean advise;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Runs of every way to serve, with seeds of their own (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the first run (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Written(files = {"index.html", "traffic.csv", "charts/*.png"})
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write charts, as a page and as pictures, and the rows as CSV.")
  private Path out;

  @Mixin private ResultOptions output;

  /**
   * Ways to serve.
   *
   * @param advice null where none was asked for
   * @param notes what a reader should know of them
   */
  private record Settings(
      List<ServingSetting> settings, TrafficAdvice advice, List<String> notes) {}

  @Override
  public Integer call() throws IOException {
    output.check();
    if (out != null) {
      ReportBuilder.requireDistinct(everyTrace().stream().map(this::name).toList());
    }
    WholeNumbers.require("--runs", runs, 1, 1000);
    if (!(sloPart > 0 && sloPart <= 1)) {
      throw new IllegalArgumentException(
          "--slo-part " + sloPart + " must be above 0 and at most 1");
    }
    trees.check(traces, false);
    if (advise && trees.given()) {
      throw new IllegalArgumentException(
          "--advise is a table of draft lengths for chains; leave out --tree");
    }
    Slo wanted = slo == null ? Slo.NONE : Slo.of(slo);
    note(load.notes());
    ArrivalSummary came = load.summary();
    Deployment on = engine.sharing(deployment.alone());
    List<TrafficRow> rows = new ArrayList<>();
    List<Map<String, Object>> answers = new ArrayList<>();
    List<TrafficReport.Part> parts = new ArrayList<>();
    for (String trace : everyTrace()) {
      Settings settings =
          trace == null
              ? new Settings(List.of(ServingSetting.plain(List.of())), null, List.of())
              : settings(trace, on);
      note(settings.notes);
      boolean draftModel =
          settings.settings.stream().anyMatch(each -> !each.plain() && each.draft().hasModel());
      EngineOptions.Limits limits = engine.limits(on.latency(), draftModel);
      note(limits.notes());
      if (Double.isNaN(on.latency().prefill(1, 1))) {
        note(
            List.of(
                "'"
                    + on.latency().name()
                    + "' does not say what reading a prompt takes, so it takes no time here"));
      }
      Server server = new Server(on.latency(), limits.limits(), engine.replicas(), wanted);
      List<OfferedLoad> loads =
          load.loads(load.open() ? rates(server, settings.settings.get(0)) : List.of());
      TrafficStudy.Question question =
          new TrafficStudy.Question(
              server,
              settings.settings,
              loads,
              load.certain() && settings.settings.stream().allMatch(ServingSetting::plain)
                  ? 1
                  : runs,
              seed,
              engine.replicas() * on.usdPerHour());
      TrafficStudy study;
      try (Progress progress = new Progress("serving", question.total())) {
        study = TrafficStudy.of(question, progress::stepTo);
      }
      note(on.caveats());
      rows.addAll(study.rows());
      if (output.table()) {
        print(study, settings.advice);
        TrafficAnswers.measured(study, came).forEach(out()::println);
      }
      List<String> found = TrafficAnswers.all(study, settings.advice, sloPart);
      found.addAll(TrafficAnswers.measured(study, came));
      parts.add(new TrafficReport.Part(name(trace), study, found));
      answers.add(TrafficAnswers.json(study, settings.advice, sloPart));
    }
    output.writeCsv(TrafficTables.COLUMNS, rows);
    output.writeJson(json(rows, answers));
    if (out != null) {
      new TrafficReport(CommandLines.again(spec), parts, said()).write(out, output.texts());
      if (output.table()) {
        out().println("open " + out.resolve("index.html"));
      }
    }
    return 0;
  }

  private String name(String trace) {
    return trace == null ? "requests" : accepted.name(trace);
  }

  /** The traces; one that is null where nothing is drafted and requests bring their lengths. */
  private List<String> everyTrace() {
    boolean none = (traces == null || traces.isEmpty()) && !accepted.given();
    DraftLengths lengths = grid.namedLengths();
    boolean plain = lengths != null && lengths.positive().isEmpty();
    if (none && plain && load.lengthsNamed()) {
      List<String> nothing = new ArrayList<>();
      nothing.add(null);
      return nothing;
    }
    return accepted.orTyped(traces);
  }

  private Settings settings(String trace, Deployment on) throws IOException {
    DraftLengths named = grid.namedLengths();
    boolean plain = named != null && named.positive().isEmpty();
    if (named != null && !plain) {
      grid.setLengths(named.positive());
    } else if (plain) {
      grid.setLengths(List.of(1)); // to read the texts by
    }
    List<ServingSetting> settings = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    TrafficAdvice advice = null;
    for (TreeOptions.Wanted tree : trees.on(grid, () -> accepted.open(trace, grid.domain))) {
      Grid wanted =
          grid.grid(
              new GridOptions.Defaults(GridOptions.Defaults.SHOW.rules(), LONGEST_DRAFT),
              List.of("fixed"),
              List.of(load.at(on)),
              reach,
              tree.tree(),
              false);
      List<String> asked = new ArrayList<>(plain ? List.of() : new LinkedHashSet<>(policies));
      if (advise && !plain) {
        advice = TrafficAdvice.of(best(trace, wanted));
        if (!asked.contains(advice.policy())) {
          asked.add(advice.policy());
        }
      }
      ServingPlan served =
          ask(
              trace,
              wanted,
              tree::of,
              (source, progress) -> ServingPlan.of(source, wanted, asked, progress));
      settings.addAll(
          settings.isEmpty()
              ? served.settings()
              : served.settings().subList(1, served.settings().size()));
      notes.addAll(served.notes());
      notes.addAll(tree.notes());
    }
    if (named != null) {
      grid.setLengths(named.values());
    }
    return new Settings(settings, advice, notes);
  }

  private BestSetting best(String trace, Grid wanted) throws IOException {
    return ask(
        trace,
        wanted,
        (source, progress) ->
            BestSetting.inFull(source, wanted, Math.max(1, engine.maxSequences()), progress));
  }

  /** From a tenth of what plain decoding can serve to all of it. */
  private List<Double> rates(Server server, ServingSetting plain) throws IOException {
    OfferedLoad full = load.closed(server.replicas() * server.limits().maxSequences());
    double most =
        1e3 * server.serve(plain, full.workload(), full.ownLengths(), seed, null).requestsPerMs();
    note(
        List.of(
            String.format(
                Locale.ROOT,
                "rates go up to the %.3g requests a second that plain decoding can serve; --rate names others",
                most)));
    return OF_CAPACITY.stream().map(part -> Rates.rounded(part * most)).distinct().toList();
  }

  private void print(TrafficStudy study, TrafficAdvice advice) {
    boolean few = study.rows().size() <= MOST_ROWS;
    out().print(few ? TrafficTables.all(study) : TrafficTables.fastest(study));
    if (study.rows().stream().anyMatch(TrafficRow::overloaded)) {
      out()
          .println(
              "!: more requests come than can be served, so that times grow with the length of the run.");
    }
    out().println();
    TrafficAnswers.lines(study, sloPart).forEach(out()::println);
    if (advice != null) {
      advice.lines().forEach(out()::println);
    }
  }

  /** The only row itself, or all of them. */
  private static Map<String, Object> json(
      List<TrafficRow> rows, List<Map<String, Object>> answers) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (rows.size() == 1) {
      all.putAll(TrafficTables.COLUMNS.of(rows.get(0)));
    }
    all.put("answers", answers);
    all.put("rows", TrafficTables.COLUMNS.ofAll(rows));
    return all;
  }
}
