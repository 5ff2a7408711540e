package redraft.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redraft.metrics.ReplayRow;

/** Rows of cells in aligned columns: words to the left, numbers to the right. */
public final class TextTable {
  private final List<String[]> lines = new ArrayList<>();

  public TextTable(String... titles) {
    lines.add(titles);
  }

  public TextTable add(String... cells) {
    if (cells.length != lines.get(0).length) {
      throw new IllegalArgumentException(
          cells.length + " cells in a table of " + lines.get(0).length + " columns");
    }
    lines.add(cells);
    return this;
  }

  /** The table of a replay, for people: rounded, the time columns only where times are known. */
  public static TextTable of(List<ReplayRow> rows) {
    boolean timed = rows.stream().anyMatch(row -> row.msPerToken() != null);
    List<String> titles =
        new ArrayList<>(
            List.of(
                "trace",
                "domain",
                "draft",
                "rule",
                "K",
                "tokens/step",
                "accepted/drafted",
                "overlap",
                "speedup",
                "95% interval"));
    if (timed) {
      titles.add("ms/token");
    }
    TextTable table = new TextTable(titles.toArray(String[]::new));
    for (ReplayRow row : rows) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  row.trace(),
                  row.domain(),
                  row.draft(),
                  row.rule(),
                  Integer.toString(row.draftLength()),
                  number(row.tokensPerStep(), 3),
                  number(row.draftAcceptanceRate(), 3),
                  number(row.overlap(), 3),
                  number(row.speedup(), 3),
                  number(row.speedupLow(), 2) + " – " + number(row.speedupHigh(), 2)));
      if (timed) {
        cells.add(number(row.msPerToken(), 3));
      }
      table.add(cells.toArray(String[]::new));
    }
    return table;
  }

  /** A number rounded for reading; "–" for none. */
  public static String number(double value, int decimals) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  @Override
  public String toString() {
    int columns = lines.get(0).length;
    StringBuilder text = new StringBuilder();
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    for (int column = 0; column < columns; column++) {
      int c = column;
      widths[c] = lines.stream().mapToInt(line -> line[c].length()).max().orElse(0);
      numeric[c] = lines.stream().skip(1).allMatch(line -> line[c].matches("[-–0-9. ]+"));
    }
    for (String[] line : lines) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String padding = " ".repeat(widths[column] - line[column].length());
        row.append(column == 0 ? "" : "  ")
            .append(numeric[column] ? padding + line[column] : line[column] + padding);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
