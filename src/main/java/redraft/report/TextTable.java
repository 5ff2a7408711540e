package redraft.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import redraft.json.Visible;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.ReplayRow;
import redraft.replay.Setting;

/** Rows of cells in aligned columns: words to the left, numbers to the right. */
public final class TextTable {
  /** Stands before the row that is best. */
  static final String MARK = "* ";

  private static final Pattern NUMERIC = Pattern.compile("[-+–0-9., %()≥≤]*( [kMG])?");

  private final List<String[]> lines = new ArrayList<>();
  private final Set<String> labels = new HashSet<>();
  private final Set<Integer> best = new HashSet<>();
  private String meaning = "";

  public TextTable(String... titles) {
    lines.add(Arrays.stream(titles).map(Visible::line).toArray(String[]::new));
  }

  /** Says which columns tell what a row is of, rather than what was found of it. */
  public TextTable labels(String... titles) {
    labels.addAll(List.of(titles));
    return this;
  }

  /**
   * Marks rows.
   *
   * @param rows their numbers from 0
   * @param meaning what distinguishes them
   */
  public TextTable best(Set<Integer> rows, String meaning) {
    best.addAll(rows);
    this.meaning = meaning;
    return this;
  }

  public TextTable add(String... cells) {
    if (cells.length != lines.get(0).length) {
      throw new IllegalArgumentException(
          cells.length + " cells in a table of " + lines.get(0).length + " columns");
    }
    lines.add(Arrays.stream(cells).map(Visible::line).toArray(String[]::new));
    return this;
  }

