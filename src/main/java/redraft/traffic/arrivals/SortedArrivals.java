package redraft.traffic.arrivals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/** Requests of a file that was read whole, by their time, which counts from the first. */
class SortedArrivals implements Arrivals {
  private final Iterator<Arrival> next;
  private final double first;

  /**
   * @param all at least one
   */
  SortedArrivals(List<Arrival> all) {
    List<Arrival> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingDouble(Arrival::seconds));
    first = sorted.get(0).seconds();
    next = sorted.iterator();
  }

  @Override
  public Arrival next() {
    return next.hasNext() ? next.next().from(first) : null;
  }

  @Override
  public void close() {}
}
