package redraft.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import redraft.json.ResultFiles;
import redraft.latency.LatencyModel;
import redraft.traffic.EngineLimits;
import redraft.traffic.Server;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/**
 * What serving under load gave, as one page that needs nothing else, with its rows and charts
 * beside it.
 *
 * @param command that gives it again
 * @param parts one for each trace
 * @param caveats what a reader should know, a line each
 */
public record TrafficReport(String command, List<Part> parts, List<String> caveats) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Rows that one table can show beside each other. */
  private static final int MOST_ROWS = 16;

  /**
   * One trace.
   *
   * @param name of the trace
   * @param answers in sentences
   */
  public record Part(String name, TrafficStudy study, List<String> answers) {}

  /** {@code index.html}, {@code traffic.csv} and {@code charts/*.png}: all of them or none. */
  public void write(Path folder, RowFiles.CsvTexts texts) throws IOException {
    ResultFiles.writeFolder(
        folder,
        into -> {
          ResultFiles.write(into.resolve("index.html"), page());
          List<TrafficRow> rows =
              parts.stream().flatMap(part -> part.study.rows().stream()).toList();
          RowFiles.writeCsv(into.resolve("traffic.csv"), TrafficTables.COLUMNS, rows, texts);
          Path pictures = Files.createDirectories(into.resolve("charts"));
          for (Part part : parts) {
            for (Chart chart : charts(part)) {
              ChartImages.writePng(chart, pictures);
            }
          }
        });
  }

  /** Their names begin with that of the trace where there are several. */
  private List<Chart> charts(Part part) {
    List<Chart> charts = TrafficCharts.of(part.study);
    return parts.size() == 1
        ? charts
        : charts.stream().map(chart -> chart.of(ReportBuilder.stem(part.name))).toList();
  }

  private String page() throws IOException {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("parts", parts.stream().map(this::part).toList());
    data.put("settings", settings());
    data.put("caveats", caveats);
    data.put("sources", sources());
    data.put("command", command);
    List<String> names = parts.stream().map(Part::name).toList();
    return Page.of(
        "traffic.html",
        "Redraft, under load: " + String.join(", ", names),
        List.of("charts.js", "traffic.js"),
        Map.of(),
        JSON.writeValueAsString(data));
  }

  private Map<String, Object> part(Part part) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", part.name);
    data.put("headline", TrafficCharts.headline(part.study));
    data.put("answers", part.answers);
    boolean few = part.study.rows().size() <= MOST_ROWS;
    Findings.Table all = TrafficTables.all(part.study).captioned("Every way to serve");
    data.put(
        "table",
        few
            ? all
            : TrafficTables.fastest(part.study).captioned("Plain, and what ends requests soonest"));
    if (!few) {
      data.put("all", all);
    }
    data.put("charts", charts(part));
    return data;
  }

  private Findings.Table settings() {
    TrafficRow first = parts.get(0).study.rows().get(0);
    Server server = first.server();
    LatencyModel latency = server.latency();
    EngineLimits limits = server.limits();
    List<List<String>> rows = new ArrayList<>();
    add(rows, "hardware", latency.name());
    add(rows, "target model", latency.targetModel());
    add(rows, "draft model", latency.draftModel());
    add(rows, "replicas", server.replicas() == 1 ? null : Integer.toString(server.replicas()));
    add(rows, "requests that run at once, at most", Integer.toString(limits.maxSequences()));
    add(rows, "rows of a pass, at most", Integer.toString(limits.maxBatchedTokens()));
    add(
        rows,
        "tokens of the KV cache",
        limits.kvTokens() == Long.MAX_VALUE ? "no bound" : Long.toString(limits.kvTokens()));
    add(rows, "runs of each", Integer.toString(first.runs().size()));
    return new Findings.Table("Served by", List.of("setting", "value"), rows);
  }

  private static void add(List<List<String>> rows, String name, String value) {
    if (value != null) {
      rows.add(List.of(name, value));
    }
  }

  private List<String> sources() {
    Set<String> sources = new LinkedHashSet<>();
    for (Part part : parts) {
      for (TrafficRow row : part.study.rows()) {
        if (!row.setting().plain()) {
          sources.add("Rule " + row.setting().rule().name() + ": " + row.setting().rule().source());
        }
        sources.addAll(row.server().latency().sources());
      }
    }
    return List.copyOf(sources);
  }
}
