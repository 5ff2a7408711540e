package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Limits;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.model.onnx.OnnxPair;
import redraft.recording.PassProfiler;
import redraft.recording.Recorder;
import redraft.recording.Recording;
import redraft.report.ChartImages;
import redraft.report.Charts;
import redraft.report.Columns;
import redraft.report.RowFiles;
import redraft.report.ValidationTables;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.validation.Published;
import redraft.validation.ValidationRow;
import redraft.validation.live.LiveValidation;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

@Command(
    name = "validate",
    description = {
      "Sets predictions beside measurements. Live: decodes prompts plainly and speculatively, in turns, under every rule and "
          + "draft length, and predicts each from a trace of the same prompts recorded with other random numbers and from "
          + "measured pass times.",
      "",
      "With --published: predicts the measurements of papers, by the closed formula and by roofline."
    },
    footer = {
      "",
      "Examples:",
      "  redraft validate --profile out/profile.json",
      "  redraft validate --temperature 1 --draft-length 1..4 --rule token --rounds 1",
      "  redraft validate --published"
    })
final class ValidateCommand implements Callable<Integer> {
  private static final int PROFILE_ROUNDS_A_PROMPT = 2; // where passes are measured in turns

  @Option(names = "--published", description = "Predict published measurements; no model is run.")
  private boolean published;

