package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.draft.SuffixLookup;
import redraft.export.Choice;
import redraft.export.DraftKinds;
import redraft.export.EngineExport;
import redraft.export.EngineExports;
import redraft.export.EngineRelease;
import redraft.export.Export;
import redraft.json.ResultFiles;
import redraft.json.Visible;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.steps.StepShape;
import redraft.study.BestSetting;
import redraft.study.Grid;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

@Command(
    name = "export",
    description = {
      "Prints the best setting of a trace as the settings of a serving engine, in the words of one of its releases: the draft "
          + "length, and at which batches another one or none is better where the release can say so.",
      "",
      "It says which verification rule the engine follows with these settings, and what another rule would give. A setting "
          + "that the release would refuse is never printed. Where speculation does not pay, the settings are those of plain "
          + "decoding.",
      "",
      "Engines: vllm, sglang, llama.cpp, tensorrt-llm, aiconfigurator, dynamo-mocker, transformers."
    },
    footer = {
      "",
      "Examples:",
      "  redraft export traces/tiny-t1.jsonl.gz --engine vllm --engine-version 0.33.0 --hardware h100-sxm \\",
      "      --target-model llama-3.1-8b --draft-model llama-3.2-1b --target-name meta-llama/Llama-3.1-8B --draft-name meta-llama/Llama-3.2-1B",
      "  redraft export traces/tiny-t1.jsonl.gz --engine llama.cpp --engine-version 0.5 --cost-ratio 0.1 --synthetic",
      "  redraft export --acceptance-length 2.6@5 --engine sglang --engine-version 0.5.23 --method EAGLE3 --cost-ratio 0.05"
    })
final class ExportCommand extends TraceCommand {
  private static final String HASH = "# ";

  @Parameters(paramLabel = "TRACE", arity = "0..1", description = TRACE)
  private String trace;

