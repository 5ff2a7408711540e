package redraft.steps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The steps of one text in the order in which they were told, kept as numbers: one replay of a text
 * answers for every deployment. Sums are over runs.
 */
public final class StepLog implements StepSink {
  private static final int CATCH_UP = -1;

  private final List<StepShape> shapes = new ArrayList<>(); // distinct
  private final boolean again;
  private int[] kinds; // [events] index of the shape, or CATCH_UP
  private int[] positions;
  private double[] weights;
  private int events;
  private int positionCount;
  private int[] kindOf = new int[16]; // [drafted]: of the last such shape, from 1; 0 for none
  private double[] acceptedCounts; // null until told
  private double steps;
  private double drafted;
  private double[] stepsBefore = new double[1]; // [runs] steps of all runs before each
  private int[] runEnds = new int[1]; // [runs] events before the end of each; the last is open
  private int runs = 1;

  /**
   * What the passes of one text cost under one deployment; a null shape is a draft's catching up.
   */
  public interface Costs {
    /**
     * What is known of a shape's costs by context, NaN elsewhere, long enough for this many
     * positions.
     */
    double[] known(StepShape shape, int positions);

    /** The index of position 0 in what is known. */
    int firstIndex();

    /** Makes a cost known that was not. */
    void compute(StepShape shape, int position);
  }

  /**
   * @param positions of the text, about
   */
  public StepLog(int positions) {
    this(positions, false);
  }

  /**
   * @param again whether accepted tokens are decoded again where others were rejected
   */
  public StepLog(int positions, boolean again) {
    this.again = again;
    int room = 2 * positions + 2; // a step and a catching up at each
    kinds = new int[room];
    this.positions = new int[room];
    weights = new double[room];
  }

  /** Plain decoding of this many tokens: a step for each. */
  public static StepLog plain(int tokens) {
    StepLog log = new StepLog(tokens);
    for (int t = 0; t < tokens; t++) {
      log.step(StepShape.PLAIN, t, 1);
    }
    return log;
  }

  @Override
  public void start(int position, double weight) {
    steps += weight;
  }

  @Override
  public void passes(StepShape shape, int position, double weight) {
    add(index(shape), position, weight);
    drafted += weight * shape.drafted();
  }

  /** Shapes that draft as much are nearly always the same; others cannot be. */
  private int index(StepShape shape) {
    int drafted = shape.drafted();
    if (drafted >= kindOf.length) {
      kindOf = Arrays.copyOf(kindOf, Math.max(drafted + 1, 2 * kindOf.length));
    }
    int kind = kindOf[drafted] - 1;
    if (kind == -1 || !shapes.get(kind).equals(shape)) {
      kind = kind == -1 ? -1 : shapes.indexOf(shape);
      if (kind == -1) {
        kind = shapes.size();
        shapes.add(shape);
      }
      kindOf[drafted] = kind + 1;
    }
    return kind;
  }

  @Override
  public void catchUp(int position, double weight) {
    add(CATCH_UP, position, weight);
  }

  private void add(int kind, int position, double weight) {
    if (events == kinds.length) {
      kinds = Arrays.copyOf(kinds, 2 * events);
      positions = Arrays.copyOf(positions, 2 * events);
      weights = Arrays.copyOf(weights, 2 * events);
    }
    positionCount = Math.max(positionCount, position + 1);
    kinds[events] = kind;
    positions[events] = position;
    weights[events] = weight;
    events++;
  }

  @Override
  public void accepted(int count, double weight) {
    if (acceptedCounts == null || count >= acceptedCounts.length) {
      acceptedCounts =
          acceptedCounts == null
              ? new double[Math.max(16, count + 1)]
              : Arrays.copyOf(acceptedCounts, Math.max(count + 1, 2 * acceptedCounts.length));
    }
    acceptedCounts[count] += weight;
  }

  @Override
  public void rejected(int accepted, int position, double weight) {
    if (again) {
      add(index(StepShape.again(accepted)), position, weight);
    }
  }

  @Override
  public void nextRun() {
    runEnds[runs - 1] = events;
    runs++;
    if (runs > runEnds.length) {
      stepsBefore = Arrays.copyOf(stepsBefore, 2 * runs);
      runEnds = Arrays.copyOf(runEnds, 2 * runs);
    }
    stepsBefore[runs - 1] = steps;
  }

  public double steps() {
    return steps;
  }

  public double drafted() {
    return drafted;
  }

  /** [runs]. */
  public double[] runSteps() {
    double[] each = new double[runs];
    for (int run = 0; run < runs; run++) {
      each[run] = (run == runs - 1 ? steps : stepsBefore[run + 1]) - stepsBefore[run];
    }
    return each;
  }

  /**
   * Steps that accept exactly j tokens, for j from 0 to the most that any accepts; null where that
   * was not told.
   */
  public double[] acceptedCounts() {
    if (acceptedCounts == null) {
      return null;
    }
    int length = acceptedCounts.length;
    while (length > 1 && acceptedCounts[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(acceptedCounts, length);
  }

  /** What is told of one event; the shape is null where a draft catches up. */
  public interface Event {
    void accept(StepShape shape, int position, double weight);
  }

  /** Tells of all passes again, in their order. */
  public void forEach(Event event) {
    for (int i = 0; i < events; i++) {
      event.accept(shape(i), positions[i], weights[i]);
    }
  }

  /** [runs]: what each run's passes cost together, in the unit of the costs. */
  public double[] costs(Costs costs) {
    double[][] tables = new double[shapes.size() + 1][]; // catching up first
    tables[0] = costs.known(null, positionCount);
    for (int i = 0; i < shapes.size(); i++) {
      tables[i + 1] = costs.known(shapes.get(i), positionCount);
    }
    double[] sums = new double[runs];
    for (int run = 0; run < runs; run++) {
      int from = run == 0 ? 0 : runEnds[run - 1];
      int to = run == runs - 1 ? events : runEnds[run];
      sums[run] = sum(tables, costs.firstIndex(), from, to);
      if (Double.isNaN(sums[run])) { // some were not known yet
        for (int event = from; event < to; event++) {
          if (Double.isNaN(tables[kinds[event] + 1][costs.firstIndex() + positions[event]])) {
            costs.compute(shape(event), positions[event]);
          }
        }
        sums[run] = sum(tables, costs.firstIndex(), from, to);
      }
    }
    return sums;
  }

  /** Small, because all of a sweep's time is spent here. */
  private double sum(double[][] tables, int first, int from, int to) {
    double sum = 0;
    for (int event = from; event < to; event++) {
      sum += weights[event] * tables[kinds[event] + 1][first + positions[event]];
    }
    return sum;
  }

  /** Null where a draft catches up. */
  private StepShape shape(int event) {
    return kinds[event] == CATCH_UP ? null : shapes.get(kinds[event]);
  }
}
