package redraft.latency;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.json.Utf8;

/**
 * A file of comma-separated columns without quotes, as profilers write measurements.
 *
 * @param titles of the columns
 * @param rows [row][column]; the first is in line 2
 */
record CsvTable(Path file, List<String> titles, List<String[]> rows) {
  /**
   * @param titles that the file has to have, in any order among others
   * @throws IllegalArgumentException if a column or a cell is missing
   */
  static CsvTable read(Path file, String... titles) throws IOException {
    String text;
    try (InputStream in = Files.newInputStream(file)) {
      text = Utf8.text(file.toString(), in);
    }
    List<String> lines = text.lines().toList();
    List<String> found = lines.isEmpty() ? List.of() : List.of(cells(lines.get(0)));
    for (String title : titles) {
      if (!found.contains(title)) {
        throw new IllegalArgumentException(
            file + ": no column \"" + title + "\"; its first line names " + found);
      }
    }
    List<String[]> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = cells(lines.get(i));
      if (cells.length != found.size()) {
        throw new IllegalArgumentException(
            file + ":" + (i + 1) + ": " + cells.length + " cells of " + found.size());
      }
      rows.add(cells);
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + ": no measurements");
    }
    return new CsvTable(file, found, rows);
  }

  private static String[] cells(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toArray(String[]::new);
  }

  String text(int row, String title) {
    return rows.get(row)[titles.indexOf(title)];
  }

  /** A column of whole numbers of at least 0. */
  double[] whole(String title) {
    double[] column = new double[rows.size()];
    for (int row = 0; row < column.length; row++) {
      String text = text(row, title);
      if (!text.matches("[0-9]{1,9}")) {
        throw wrong(row, title, "a whole number of at least 0");
      }
      column[row] = Integer.parseInt(text);
    }
    return column;
  }

  /** A column of times, microseconds. */
  double[] times(String title) {
    double[] column = new double[rows.size()];
    for (int row = 0; row < column.length; row++) {
      try {
        column[row] = Double.parseDouble(text(row, title));
      } catch (NumberFormatException e) {
        throw wrong(row, title, "a number");
      }
      if (!(column[row] > 0 && column[row] <= LayerTimes.MOST_US)) {
        throw wrong(row, title, "a time above 0");
      }
    }
    return column;
  }

  IllegalArgumentException wrong(int row, String title, String rule) {
    return new IllegalArgumentException(
        file + ":" + (row + 2) + ": \"" + title + "\" is '" + text(row, title) + "', not " + rule);
  }
}
