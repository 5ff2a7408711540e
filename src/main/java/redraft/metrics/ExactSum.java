package redraft.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A sum of doubles that is rounded once, when it is asked for: the same value whatever the order
 * and the parts in which they were added, so that files read one after the other, on many threads
 * or on many machines give the same bytes.
 *
 * <p>A whole number of 2⁻¹⁰⁷⁵, kept in limbs of 32 bits with room for carries, after the small
 * superaccumulator of <a href="https://arxiv.org/abs/1505.05571">Neal 2015</a>, §3; only the limbs
 * that values reach are there.
 */
public final class ExactSum {
  private static final int UNIT = -1075; // exponent of the lowest bit of limb 0
  private static final int BITS = 32; // of a limb, besides room for carries
  private static final long MASK = (1L << BITS) - 1;
  private static final int FRACTION = 52; // bits of a double's fraction
  private static final int MOST_UNCARRIED = 1 << 29; // additions of less than 2³³ to a limb
  private static final int ROUNDED = 64; // bits that decide how the sum is rounded
  private static final long[] NONE = {};

  private long[] limbs = NONE;
  private int lowest; // index of the first of them
  private int uncarried; // additions since carries were last taken up
  private double notFinite; // sum of infinities and NaNs; 0 for none

  /** A sum of these. */
  public static ExactSum of(double... values) {
    ExactSum sum = new ExactSum();
    for (double value : values) {
      sum.add(value);
    }
    return sum;
  }

  /** As many sums of nothing. */
  public static ExactSum[] array(int length) {
    ExactSum[] sums = new ExactSum[length];
    Arrays.setAll(sums, i -> new ExactSum());
    return sums;
  }

  /** The values of sums. */
  public static double[] values(ExactSum[] sums) {
    return Arrays.stream(sums).mapToDouble(ExactSum::value).toArray();
  }

  /**
   * Adds values to sums, one to each; a sum that is not there yet is taken for 0.
   *
   * @param sums null for none
   * @return these, or more of them
   */
  static ExactSum[] add(ExactSum[] sums, double[] values) {
    ExactSum[] longer = longer(sums, values.length);
    for (int i = 0; i < values.length; i++) {
      longer[i].add(values[i]);
    }
    return longer;
  }

  /** As {@link #add(ExactSum[], double[])}, of sums. */
  static ExactSum[] add(ExactSum[] sums, ExactSum[] others) {
    ExactSum[] longer = longer(sums, others.length);
    for (int i = 0; i < others.length; i++) {
      longer[i].add(others[i]);
    }
    return longer;
  }

  private static ExactSum[] longer(ExactSum[] sums, int length) {
    int known = sums == null ? 0 : sums.length;
    if (sums != null && known >= length) {
      return sums;
    }
    ExactSum[] longer = array(length);
    if (known > 0) {
      System.arraycopy(sums, 0, longer, 0, known);
    }
    return longer;
  }

  public void add(double value) {
    if (value == 0) {
      return;
    }
    if (!Double.isFinite(value)) {
      notFinite += value;
      return;
    }
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> FRACTION) & 0x7FF;
    long significand = bits & (1L << FRACTION) - 1;
    if (exponent == 0) {
      exponent = 1; // subnormal
    } else {
      significand |= 1L << FRACTION;
    }
    int limb = exponent / BITS;
    int shift = exponent % BITS;
    long above = significand >>> BITS - shift;
    reserve(limb, limb + 3);
    int i = limb - lowest;
    long sign = bits < 0 ? -1 : 1;
    limbs[i] += sign * (significand << shift & MASK);
    limbs[i + 1] += sign * (above & MASK);
    limbs[i + 2] += sign * (above >>> BITS);
    if (++uncarried == MOST_UNCARRIED) {
      carry();
    }
  }

  /** Adds what another sum is of. */
  public void add(ExactSum other) {
    notFinite += other.notFinite;
    if (other.limbs.length > 0) {
      carry();
      other.carry();
      reserve(other.lowest, other.lowest + other.limbs.length);
      for (int i = 0; i < other.limbs.length; i++) {
        limbs[other.lowest - lowest + i] += other.limbs[i];
      }
      carry();
    }
  }

  /** Makes room for limbs. */
  private void reserve(int from, int to) {
    if (limbs.length == 0) {
      lowest = from;
      limbs = new long[to - from];
    } else if (from < lowest || to > lowest + limbs.length) {
      int first = Math.min(from, lowest);
      long[] more = new long[Math.max(to, lowest + limbs.length) - first];
      System.arraycopy(limbs, 0, more, lowest - first, limbs.length);
      limbs = more;
      lowest = first;
    }
  }

  /** Leaves 32 bits in every limb; the last has the sign, and less than 32 bits. */
  private void carry() {
    uncarried = 0;
    for (int i = 0; i + 1 < limbs.length; i++) {
      limbs[i + 1] += limbs[i] >> BITS;
      limbs[i] &= MASK;
    }
    int last = limbs.length - 1;
    if (last >= 0 && (int) limbs[last] != limbs[last]) {
      reserve(lowest, lowest + limbs.length + 1);
      limbs[last + 1] = limbs[last] >> BITS;
      limbs[last] &= MASK;
    }
  }

  /** The double nearest to the sum, of two the even one. */
  public double value() {
    if (notFinite != 0) {
      return notFinite;
    }
    carry();
    BigInteger units = BigInteger.ZERO;
    for (int i = limbs.length - 1; i >= 0; i--) {
      units = units.shiftLeft(BITS).add(BigInteger.valueOf(limbs[i]));
    }
    BigInteger magnitude = units.abs();
    int dropped = Math.max(0, magnitude.bitLength() - ROUNDED);
    BigInteger kept = magnitude.shiftRight(dropped);
    if (dropped > 0 && magnitude.getLowestSetBit() < dropped) {
      kept = kept.setBit(0); // so that what was dropped is no tie
    }
    double value = Math.scalb(kept.doubleValue(), UNIT + BITS * lowest + dropped);
    return units.signum() < 0 ? -value : value;
  }

  /** Writes what {@link #addFrom} adds. */
  public void write(DataOutput out) throws IOException {
    carry();
    out.writeDouble(notFinite);
    out.writeByte(limbs.length);
    out.writeByte(lowest);
    for (long limb : limbs) {
      out.writeInt((int) limb);
    }
  }

  /** Adds what another sum wrote. */
  public void addFrom(DataInput in) throws IOException {
    ExactSum other = new ExactSum();
    other.notFinite = in.readDouble();
    other.limbs = new long[in.readUnsignedByte()];
    other.lowest = in.readUnsignedByte();
    for (int i = 0; i < other.limbs.length; i++) {
      boolean last = i == other.limbs.length - 1;
      int bits = in.readInt();
      other.limbs[i] = last ? bits : Integer.toUnsignedLong(bits);
    }
    add(other);
  }

  /** Writes sums, or that there are none. */
  static void write(DataOutput out, ExactSum[] sums) throws IOException {
    out.writeInt(sums == null ? -1 : sums.length);
    if (sums != null) {
      for (ExactSum sum : sums) {
        sum.write(out);
      }
    }
  }

  /** Adds what others wrote, as {@link #add(ExactSum[], ExactSum[])} does. */
  static ExactSum[] addFrom(DataInput in, ExactSum[] sums) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return sums;
    }
    ExactSum[] longer = longer(sums, length);
    for (int i = 0; i < length; i++) {
      longer[i].addFrom(in);
    }
    return longer;
  }
}
