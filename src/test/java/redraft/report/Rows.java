package redraft.report;

import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.metrics.Interval;
import redraft.metrics.ReplayRow;
import redraft.policy.FixedLength;
import redraft.policy.Oracle;
import redraft.replay.AcceptLengthDraft;
import redraft.replay.Setting;
import redraft.trace.Grade;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.verify.TokenRule;

/** Rows to be written. */
final class Rows {
  private Rows() {}

  /**
   * @param draftLength null for the oracle
   */
  static ReplayRow of(String trace, Integer draftLength, double speedup, Double msPerToken) {
    Setting setting =
        new Setting(
            new AcceptLengthDraft(new DraftInfo("small", "", 0), 0),
            new TokenRule(),
            draftLength == null ? new Oracle() : new FixedLength(draftLength),
            new Deployment(new ConstantRatio(.1)));
    Interval interval = new Interval(speedup, speedup);
    return new ReplayRow(
        new ReplayRow.Key(trace, "all", setting, "big", "small", "big", Grade.EXACT),
        new ReplayRow.Counts(10, 1000, 400, 1200, 600, .75, null),
        new ReplayRow.Speed(null, msPerToken, speedup, speedup, null),
        new ReplayRow.Intervals(interval, new Interval(2.5, 2.5), null),
        null,
        null,
        null);
  }

  /** Of a domain, with an interval of the speedup. */
  static ReplayRow speedup(
      String domain, int draftLength, double low, double speedup, double high) {
    ReplayRow row = of("t", draftLength, speedup, null);
    ReplayRow.Key key = row.key();
    return new ReplayRow(
        new ReplayRow.Key("t", domain, key.setting(), "big", "small", "big", Grade.EXACT),
        row.counts(),
        row.speed(),
        new ReplayRow.Intervals(new Interval(low, high), null, null),
        null,
        null,
        null);
  }
}
