package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import redraft.metrics.PromptTable;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;
import redraft.trace.TraceHeader;

/**
 * One of two traces that are set beside each other: what every setting of a grid gives, with the
 * sums of every prompt.
 *
 * @param rows over everything, and then of each domain
 * @param notes what a reader should know, a line each
 */
public record Recording(
    TraceReplay.Source read, List<ReplayRow> rows, PromptTable prompts, List<String> notes) {

  /**
   * Of a trace's first draft, or of the one that the grid names.
   *
   * @throws IllegalArgumentException if the source is none of prompts
   */
  public static Recording of(SequenceSource source, Grid grid, LongConsumer progress)
      throws IOException {
    if (!source.sampled()) {
      throw new IllegalArgumentException(
          source.name()
              + " is an acceptance that is taken as given, and two of those differ without any noise; name recorded traces, or"
              + " compare by redraft replay");
    }
    Grid.Plan plan = grid.on(source);
    ReplayTable table = new ReplayTable(0);
    PromptTable prompts = new PromptTable();
    TraceReplay replay =
        new TraceReplay(
            new ReplayOptions(plan.rules(), plan.policies(), grid.deployments()),
            plan.drafts().subList(0, 1));
    Question question =
        new Question(
            replay,
            outcome -> {
              table.accept(outcome);
              prompts.accept(outcome);
            });
    TraceReplay.Source read = TraceReplay.run(source, List.of(question), sequence -> {}, progress);
    List<ReplayRow> rows = table.rows(read, true);
    if (rows.isEmpty() || rows.get(0).counts().steps() == 0) {
      throw new IllegalArgumentException(
          source.name() + " has no token that decoding committed, so nothing can be compared");
    }
    List<String> notes = new ArrayList<>(plan.notes());
    notes.addAll(ReplayStudy.notes(read, rows));
    notes.addAll(ReplayStudy.caveats(grid));
    return new Recording(read, rows, prompts, notes);
  }

  public String name() {
    return read.name();
  }

  /** Over everything that was read. */
  public List<ReplayRow> all() {
    return of(read.domain());
  }

  /** Of one domain; empty where the trace has none of it. */
  public List<ReplayRow> of(String domain) {
    return rows.stream().filter(row -> row.domain().equals(domain)).toList();
  }

  /** The setting of the highest speedup over everything. */
  public ReplayRow best() {
    return ReplayRow.fastest(all());
  }

  /** {baseline time, time, tokens, steps} of each prompt behind a row, by its id. */
  Map<String, double[]> sums(ReplayRow row) {
    return prompts.of(row.setting(), row.domain());
  }

  /** Whether two rows are of one rule and draft length, whatever is drafted and what it costs. */
  static boolean alike(ReplayRow one, ReplayRow other) {
    return one.rule().equals(other.rule())
        && one.setting().policy().equals(other.setting().policy());
  }

  /** How the other was recorded where that differs, which the difference then is of too. */
  static List<String> otherwise(Recording before, Recording after) {
    TraceHeader own = before.read.header();
    TraceHeader other = after.read.header();
    List<String> notes = new ArrayList<>();
    if (!own.target().name().equals(other.target().name())) {
      notes.add(differs(before, "target " + own.target().name(), after, other.target().name()));
    }
    String draft = before.rows.get(0).draft();
    String beside = after.rows.get(0).draft();
    if (!draft.equals(beside)) {
      notes.add(
          "draft "
              + draft
              + " of "
              + before.name()
              + " is set beside draft "
              + beside
              + " of "
              + after.name());
    }
    if (!sampling(own).equals(sampling(other))) {
      notes.add(differs(before, sampling(own), after, sampling(other)));
    }
    return notes;
  }

  private static String differs(Recording before, String own, Recording after, String other) {
    return before.name() + " was recorded with " + own + ", " + after.name() + " with " + other;
  }

  private static String sampling(TraceHeader header) {
    TraceHeader.Sampling sampling = header.sampling();
    return "temperature "
        + sampling.temperature()
        + ", top-k "
        + sampling.topK()
        + ", top-p "
        + sampling.topP();
  }
}
