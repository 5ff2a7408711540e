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
  private int[] kinds = new int[64]; // [events] index of the shape, or CATCH_UP
  private int[] positions = new int[64];
  private double[] weights = new double[64];
  private int events;
  private int lastShape;
  private double[] acceptedCounts; // null until told
  private double steps;
  private double drafted;
  private double[] runSteps = new double[1];
  private int[] runEnds = new int[1]; // [runs] events before the end of each; the last is open
  private int runs = 1;

  /** What the steps of one text cost under one deployment. */
  public interface Costs {
    double step(StepShape shape, int position);

    double catchUp(int position);
  }

  @Override
  public void start(int position, double weight) {
    steps += weight;
    runSteps[runs - 1] += weight;
  }

  @Override
  public void passes(StepShape shape, int position, double weight) {
    add(index(shape), position, weight);
    drafted += weight * shape.drafted();
  }

  /** Shapes come in long stretches of the same. */
  private int index(StepShape shape) {
    if (lastShape < shapes.size() && shapes.get(lastShape).equals(shape)) {
      return lastShape;
    }
    lastShape = shapes.indexOf(shape);
    if (lastShape == -1) {
      lastShape = shapes.size();
      shapes.add(shape);
    }
    return lastShape;
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
  public void nextRun() {
    runEnds[runs - 1] = events;
    runs++;
    if (runs > runSteps.length) {
      runSteps = Arrays.copyOf(runSteps, 2 * runs);
      runEnds = Arrays.copyOf(runEnds, 2 * runs);
    }
  }

  public double steps() {
    return steps;
  }

  public double drafted() {
    return drafted;
  }

  /** [runs]. */
  public double[] runSteps() {
    return Arrays.copyOf(runSteps, runs);
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
      event.accept(kinds[i] == CATCH_UP ? null : shapes.get(kinds[i]), positions[i], weights[i]);
    }
  }

  /** [runs]: what each run's steps cost together, in the unit of the costs. */
  public double[] costs(Costs costs) {
    double[] sums = new double[runs];
    int event = 0;
    for (int run = 0; run < runs; run++) {
      int end = run == runs - 1 ? events : runEnds[run];
      double sum = 0;
      for (; event < end; event++) {
        int position = positions[event];
        double cost =
            kinds[event] == CATCH_UP
                ? costs.catchUp(position)
                : costs.step(shapes.get(kinds[event]), position);
        sum += weights[event] * cost;
      }
      sums[run] = sum;
    }
    return sums;
  }
}
