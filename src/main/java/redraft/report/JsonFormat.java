package redraft.report;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.ResultFiles;
import redraft.latency.Deployment;
import redraft.verify.VerificationRule;

/** The numbers of a report, for programs: {@code report.json}, see docs/report.schema.json. */
public final class JsonFormat implements ReportFormat {
  /** What the file says it is. */
  static final String FORMAT = "redraft-report";

  /** Raised by what changes a field's name, unit or meaning, and not by new fields. */
  static final int VERSION = 2;

  @Override
  public String name() {
    return "json";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    ResultFiles.write(
        folder.resolve("report.json"),
        out -> {
          Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          write(report, writer);
          writer.flush();
        });
  }

  /** Into any writer, which stays open. */
  public static void write(Report report, Writer out) throws IOException {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("format", FORMAT);
    file.put("version", VERSION);
    file.put("rules", report.compared().rules().stream().map(VerificationRule::name).toList());
    file.put("draft_lengths", report.compared().draftLengths());
    file.put(
        "deployments",
        report.compared().deployments().stream().map(JsonFormat::deployment).toList());
    file.put("cost_assumed", report.compared().assumedCost());
    file.put("seed", report.compared().seed());
    Deployment first = report.compared().deployments().get(0);
    file.put("traces", report.traces().stream().map(trace -> trace(report, trace, first)).toList());
    file.put("sources", report.sources());
    RowFiles.writeJson(out, file);
  }

  private static Map<String, Object> deployment(Deployment deployment) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("hardware", deployment.name());
    fields.put("target_model", deployment.latency().targetModel());
    fields.put("draft_model", deployment.latency().draftModel());
    fields.put("batch", deployment.batch());
    fields.put("context", deployment.contextTokens());
    fields.put("unit", deployment.timed() ? "milliseconds" : "target passes");
    fields.put("cost_ratio", deployment.latency().onlyRatio());
    fields.put(
        "usd_per_hour",
        Double.isNaN(deployment.usdPerHour()) ? null : (Double) deployment.usdPerHour());
    return fields;
  }

  private static Map<String, Object> trace(Report report, Report.Trace trace, Deployment first) {
    var sampling = trace.header().sampling();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", trace.name());
    fields.put("complete", trace.complete());
    fields.put("sequences", trace.sequences());
    fields.put("prompts", trace.study().texts().prompts());
    fields.put("positions", trace.study().texts().positions());
    fields.put("target_model", trace.header().target().name());
    fields.put("drafts", trace.header().drafts().stream().map(draft -> draft.name()).toList());
    fields.put("temperature", sampling.temperature());
    fields.put("top_k", sampling.topK());
    fields.put("top_p", sampling.topP());
    fields.put("best", Columns.REPLAY.of(trace.best(first)));
    fields.put("best_by_domain", Columns.REPLAY.ofAll(trace.bestByDomain(first)));
    fields.put("rows", Columns.REPLAY.ofAll(trace.rows()));
    fields.put("histograms", Columns.HISTOGRAM.ofAll(trace.histograms()));
    List<Chart> charts = trace.charts();
    fields.put("charts", charts);
    fields.put("left_out", trace.leftOut());
    fields.put("trees", TreeFigure.of(report, trace).stream().map(JsonFormat::tree).toList());
    fields.put(
        "tree_rows",
        Columns.REPLAY.ofAll(
            trace.trees().stream()
                .flatMap(
                    study ->
                        study.rows().stream()
                            .filter(row -> row.domain().equals(study.read().domain())))
                .toList()));
    fields.put("under_load", trace.underLoad() == null ? null : underLoad(trace.underLoad()));
    return fields;
  }

  private static Map<String, Object> underLoad(UnderLoad load) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("headline", load.headline());
    fields.put("rests_on", load.restsOn());
    fields.put("answers", load.answers());
    fields.put("rows", TrafficTables.COLUMNS.ofAll(load.rows()));
    fields.put("charts", load.charts());
    return fields;
  }

  private static Map<String, Object> tree(TreeFigure figure) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("tree", figure.key().tree());
    fields.put("draft", figure.key().draft());
    fields.put("rule", figure.key().rule());
    fields.put("steps", figure.found().steps());
    fields.put("accepted_per_step", figure.found().accepted());
    fields.put("first_choices_share", figure.found().firstShare());
    fields.put("nodes", figure.nodes());
    fields.put("nodes_left_out", figure.leftOut());
    return fields;
  }
}
