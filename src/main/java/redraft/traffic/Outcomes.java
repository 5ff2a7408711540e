package redraft.traffic;

import redraft.latency.Load;

/**
 * What a run gave, added up while it goes on.
 *
 * <p>Requests count from the {@code from}-th to before the {@code to}-th; the others bring the
 * server to its load before and keep it there after. Throughput, batch and memory are those of the
 * time between the arrivals of these two, or until the end.
 */
final class Outcomes {
  private final long from;
  private final long to;
  private final Slo slo;
  private final TimeSeries series;
  private final int replicas;

  private final Times ttft = new Times();
  private final Times tpot = new Times();
  private final Times latency = new Times();
  private long met; // requests that met the SLO

  private double windowStart = Double.NaN;
  private double windowEnd = Double.NaN;
  private long arrived; // within the window, as all that follows
  private long finished;
  private long tokens;
  private double busyMs;
  private double runningMs; // requests that run · time
  private double waitingMs;
  private double kvMs;
  private double kvMost;
  private int batchMost;
  private int waitingLast;

  private long iterations;
  private long steps;
  private long drafted;
  private long accepted;
  private long preemptions;
  private long recomputedTokens;
  private double inSystemMs; // requests that wait or run · time, of the whole run
  private double latencySum;
  private double endMs;

  /**
   * @param series told of every iteration; null where nobody asks
   */
  Outcomes(long from, long to, Slo slo, TimeSeries series, int replicas) {
    this.from = from;
    this.to = to;
    this.slo = slo;
    this.series = series;
    this.replicas = replicas;
  }

  /**
   * @param noticed when its replica can take it up: after the pass that it makes
   */
  void arrived(Request request, double noticed) {
    inSystemMs += noticed - request.arrivalMs;
    if (request.number == from) {
      windowStart = request.arrivalMs;
    }
    if (request.number == to) {
      windowEnd = request.arrivalMs;
    }
    arrived += within() ? 1 : 0;
  }

  private boolean within() {
    return !Double.isNaN(windowStart) && Double.isNaN(windowEnd);
  }

  /** A replica makes a pass. */
  void iteration(double now, double ms, Load load, Replica replica) {
    int running = replica.running();
    int waiting = replica.waiting();
    double kvUsed = replica.kvUsed();
    if (!(ms >= 0) || Double.isInfinite(ms)) {
      throw new IllegalArgumentException(
          "an iteration of " + load.allRows() + " rows takes " + ms + " ms under these costs");
    }
    inSystemMs += (running + waiting) * ms;
    iterations++;
    if (series != null) {
      series.add(now, ms, running, waiting, kvUsed);
    }
    if (within()) {
      busyMs += ms;
      runningMs += running * ms;
      waitingMs += waiting * ms;
      kvMs += kvUsed * ms;
      kvMost = Math.max(kvMost, kvUsed);
      batchMost = Math.max(batchMost, running);
      waitingLast = waiting;
    }
  }

  void step(int draftedTokens, int acceptedTokens, int emitted) {
    steps++;
    drafted += draftedTokens;
    accepted += acceptedTokens;
    tokens += within() ? emitted : 0;
  }

  void firstToken() {
    tokens += within() ? 1 : 0;
  }

  void preempted() {
    preemptions++;
  }

  void recomputed(int tokens) {
    recomputedTokens += tokens;
  }

  void finished(Request request, double now) {
    double total = now - request.arrivalMs;
    latencySum += total;
    finished += within() ? 1 : 0;
    if (request.number < from || request.number >= to) {
      return;
    }
    double first = request.firstTokenMs - request.arrivalMs;
    double each =
        request.outputTokens == 1 ? 0 : (now - request.firstTokenMs) / (request.outputTokens - 1);
    ttft.add(first);
    latency.add(total);
    if (request.outputTokens > 1) {
      tpot.add(each);
    }
    met += slo.met(first, each, total) ? 1 : 0;
  }

  void end(double now) {
    endMs = now;
    if (Double.isNaN(windowEnd)) {
      windowEnd = now;
    }
  }

  /** Requests in the system, on average over the run. */
  double inSystem() {
    return inSystemMs / endMs;
  }

  /** The same by Little's law: the rate of requests times their mean latency. */
  double inSystemByLatency() {
    return latencySum / endMs;
  }

  /** All of it, once the run has ended. */
  TrafficResult result() {
    double window = windowEnd - windowStart;
    return new TrafficResult(
        new TrafficResult.Requests(latency.count(), met, arrived, finished, waitingLast),
        ttft.percentiles(),
        tpot.percentiles(),
        latency.percentiles(),
        new TrafficResult.Server(
            window,
            1e3 * tokens / window,
            busyMs / (replicas * window),
            busyMs == 0 ? 0 : runningMs / busyMs,
            batchMost,
            waitingMs / window,
            kvMs / Math.max(busyMs, Double.MIN_NORMAL),
            kvMost),
        new TrafficResult.Work(
            iterations, steps, drafted, accepted, preemptions, recomputedTokens));
  }
}
