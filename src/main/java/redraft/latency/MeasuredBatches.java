package redraft.latency;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import redraft.json.CheckedObject;
import redraft.steps.StepShape;

/**
 * Times of whole passes over batches of equal sequences, measured by sequences, rows of each and
 * tokens in the cache of each: linear between them, refused beyond them.
 */
public final class MeasuredBatches implements LatencyModel {
  /** The word for this model in a file. */
  static final String MODEL = "batches";

  private static final double US = 1e-3; // milliseconds

  private final String name;
  private final Table target;
  private final Table withDrafter; // null where no drafter was measured

  /**
   * @param target times of its passes, microseconds, by sequences, rows and context
   * @param withDrafter the same of the target's pass and the drafter's passes after it; null where
   *     none was measured
   * @throws IllegalArgumentException if a point was measured twice, or plain decoding of one
   *     sequence not at all
   */
  MeasuredBatches(String name, TimeGrid.Points target, TimeGrid.Points withDrafter) {
    this.name = name;
    this.target = new Table(target);
    this.withDrafter = withDrafter == null ? null : new Table(withDrafter);
    if (this.target.longest.firstKey() > 1) {
      throw new IllegalArgumentException("no batch of 1 sequence was measured");
    }
    this.target.longest.forEach(
        (batch, rows) -> {
          if (rows.firstKey() > 1) {
            throw new IllegalArgumentException(
                "no plain decoding (1 row) of " + batch.intValue() + " sequences was measured");
          }
        });
  }

  /** What was measured, and how far it reaches whichever sequences and rows are asked for. */
  private static final class Table {
    final TimeGrid.Points points;
    final TimeGrid grid;
    final TreeMap<Double, TreeMap<Double, Double>> longest = new TreeMap<>(); // by sequences, rows
    final int mostRows;
    final int mostContext;

    Table(TimeGrid.Points points) {
      this.points = points;
      grid = TimeGrid.of(points);
      double[][] at = points.at();
      for (int i = 0; i < points.times().length; i++) {
        longest
            .computeIfAbsent(at[0][i], batch -> new TreeMap<>())
            .merge(at[1][i], at[2][i], Math::max);
      }
      mostRows = least(longest.values().stream().map(TreeMap::lastKey));
      mostContext = least(longest.values().stream().flatMap(each -> each.values().stream()));
    }

    private static int least(Stream<Double> values) {
      return values.min(Double::compare).orElseThrow().intValue();
    }

    int mostSequences() {
      return longest.lastKey().intValue();
    }
  }

  static MeasuredBatches read(CheckedObject fields) {
    String name = fields.text("name");
    TimeGrid.Points target = points(fields.child("target"));
    TimeGrid.Points withDrafter =
        fields.has("withDrafter") ? points(fields.child("withDrafter")) : null;
    fields.finish(); // what follows takes every field to be there
    try {
      return new MeasuredBatches(name, target, withDrafter);
    } catch (IllegalArgumentException e) {
      throw fields.error(e.getMessage());
    }
  }

  private static TimeGrid.Points points(CheckedObject fields) {
    return LayerTimes.Columns.points(fields, "us", 0, "sequences", "rows", "context");
  }

  /** Times of the target's passes. */
  TimeGrid.Points target() {
    return target.points;
  }

  /** Times of the target's pass and the drafter's; null where none was measured. */
  TimeGrid.Points withDrafter() {
    return withDrafter == null ? null : withDrafter.points;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Unit unit() {
    return Unit.MILLISECONDS;
  }

  @Override
  public int batchReach() {
    int most = target.mostSequences();
    return withDrafter == null ? most : Math.min(most, withDrafter.mostSequences());
  }

  @Override
  public int draftReach() {
    int most = target.mostRows;
    return (withDrafter == null ? most : Math.min(most, withDrafter.mostRows)) - 1;
  }

  @Override
  public int contextReach() {
    int most = target.mostContext;
    return withDrafter == null ? most : Math.min(most, withDrafter.mostContext);
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return at(target, batch, rows, contextTokens);
  }

  /** Of one drafted token; a step of several is measured whole. */
  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return drafter(batch, 2, contextTokens);
  }

  /** What the drafter adds to a pass that verifies. */
  private double drafter(int batch, int rows, int contextTokens) {
    if (withDrafter == null) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' holds no times with a drafter, so what it would take is not known: import them with --with-drafter, or"
              + " draft from the text");
    }
    return Math.max(
        0, at(withDrafter, batch, rows, contextTokens) - at(target, batch, rows, contextTokens));
  }

  private double at(Table table, int batch, int rows, int contextTokens) {
    require("sequences", batch, table.mostSequences());
    require("rows of each", rows, table.mostRows);
    require("tokens of context", contextTokens, table.mostContext);
    return US * table.grid.at(batch, rows, contextTokens);
  }

  private void require(String what, int asked, int most) {
    if (asked > most) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' was measured up to "
              + most
              + " "
              + what
              + ", not for "
              + asked
              + "; measure more (vllm bench forward --case), or ask for less");
    }
  }

  @Override
  public double step(int batch, StepShape shape, int contextTokens) {
    double pass = targetPass(batch, shape.targetRows(), contextTokens);
    return shape.drafting().runsModel() && !shape.draftRows().isEmpty()
        ? pass + drafter(batch, shape.targetRows(), contextTokens)
        : pass;
  }

  /** What engines do after a block that was accepted whole is in the drafter's times. */
  @Override
  public double catchUp(int batch, int contextTokens) {
    return 0;
  }

  @Override
  public double stepOverhead(int batch) {
    return 0;
  }

  @Override
  public List<String> caveats() {
    return List.of(
        name + " holds times of passes alone: neither sampling nor what a step takes on the host");
  }
}
