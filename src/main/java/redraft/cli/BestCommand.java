package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.draft.PromptLookup;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.MeasuredProfile;
import redraft.metrics.BreakEven;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.report.TextTable;
import redraft.verify.VerificationRules;

@Command(
    name = "best",
    description = {
      "Answers in one line: for this trace, these models and this hardware, which draft length and rule, what speedup with "
          + "what interval, at which batch it stops paying, and the acceptance below which it never pays.",
      "",
      "Draft length and rule are those of the highest expected speedup. Speculation stops paying at the smallest batch at which "
          + "no draft length and rule asked for is faster than plain decoding. The acceptance is that of independent "
          + "acceptances (Leviathan et al. 2023) at the trace's mean context."
    },
    footer = {
      "",
      "Examples:",
      "  redraft best traces/tiny-t1.jsonl.gz --target-model llama-3.1-70b --draft-model llama-3.2-1b --hardware h100-sxmx4",
      "  redraft best traces/tiny-t1.jsonl.gz --latency out/profile.json --rule token",
      "  redraft best traces/tiny-t0.jsonl.gz --cost-ratio 0.1 --draft prompt-lookup --rule token"
    })
final class BestCommand implements Callable<Integer> {
  @Parameters(paramLabel = "TRACE", description = "Trace, .jsonl or .jsonl.gz.")
  private Path trace;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      description =
          "Draft of the trace, or " + PromptLookup.NAME + " (default: the trace's first).")
  private String draft;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      defaultValue = "token,block",
      description = "Verification rules to choose from (default: ${DEFAULT-VALUE}).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "1..12",
      converter = DraftLengths.Converter.class,
      description = "Draft lengths to choose from (default: ${DEFAULT-VALUE}).")
  private DraftLengths draftLengths;

  @ArgGroup(multiplicity = "1")
  private LatencyOptions latency;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "1",
      description = "Sequences decoded together (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Price every sequence as if its prompt had N tokens (default: its own prompt).")
  private Integer context;

  @Option(
      names = "--max-batch",
      paramLabel = "B",
      defaultValue = "4096",
      description = "TopK batch that is looked at (default: ${DEFAULT-VALUE}).")
  private int maxBatch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** What one reading of the trace gives. */
  private record Reading(List<ReplayRow> rows, double meanContext, int longestText) {}

  @Override
  public Integer call() throws IOException {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("--max-batch " + maxBatch + " must be at least 1");
    }
    LatencyModel model = latency.model();
    Reading reading = replay(model, List.of(batch), true);
    ReplayRow best =
        reading.rows.stream().max(Comparator.comparingDouble(ReplayRow::speedup)).orElseThrow();
    String onlyBatch =
        model instanceof ConstantRatio
            ? "a cost ratio says nothing of batches"
            : model instanceof MeasuredProfile ? "measured for batch 1 only" : null;
    Integer stops = onlyBatch == null ? stopsPayingAt(model) : null;
    int fits = largestThatFits(model, reading.longestText);
    double acceptance =
        BreakEven.acceptance(
            model, batch, (int) Math.round(reading.meanContext), draftLengths.values());
    ReplayCommand.warnOfShortfalls(spec.commandLine().getErr(), List.of(best));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(best, stops, fits, acceptance));
    } else {
      String batches =
          onlyBatch != null
              ? onlyBatch
              : fits > 0 && fits < (stops == null ? maxBatch : stops - 1)
                  ? "pays at every batch that fits, up to " + fits
                  : stops == null
                      ? "pays at every batch up to " + maxBatch
                      : "stops paying at batch " + stops;
      out.println(line(best, batches, acceptance));
    }
    out.flush();
    return 0;
  }

  /** The largest batch up to the limit whose longest texts fit into memory; 0 for none. */
  private int largestThatFits(LatencyModel model, int longestText) {
    int fits = 0;
    int tooLarge = maxBatch + 1;
    while (tooLarge - fits > 1) {
      int middle = fits + (tooLarge - fits) / 2;
      if (model.shortfall(middle, longestText) == null) {
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return fits;
  }

  private Integer stopsPayingAt(LatencyModel model) {
    return BreakEven.batch(
        maxBatch,
        batches -> {
          Map<Integer, Double> best = new HashMap<>();
          try {
            for (ReplayRow row : replay(model, batches, false).rows) {
              best.merge(row.batch(), row.speedup(), Math::max);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return best;
        });
  }

  private Reading replay(LatencyModel model, List<Integer> batches, boolean first)
      throws IOException {
    ReplayOptions options =
        ReplayOptions.fixed(
            draft == null ? List.of() : List.of(draft),
            rules.stream().map(VerificationRules::named).toList(),
            draftLengths.values(),
            batches.stream()
                .map(size -> new Deployment(model, size, context, model.usdPerHour()))
                .toList(),
            seed);
    String name = trace.getFileName().toString();
    ReplayTable table = new ReplayTable(name, options);
    double[] sums = new double[2]; // context tokens, positions
    int[] longestText = new int[1];
    TraceReplay.Source source =
        new TraceReplay(options)
            .run(
                trace,
                outcome -> {
                  table.accept(outcome);
                  int tokens = outcome.expectation().tokens();
                  sums[0] += tokens == 0 ? 0 : tokens * outcome.course().meanContextTokens();
                  sums[1] += tokens;
                  longestText[0] = Math.max(longestText[0], outcome.course().textTokens());
                },
                sequences -> {});
    if (first) {
      ReplayCommand.warnIfCut(spec.commandLine().getErr(), name, source);
    }
    String drafted =
        draft == null ? source.header().drafts().get(0).name() : draft; // others play no part
    return new Reading(
        table.rows(source, false).stream().filter(row -> row.draft().equals(drafted)).toList(),
        sums[0] / sums[1],
        longestText[0]);
  }

  private String line(ReplayRow best, String batches, double acceptance) {
    String models =
        best.targetModel().equals(best.draftModel())
            ? best.targetModel()
            : best.targetModel() + " + " + best.draftModel();
    String verdict =
        best.speedup() > 1
            ? "draft "
                + best.draftLength()
                + (best.draftLength() == 1 ? " token" : " tokens")
                + ", rule "
                + best.rule()
            : "do not speculate; the least bad is draft length "
                + best.draftLength()
                + ", rule "
                + best.rule();
    String least =
        Double.isNaN(acceptance)
            ? "no independent acceptance pays"
            : "never pays below an independent acceptance α of " + TextTable.number(acceptance, 3);
    return best.trace()
        + ", "
        + models
        + " on "
        + best.hardware()
        + (batch == 1 ? "" : ", batch " + batch)
        + ": "
        + verdict
        + ": "
        + TextTable.number(best.speedup(), 2)
        + " times plain decoding (95% interval over prompts "
        + TextTable.number(best.speedupLow(), 2)
        + " – "
        + TextTable.number(best.speedupHigh(), 2)
        + ", "
        + TextTable.number(best.tokensPerStep(), 2)
        + " tokens per step); "
        + batches
        + "; "
        + least
        + (best.overlap() == null
            ? ""
            : " (overlap here " + TextTable.number(best.overlap(), 3) + ")");
  }

  private static String json(ReplayRow best, Integer stops, int fits, double acceptance)
      throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode object = mapper.createObjectNode();
    object.put("trace", best.trace());
    object.put("targetModel", best.targetModel());
    object.put("draftModel", best.draftModel());
    object.put("hardware", best.hardware());
    object.put("batch", best.batch());
    object.put("rule", best.rule());
    object.put("draftLength", best.draftLength());
    object.put("tokensPerStep", best.tokensPerStep());
    object.put("speedup", best.speedup());
    object.put("speedupLow", best.speedupLow());
    object.put("speedupHigh", best.speedupHigh());
    object.put("stopsPayingAtBatch", stops);
    object.put("largestBatchThatFits", fits);
    object.put("breakEvenAcceptance", Double.isNaN(acceptance) ? null : acceptance);
    object.put("overlap", best.overlap());
    object.put("usdPerMillionTokens", best.usdPerMillionTokens());
    object.put("baselineUsdPerMillionTokens", best.baselineUsdPerMillionTokens());
    object.put("shortfall", best.shortfall());
    return mapper.writeValueAsString(object);
  }
}
