package redraft.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.metrics.ReplayRow;
import redraft.replay.Setting;

/** What a sweep over deployments comes to. */
public final class Sweep {
  private Sweep() {}

  /** The settings that are one line: what is chosen among them is rule, policy and draft length. */
  private record Line(String trace, Object draft, Object deployment) {
    static Line of(ReplayRow row) {
      Setting setting = row.setting();
      return new Line(row.trace(), setting.draft(), setting.deployment());
    }
  }

  /** The row of the highest speedup of each draft under each deployment, over all domains. */
  public static List<ReplayRow> best(List<ReplayRow> rows) {
    Map<Line, ReplayRow> best = new LinkedHashMap<>();
    for (ReplayRow row : rows) {
      if (row.domain().equals(rows.get(0).domain())) {
        best.merge(Line.of(row), row, ReplayRow::faster);
      }
    }
    return new ArrayList<>(best.values());
  }
}
