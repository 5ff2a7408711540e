package redraft.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.decode.Continuation;
import redraft.decode.LiveComparison;
import redraft.metrics.Metrics;
import redraft.metrics.Quartiles;
import redraft.report.TextTable;
import redraft.validation.live.Noise;
import redraft.validation.live.ProcessorUse;

/**
 * How a generated text came about.
 *
 * @param nanos of decoding; the median where it was repeated
 * @param timed beside plain decoding; null where it was not
 * @param noise of the rounds; null as above
 */
record GeneratedText(Continuation run, double nanos, LiveComparison timed, Noise noise) {
  /** Without a comparison. */
  static GeneratedText untimed(Continuation run) {
    return new GeneratedText(run, run.decodeNanos(), null, null);
  }

  /**
   * @param use of the processors meanwhile
   * @param threads that a pass of the target has
   */
  static GeneratedText timed(LiveComparison run, ProcessorUse use, int threads) {
    List<Noise.Turn> turns =
        run.rounds().stream()
            .map(round -> new Noise.Turn(round.plainNanos() / 1e6, round.speculativeNanos() / 1e6))
            .toList();
    return new GeneratedText(
        run.speculative(), run.speculativeNanos(), run, Noise.of(turns, List.of(), use, threads));
  }

  private Quartiles quartiles() {
    return Quartiles.of(timed.speedups());
  }

  private int steps() {
    return run.steps().isEmpty() ? run.tokens().length : run.steps().size();
  }

  private Double plainSeconds() {
    return timed == null ? null : (Double) (timed.plainNanos() / 1e9);
  }

  /** For programs. */
  Map<String, Object> fields(String text) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("text", text);
    fields.put("tokens", run.tokens().length);
    fields.put("steps", steps());
    fields.put("drafted", run.drafted());
    fields.put("accepted", run.accepted());
    fields.put("seconds", nanos / 1e9);
    fields.put("baseline_seconds", plainSeconds());
    fields.put("speedup", timed == null ? null : (Double) timed.speedup());
    fields.put("speedup_quartile_low", timed == null ? null : (Double) quartiles().low());
    fields.put("speedup_quartile_high", timed == null ? null : (Double) quartiles().high());
    fields.put("unreliable", noise == null ? null : noise.problem());
    return fields;
  }

  /** For people. */
  String describe(String text) {
    return String.format(
            Locale.ROOT,
            "%s%s%n%n%d tokens (%s) in %d steps, %.3f s%n",
            timed == null ? "" : verdict(),
            text,
            run.tokens().length,
            run.ended() ? "end token" : "length limit",
            steps(),
            nanos / 1e9)
        + (run.steps().isEmpty() ? "" : acceptance())
        + (timed == null ? "" : speedup());
  }

  /** What was faster, and by how much; the quartiles of its runs say whether that is sure. */
  private String verdict() {
    double speedup = timed.speedup();
    boolean unsure = quartiles().low() <= 1 && quartiles().high() >= 1;
    String faster =
        unsure || noise.problem() != null
            ? "Too close to call"
            : speedup > 1 ? "Speculation was faster" : "Plain decoding was faster";
    return String.format(
        Locale.ROOT,
        "%s: speculative decoding ran at %.2f times the speed of plain decoding.%n%n",
        faster,
        speedup);
  }

  private String acceptance() {
    return String.format(
        Locale.ROOT,
        "drafted %d, accepted %d (accepted/drafted %s), tokens per step %.3f%n",
        run.drafted(),
        run.accepted(),
        TextTable.number(Metrics.draftAcceptanceRate(run.drafted(), run.accepted()), 3),
        Metrics.tokensPerStep(steps(), run.accepted()));
  }

  private String speedup() {
    return String.format(
        Locale.ROOT,
        "speedup %.2f over plain decoding, quartiles %.2f – %.2f (%.3f s for its text; time per token, median of %d runs in turns)%n%s",
        timed.speedup(),
        quartiles().low(),
        quartiles().high(),
        plainSeconds(),
        timed.rounds().size(),
        noise.problem() == null
            ? ""
            : "which is unreliable: " + noise.problem() + System.lineSeparator());
  }
}
