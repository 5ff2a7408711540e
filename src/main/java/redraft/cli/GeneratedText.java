package redraft.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import redraft.decode.Continuation;
import redraft.decode.LiveComparison;
import redraft.metrics.Metrics;
import redraft.report.TextTable;

/**
 * A generated text and how it came about.
 *
 * @param nanos of decoding; the median where it was repeated
 * @param speedup over plain decoding; null where this is it
 * @param plainNanos of plain decoding; null where this is it
 */
record GeneratedText(
    String text, Continuation run, double nanos, Double plainNanos, Double speedup) {
  static GeneratedText plain(String text, Continuation run) {
    return new GeneratedText(text, run, run.decodeNanos(), null, null);
  }

  static GeneratedText speculative(String text, LiveComparison run) {
    return new GeneratedText(
        text, run.speculative(), run.speculativeNanos(), run.plainNanos(), run.speedup());
  }

  private int steps() {
    return speedup == null ? run.tokens().length : run.steps().size();
  }

  private Double plainSeconds() {
    return plainNanos == null ? null : (Double) (plainNanos / 1e9);
  }

  /** For programs. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", text);
    fields.put("tokens", run.tokens().length);
    fields.put("steps", steps());
    fields.put("drafted", run.drafted());
    fields.put("accepted", run.accepted());
    fields.put("seconds", nanos / 1e9);
    fields.put("baseline_seconds", plainSeconds());
    fields.put("speedup", speedup);
    return fields;
  }

  /**
   * For people.
   *
   * @param rounds timed
   */
  String describe(int rounds) {
    String described =
        String.format(
            Locale.ROOT,
            "%s%n%n%d tokens (%s) in %d steps, %.3f s%n",
            text,
            run.tokens().length,
            run.ended() ? "end token" : "length limit",
            steps(),
            nanos / 1e9);
    if (speedup == null) {
      return described;
    }
    return described
        + String.format(
            Locale.ROOT,
            "drafted %d, accepted %d (accepted/drafted %s), tokens per step %.3f%n"
                + "speedup %.2f over plain decoding (%.3f s for its text; time per token, median of %d runs in turns)%n",
            run.drafted(),
            run.accepted(),
            TextTable.number(Metrics.draftAcceptanceRate(run.drafted(), run.accepted()), 3),
            Metrics.tokensPerStep(steps(), run.accepted()),
            speedup,
            plainSeconds(),
            rounds);
  }
}
