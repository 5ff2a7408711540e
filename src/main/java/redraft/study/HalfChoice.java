package redraft.study;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import redraft.metrics.ReplayRow;
import redraft.replay.Setting;

/**
 * Settings that were chosen on one half of a trace's prompts ({@link TreeGrowth.Half}), to be
 * judged on the other: of each draft, rule, deployment and kind of policy the fastest.
 */
public final class HalfChoice {
  private final Map<List<Object>, ReplayRow> fastest = new HashMap<>();

  /**
   * @param rows of the first half
   */
  public HalfChoice(List<ReplayRow> rows) {
    String everything = rows.isEmpty() ? null : rows.get(0).domain();
    rows.stream()
        .filter(row -> row.domain().equals(everything))
        .forEach(row -> fastest.merge(kind(row.setting()), row, ReplayRow::faster));
  }

  /** What a choice is made within. */
  private static List<Object> kind(Setting setting) {
    List<Object> kind = new ArrayList<>();
    kind.add(setting.draft().name());
    kind.add(setting.rule().name());
    kind.add(setting.deployment());
    kind.add(setting.policy().name().replaceFirst(":.*", ""));
    return kind;
  }

  /**
   * The rows of the chosen settings.
   *
   * @param rows of the other half
   */
  public List<ReplayRow> of(List<ReplayRow> rows) {
    return rows.stream()
        .filter(
            row -> {
              ReplayRow chosen = fastest.get(kind(row.setting()));
              return chosen.policy().equals(row.policy())
                  && Objects.equals(chosen.draftLength(), row.draftLength());
            })
        .toList();
  }

  /** What a reader should know of it. */
  public static String note(String trace) {
    return "policies' settings were chosen on every other prompt of each domain of "
        + trace
        + ", and are judged on the others";
  }
}
