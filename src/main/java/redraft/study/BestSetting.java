package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.BreakEven;
import redraft.metrics.Metrics;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.Setting;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;

/**
 * The setting of the highest expected speedup under one deployment, and where speculation stops
 * paying there.
 *
 * @param rows the best of all settings of the grid, over everything and then in each domain
 * @param payoff whether it pays
 * @param batches where it stops paying
 * @param breakEven acceptance below which it does not pay
 * @param beside the best of each other grid that was replayed besides, and under each such rule,
 *     over everything
 * @param acceptance how often steps accept so many tokens under each setting, over everything;
 *     empty unless {@link #inFull} was asked
 * @param acceptanceOf the pair whose acceptance it is; null where it was typed in or assumed
 * @param notes what a reader should know, a line each
 */
public record BestSetting(
    List<ReplayRow> rows,
    Payoff payoff,
    Batches batches,
    Acceptance breakEven,
    List<ReplayRow> beside,
    List<AcceptanceRow> acceptance,
    String acceptanceOf,
    List<String> notes) {
  /** Of all settings of the grid, over everything. */
  public ReplayRow best() {
    return rows.get(0);
  }

  /**
   * The acceptance that speculation needs, if acceptances are independent.
   *
   * @param chosen at which the draft length of the best setting breaks even; null where even
   *     certain acceptance does not pay, the policy has no one length, or a tree is drafted
   * @param any below which no draft length of the grid pays; null as above
   */
  public record Acceptance(Double chosen, Double any) {}

  /**
   * @param onlyOne why nothing is said of other batches than 1; null where something is
   * @param most that were looked at
   * @param stopsPayingAt the smallest batch at which no setting of the grid is faster than plain
   *     decoding; null where all that were looked at pay
   * @param largestThatFits whose longest texts fit into memory, 0 for none; null where the memory
   *     is not known
   * @param lengths the best draft lengths at batches 1, 2, 4, …, up to the largest that was looked
   *     at and fits; empty unless {@link #inFull} was asked
   */
  public record Batches(
      String onlyOne,
      int most,
      Integer stopsPayingAt,
      Integer largestThatFits,
      List<LengthAtBatch> lengths) {}

  /**
   * What to draft at a batch, of the best setting's draft and rule.
   *
   * @param draftLength 0 where none is faster than plain decoding
   */
  public record LengthAtBatch(int batch, int draftLength) {
    /** Batches 1, 2, 4, … in ranges; the last ends where the next power of two begins. */
    public static List<BatchRange> ranges(List<LengthAtBatch> lengths) {
      List<BatchRange> ranges = new ArrayList<>();
      for (LengthAtBatch each : lengths) {
        int last = 2 * each.batch() - 1;
        int end = ranges.size() - 1;
        if (end >= 0 && ranges.get(end).draftLength == each.draftLength()) {
          ranges.set(end, new BatchRange(ranges.get(end).first, last, each.draftLength()));
        } else {
          ranges.add(new BatchRange(each.batch(), last, each.draftLength()));
        }
      }
      return ranges;
    }
  }

  /** Batches that draft alike, both ends included. */
  public record BatchRange(int first, int last, int draftLength) {}

  /**
   * @param grid of one deployment
   * @param mostBatch that is looked at
   * @param progress told from time to time how many sequences have been read
   */
  public static BestSetting of(
      SequenceSource source, Grid grid, int mostBatch, LongConsumer progress) throws IOException {
    return of(source, grid, List.of(), mostBatch, progress);
  }

  /**
   * The same beside other grids of that deployment.
   *
   * @param others of which the fastest settings come first in {@link #beside}
   */
  public static BestSetting of(
      SequenceSource source, Grid grid, List<Grid> others, int mostBatch, LongConsumer progress)
      throws IOException {
    return of(source, grid, others, mostBatch, false, progress);
  }

  /** As {@link #of}, with what each batch would draft and how often tokens are accepted. */
  public static BestSetting inFull(
      SequenceSource source, Grid grid, int mostBatch, LongConsumer progress) throws IOException {
    return of(source, grid, List.of(), mostBatch, true, progress);
  }

  private static BestSetting of(
      SequenceSource source,
      Grid grid,
      List<Grid> others,
      int mostBatch,
      boolean full,
      LongConsumer progress)
      throws IOException {
    if (mostBatch < 1 || mostBatch > Deployment.LARGEST_BATCH) {
      throw new IllegalArgumentException(
          "the largest batch to look at, "
              + mostBatch
              + ", must be from 1 to "
              + Deployment.LARGEST_BATCH);
    }
    Grid.Plan plan = grid.on(source);
    StepReading reading = new StepReading(plan::asks);
    List<Question> questions = new ArrayList<>();
    questions.add(
        new Question(
            new TraceReplay(
                new ReplayOptions(
                    plan.everyRule(), plan.policies(), grid.deployments(), 0, 0, full, null),
                grid.drafts().isEmpty() ? plan.drafts().subList(0, 1) : plan.drafts()),
            reading));
    List<GridQuestion> ofOthers = new ArrayList<>();
    for (Grid other : others) {
      ofOthers.add(new GridQuestion(other, source));
    }
    ofOthers.forEach(each -> questions.add(each.question()));
    TraceReplay.Source read = source.answer(questions, progress);
    Map<String, ReplayRow> bests = new LinkedHashMap<>(); // by domain, everything first
    List<ReplayRow> asked = new ArrayList<>();
    List<ReplayRow> besides = new ArrayList<>();
    for (ReplayRow row : reading.table.rows(read, true)) {
      if (plan.asks(row.setting())) {
        bests.merge(row.domain(), row, ReplayRow::faster);
        asked.add(row);
      } else if (row.domain().equals(read.domain())) {
        besides.add(row);
      }
    }
    ReplayRow best = bests.get(read.domain());
    if (reading.steps().isEmpty()) {
      throw new IllegalArgumentException(
          source.name() + " has no token that decoding committed, so nothing can be compared");
    }
    Deployment deployment = best.deployment();
    LatencyModel latency =
        deployment.latency().atTemperature(read.header().sampling().temperature());
    List<Integer> lengths = grid.draftLengths();
    List<String> notes = new ArrayList<>(plan.notes());
    notes.addAll(ReplayStudy.notes(read, List.of(best)));
    notes.addAll(ReplayStudy.caveats(grid));
    if (grid.tree() == null) {
      notes.addAll(ends(best.draftLength(), lengths));
    }
    return new BestSetting(
        List.copyOf(bests.values()),
        Payoff.of(best.speedup(), best.intervals().speedup(), latency.costError()),
        batches(latency, best, reading, Math.min(mostBatch, latency.batchReach()), full),
        // Levels of a tree are no independent acceptances; other steps are not all of one shape.
        grid.tree() != null || best.setting().draft().ahead() || deployment.recurrent()
            ? new Acceptance(null, null)
            : new Acceptance(
                best.draftLength() == null
                    ? null
                    : breakEven(latency, best, reading, List.of(best.draftLength())),
                breakEven(latency, best, reading, lengths)),
        Stream.concat(
                ofOthers.stream().map(each -> each.fastest(read)),
                ReplayStudy.beside(asked, besides).stream())
            .toList(),
        full ? reading.table.acceptance(read, false) : List.of(),
        read.sampledTexts() ? PricedPairs.recorded(read.header(), best.setting().draft()) : null,
        notes);
  }

  /** Null where even certain acceptance does not pay. */
  private static Double breakEven(
      LatencyModel latency, ReplayRow best, StepReading reading, List<Integer> lengths) {
    return Metrics.known(
        BreakEven.acceptance(
            latency,
            best.setting().draft()::step,
            best.batch(),
            reading.steps().get(best.setting()).meanContext(),
            lengths));
  }

  /** Says where the optimum lies at an end of what was tried. */
  private static List<String> ends(Integer best, List<Integer> lengths) {
    if (best == null || lengths.size() < 2) {
      return List.of();
    }
    int longest = Collections.max(lengths);
    int shortest = Collections.min(lengths);
    return best == longest
        ? List.of(
            "draft length "
                + best
                + " is the longest tried; a longer one may be better (--draft-length)")
        : best == shortest && shortest > 1
            ? List.of(
                "draft length "
                    + best
                    + " is the shortest tried; a shorter one may be better (--draft-length)")
            : List.of();
  }

  private static Batches batches(
      LatencyModel latency, ReplayRow best, StepReading reading, int most, boolean full) {
    if (latency.onlyBatchOne() != null) {
      return new Batches(latency.onlyBatchOne(), 1, null, null, List.of());
    }
    Integer stops =
        BreakEven.batch(
            most,
            batch ->
                reading.steps().values().stream()
                    .mapToDouble(steps -> speedup(steps, latency, batch))
                    .max()
                    .orElse(0));
    Integer fits =
        latency.knowsMemory()
            ? largestThatFits(
                latency,
                reading.steps().get(best.setting()).longestText(),
                best.setting().draft().hasModel(),
                most)
            : null;
    int last = fits == null ? most : Math.min(most, fits);
    return new Batches(
        null, most, stops, fits, full ? lengths(latency, best, reading, last) : List.of());
  }

  private static double speedup(StepReading.Steps steps, LatencyModel latency, int batch) {
    return steps.baseline.cost(latency, batch) / steps.usage.cost(latency, batch);
  }

  private static List<LengthAtBatch> lengths(
      LatencyModel latency, ReplayRow best, StepReading reading, int last) {
    List<LengthAtBatch> lengths = new ArrayList<>();
    for (int batch = 1; batch <= last; batch *= 2) {
      int chosen = 0;
      double fastest = 1;
      for (Map.Entry<Setting, StepReading.Steps> entry : reading.steps().entrySet()) {
        Setting setting = entry.getKey();
        if (setting.draft() == best.setting().draft()
            && setting.rule() == best.setting().rule()
            && setting.policy().fixed()) {
          double speedup = speedup(entry.getValue(), latency, batch);
          if (speedup > fastest) {
            fastest = speedup;
            chosen = setting.draftLength();
          }
        }
      }
      lengths.add(new LengthAtBatch(batch, chosen));
    }
    return lengths;
  }

  /** 0 for none. */
  private static int largestThatFits(
      LatencyModel latency, int longestText, boolean draftModel, int most) {
    int fits = 0;
    int tooLarge = most + 1;
    while (tooLarge - fits > 1) {
      int middle = fits + (tooLarge - fits) / 2;
      if (latency.shortfall(middle, longestText, draftModel) == null) {
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return fits;
  }
}
