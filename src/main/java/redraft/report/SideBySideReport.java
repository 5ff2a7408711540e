package redraft.report;

import static redraft.report.TextTable.number;

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
import java.util.function.Function;
import redraft.json.ResultFiles;
import redraft.metrics.Change;
import redraft.metrics.ReplayRow;
import redraft.study.Recording;
import redraft.study.SideBySide;
import redraft.study.SideBySide.Row;
import redraft.trace.TraceHeader;

/**
 * Two recordings beside each other as one page that needs nothing else, with its rows and charts
 * beside it.
 *
 * @param command that gives it again
 * @param caveats what a reader should know, a line each
 */
public record SideBySideReport(String command, SideBySide study, List<String> caveats) {
  private static final JsonMapper JSON = new JsonMapper();

  /** A row for each setting and domain; shares are of the first. */
  public static final Columns<Row> COLUMNS =
      new Columns<Row>()
          .add("domain", Row::domain)
          .add("rule", Row::rule)
          .add("draft_length", Row::draftLength)
          .add("trace_a", row -> row.first().trace())
          .add("trace_b", row -> row.second().trace())
          .add("draft_a", row -> row.first().draft())
          .add("draft_b", row -> row.second().draft())
          .add("hardware_a", row -> row.first().hardware())
          .add("hardware_b", row -> row.second().hardware())
          .add("paired", row -> row.speedup().paired())
          .add("prompts_a", row -> row.speedup().promptsBefore())
          .add("prompts_b", row -> row.speedup().promptsAfter())
          .add("tokens_per_step_a", row -> row.tokensPerStep().before())
          .add("tokens_per_step_b", row -> row.tokensPerStep().after())
          .add("tokens_per_step_change", row -> change(row.tokensPerStep()))
          .add("tokens_per_step_change_low", row -> low(row.tokensPerStep()))
          .add("tokens_per_step_change_high", row -> high(row.tokensPerStep()))
          .add("speedup_a", row -> row.speedup().before())
          .add("speedup_b", row -> row.speedup().after())
          .add("speedup_change", row -> change(row.speedup()))
          .add("speedup_change_low", row -> low(row.speedup()))
          .add("speedup_change_high", row -> high(row.speedup()))
          .add("difference", row -> row.difference().words());

  static double change(Change change) {
    return change.after() / change.before() - 1;
  }

  static Double low(Change change) {
    return change.ratio() == null ? null : (Double) (change.ratio().low() - 1);
  }

  static Double high(Change change) {
    return change.ratio() == null ? null : (Double) (change.ratio().high() - 1);
  }

  /** {@code compare.html}, {@code compare.csv} and {@code charts/*.png}: all of them or none. */
  public void write(Path folder, RowFiles.CsvTexts texts) throws IOException {
    ResultFiles.writeFolder(
        folder,
        into -> {
          ResultFiles.write(into.resolve("compare.html"), page());
          RowFiles.writeCsv(into.resolve("compare.csv"), COLUMNS, study.rows(), texts);
          Path pictures = Files.createDirectories(into.resolve("charts"));
          for (Chart chart : charts()) {
            ChartImages.writePng(chart, pictures);
          }
        });
  }

