package redraft.traffic;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request has to get to count as served well.
 *
 * @param ttftMs most to the first token; infinity for no bound
 * @param tpotMs most for each further token, on average over the request
 * @param latencyMs most to the last token
 */
public record Slo(double ttftMs, double tpotMs, double latencyMs) {
  /** No bound. */
  public static final Slo NONE =
      new Slo(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  private static final Pattern BOUND =
      Pattern.compile("(ttft|tpot|latency)=(\\d+(?:\\.\\d+)?)(ms|s)");

  /**
   * Reads {@code ttft=500ms,tpot=50ms,latency=20s}, any of them.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static Slo of(String written) {
    Slo slo = NONE;
    for (String part : written.split(",", -1)) {
      Matcher bound = BOUND.matcher(part.toLowerCase(Locale.ROOT));
      if (!bound.matches()) {
        throw new IllegalArgumentException(
            "'"
                + part
                + "' of the SLO '"
                + written
                + "' is not ttft, tpot or latency = a time in ms or s, such as ttft=500ms,tpot=50ms");
      }
      double ms = Double.parseDouble(bound.group(2)) * (bound.group(3).equals("s") ? 1e3 : 1);
      slo =
          switch (bound.group(1)) {
            case "ttft" -> new Slo(ms, slo.tpotMs, slo.latencyMs);
            case "tpot" -> new Slo(slo.ttftMs, ms, slo.latencyMs);
            default -> new Slo(slo.ttftMs, slo.tpotMs, ms);
          };
    }
    return slo;
  }

  /** Whether it bounds anything. */
  public boolean any() {
    return !equals(NONE);
  }

  boolean met(double ttft, double tpot, double latency) {
    return ttft <= ttftMs && tpot <= tpotMs && latency <= latencyMs;
  }
}
