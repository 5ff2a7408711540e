package redraft.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table as a screen has room for it. Labels that are the same in every row stand above it; where
 * it is still too wide, titles take several lines, labels become headings of rows, long cells take
 * several lines, and at last each row becomes a list of names and values.
 */
final class TableLayout {
  private static final String GAP = "  ";
  private static final int NARROWEST_CELL = 12; // columns, of cells that take several lines
  private static final int MOST_LINES = 5; // of a cell
  private static final String NONE = "–";

  private final Screen screen;
  private final String[] titles;
  private final List<String[]> rows;
  private final TextTable table;
  private final boolean[] numeric;
  private final List<Integer> shown = new ArrayList<>(); // columns
  private final List<Integer> headings = new ArrayList<>(); // columns that head rows

  TableLayout(TextTable table, Screen screen) {
    this.table = table;
    this.screen = screen;
    titles = table.titles();
    rows = table.rows();
    numeric = new boolean[titles.length];
    for (int column = 0; column < titles.length; column++) {
      int c = column;
      numeric[c] = rows.stream().allMatch(row -> TextTable.numeric(row[c]));
    }
  }

  String text() {
    StringBuilder text = new StringBuilder();
    List<String> same = new ArrayList<>();
    for (int column = 0; column < titles.length; column++) {
      int c = column;
      boolean constant =
          !rows.isEmpty()
              && table.label(c)
              && rows.stream().allMatch(row -> row[c].equals(rows.get(0)[c]));
      if (!constant) {
        shown.add(c);
      } else if (!rows.get(0)[c].equals(NONE)) {
        same.add(titles[c] + " " + rows.get(0)[c]);
      }
    }
    if (shown.isEmpty()) { // labels alone
      IntStream.range(0, titles.length).forEach(shown::add);
      same.clear();
    }
    if (!same.isEmpty()) {
      Screen.wrapped(String.join(", ", same), screen.width())
          .forEach(line -> text.append(line).append('\n'));
      text.append('\n');
    }
    text.append(body());
    if (table.marked()) {
      text.append(TextTable.MARK).append(table.meaning()).append('\n');
    }
    return text.toString();
  }

  private String body() {
    int[] widths = widths(false);
    if (total(widths) <= screen.width()) {
      return grid(widths, shown);
    }
    if (rows.size() == 1) {
      return lists();
    }
    head();
    widths = widths(true);
    if (total(widths) <= screen.width()) {
      return grid(widths, inGrid());
    }
    int[] narrowed = narrowed(widths.clone());
    return narrowed != null ? grid(narrowed, inGrid()) : blocks(widths);
  }

  // ---- a grid

  /** Columns of every cell; of titles too, or of the longest of their words. */
  private int[] widths(boolean wrappedTitles) {
    int[] widths = new int[titles.length];
    for (int c : shown) {
      int title = wrappedTitles ? Screen.longestPart(titles[c]) : Screen.columns(titles[c]);
      widths[c] = Math.max(title, cells(c));
    }
    return widths;
  }

  /** Of the widest cell below a title. */
  private int cells(int column) {
    return rows.stream().mapToInt(row -> Screen.columns(row[column])).max().orElse(0);
  }

  private List<Integer> inGrid() {
    return shown.stream().filter(c -> !headings.contains(c)).toList();
  }

  private int total(int[] widths) {
    return total(widths, inGrid());
  }

  private int total(int[] widths, List<Integer> columns) {
    return columns.stream().mapToInt(c -> widths[c]).sum()
        + GAP.length() * Math.max(0, columns.size() - 1)
        + (table.marked() ? TextTable.MARK.length() : 0);
  }

  /**
   * Takes labels out of the grid, the widest first, while rows that share one follow each other;
   * and then those that are the same wherever the others are.
   */
  private void head() {
    List<Integer> widest =
        shown.stream()
            .filter(table::label)
            .sorted(Comparator.comparingInt(c -> -cells(c)))
            .toList();
    for (int c : widest) {
      if (!numeric[c]) {
        headBy(c, rows.size() / 2);
      }
    }
    for (int c : widest) {
      if (!headings.isEmpty() && !headings.contains(c)) {
        headBy(c, runs());
      }
    }
  }

  private void headBy(int column, long mostRuns) {
    if (total(widths(true)) <= screen.width() || inGrid().size() <= 2) {
      return;
    }
    headings.add(column);
    if (runs() > mostRuns) {
      headings.remove((Integer) column);
    }
  }

  /** How often a heading differs from that of the row before. */
  private long runs() {
    return IntStream.range(0, rows.size())
        .filter(i -> i == 0 || !heading(rows.get(i)).equals(heading(rows.get(i - 1))))
        .count();
  }

  private String heading(String[] row) {
    return headings.stream()
        .sorted()
        .map(c -> titles[c] + " " + row[c])
        .collect(Collectors.joining(", "));
  }