  @Mixin private ModelOptions models;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description =
          "Pass times that 'redraft profile' measured (default: measured now, in turns with the live runs).")
  private String profile;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      defaultValue = "${sys:redraft.home:-.}/traces/prompts.jsonl",
      description = "JSON Lines of {\"id\",\"domain\",\"prompt\"} (default: the shipped ones).")
  private Path promptFile;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      split = ",",
      defaultValue = "0,1",
      description = "Sampling temperatures (default: ${DEFAULT-VALUE}).")
  private List<Double> temperatures;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      defaultValue = "token,block",
      description = "Verification rules (default: ${DEFAULT-VALUE}).")
  private List<String> ruleNames;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..8",
      converter = DraftLengths.Converter.class,
      description = "Tokens drafted a step (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Most tokens to generate for a prompt (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "2",
      description = "Times that every prompt is decoded in every way (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--samples",
      paramLabel = "S",
      defaultValue = "8",
      description =
          "Continuations of each prompt in the trace, 1 at temperature 0 (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Seed of the live runs; the trace has the next one (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/validate",
      description = "Where the traces, the CSV and the chart go (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(names = "--json", description = "Print JSON instead of tables.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter print = spec.commandLine().getOut();
    if (published) {
      Published all = Published.load();
      if (json) {
        RowFiles.writeJson(print, Columns.PUBLISHED.ofAll(all.rows()));
      } else {
        print.print(ValidationTables.published(all));
      }
    } else {
      List<ValidationRow> rows = live();
      RowFiles.writeCsv(out.resolve("validation.csv"), Columns.VALIDATION, rows);
      ChartImages.writePng(Charts.validation(rows), out);
      if (json) {
        RowFiles.writeJson(print, Columns.VALIDATION.ofAll(rows));
      } else {
        print.print(ValidationTables.rows(rows));
        print.println();
        print.print(ValidationTables.summary(rows));
        print.println();
        print.println("Traces, CSV and chart: " + out);
      }
    }
    print.flush();
    return 0;
  }

  private List<ValidationRow> live() throws IOException {
    List<VerificationRule> rules = ruleNames.stream().map(VerificationRules::named).toList();
    LatencyModel given = profile == null ? null : LatencyModels.load(profile);
    if (rounds < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "--rounds " + rounds + " and --samples " + samples + " must be at least 1");
    }
    List<Prompt> prompts = Prompt.readAll(promptFile);
    prompts.stream()
        .map(Prompt::domain)
        .distinct()
        .filter(domain -> prompts.stream().filter(p -> p.domain().equals(domain)).count() < 2)
        .findFirst()
        .ifPresent(
            domain -> {
              throw new IllegalArgumentException(
                  promptFile + " has one prompt of domain '" + domain + "'; an interval needs two");
            });
    Files.createDirectories(out);
    List<ValidationRow> rows = new ArrayList<>();
    try (OnnxPair pair = models.load();
        Progress progress =
            new Progress("validate", (long) temperatures.size() * rounds * prompts.size())) {
      if (given != null) { // refuse what it cannot price now, not after minutes of live runs
        int longest =
            prompts.stream()
                .mapToInt(prompt -> pair.tokenizer().encode(prompt.prompt()).length)
                .max()
                .orElseThrow();
        int end = Math.min(pair.target().contextLength(), longest + maxNewTokens);
        given.speculativeStep(1, longestDraft(), 0);
        given.baselineStep(1, end - 1);
      }
      for (double temperature : temperatures) {
        rows.addAll(validate(pair, prompts, rules, temperature, given, progress));
      }
    }
    rows.sort(
        Comparator.comparing(ValidationRow::domain)
            .thenComparing(ValidationRow::temperature)
            .thenComparing(row -> ruleNames.indexOf(row.rule()))
            .thenComparing(ValidationRow::draftLength));
    return rows;
  }

  private int longestDraft() {
    return draftLengths.values().get(draftLengths.values().size() - 1);
  }

  private List<ValidationRow> validate(
      OnnxPair pair,
      List<Prompt> prompts,
      List<VerificationRule> rules,
      double temperature,
      LatencyModel given,
      Progress progress)
      throws IOException {
    SamplingParameters sampling = SamplingParameters.temperature(temperature);
    Limits limits = new Limits(maxNewTokens, pair.endTokens());
    progress.step("recording at temperature " + temperature);
    Path trace = record(pair, prompts, sampling, limits);
    try (LiveValidation validation =
            new LiveValidation(
                pair.tokenizer(),
                pair.target(),
                pair.drafts().get(0),
                rules,
                draftLengths.values(),
                sampling,
                limits,
                new RandomStreams(seed));
        PassProfiler profiler = given == null ? profiler(pair, prompts.get(0), sampling) : null) {
      Set<String> warm =
          new HashSet<>(); // domains: Java compiles what runs often, so before timing
      for (Prompt prompt : prompts) {
        if (warm.add(prompt.domain())) {
          progress.step("warming up, temperature " + temperature);
          decode(validation, profiler, prompt, 0);
        }
      }
      for (int round = 1; round <= rounds; round++) {
        for (Prompt prompt : prompts) {
          progress.step("temperature " + temperature + ", " + prompt.id());
          decode(validation, profiler, prompt, round);
        }
      }
      return validation.rows(trace, profiler == null ? given : profiler.result("this-machine"));
    }
  }

  private PassProfiler profiler(OnnxPair pair, Prompt prompt, SamplingParameters sampling) {
    int rows = longestDraft() + 1;
    return new PassProfiler(
        pair.target(),
        pair.drafts().get(0),
        List.of(sampling),
        pair.tokenizer().encode(prompt.prompt()),
        PassProfiler.contexts(pair.target().contextLength(), rows, 8),
        rows);
  }

  /**
   * @param profiler null where pass times are given
   * @param round 0 warms up
   */
  private static void decode(
      LiveValidation validation, PassProfiler profiler, Prompt prompt, int round) {
    for (int i = 0; profiler != null && i < PROFILE_ROUNDS_A_PROMPT; i++) {
      profiler.round(round > 0);
    }
    validation.run(prompt, round, round > 0);
  }

  private Path record(
      OnnxPair pair, List<Prompt> prompts, SamplingParameters sampling, Limits limits)
      throws IOException {
    Path trace = out.resolve("trace-t" + sampling.temperature() + ".jsonl.gz");
    try (Recorder recorder =
        new Recorder(
            pair.tokenizer(),
            pair.target(),
            pair.drafts(),
            sampling,
            limits,
            LogitDetail.NONE,
            0,
            new RandomStreams(seed + 1))) {
      new Recording(
              Headers.of(pair.manifest(), sampling, seed + 1, LogitDetail.NONE),
              prompts,
              sampling.temperature() == 0 ? 1 : samples,
              recorder::record,
              sequences -> {})
          .write(trace);
    }
    return trace;
  }
}
