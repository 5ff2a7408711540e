package redraft.cli;

import java.nio.file.Path;
import java.util.Locale;
import redraft.latency.LatencyModel;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayStatistics;
import redraft.model.Tokenizer;
import redraft.validation.live.Demonstration;

/** What the demo says. */
final class DemoText {
  private static final int SHOWN_TOKENS = 48;

  private DemoText() {}

  /** One prompt and what became of it. */
  static String sample(Demonstration.Run run, Tokenizer tokenizer) {
    String prompt = run.prompt().prompt();
    var speculative = run.decoded().speculative();
    return format(
        "%s: %.2f tokens per step, %.2f times plain decoding%n  %s%s%n%n",
        run.prompt().domain(),
        Metrics.tokensPerStep(speculative.steps().size(), speculative.accepted()),
        run.decoded().speedup(),
        prompt.strip().replace("\n", "\n  "),
        (prompt.endsWith("\n") ? "\n" : "")
            + MarkedText.of(speculative, tokenizer, SHOWN_TOKENS).replace("\n", "\n  "));
  }

  static String live(Demonstration.Plan plan, CharSequence samples) {
    return format(
        "Live, draft length %d, temperature %s: %s%n%n%s",
        plan.draftLength(), plan.sampling().temperature(), MarkedText.legend(), samples);
  }

  /** A line each of cost, acceptance, measured and predicted speedup, and the best draft length. */
  static String summary(
      Demonstration.Plan plan,
      Demonstration.Live live,
      Demonstration.Replayed replayed,
      Path folder) {
    LatencyModel prices = replayed.prices();
    ReplayStatistics predicted = replayed.ofLive();
    ReplayRow best = replayed.best();
    double draftMs = prices.draftPass(1, 1, 0);
    double targetMs = prices.targetPass(1, 1, 0);
    return format(
            "Cost        a draft pass takes %.2f ms, a target pass %.2f ms (ratio %.2f); checking %d drafted tokens at once %.2f ms%n",
            draftMs,
            targetMs,
            draftMs / targetMs,
            plan.draftLength(),
            prices.targetPass(1, plan.draftLength() + 1, 0))
        + format(
            "Acceptance  %d of %d drafted tokens were accepted live (accepted/drafted %.3f), so a step emits %.2f tokens; replay expects %.2f%n",
            live.accepted(),
            live.drafted(),
            Metrics.draftAcceptanceRate(live.drafted(), live.accepted()),
            Metrics.tokensPerStep(live.steps(), live.accepted()),
            predicted.tokensPerStep())
        + format(
            "Measured    speculative decoding ran at %.2f times the speed of plain decoding (%d prompts, in turns, decoding only)%n",
            live.speedup(), live.runs().size())
        + format(
            "Predicted   %.2f times, from the recorded trace and the pass times alone%n",
            predicted.speedup())
        + format(
            "Best        draft length %d would give %.2f times (95%% interval %.2f – %.2f over prompts); charts, CSV and trace are in %s%n",
            best.draftLength(), best.speedup(), best.speedupLow(), best.speedupHigh(), folder);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
