package redraft.latency;

/**
 * What decoding runs on and under which load: everything that a price depends on besides the tokens
 * themselves.
 *
 * @param batch sequences decoded together, each accepting on its own
 * @param contextTokens prompt length that every sequence is priced with; null for its own
 * @param usdPerHour of all hardware; NaN where that is not known
 */
public record Deployment(
    LatencyModel latency, int batch, Integer contextTokens, double usdPerHour) {
  public Deployment {
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " must be at least 1");
    }
    if (contextTokens != null && contextTokens < 1) {
      throw new IllegalArgumentException("context " + contextTokens + " must be at least 1 token");
    }
  }

  /** The prompt length that a sequence with this one of its own is priced with. */
  public int promptTokens(int own) {
    return contextTokens == null ? own : contextTokens;
  }

  /** One sequence at a time, with its own prompt. */
  public Deployment(LatencyModel latency) {
    this(latency, 1, null, latency.usdPerHour());
  }
}