  /** The table of a replay, for people: rounded, and without columns that say nothing. */
  public static TextTable of(List<ReplayRow> rows) {
    boolean timed = rows.stream().anyMatch(row -> row.speed().msPerToken() != null);
    boolean prefilled = rows.stream().anyMatch(row -> row.speed().meanThroughput() != null);
    boolean sampled = rows.stream().anyMatch(row -> row.sampled() != null);
    boolean estimated = rows.stream().anyMatch(row -> row.bounds() != null);
    boolean batched = rows.stream().anyMatch(row -> row.batch() != 1);
    boolean trees = rows.stream().anyMatch(row -> row.key().setting().draft().tree() != null);
    boolean deployed = rows.stream().map(ReplayRow::hardware).distinct().count() > 1;
    boolean contexts = rows.stream().anyMatch(row -> row.context() != null);
    boolean rented = rows.stream().anyMatch(row -> row.usdPerMillionTokens() != null);
    boolean priced = rows.stream().allMatch(row -> row.deployment().latency().priced());
    List<String> titles =
        new ArrayList<>(
            List.of(
                "trace",
                "domain",
                "draft",
                "rule",
                "policy",
                "K",
                "tokens/step",
                "accepted/drafted",
                "overlap"));
    addIf(titles, priced, "speedup");
    titles.add("95% interval" + (priced ? "" : " of tokens/step"));
    addIf(titles, trees, "tree");
    addIf(titles, estimated, "bounds");
    addIf(titles, sampled, "timelines 5–95%");
    addIf(titles, deployed, "hardware");
    addIf(titles, batched, "batch");
    addIf(titles, contexts, "context");
    addIf(titles, timed, "ms/token");
    addIf(titles, rented, "USD/M tokens");
    addIf(titles, prefilled, "throughput speedup");
    TextTable table = new TextTable(titles.toArray(String[]::new));
    for (ReplayRow row : rows) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  row.trace(),
                  row.domain(),
                  row.draft(),
                  row.rule(),
                  row.policy(),
                  row.draftLength() == null ? "–" : row.draftLength().toString(),
                  number(row.tokensPerStep(), 3),
                  number(row.counts().draftAcceptanceRate(), 3),
                  number(row.overlap(), 3)));
      addIf(cells, priced, number(row.speedup(), 3));
      cells.add(
          priced
              ? interval(row.speedupLow(), row.speedupHigh(), 3)
              : interval(row.tokensPerStepLow(), row.tokensPerStepHigh(), 3));
      addIf(cells, trees, Objects.requireNonNullElse(row.key().setting().draft().tree(), "–"));
      addIf(
          cells,
          estimated,
          row.bounds() == null
              ? "–"
              : row.setting().policy().stopping() != null
                  ? "speedup " + interval(row.bounds().speedupLow(), row.bounds().speedupHigh(), 3)
                  : interval(row.bounds().tokensPerStepLow(), row.bounds().tokensPerStepHigh(), 3));
      addIf(
          cells,
          sampled,
          row.sampled() == null
              ? "–"
              : interval(row.sampled().speedup().p05(), row.sampled().speedup().p95(), 3));
      addIf(cells, deployed, row.hardware());
      addIf(cells, batched, Integer.toString(row.batch()));
      addIf(cells, contexts, row.context() == null ? "–" : row.context().toString());
      addIf(cells, timed, number(row.speed().msPerToken(), 3));
      addIf(cells, rented, number(row.usdPerMillionTokens(), 3));
      addIf(cells, prefilled, number(row.speed().meanThroughput(), 3));
      table.add(cells.toArray(String[]::new));
    }
    table.labels(
        "trace",
        "domain",
        "draft",
        "rule",
        "policy",
        "K",
        "overlap",
        "tree",
        "hardware",
        "batch",
        "context");
    return priced ? table.best(fastest(rows), "highest speedup") : table;
  }

  /** Of every text on every machine the row with the highest speedup, where there are others. */
  private static Set<Integer> fastest(List<ReplayRow> rows) {
    Map<List<Object>, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      ReplayRow row = rows.get(i);
      List<Object> of =
          Arrays.asList(row.trace(), row.domain(), row.hardware(), row.batch(), row.context());
      groups.computeIfAbsent(of, key -> new ArrayList<>()).add(i);
    }
    return groups.values().stream()
        .filter(group -> group.size() > 1)
        .map(
            group -> Collections.max(group, Comparator.comparingDouble(i -> rows.get(i).speedup())))
        .collect(Collectors.toSet());
  }

  /** In percent, and never certain. */
  public static String probability(double probability) {
    return probability > 0.995
        ? "above 99%"
        : probability < 0.005 ? "below 1%" : number(100 * probability, 0) + "%";
  }

  /** Histograms of accepted counts and acceptance by position. */
  public static TextTable ofAcceptance(List<AcceptanceRow> rows) {
    TextTable table =
        new TextTable(
            "trace",
            "domain",
            "draft",
            "rule",
            "policy",
            "K",
            "j",
            "steps",
            "P(accepted = j)",
            "P(≥ j)",
            "P(≥ j | ≥ j − 1)");
    for (AcceptanceRow row : rows) {
      Setting setting = row.key().setting();
      table.add(
          row.key().trace(),
          row.key().domain(),
          setting.draft().name(),
          setting.rule().name(),
          setting.policy().name(),
          setting.draftLength() == null ? "–" : setting.draftLength().toString(),
          Integer.toString(row.accepted()),
          number(row.steps(), 1),
          number(row.share(), 4),
          number(row.joint(), 4),
          number(row.conditional(), 4));
    }
    return table.labels("trace", "domain", "draft", "rule", "policy", "K");
  }

  static void addIf(List<String> cells, boolean wanted, String cell) {
    if (wanted) {
      cells.add(cell);
    }
  }

  /** Both ends of an interval; "–" for none. */
  public static String interval(Double low, Double high, int decimals) {
    return low == null ? "–" : number(low, decimals) + " – " + number(high, decimals);
  }

  /** A number rounded for reading; "–" for none. */
  public static String number(Double value, int decimals) {
    return value == null || value.isNaN()
        ? "–"
        : String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** The same for a page. */
  Findings.Table captioned(String caption) {
    return new Findings.Table(
        caption, List.of(lines.get(0)), lines.stream().skip(1).map(line -> List.of(line)).toList());
  }

  /** As it stands in a file or a pipe of so many columns as {@link Screen#PLAIN} has. */
  @Override
  public String toString() {
    return on(Screen.PLAIN);
  }

  /** As a screen has room for it. */
  public String on(Screen screen) {
    return new TableLayout(this, screen).text();
  }

  String[] titles() {
    return lines.get(0);
  }

  List<String[]> rows() {
    return lines.subList(1, lines.size());
  }

  boolean label(int column) {
    return labels.contains(lines.get(0)[column]);
  }

  boolean marked() {
    return !best.isEmpty() && rows().size() > best.size();
  }

  boolean best(int row) {
    return marked() && best.contains(row);
  }

  String meaning() {
    return meaning;
  }

  /** Whether a cell is a number, several of them, or none at all. */
  static boolean numeric(String cell) {
    return NUMERIC.matcher(cell).matches();
  }
}
