package redraft.report;

import java.util.Arrays;
import redraft.latency.LayerLatency;
import redraft.latency.MeasuredProfile;
import redraft.latency.PassTimes;

/** A measured profile for people: passes in milliseconds, what surrounds them in microseconds. */
public final class ProfileTables {
  private static final int[] ROWS = {1, 2, 3, 5, 9, 16, 17, 32, 64, 128, 256};
  private static final int CONTEXT = 1024;

  private ProfileTables() {}

  /** Tables under headings; of the passes alone where nothing else was measured. */
  public static String text(MeasuredProfile profile, Screen screen) {
    StringBuilder text =
        new StringBuilder(
            "Milliseconds of a pass, median (quartiles), by rows and tokens of context:\n\n");
    text.append(table(profile.target()).on(screen))
        .append('\n')
        .append(table(profile.draft()).on(screen));
    if (profile.sampled().equals(MeasuredProfile.Surroundings.NONE)) {
      return text.toString();
    }
    text.append("\nThe draft's first pass of a block, after a target pass:\n\n");
    text.append(table(profile.draftAfterTarget()).on(screen)).append('\n');
    text.append(
        new TextTable(
                "besides, µs",
                "target row",
                "token",
                "draft row and token",
                "verification",
                "rollback")
            .add(cells("temperature 0", profile.greedy()))
            .add(cells("temperature 1", profile.sampled()))
            .on(screen));
    return text.toString();
  }

  /** Passes made of measured layers, by rows. */
  public static String text(LayerLatency profile, Screen screen) {
    TextTable table =
        new TextTable(
            "rows",
            "without attention, ms",
            "× one row",
            "with it, a row each of sequences at " + CONTEXT);
    double one = profile.withoutAttention(1);
    for (int rows : ROWS) {
      double ms = profile.withoutAttention(rows);
      table.add(
          Integer.toString(rows),
          TextTable.number(ms, 2),
          TextTable.number(ms / one, 3),
          TextTable.number(profile.targetPass(rows, 1, CONTEXT), 2));
    }
    return "Milliseconds of a pass of "
        + profile.targetModel()
        + ", "
        + profile.layers()
        + " layers:\n\n"
        + table.on(screen)
        + "\n";
  }

  private static String[] cells(String title, MeasuredProfile.Surroundings s) {
    return new String[] {
      title,
      TextTable.number(1e3 * s.targetRowMs(), 1),
      TextTable.number(1e3 * s.tokenMs(), 1),
      TextTable.number(1e3 * s.draftRowMs(), 1),
      TextTable.number(1e3 * s.verifyMs(), 1),
      TextTable.number(1e3 * s.rollbackMs(), 1)
    };
  }

  /** A column for each context at which any pass was measured: not all passes were at all. */
  private static TextTable table(PassTimes times) {
    int[] contexts =
        times.curves().stream()
            .flatMapToInt(curve -> Arrays.stream(curve.contexts()))
            .distinct()
            .sorted()
            .toArray();
    String[] titles = new String[contexts.length + 1];
    titles[0] = times.model();
    for (int i = 0; i < contexts.length; i++) {
      titles[i + 1] = Integer.toString(contexts[i]);
    }
    TextTable table = new TextTable(titles);
    for (PassTimes.Curve curve : times.curves()) {
      String[] cells = new String[titles.length];
      Arrays.fill(cells, "–");
      cells[0] = curve.rows() + (curve.rows() == 1 ? " row" : " rows");
      for (int i = 0; i < curve.contexts().length; i++) {
        cells[1 + Arrays.binarySearch(contexts, curve.contexts()[i])] =
            TextTable.number(curve.ms()[i], 3)
                + " ("
                + TextTable.number(curve.lowMs()[i], 3)
                + "–"
                + TextTable.number(curve.highMs()[i], 3)
                + ")";
      }
      table.add(cells);
    }
    return table;
  }
}
