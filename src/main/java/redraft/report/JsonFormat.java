package redraft.report;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import redraft.json.ResultFiles;
import redraft.metrics.ReplayRow;
import redraft.study.HistogramRow;

/** The numbers of a report, for programs: {@code report.json}, see docs/report.schema.json. */
public final class JsonFormat implements ReportFormat {
  /** What the file says it is. */
  static final String FORMAT = "redraft-report";

  /** Raised by what changes a field's name, unit or meaning, and not by new fields. */
  static final int VERSION = 1;

  /** The file. */
  private record File(
      String format,
      int version,
      List<String> rules,
      List<Integer> draftLengths,
      List<Price> prices,
      boolean priceAssumed,
      long seed,
      List<Trace> traces,
      List<String> sources) {}

  private record Price(
      String hardware,
      String targetModel,
      String draftModel,
      int batch,
      Integer context,
      String unit,
      Double costRatio,
      Double usdPerHour) {}

  private record Trace(
      String name,
      boolean complete,
      long sequences,
      long prompts,
      long positions,
      String targetModel,
      List<String> drafts,
      double temperature,
      int topK,
      double topP,
      ReplayRow best,
      List<ReplayRow> bestByDomain,
      List<ReplayRow> rows,
      List<HistogramRow> histograms,
      List<Chart> charts) {}

  @Override
  public String name() {
    return "json";
  }

  @Override
  public void write(Report report, Path folder) throws IOException {
    ResultFiles.write(
        folder.resolve("report.json"),
        out -> {
          Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          write(report, text);
          text.flush();
        });
  }

  /** Into any writer, which stays open. */
  public static void write(Report report, Writer out) throws IOException {
    ReplayFiles.writeJson(
        out,
        new File(
            FORMAT,
            VERSION,
            report.rules(),
            report.draftLengths(),
            report.prices().stream().map(JsonFormat::price).toList(),
            report.assumedPrice(),
            report.seed(),
            report.traces().stream().map(trace -> trace(trace, report.prices().get(0))).toList(),
            report.sources()));
  }

  private static Price price(Report.Price price) {
    return new Price(
        price.hardware(),
        price.targetModel(),
        price.draftModel(),
        price.batch(),
        price.context(),
        price.milliseconds() ? "milliseconds" : "target passes",
        price.costRatio(),
        price.usdPerHour());
  }

  private static Trace trace(Report.Trace trace, Report.Price first) {
    var sampling = trace.header().sampling();
    return new Trace(
        trace.name(),
        trace.complete(),
        trace.sequences(),
        trace.prompts(),
        trace.positions(),
        trace.header().target().name(),
        trace.header().drafts().stream().map(draft -> draft.name()).toList(),
        sampling.temperature(),
        sampling.topK(),
        sampling.topP(),
        trace.best(first),
        trace.bestByDomain(first),
        trace.rows(),
        trace.histograms(),
        trace.charts());
  }
}
