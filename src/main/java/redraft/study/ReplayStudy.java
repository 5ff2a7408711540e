package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.trace.Grade;

/**
 * What a grid gives on a trace.
 *
 * @param rows of everything, then of the domains where these are wanted
 * @param acceptance the histograms of accepted counts, where these are wanted
 * @param beside the fastest row of each draft and deployment under rules that were replayed
 *     besides, where these make a difference
 * @param estimate what kind of estimate the numbers are; null where they are exact
 * @param notes what a reader should know besides, a line each
 */
public record ReplayStudy(
    TraceReplay.Source read,
    List<ReplayRow> rows,
    List<AcceptanceRow> acceptance,
    List<ReplayRow> beside,
    String estimate,
    List<String> notes) {
  private static final double ALIKE = 0.005; // tokens a step that make no difference

  /**
   * How to replay.
   *
   * @param timelines to sample of each sequence; 0 for exact expectations
   * @param seed of the timelines
   * @param histogram whether accepted counts are wanted
   * @param temperature to estimate for; null for the recorded one, of which replay is exact
   * @param byDomain whether rows of single domains are wanted
   */
  public record Basis(
      int timelines, long seed, boolean histogram, Double temperature, boolean byDomain) {
    /** Timelines that may be sampled, at most. */
    public static final int MOST_TIMELINES = 100_000;

    /** Exact expectations. */
    public static Basis exact(boolean byDomain) {
      return new Basis(0, 0, false, null, byDomain);
    }
  }

  /**
   * @param progress told from time to time how many sequences have been read
   */
  public static ReplayStudy of(SequenceSource source, Grid grid, Basis basis, LongConsumer progress)
      throws IOException {
    Grid.Plan plan = grid.on(source);
    boolean exact = basis.timelines == 0 && basis.temperature == null;
    ReplayOptions options =
        new ReplayOptions(
            exact ? plan.everyRule() : plan.rules(),
            plan.policies(),
            grid.deployments(),
            basis.timelines,
            basis.seed,
            basis.histogram,
            basis.temperature);
    ReplayTable table = new ReplayTable(basis.timelines);
    TraceReplay.Source read = new TraceReplay(options, plan.drafts()).run(source, table, progress);
    List<ReplayRow> every = table.rows(read, basis.byDomain);
    List<ReplayRow> rows = every.stream().filter(row -> plan.asks(row.setting())).toList();
    List<String> notes = new ArrayList<>(plan.notes());
    notes.addAll(notes(read, rows));
    notes.addAll(caveats(grid));
    String estimate =
        !options.estimates(read.header()) && read.header().grade() != Grade.GIVEN_TEXT
            ? null
            : (read.header().grade() == Grade.GIVEN_TEXT
                    ? "Expectations at the contexts of a given text"
                    : "Estimates at temperature "
                        + basis.temperature
                        + " on contexts recorded at temperature "
                        + read.header().sampling().temperature())
                + "; bounds: tokens/step, whatever the logits that the trace leaves out are.";
    return new ReplayStudy(
        read,
        rows,
        basis.histogram
            ? table.acceptance(read, basis.byDomain).stream()
                .filter(row -> plan.asks(row.key().setting()))
                .toList()
            : List.of(),
        beside(
            rows,
            every.stream()
                .filter(row -> !plan.asks(row.setting()) && row.domain().equals(read.domain()))
                .toList()),
        estimate,
        notes);
  }

  /** The fastest of each draft, rule and deployment, where a rule makes a difference. */
  static List<ReplayRow> beside(List<ReplayRow> asked, List<ReplayRow> others) {
    Map<List<Object>, ReplayRow> fastest = new LinkedHashMap<>();
    for (ReplayRow row : others) {
      boolean alike =
          asked.stream()
              .anyMatch(
                  one ->
                      one.setting().draft() == row.setting().draft()
                          && one.setting().policy().equals(row.setting().policy())
                          && one.domain().equals(row.domain())
                          && Math.abs(one.tokensPerStep() - row.tokensPerStep()) < ALIKE);
      if (!alike) {
        fastest.merge(
            List.of(row.setting().draft(), row.setting().rule(), row.setting().deployment()),
            row,
            ReplayRow::faster);
      }
    }
    return List.copyOf(fastest.values());
  }

  /** What the latency models of a grid do not know. */
  static List<String> caveats(Grid grid) {
    boolean rowsAreFree =
        grid.tree() != null
            && grid.deployments().stream()
                .anyMatch(deployment -> deployment.latency().onlyRatio() != null);
    return Stream.concat(
            grid.deployments().stream().flatMap(deployment -> deployment.caveats().stream()),
            rowsAreFree
                ? Stream.of(
                    "a cost ratio charges a pass over a whole tree no more than one over one token, which flatters"
                        + " trees; price them on hardware or by --latency")
                : Stream.of())
        .distinct()
        .toList();
  }

  /** What a reader should know of what was read, and of what cannot run. */
  static List<String> notes(TraceReplay.Source read, List<ReplayRow> rows) {
    List<String> notes = new ArrayList<>();
    Grade grade = read.header().grade();
    if (grade != Grade.EXACT) {
      notes.add(
          read.name()
              + " is of grade '"
              + grade.word()
              + "' ("
              + read.header().source()
              + "): "
              + grade.answers()
              + "; not known: "
              + grade.refused());
    }
    if (!read.complete()) {
      notes.add(
          read.name()
              + " was cut while it was recorded; replaying its "
              + read.sequences()
              + " complete sequences");
    }
    List<ReplayRow> open =
        rows.stream()
            .filter(row -> row.bounds() != null && row.setting().policy().stopping() != null)
            .toList();
    if (!open.isEmpty()) {
      int longest = open.stream().mapToInt(ReplayRow::draftLength).max().orElseThrow();
      notes.add(
          "of policies that stop on the draft's signal, steps on "
              + read.name()
              + " are exact, and how many tokens rejected blocks had drafted is not recorded, so that speedups are the middle of"
              + " their bounds; record with --rollouts "
              + open.stream()
                  .map(row -> (row.rule().equals("greedy-draft") ? "greedy:" : "") + longest)
                  .distinct()
                  .collect(Collectors.joining(",")));
    }
    rows.stream().map(ReplayRow::shortfall).filter(Objects::nonNull).distinct().forEach(notes::add);
    return notes;
  }
}
