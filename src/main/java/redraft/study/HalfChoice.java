package redraft.study;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import redraft.metrics.ReplayRow;
import redraft.policy.Policies;
import redraft.replay.Setting;

/**
 * Settings that were chosen on one half of a trace's prompts ({@link TreeGrowth.Half}), to be
 * judged on the other: of each deployment and kind of policy the fastest, and of each draft and
 * rule where these are shown side by side.
 */
public final class HalfChoice {
  private final Map<List<Object>, ReplayRow> fastest = new HashMap<>();
  private final boolean eachWay;

  /**
   * @param rows of the first half
   * @param eachWay whether a choice is made for each draft and rule, not among them
   */
  public HalfChoice(List<ReplayRow> rows, boolean eachWay) {
    this.eachWay = eachWay;
    String everything = rows.isEmpty() ? null : rows.get(0).domain();
    rows.stream()
        .filter(row -> row.domain().equals(everything))
        .forEach(row -> fastest.merge(kind(row.setting()), row, ReplayRow::faster));
  }

  /** What a choice is made within. */
  private List<Object> kind(Setting setting) {
    List<Object> kind = new ArrayList<>();
    if (eachWay) {
      kind.add(setting.draft().name());
      kind.add(setting.rule().name());
    }
    kind.add(setting.deployment());
    kind.add(Policies.family(setting.policy().name()));
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
                  && chosen.draft().equals(row.draft())
                  && chosen.rule().equals(row.rule())
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
