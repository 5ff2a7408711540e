package redraft.traffic.arrivals;

import java.io.IOException;
import java.util.List;

/** The first of some requests, faster or slower after each other. */
public final class SomeArrivals implements Arrivals {
  private final Arrivals all;
  private final double stretch;
  private long left;

  /**
   * @param most that are taken
   * @param stretch what their times are multiplied by; what a server took for them is kept for 1
   */
  public SomeArrivals(Arrivals all, long most, double stretch) {
    this.all = all;
    this.stretch = stretch;
    left = most;
  }

  @Override
  public Arrival next() throws IOException {
    Arrival next = left-- > 0 ? all.next() : null;
    return next == null || stretch == 1
        ? next
        : new Arrival(
            next.id(), next.seconds() * stretch, next.promptTokens(), next.outputTokens(), null);
  }

  @Override
  public List<String> notes() {
    return all.notes();
  }

  @Override
  public void close() throws IOException {
    all.close();
  }
}