  /** Words' columns made narrower until the grid fits; null where cells would be too tall. */
  private int[] narrowed(int[] widths) {
    while (total(widths) > screen.width()) {
      int widest =
          inGrid().stream()
              .filter(c -> !numeric[c])
              .max(Comparator.comparingInt(c -> widths[c]))
              .orElse(-1);
      if (widest < 0 || widths[widest] <= NARROWEST_CELL) {
        return null;
      }
      widths[widest]--;
    }
    for (int c : inGrid()) {
      boolean cut = rows.stream().anyMatch(row -> Screen.longestPart(row[c]) > widths[c]);
      if (cut
          || rows.stream().anyMatch(row -> Screen.cell(row[c], widths[c]).size() > MOST_LINES)) {
        return null;
      }
    }
    return widths;
  }

  private String grid(int[] widths, List<Integer> columns) {
    StringBuilder text = new StringBuilder();
    int height =
        columns.stream()
            .mapToInt(c -> Screen.cell(titles[c], Math.max(1, widths[c])).size())
            .max()
            .orElse(0);
    append(
        text,
        columns,
        c -> low(Screen.cell(titles[c], Math.max(1, widths[c])), height),
        widths,
        table.marked() ? "  " : "",
        line -> line);
    String before = "";
    for (int i = 0; i < rows.size(); i++) {
      String[] row = rows.get(i);
      String heading = heading(row);
      if (!heading.equals(before)) {
        text.append(i == 0 ? "" : "\n");
        Screen.wrapped(heading, screen.width()).forEach(line -> text.append(line).append('\n'));
        before = heading;
      }
      boolean best = table.best(i);
      append(
          text,
          columns,
          c -> Screen.cell(row[c], Math.max(1, widths[c])),
          widths,
          !table.marked() ? "" : best ? TextTable.MARK : " ".repeat(TextTable.MARK.length()),
          best ? screen::green : line -> line);
    }
    return text.toString();
  }

  /** Lines of a title above its column, with none below them. */
  private static List<String> low(List<String> title, int height) {
    List<String> lines = new ArrayList<>(Collections.nCopies(height - title.size(), ""));
    lines.addAll(title);
    return lines;
  }

  private void append(
      StringBuilder text,
      List<Integer> columns,
      IntFunction<List<String>> cell,
      int[] widths,
      String before,
      UnaryOperator<String> style) {
    int height = columns.stream().mapToInt(c -> cell.apply(c).size()).max().orElse(0);
    for (int i = 0; i < height; i++) {
      StringBuilder line = new StringBuilder(i == 0 ? before : " ".repeat(before.length()));
      for (int c : columns) {
        List<String> parts = cell.apply(c);
        String part = i < parts.size() ? parts.get(i) : "";
        String padding = " ".repeat(Math.max(0, widths[c] - Screen.columns(part)));
        line.append(c == columns.get(0) ? "" : GAP)
            .append(numeric[c] ? padding + part : part + padding);
      }
      text.append(style.apply(line.toString().stripTrailing())).append('\n');
    }
  }

  /** One grid after the other, each with the labels and as many columns as there is room for. */
  private String blocks(int[] widths) {
    List<Integer> keys = inGrid().stream().filter(table::label).toList();
    if (keys.isEmpty()) {
      keys = inGrid().subList(0, 1);
    }
    List<List<Integer>> blocks = new ArrayList<>();
    for (int c : inGrid()) {
      if (keys.contains(c)) {
        continue;
      }
      List<Integer> last = blocks.isEmpty() ? keys : blocks.get(blocks.size() - 1);
      List<Integer> longer = with(last, c);
      if (!blocks.isEmpty() && total(widths, longer) <= screen.width()) {
        blocks.set(blocks.size() - 1, longer);
      } else {
        blocks.add(with(keys, c));
      }
    }
    boolean narrow = blocks.stream().allMatch(each -> total(widths, each) <= screen.width());
    return narrow && blocks.size() < rows.size()
        ? blocks.stream().map(each -> grid(widths, each)).collect(Collectors.joining("\n"))
        : lists();
  }

  private static List<Integer> with(List<Integer> columns, int one) {
    List<Integer> all = new ArrayList<>(columns);
    all.add(one);
    return all;
  }

  // ---- lists

  /** Every row by itself, a line for each of its cells that says something. */
  private String lists() {
    int names = shown.stream().mapToInt(c -> Screen.columns(titles[c])).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append(i == 0 ? "" : "\n");
      for (int c : shown) {
        String value = rows.get(i)[c];
        if (value.isEmpty() || value.equals(NONE)) {
          continue;
        }
        String name = titles[c];
        int room = Math.max(NARROWEST_CELL, screen.width() - names - GAP.length());
        for (String line : Screen.cell(value, room)) {
          String mark = table.best(i) && c == shown.get(0) && name.equals(titles[c]) ? " *" : "";
          text.append(name)
              .append(" ".repeat(Math.max(0, names - Screen.columns(name))))
              .append(GAP)
              .append(line)
              .append(mark)
              .append('\n');
          name = "";
        }
      }
    }
    return text.toString();
  }
}