  /** All of it for programs. */
  public Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("a", first());
    all.put("b", second());
    all.put("best_rule", rule());
    all.put("best_draft_length", draftLength());
    all.put("answers", answers());
    all.put("notes", caveats);
    all.put("rows", COLUMNS.ofAll(study.rows()));
    return all;
  }

  /** The rule of the first recording's best setting, which tables and charts are of. */
  private String rule() {
    return study.bests().rule();
  }

  private int draftLength() {
    return study.bests().first().draftLength();
  }

  private List<Chart> charts() {
    return SideBySideCharts.of(
        study, first(), second(), rule(), study.byDomain(rule(), draftLength()), draftLength());
  }

  /** What the first is called. */
  private String first() {
    return name(study.first(), study.second());
  }

  /** What the second is called. */
  private String second() {
    return name(study.second(), study.first());
  }

  /** The trace, and what else tells one from the other. */
  private static String name(Recording own, Recording other) {
    ReplayRow row = own.rows().get(0);
    ReplayRow beside = other.rows().get(0);
    StringBuilder name = new StringBuilder(own.name());
    if (!row.draft().equals(beside.draft()) || own.name().equals(other.name())) {
      name.append(", ").append(row.draft());
    }
    if (!row.hardware().equals(beside.hardware())) {
      name.append(", ").append(row.hardware());
    }
    return name.toString();
  }

  /** What was found, in sentences, the most important first. */
  public List<String> answers() {
    List<String> answers = new ArrayList<>();
    answers.add("Each at its own best setting: " + sentence(study.bests()));
    List<Row> lengths = study.byDraftLength(rule());
    lengths.stream()
        .filter(row -> row.draftLength() == draftLength())
        .findFirst()
        .ifPresent(row -> answers.add("At the best setting of the first: " + sentence(row)));
    answers.add(
        counted("Draft lengths, rule " + rule(), lengths)
            + " Every interval stands by itself: of 20 that are of no difference, one seems to show one.");
    List<Row> domains = study.byDomain(rule(), draftLength());
    if (domains.size() > 1) {
      answers.add(counted("Domains, at draft length " + draftLength(), domains));
    }
    return answers;
  }

  private static String counted(String what, List<Row> rows) {
    Function<SideBySide.Difference, Long> count =
        difference -> rows.stream().filter(row -> row.difference() == difference).count();
    return what
        + ": of "
        + rows.size()
        + ", the second is faster at "
        + count.apply(SideBySide.Difference.FASTER)
        + " and slower at "
        + count.apply(SideBySide.Difference.SLOWER)
        + " beyond what prompts leave open.";
  }

  private String sentence(Row row) {
    boolean slower = row.difference() == SideBySide.Difference.SLOWER;
    Change change = row.speedup();
    String interval =
        change.ratio() == null
            ? " (no interval)"
            : " (95% "
                + percent(slower ? -high(change) : low(change))
                + " – "
                + percent(slower ? -low(change) : high(change))
                + (change.paired() ? ", prompt by prompt)" : ", unpaired)");
    String found =
        row.difference() == SideBySide.Difference.NOT_SHOWN
            ? "no difference is shown between " + first() + " and " + second()
            : second()
                + " is "
                + percent(Math.abs(change(change)))
                + " "
                + row.difference().words()
                + " than "
                + first();
    return found
        + interval
        + ": "
        + number(change.after(), 3)
        + " ("
        + setting(row.second())
        + ") beside "
        + number(change.before(), 3)
        + " times plain decoding ("
        + setting(row.first())
        + ").";
  }

  private static String setting(ReplayRow row) {
    return "draft length " + row.draftLength() + ", rule " + row.rule();
  }

  static String percent(double share) {
    return number(100 * share, 1) + "%";
  }

  private String page() throws IOException {
    Map<String, Object> data = new LinkedHashMap<>();
    List<String> answers = answers();
    data.put("subject", first() + " (A) beside " + second() + " (B)");
    data.put("headline", answers.get(0));
    data.put("answers", answers.subList(1, answers.size()));
    List<Row> domains = study.byDomain(rule(), draftLength());
    List<Findings.Table> tables = new ArrayList<>();
    tables.add(
        table(
            "By draft length, rule " + rule(),
            "K",
            row -> Integer.toString(row.draftLength()),
            study.byDraftLength(rule())));
    if (domains.size() > 1) {
      tables.add(
          table(
              "By domain, draft length " + draftLength() + ", rule " + rule(),
              "domain",
              Row::domain,
              domains));
    }
    data.put("tables", tables);
    data.put(
        "all",
        table(
            "Every draft length and domain, rule " + rule(),
            "domain, K",
            row -> row.domain() + ", " + row.draftLength(),
            study.rows().stream().filter(row -> row.rule().equals(rule())).toList()));
    data.put("charts", charts());
    data.put("recordings", recordings());
    data.put("caveats", caveats());
    data.put("sources", sources());
    data.put("command", command);
    return Page.of(
        "compare.html",
        "Redraft, side by side: " + first() + " and " + second(),
        List.of("charts.js", "compare.js"),
        Map.of(),
        JSON.writeValueAsString(data));
  }

  private static Findings.Table table(
      String caption, String title, Function<Row, String> name, List<Row> rows) {
    List<List<String>> cells = new ArrayList<>();
    for (Row row : rows) {
      cells.add(
          List.of(
              name.apply(row),
              number(row.tokensPerStep().before(), 3),
              number(row.tokensPerStep().after(), 3),
              number(row.speedup().before(), 3),
              number(row.speedup().after(), 3),
              number(100 * change(row.speedup()), 2),
              row.speedup().ratio() == null
                  ? "–"
                  : TextTable.interval(100 * low(row.speedup()), 100 * high(row.speedup()), 2),
              row.difference().words()));
    }
    return new Findings.Table(
        caption,
        List.of(
            title,
            "tokens/step, A",
            "B",
            "speedup, A",
            "B",
            "change in %",
            "95% interval",
            "difference"),
        cells);
  }

  private Findings.Table recordings() {
    List<List<String>> rows = new ArrayList<>();
    for (Recording each : List.of(study.first(), study.second())) {
      TraceHeader header = each.read().header();
      ReplayRow row = each.all().get(0);
      rows.add(
          List.of(
              rows.isEmpty() ? "A" : "B",
              each.name(),
              header.target().name(),
              row.draft(),
              Double.toString(header.sampling().temperature()),
              Long.toString(row.counts().sequences()),
              Long.toString(row.counts().positions()),
              Findings.name(row.deployment())));
    }
    return new Findings.Table(
        "Recordings",
        List.of("side", "trace", "target", "draft", "temperature", "texts", "tokens", "costs"),
        rows);
  }

  private Set<String> sources() {
    Set<String> sources = new LinkedHashSet<>();
    for (Recording each : List.of(study.first(), study.second())) {
      ReplayRow row = each.rows().get(0);
      sources.add("Rule " + rule() + ": " + study.bests().first().setting().rule().source());
      sources.addAll(row.deployment().latency().sources());
    }
    sources.add(
        "Intervals: the delete-one jackknife of the logarithm of a ratio over prompts, Tukey 1958, doi:10.1214/aoms/1177706647;"
            + " unpaired, Welch 1947, doi:10.2307/2332510");
    return sources;
  }
}
