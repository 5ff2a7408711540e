package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.MeasuredProfile;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayStatistics;
import redraft.metrics.ReplayTable;
import redraft.model.LanguageModel;
import redraft.model.onnx.OnnxPair;
import redraft.policy.FixedLength;
import redraft.policy.Policies;
import redraft.recording.PassProfiler;
import redraft.recording.Recorder;
import redraft.recording.Recording;
import redraft.replay.LookupDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.replay.TraceSource;
import redraft.report.ChartImages;
import redraft.report.Charts;
import redraft.report.Columns;
import redraft.report.RowFiles;
import redraft.report.TextTable;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceReader;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

@Command(
    name = "demo",
    description = {
      "The whole of Redraft in a minute: decodes live with and without speculation, measures this machine's passes, "
          + "records a trace, replays it without the models, and sets the predicted speedup beside the measured one.",
      "",
      "Writes the trace, a CSV and two charts."
    },
    footer = {"", "Example:", "  redraft demo --temperature 0 --draft-length 6 --out /tmp/demo"})
final class DemoCommand implements Callable<Integer> {
  private static final int LONGEST_DRAFT = 8;
  private static final int SHOWN_TOKENS = 48;
  private static final int WARM_UP_ROUNDS = 6;
  private static final int ROUNDS_A_PROMPT = 3;
  private static final int CONTEXTS = 5;

