package redraft.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import redraft.latency.Deployment;
import redraft.study.BestSetting;
import redraft.study.Grid;
import redraft.study.ServingPlan;
import redraft.traffic.ArrivalSummary;
import redraft.traffic.OfferedLoad;
import redraft.traffic.Server;
import redraft.traffic.ServingSetting;
import redraft.traffic.Slo;
import redraft.traffic.TrafficStudy;

/** What is served under load, by which engine, and in which ways. */
final class ServingOptions {
  private static final int LONGEST_DRAFT = 5; // where none was named
  private static final List<Double> OF_CAPACITY = List.of(0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0);

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
              + "--draft-length that promises the most tokens for its time; adaptive-verification, vLLM's, which verifies the likeliest tokens of the batch (record --signals); "
              + "sglang-adaptive with its tiers by batch; heuristic, bandit and "
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

  /**
   * Ways to serve.
   *
   * @param advice null where none was asked for
   * @param notes what a reader should know of them
   */
  private record Settings(
      List<ServingSetting> settings, TrafficAdvice advice, List<String> notes) {}

  /**
   * What came of it.
   *
   * @param advice null where none was asked for
   * @param came what the file of arrivals says; null where there is none
   */
  record Served(TrafficStudy study, TrafficAdvice advice, ArrivalSummary came, double sloPart) {
    /** For people, with empty lines between parts. */
    List<String> lines() {
      List<String> lines = new ArrayList<>(TrafficAnswers.lines(study, sloPart));
      if (advice != null) {
        lines.addAll(advice.lines());
      }
      lines.addAll(TrafficAnswers.measured(study, came));
      return lines;
    }

    /** The same without empty lines. */
    List<String> answers() {
      return lines().stream().filter(line -> !line.isEmpty()).toList();
    }

    Map<String, Object> json() {
      return TrafficAnswers.json(study, advice, sloPart);
    }
  }

  /** Whether something comes. */
  boolean given() {
    return !load.open();
  }

  /** Refuses what says something of requests where none come. */
  void requireLoad() {
    if (!given() && (slo != null || advise)) {
      throw new IllegalArgumentException(
          (slo != null ? "--slo" : "--advise")
              + " is about requests that come; name --rate, --users or --arrivals too");
    }
  }

  boolean advises() {
    return advise;
  }

  /** Whether requests bring their lengths, so that plain decoding needs no trace. */
  boolean lengthsNamed() {
    return load.lengthsNamed();
  }

  /** Refuses what cannot be, before anything is computed. */
  void check() {
    WholeNumbers.require("--runs", runs, 1, 1000);
    if (!(sloPart > 0 && sloPart <= 1)) {
      throw new IllegalArgumentException(
          "--slo-part " + sloPart + " must be above 0 and at most 1");
    }
    wanted();
    load.check();
    engine.check();
  }

  private Slo wanted() {
    return slo == null ? Slo.NONE : Slo.of(slo);
  }

  /**
   * Serves requests that follow a trace.
   *
   * @param command whose grid says what is drafted, and that says what a reader should know
   * @param trace null where nothing is drafted and requests bring their lengths
   * @param trees see {@link TreeOptions#on}
   * @param machine without what replicas share
   * @param seed of the first run
   */
  Served serve(
      TraceCommand command,
      String trace,
      List<TreeOptions.Wanted> trees,
      Deployment machine,
      long seed)
      throws IOException {
    if (machine.recurrent()) {
      throw new IllegalArgumentException(
          "--recurrent-target is not simulated under load; leave it out");
    }
    command.note(load.notes());
    Deployment on = engine.sharing(machine);
    Settings settings =
        trace == null
            ? new Settings(List.of(ServingSetting.plain(List.of())), null, List.of())
            : settings(command, trace, trees, on);
    command.note(settings.notes);
    boolean draftModel =
        settings.settings.stream().anyMatch(each -> !each.plain() && each.draft().hasModel());
    EngineOptions.Limits limits = engine.limits(on.latency(), draftModel);
    command.note(limits.notes());
    if (Double.isNaN(on.latency().prefill(1, 1))) {
      command.note(
          List.of(
              "'"
                  + on.latency().name()
                  + "' does not say what reading a prompt takes, so it takes no time here"));
    }
    Server server = new Server(on.latency(), limits.limits(), engine.replicas(), wanted());
    List<OfferedLoad> loads =
        load.loads(
            load.open() ? rates(command, server, settings.settings.get(0), seed) : List.of());
    TrafficStudy.Question question =
        new TrafficStudy.Question(
            server,
            settings.settings,
            loads,
            load.certain() && settings.settings.stream().allMatch(ServingSetting::plain) ? 1 : runs,
            seed,
            engine.replicas() * on.usdPerHour());
    command.note(on.caveats());
    try (Progress progress = new Progress("serving", question.total())) {
      TrafficStudy study = TrafficStudy.of(question, progress::stepTo);
      return new Served(study, settings.advice, load.summary(), sloPart);
    }
  }

  private Settings settings(
      TraceCommand command, String trace, List<TreeOptions.Wanted> trees, Deployment on)
      throws IOException {
    GridOptions grid = command.grid;
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
    for (TreeOptions.Wanted tree : trees) {
      Grid wanted =
          grid.grid(
              new GridOptions.Defaults(GridOptions.Defaults.SHOW.rules(), LONGEST_DRAFT),
              List.of("fixed"),
              List.of(load.at(on)),
              command.reach,
              tree.tree(),
              false);
      List<String> asked = new ArrayList<>(plain ? List.of() : new LinkedHashSet<>(policies));
      if (advise && !plain) {
        advice = TrafficAdvice.of(best(command, trace, wanted));
        if (!asked.contains(advice.policy())) {
          asked.add(advice.policy());
        }
      }
      ServingPlan served =
          command.ask(
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

  private BestSetting best(TraceCommand command, String trace, Grid wanted) throws IOException {
    return command.ask(
        trace,
        wanted,
        (source, progress) ->
            BestSetting.inFull(source, wanted, Math.max(1, engine.maxSequences()), progress));
  }

  /** From a tenth of what plain decoding can serve to all of it. */
  private List<Double> rates(TraceCommand command, Server server, ServingSetting plain, long seed)
      throws IOException {
    OfferedLoad full = load.closed(server.replicas() * server.limits().maxSequences());
    double most =
        1e3 * server.serve(plain, full.workload(), full.ownLengths(), seed, null).requestsPerMs();
    command.note(
        List.of(
            String.format(
                Locale.ROOT,
                "rates go up to the %.3g requests a second that plain decoding can serve; --rate names others",
                most)));
    return OF_CAPACITY.stream().map(part -> Rates.rounded(part * most)).distinct().toList();
  }
}
