package redraft.latency;

import java.util.ArrayList;
import java.util.List;

/**
 * What decoding runs on and under which load: everything that a cost depends on besides the tokens
 * themselves.
 *
 * @param name in results, {@code hardware} in CSV
 * @param batch sequences decoded together, each accepting on its own
 * @param contextTokens prompt length that every sequence is taken to have; null for its own
 * @param usdPerHour of all hardware; NaN where that is not known
 * @param recurrent whether the target keeps a state that forgets no token, so that after a step
 *     that rejects some it goes back to the state before and decodes the accepted ones again
 */
public record Deployment(
    String name,
    LatencyModel latency,
    int batch,
    Integer contextTokens,
    double usdPerHour,
    boolean recurrent) {
  /** The largest batch that costs are asked for. */
  public static final int LARGEST_BATCH = 1 << 20;

  /** The longest prompt that costs are asked for, tokens. */
  public static final int LONGEST_CONTEXT = 1 << 24;

  public Deployment {
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " must be at least 1");
    }
    if (batch > LARGEST_BATCH) {
      throw new IllegalArgumentException(
          "batch " + batch + " is beyond " + LARGEST_BATCH + ", the largest that has a cost");
    }
    if (batch > 1 && latency.onlyBatchOne() != null) {
      throw new IllegalArgumentException(
          "batch "
              + batch
              + " has no cost under '"
              + name
              + "', "
              + latency.onlyBatchOne()
              + "; name hardware and model sizes, or leave the batch at 1");
    }
    if (batch > latency.batchReach()) {
      throw new IllegalArgumentException(
          "batch "
              + batch
              + " has no cost under '"
              + name
              + "', measured up to batch "
              + latency.batchReach());
    }
    if (contextTokens != null && contextTokens < 1) {
      throw new IllegalArgumentException("context " + contextTokens + " must be at least 1 token");
    }
    if (contextTokens != null && contextTokens > LONGEST_CONTEXT) {
      throw new IllegalArgumentException(
          "context "
              + contextTokens
              + " is beyond "
              + LONGEST_CONTEXT
              + " tokens, the longest that has a cost");
    }
    if (!Double.isNaN(usdPerHour)) {
      CostNumbers.require(usdPerHour + " US dollars an hour", usdPerHour, CostNumbers.RATIO);
    }
  }

  /** Of a target that takes back rejected tokens for nothing. */
  public Deployment(
      String name, LatencyModel latency, int batch, Integer contextTokens, double usdPerHour) {
    this(name, latency, batch, contextTokens, usdPerHour, false);
  }

  /** Under the latency model's name. */
  public Deployment(LatencyModel latency, int batch, Integer contextTokens, double usdPerHour) {
    this(latency.name(), latency, batch, contextTokens, usdPerHour);
  }

  /** One sequence at a time, with its own prompt. */
  public Deployment(LatencyModel latency) {
    this(latency, 1, null, latency.usdPerHour());
  }

  /** The same with another batch. */
  public Deployment withBatch(int other) {
    return new Deployment(name, latency, other, contextTokens, usdPerHour, recurrent);
  }

  /** The same with a recurrent target, or another. */
  public Deployment withRecurrent(boolean other) {
    return new Deployment(name, latency, batch, contextTokens, usdPerHour, other);
  }

  /** What is assumed and a reader should know, a line each. */
  public List<String> caveats() {
    if (!recurrent) {
      return latency.caveats();
    }
    List<String> caveats = new ArrayList<>(latency.caveats());
    caveats.add(
        "recurrent target: every step that rejects drafted tokens takes one more pass of the target over the accepted ones;"
            + " going back to the state before takes no time");
    return caveats;
  }

  /** The prompt length that a sequence with this one of its own is taken to have. */
  public int promptTokens(int own) {
    return contextTokens == null ? own : contextTokens;
  }

  /** Whether costs are times and not ratios. */
  public boolean timed() {
    return latency.unit() == LatencyModel.Unit.MILLISECONDS;
  }
}
