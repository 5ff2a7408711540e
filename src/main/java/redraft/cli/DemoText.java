package redraft.cli;

import java.nio.file.Path;
import java.util.Locale;
import redraft.json.Visible;
import redraft.latency.LatencyModel;
import redraft.metrics.Metrics;
import redraft.metrics.Quartiles;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayStatistics;
import redraft.model.Tokenizer;
import redraft.validation.live.Demonstration;
import redraft.validation.live.Noise;
import redraft.validation.live.ProcessorUse;

/** What the demo says. */
final class DemoText {
  private static final int SHOWN_TOKENS = 48;

  private DemoText() {}

  /** One prompt and what became of it: visible text, with colours. */
  static String sample(Demonstration.Run run, Tokenizer tokenizer) {
    String prompt = Visible.lines(run.prompt().prompt());
    var speculative = run.decoded().speculative();
    return format(
        "%s: %.2f tokens per step, %.2f times plain decoding%n  %s%s%n%n",
        Visible.line(run.prompt().domain()),
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

  /**
   * A line each of cost, acceptance, measured and predicted speedup, what noise explains, how quiet
   * the machine was, and the best draft length.
   */
  static String summary(
      Demonstration.Plan plan,
      Demonstration.Live live,
      Demonstration.Replayed replayed,
      Path folder) {
    LatencyModel costs = live.costs();
    ReplayStatistics predicted = replayed.ofLive();
    ReplayRow best = replayed.best();
    Quartiles quartiles =
        Quartiles.of(
            live.undisturbed().stream().mapToDouble(run -> run.decoded().speedup()).toArray());
    double draftMs = costs.draftPass(1, 1, 0);
    double targetMs = costs.targetPass(1, 1, 0);
    return format(
            "Cost        a draft pass takes %.2f ms, a target pass %.2f ms (ratio %.2f); checking %d drafted tokens at once %.2f ms%n",
            draftMs,
            targetMs,
            draftMs / targetMs,
            plan.draftLength(),
            costs.targetPass(1, plan.draftLength() + 1, 0))
        + format(
            "Acceptance  %d of %d drafted tokens were accepted live (accepted/drafted %.3f), so a step emits %.2f tokens; replay expects %.2f%n",
            live.accepted(),
            live.drafted(),
            Metrics.draftAcceptanceRate(live.drafted(), live.accepted()),
            Metrics.tokensPerStep(live.steps(), live.accepted()),
            predicted.tokensPerStep())
        + format(
            "Measured    speculative decoding ran at %.2f times the speed of plain decoding (%s, in turns, decoding only; quartiles over prompts %.2f – %.2f)%n",
            live.speedup(), prompts(live), quartiles.low(), quartiles.high())
        + format(
            "Predicted   %.2f times, from the recorded trace and the times of steps in other texts alone%n",
            predicted.speedup())
        + noise(live, replayed)
        + machine(live.noise())
        + format(
            "Best        draft length %d would give %.2f times (95%% interval %.2f – %.2f over prompts); charts, CSV and trace are in %s%n",
            best.draftLength(), best.speedup(), best.speedupLow(), best.speedupHigh(), folder);
  }

  private static String prompts(Demonstration.Live live) {
    int all = live.runs().size();
    int left = all - live.undisturbed().size();
    return all
        + " prompts"
        + (left == 0 ? "" : format(", %d of them left out, because the machine stalled", left));
  }

  /** How far measured and predicted lie apart, and how far they may. */
  private static String noise(Demonstration.Live live, Demonstration.Replayed replayed) {
    double difference = live.speedup() / replayed.ofLive().speedup() - 1;
    String apart =
        format(
            "Noise       measured is %.1f%% %s predicted; ",
            100 * Math.abs(difference), difference < 0 ? "below" : "above");
    double timing = live.noise().timing();
    double texts = replayed.textNoise();
    if (Double.isNaN(timing + texts)) {
      return apart + format("how much of it is noise takes more prompts to say%n");
    }
    double explained = Math.hypot(timing, texts);
    return apart
        + format(
            "noise alone explains up to %.1f%%%s (times that scatter %.1f%%, texts that are other samples %.1f%%)%n",
            100 * explained,
            Math.abs(difference) > explained ? "; the rest is an error of the prediction" : "",
            100 * timing,
            100 * texts);
  }

  /** Whether the machine was quiet enough, and what it was that was not. */
  static String machine(Noise noise) {
    ProcessorUse use = noise.use();
    String others =
        Double.isNaN(use.others())
            ? ""
            : format(", other work took %.0f%% of the processors", 100 * use.others());
    String spread =
        format(
            "the middle half of plain decoding took %.2f to %.2f times the usual%s%n",
            noise.plainLow(), noise.plainHigh(), others);
    return noise.problem() == null
        ? "Machine     quiet enough to compare: " + spread
        : format("Machine     too busy to compare: %s%n            %s", noise.problem(), spread);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
