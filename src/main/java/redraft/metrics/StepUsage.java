package redraft.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.latency.LatencyModel;
import redraft.steps.StepLog;
import redraft.steps.StepShape;
import redraft.steps.StepShape.Drafting;

/**
 * How often steps of each shape start at each context, over many texts: what they cost together
 * under any latency model and batch, without the texts. Weights are whole numbers of 2⁻⁵⁰, so that
 * they add up to the same in any order.
 */
public final class StepUsage {
  private static final int BITS = 50;
  private static final double UNITS = 1L << BITS;
  private static final long FRACTION = (1L << BITS) - 1;

  private final Map<StepShape, Weights> weights = new LinkedHashMap<>();
  private final Weights catchUps = new Weights();

  /** By context: whole steps, and units of another. */
  private static final class Weights {
    private long[] whole = new long[0];
    private long[] units = new long[0];
    private int shortest; // context that the arrays begin with, tokens

    void add(int context, long steps, long unitsOfStep) {
      reserve(context);
      int i = context - shortest;
      units[i] += unitsOfStep;
      whole[i] += steps + (units[i] >>> BITS);
      units[i] &= FRACTION;
    }

    private void reserve(int context) {
      if (whole.length == 0) {
        shortest = context;
      }
      int before = Math.max(0, shortest - context);
      int after = context - shortest + 1 - whole.length;
      if (before > 0 || after > 0) {
        int room = after > 0 ? Math.max(after, whole.length) : 0; // doubled, or more
        int length = before + whole.length + room;
        whole = moved(whole, before, length);
        units = moved(units, before, length);
        shortest -= before;
      }
    }

    private static long[] moved(long[] known, int by, int length) {
      long[] longer = new long[length];
      System.arraycopy(known, 0, longer, by, known.length);
      return longer;
    }

    double at(int i) {
      return whole[i] + units[i] / UNITS;
    }

    void write(DataOutput out) throws IOException {
      out.writeInt(whole.length);
      out.writeInt(shortest);
      for (int i = 0; i < whole.length; i++) {
        out.writeLong(whole[i]);
        out.writeLong(units[i]);
      }
    }

    void addFrom(DataInput in) throws IOException {
      int length = in.readInt();
      int first = in.readInt();
      for (int i = 0; i < length; i++) {
        long steps = in.readLong();
        long more = in.readLong();
        if (steps != 0 || more != 0) {
          add(first + i, steps, more);
        }
      }
    }
  }

  /**
   * Adds the steps of one text.
   *
   * @param firstContextTokens in the cache at position 0
   */
  public void add(StepLog log, int firstContextTokens) {
    log.forEach(
        (shape, position, weight) -> {
          Weights of =
              shape == null ? catchUps : weights.computeIfAbsent(shape, key -> new Weights());
          long units = Math.round(weight * UNITS);
          of.add(firstContextTokens + position, units >>> BITS, units & FRACTION);
        });
  }

  /** Writes what {@link #addFrom} adds. */
  public void write(DataOutput out) throws IOException {
    catchUps.write(out);
    out.writeInt(weights.size());
    for (Map.Entry<StepShape, Weights> entry : weights.entrySet()) {
      StepShape shape = entry.getKey();
      out.writeByte(shape.drafting().ordinal());
      out.writeInt(shape.draftRows().size());
      for (int rows : shape.draftRows()) {
        out.writeInt(rows);
      }
      out.writeInt(shape.targetRows());
      out.writeBoolean(shape.beside());
      entry.getValue().write(out);
    }
  }

  /** Adds what another wrote. */
  public void addFrom(DataInput in) throws IOException {
    catchUps.addFrom(in);
    for (int left = in.readInt(); left > 0; left--) {
      Drafting drafting = Drafting.values()[in.readByte()];
      List<Integer> draftRows = new ArrayList<>();
      for (int rows = in.readInt(); rows > 0; rows--) {
        draftRows.add(in.readInt());
      }
      StepShape shape = new StepShape(drafting, draftRows, in.readInt(), in.readBoolean());
      weights.computeIfAbsent(shape, key -> new Weights()).addFrom(in);
    }
  }

  /** What all of them cost, in the unit of the latency model. */
  public double cost(LatencyModel latency, int batch) {
    ExactSum sum = new ExactSum();
    weights.forEach(
        (shape, each) -> {
          for (int i = 0; i < each.whole.length; i++) {
            double weight = each.at(i);
            if (weight > 0) {
              sum.add(weight * latency.time(batch, shape, each.shortest + i));
            }
          }
        });
    for (int i = 0; i < catchUps.whole.length; i++) {
      double weight = catchUps.at(i);
      if (weight > 0) {
        sum.add(weight * latency.catchUp(batch, catchUps.shortest + i));
      }
    }
    return sum.value();
  }
}
