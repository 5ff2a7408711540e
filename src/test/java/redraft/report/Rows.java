package redraft.report;

import redraft.metrics.ReplayRow;

/** Rows to be written. */
final class Rows {
  private Rows() {}

  /**
   * @param draftLength null for the oracle
   */
  static ReplayRow of(String trace, Integer draftLength, double speedup, Double msPerToken) {
    return new ReplayRow(
        trace,
        "all",
        "small",
        "token",
        draftLength == null ? "oracle" : "fixed",
        draftLength,
        "big",
        "small",
        "cost-ratio-0.1",
        1,
        10,
        1000,
        400,
        1200,
        600,
        2.5,
        .5,
        .75,
        null,
        msPerToken,
        speedup,
        speedup,
        speedup,
        null,
        "exact",
        2.5,
        2.5,
        speedup,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