  @Option(
      names = "--engine-version",
      paramLabel = "V",
      required = true,
      description =
          "Release of the engine, such as 0.33.0; of one that is not known the newest known release before it.")
  private String version;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description =
          "How the engine drafts, in its own word such as eagle3 (default: by the kind of draft: a draft model, a look-up, or the "
              + "heads that --draft-model names).")
  private String method;

  @Option(
      names = "--target-name",
      paramLabel = "NAME",
      defaultValue = "TARGET",
      description = "The target where the engine runs: a name of the Hugging Face hub or a path.")
  private String target;

  @Option(
      names = "--draft-name",
      paramLabel = "NAME",
      defaultValue = "DRAFT",
      description = "The draft there.")
  private String draft;

  @Option(
      names = "--synthetic",
      description =
          "For a load test: the engine accepts by the rates that were replayed, whatever it drafts.")
  private boolean synthetic;

  @Option(
      names = "--anyway",
      description = "Speculate with the least bad setting where that does not pay.")
  private boolean anyway;

  @Option(
      names = "--max-batch",
      paramLabel = "B",
      defaultValue = "512",
      description = "Largest batch that is looked at (default: ${DEFAULT-VALUE}).")
  private int maxBatch;

  @Written
  @Option(names = "--out", paramLabel = "FILE", description = "Write the settings to a file.")
  private Path out;

  @Mixin private JsonOptions output;

  /** What was asked of a trace, and what drafts in it. */
  private record Answer(BestSetting best, String kind) {}

  @Override
  public Integer call() throws IOException {
    EngineExport export = engine();
    EngineRelease release = export.engine().release(version);
    WholeNumbers.require("--max-batch", maxBatch, 1, Deployment.LARGEST_BATCH);
    Grid wanted =
        grid.grid(
            defaults(export, release),
            List.of("fixed"),
            List.of(deployment.only(costs(export))),
            reach);
    Answer answer =
        ask(
            accepted.orTyped(trace),
            wanted,
            (source, progress) -> {
              BestSetting best = BestSetting.inFull(source, wanted, maxBatch, progress);
              return new Answer(best, kind(source.header(), best.best()));
            });
    Export exported =
        Export.of(
            export,
            new Export.Asked(
                version,
                method,
                answer.kind,
                new EngineExport.Names(target, draft),
                grid.ngrams.ngrams(),
                synthetic,
                anyway),
            answer.best);
    print(export, exported, answer.best, accepted.notes(wanted, null));
    return 0;
  }

  private EngineExport engine() {
    if (deployment.engines().size() != 1) {
      throw new IllegalArgumentException(
          "settings are those of one engine: name one as --engine, of "
              + String.join(", ", EngineExports.REGISTRY.names()));
    }
    return EngineExports.named(deployment.engines().get(0));
  }

  /** The engine that steps cost as in; null for the roofline alone. */
  private String costs(EngineExport export) {
    List<String> known = export.engine().costs();
    return known.contains(deployment.engines().get(0))
        ? deployment.engines().get(0)
        : known.isEmpty() ? null : known.get(0);
  }

  /** The rule that the release follows, and beside it those that it could. */
  private GridOptions.Defaults defaults(EngineExport export, EngineRelease release) {
    List<VerificationRule> beside = new ArrayList<>();
    VerificationRules.all().stream()
        .filter(
            rule ->
                rule.name().equals("token")
                    || export.engine().releases().stream()
                        .flatMap(each -> each.laws().stream())
                        .anyMatch(law -> law.rule().equals(rule.name())))
        .forEach(beside::add);
    return new GridOptions.Defaults(
        List.of(VerificationRules.named(release.usualRule(method))),
        GridOptions.Defaults.LONGEST_DRAFT,
        beside);
  }

  /** What drafts in a row, one of {@link DraftKinds}. */
  static String kind(TraceHeader header, ReplayRow row) {
    if (row.draft().equals(SuffixLookup.NAME) || row.setting().draft().ahead()) {
      throw new IllegalArgumentException(
          "what engines are to be set to for draft '"
              + row.draft()
              + "' is not known here, and other settings would be of another draft; name another --draft");
    }
    if (row.setting().draft().step(1).drafting() == StepShape.Drafting.COPY) {
      return DraftKinds.LOOKUP;
    }
    String named = DraftKinds.ofModel(row.draftModel());
    boolean depth =
        header.drafts().stream()
            .anyMatch(each -> each.name().equals(row.draft()) && each.kind() == DraftKind.DEPTH);
    return depth && named.equals(DraftKinds.MODEL) ? DraftKinds.HEADS : named;
  }

  private void print(EngineExport export, Export exported, BestSetting best, List<String> typed)
      throws IOException {
    List<String> said = new ArrayList<>();
    said.add(export.engine().title() + " " + exported.release().version());
    said.add(BestCommand.line(best));
    said.addAll(exported.laws());
    List<String> notes = new ArrayList<>(best.notes());
    notes.addAll(typed);
    notes.addAll(exported.notes());
    note(notes);
    List<String> text = new ArrayList<>();
    if (exported.printed().comments()) {
      said.forEach(line -> text.add(HASH + Visible.line(line)));
    }
    text.addAll(exported.printed().lines());
    output.writeJson(json(export, exported, best, said, notes));
    if (out != null) {
      ResultFiles.write(out, String.join("\n", text) + "\n");
    }
    if (output.text()) {
      if (out == null && exported.printed().comments()) {
        text.forEach(output.out()::println);
      } else if (out == null) {
        note(said);
        text.forEach(output.out()::println);
      } else {
        said.forEach(out()::println);
      }
    }
  }

  private static Map<String, Object> json(
      EngineExport export,
      Export exported,
      BestSetting best,
      List<String> said,
      List<String> notes) {
    Choice choice = exported.choice();
    ReplayRow row = best.best();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("engine", export.name());
    all.put("release", exported.release().version());
    all.put("verdict", best.payoff().answer().words());
    all.put("speculates", choice != null);
    all.put("method", choice == null ? null : choice.method().name());
    all.put("rule", choice == null ? null : choice.law().rule());
    all.put("draft_length", row.draftLength());
    all.put("num_speculative_tokens", choice == null ? 0 : choice.draftLength());
    all.put("tokens_per_step", row.tokensPerStep());
    all.put("speedup", row.speedup());
    all.put("acceptance_rates", choice == null ? null : choice.rates());
    all.put("batches", choice == null ? null : choice.batches());
    all.put("beside", best.beside().stream().map(BestCommand::beside).toList());
    all.put("settings", exported.printed().settings());
    all.put("environment", exported.printed().environment());
    all.put("lines", exported.printed().lines());
    all.put("said", said);
    all.put("notes", notes);
    return all;
  }
}