  @Mixin private ModelOptions models;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = "Sampling temperature of both models (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "2",
      description =
          "Tokens drafted a step in the live runs, 1 to "
              + LONGEST_DRAFT
              + " (default: ${DEFAULT-VALUE}).")
  private int draftLength;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Most tokens to generate for a prompt (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--live-prompts",
      paramLabel = "N",
      defaultValue = "6",
      description = "Prompts of each domain that are decoded live (default: ${DEFAULT-VALUE}).")
  private int livePrompts;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      defaultValue = "${sys:redraft.home:-.}/traces/prompts.jsonl",
      description = "JSON Lines of {\"id\",\"domain\",\"prompt\"} (default: the shipped ones).")
  private Path promptFile;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out",
      description = "Where the files go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Spec private CommandSpec spec;

  /** Sums over the live runs. */
  private static final class Live {
    final Set<String> ids = new HashSet<>();
    double plainNanos;
    double speculativeNanos;
    int plainTokens;
    int tokens;
    int steps;
    int drafted;
    int accepted;

    void add(String id, LiveComparison run) {
      ids.add(id);
      plainNanos += run.plainNanos();
      speculativeNanos += run.speculativeNanos();
      plainTokens += run.plain().tokens().length;
      tokens += run.speculative().tokens().length;
      steps += run.speculative().steps().size();
      drafted += run.speculative().drafted();
      accepted += run.speculative().accepted();
    }

    double speedup() {
      return (plainNanos / plainTokens) / (speculativeNanos / tokens);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (draftLength < 1 || draftLength > LONGEST_DRAFT || livePrompts < 1) {
      throw new IllegalArgumentException(
          "--draft-length "
              + draftLength
              + " must be from 1 to "
              + LONGEST_DRAFT
              + ", --live-prompts "
              + livePrompts
              + " at least 1");
    }
    SamplingParameters sampling = SamplingParameters.temperature(temperature);
    RandomStreams streams = new RandomStreams(seed);
    VerificationRule rule = new TokenRule();
    List<Prompt> prompts = Prompt.readAll(promptFile);
    Map<String, List<Prompt>> live = new LinkedHashMap<>();
    prompts.forEach(
        prompt -> live.computeIfAbsent(prompt.domain(), key -> new ArrayList<>()).add(prompt));
    live.replaceAll((domain, all) -> all.subList(0, Math.min(livePrompts, all.size())));
    int liveCount = live.values().stream().mapToInt(List::size).sum();

    Files.createDirectories(out);
    Path trace = out.resolve("demo.jsonl.gz");
    Live sums = new Live();
    StringBuilder samples = new StringBuilder();
    MeasuredProfile passes;
    LanguageModel target;
    LanguageModel draft;
    try (Progress progress = new Progress("demo", liveCount + prompts.size() + 3)) {
      progress.step("loading the models");
      try (OnnxPair pair = models.load()) {
        target = pair.target();
        draft = pair.drafts().get(0);
        Limits limits = new Limits(maxNewTokens, pair.endTokens());

        progress.step("decoding and measuring passes");
        int[] text = pair.tokenizer().encode(prompts.get(0).prompt());
        int[] contexts = PassProfiler.contexts(target.contextLength(), LONGEST_DRAFT + 1, CONTEXTS);
        try (PassProfiler timer =
                new PassProfiler(
                    target, draft, List.of(sampling), text, contexts, LONGEST_DRAFT + 1);
            PlainDecoding plain = new PlainDecoding(target, sampling, limits);
            ModelDrafter drafter = new ModelDrafter(draft, rule.draftSampling(sampling));
            SpeculativeDecoding speculative =
                new SpeculativeDecoding(
                    target, drafter, rule, new FixedLength(draftLength), sampling, limits)) {
          // Java compiles what runs often, on the same processors: not while times are taken.
          for (List<Prompt> domain : live.values()) {
            int[] prompt = pair.tokenizer().encode(domain.get(0).prompt());
            LiveComparison.run(plain, speculative, prompt, streams, "warm-up", WARM_UP_ROUNDS);
          }
          for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            timer.round(false);
          }
          for (var domain : live.entrySet()) {
            for (Prompt prompt : domain.getValue()) {
              for (int round = 0; round < ROUNDS_A_PROMPT; round++) { // in turns with the live runs
                timer.round(true);
              }
              LiveComparison run =
                  LiveComparison.run(
                      plain,
                      speculative,
                      pair.tokenizer().encode(prompt.prompt()),
                      streams,
                      prompt.id(),
                      1);
              sums.add(prompt.id(), run);
              if (prompt == domain.getValue().get(0)) {
                samples.append(sample(prompt, run, pair));
              }
              progress.step("decoding " + prompt.id());
            }
          }
          passes = timer.result("this-machine");
        }
        record(pair, sampling, limits, prompts, streams, trace, progress);
      }
      progress.step("replaying");
    }

    // From here on no model is needed.
    ReplayOptions options =
        new ReplayOptions(
            List.of(rule),
            Policies.every(
                List.of("fixed"), IntStream.rangeClosed(1, LONGEST_DRAFT).boxed().toList()),
            List.of(new Deployment(passes)));
    ReplayTable table = new ReplayTable(0);
    ReplayStatistics predicted =
        new ReplayStatistics(); // of the prompts that ran live, at the live draft length
    List<ReplayRow> rows;
    try (TraceSource source = new TraceSource("demo", new TraceReader(trace))) {
      TraceReplay.Source read =
          new TraceReplay(options, source.drafts(List.of(draft.name()), LookupDraft.Ngrams.USUAL))
              .run(
                  source,
                  outcome -> {
                    table.accept(outcome);
                    if (outcome.setting().draftLength() == draftLength
                        && sums.ids.contains(outcome.text().id())) {
                      predicted.add(outcome);
                    }
                  });
      rows = table.rows(read, true);
    }
    LatencyModel priced = passes.atTemperature(temperature);
    double costRatio = priced.draftPass(1, 1, 0) / priced.targetPass(1, 1, 0);
    writeFiles(rows, priced);

    PrintWriter print = spec.commandLine().getOut();
    print.println(
        "Live, draft length "
            + draftLength
            + ", temperature "
            + temperature
            + ": "
            + MarkedText.legend());
    print.println();
    print.print(samples);
    print.println("Replayed from the trace with this machine's pass times:");
    print.println();
    print.print(
        TextTable.of(rows.stream().filter(row -> row.draftLength() == draftLength).toList()));
    print.println();
    summary(print, sums, priced, predicted, rows, costRatio);
    print.flush();
    return 0;
  }

  private static String sample(Prompt prompt, LiveComparison run, OnnxPair pair) {
    return String.format(
        Locale.ROOT,
        "%s: %.2f tokens per step, %.2f times plain decoding%n  %s%s%n%n",
        prompt.domain(),
        Metrics.tokensPerStep(run.speculative().steps().size(), run.speculative().accepted()),
        run.speedup(),
        prompt.prompt().strip().replace("\n", "\n  "),
        (prompt.prompt().endsWith("\n") ? "\n" : "")
            + MarkedText.of(run.speculative(), pair.tokenizer(), SHOWN_TOKENS)
                .replace("\n", "\n  "));
  }

  private void record(
      OnnxPair pair,
      SamplingParameters sampling,
      Limits limits,
      List<Prompt> prompts,
      RandomStreams streams,
      Path trace,
      Progress progress)
      throws IOException {
    try (Recorder recorder =
        new Recorder(
            pair.tokenizer(),
            pair.target(),
            pair.drafts(),
            sampling,
            limits,
            LogitDetail.NONE,
            0,
            streams)) {
      new Recording(
              Headers.of(pair.manifest(), sampling, seed, LogitDetail.NONE),
              prompts,
              1,
              recorder::record,
              sequences -> progress.step("recording"))
          .write(trace);
    }
  }

  private void writeFiles(List<ReplayRow> rows, LatencyModel priced) throws IOException {
    RowFiles.writeCsv(out.resolve("replay.csv"), Columns.REPLAY, rows);
    String setting =
        rows.get(0).draft() + " for " + rows.get(0).targetModel() + ", temperature " + temperature;
    ChartImages.writePng(Charts.speedupByDraftLength(rows, setting), out);
    ChartImages.writePng(
        Charts.speedupByOverlap(
            rows.stream().filter(row -> row.draftLength() == draftLength).toList(),
            priced.speculativeStep(1, draftLength, 0) / priced.baselineStep(1, 0),
            "K = " + draftLength + ", temperature " + temperature),
        out);
  }

  private void summary(
      PrintWriter print,
      Live live,
      LatencyModel passes,
      ReplayStatistics predicted,
      List<ReplayRow> rows,
      double costRatio) {
    ReplayRow best =
        rows.stream()
            .filter(row -> row.domain().equals(ReplayTable.ALL_DOMAINS))
            .max(Comparator.comparingDouble(ReplayRow::speedup))
            .orElseThrow();
    print.printf(
        Locale.ROOT,
        "Cost        a draft pass takes %.2f ms, a target pass %.2f ms (ratio %.2f); checking %d drafted tokens at once %.2f ms%n",
        passes.draftPass(1, 1, 0),
        passes.targetPass(1, 1, 0),
        costRatio,
        draftLength,
        passes.targetPass(1, draftLength + 1, 0));
    print.printf(
        Locale.ROOT,
        "Acceptance  %d of %d drafted tokens were accepted live (accepted/drafted %.3f), so a step emits %.2f tokens; replay expects %.2f%n",
        live.accepted,
        live.drafted,
        Metrics.draftAcceptanceRate(live.drafted, live.accepted),
        Metrics.tokensPerStep(live.steps, live.accepted),
        predicted.tokensPerStep());
    print.printf(
        Locale.ROOT,
        "Measured    speculative decoding ran at %.2f times the speed of plain decoding (%d prompts, in turns, decoding only)%n",
        live.speedup(),
        live.ids.size());
    print.printf(
        Locale.ROOT,
        "Predicted   %.2f times, from the recorded trace and the pass times alone%n",
        predicted.speedup());
    print.printf(
        Locale.ROOT,
        "Best        draft length %d would give %.2f times (95%% interval %.2f – %.2f over prompts); charts, CSV and trace are in %s%n",
        best.draftLength(),
        best.speedup(),
        best.speedupLow(),
        best.speedupHigh(),
        out);
  }
}
