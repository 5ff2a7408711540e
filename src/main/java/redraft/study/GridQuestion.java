package redraft.study;

import java.io.IOException;
import java.util.List;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;

/**
 * What the settings of a grid give, and which is the fastest, asked in a reading that other
 * questions share.
 */
final class GridQuestion {
  private final Grid grid;
  private final ReplayTable table = new ReplayTable(0);
  private final Question question;

  /**
   * @param grid of which the first draft counts where none is named
   * @param source that is about to be read
   */
  GridQuestion(Grid grid, SequenceSource source) throws IOException {
    this(grid, grid.on(source), grid.drafts().isEmpty());
  }

  /**
   * @param plan of the grid
   * @param firstDraft whether the first draft alone counts
   */
  GridQuestion(Grid grid, Grid.Plan plan, boolean firstDraft) {
    this.grid = grid;
    question =
        new Question(
            new TraceReplay(
                new ReplayOptions(plan.rules(), plan.policies(), grid.deployments()),
                firstDraft ? plan.drafts().subList(0, 1) : plan.drafts()),
            table);
  }

  Question question() {
    return question;
  }

  /** Over everything that was read. */
  ReplayRow fastest(TraceReplay.Source read) {
    return ReplayRow.fastest(rows(read, false));
  }

  /**
   * Of every setting.
   *
   * @param byDomain whether those of each domain follow
   */
  List<ReplayRow> rows(TraceReplay.Source read, boolean byDomain) {
    return table.rows(read, byDomain);
  }

  /** The grid with one setting of it. */
  Grid only(ReplayRow row) {
    return new Grid(
        List.of(row.draft()),
        grid.ngrams(),
        grid.tree(),
        new Grid.Rules(List.of(row.setting().rule()), true),
        List.of(row.setting().policy()),
        true,
        grid.deployments());
  }
}
