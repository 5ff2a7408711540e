package redraft.traffic;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * What comes to a server.
 *
 * @param name in results
 * @param rate requests a second; null where users ask again, or a file says when requests come
 * @param users who ask again; null where requests come whatever the server does
 * @param ownLengths whether requests have the lengths of the texts that they follow
 */
public record OfferedLoad(
    String name, Double rate, Integer users, Workload workload, boolean ownLengths) {
  /** A rate as it is written: with three digits. */
  public static String rate(double perSecond) {
    return new BigDecimal(perSecond).round(new MathContext(3)).stripTrailingZeros().toPlainString()
        + " requests/s";
  }
}
