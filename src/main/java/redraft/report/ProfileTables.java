package redraft.report;

import java.util.Arrays;
import redraft.latency.MeasuredProfile;
import redraft.latency.PassTimes;

/** A measured profile for people: passes in milliseconds, what surrounds them in microseconds. */
public final class ProfileTables {
  private ProfileTables() {}

  /** Tables under headings; of the passes alone where nothing else was measured. */
  public static String text(MeasuredProfile profile) {
    StringBuilder text =
        new StringBuilder(
            "Milliseconds of a pass, median (quartiles), by rows and tokens of context:\n\n");
    text.append(table(profile.target())).append('\n').append(table(profile.draft()));
    if (profile.sampled().equals(MeasuredProfile.Surroundings.NONE)) {
      return text.toString();
    }
    text.append("\nThe draft's first pass of a block, after a target pass:\n\n");
    text.append(table(profile.draftAfterTarget())).append('\n');
    text.append(
        new TextTable(
                "besides, µs",
                "target row",
                "token",
                "draft row and token",
                "verification",
                "rollback")
            .add(cells("temperature 0", profile.greedy()))
            .add(cells("temperature 1", profile.sampled())));
    return text.toString();
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
