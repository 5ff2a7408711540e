package redraft.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.ReplayRow;
import redraft.policy.DraftLengthPolicy;
import redraft.steps.StepShape;
import redraft.synthetic.MeanLength;
import redraft.synthetic.MeanLength.Range;
import redraft.synthetic.MeanLength.Value;
import redraft.synthetic.Preset;
import redraft.synthetic.TypedAcceptance;

/**
 * What a mean acceptance length leaves open at one draft length: the least and the greatest over
 * all laws of that mean.
 *
 * <p>Tokens per step and costs are those far from the ends of a text, at its mean context; the ends
 * are then taken to change them for every law as they do for the law that was replayed.
 */
public record LawBounds(int draftLength, Range tokensPerStep, Range speedup) {
  /**
   * @param row of the replay of what was typed, under a fixed draft length
   * @return null where no mean length was typed
   */
  public static LawBounds of(TypedAcceptance typed, ReplayRow row) {
    MeanLength length = typed.meanLength();
    if (length == null) {
      return null;
    }
    int draftLength = row.draftLength();
    double[] survival = typed.schedule().survival(draftLength);
    double replayed = 0; // tokens per step far from the ends
    for (double reached : survival) {
      replayed += reached;
    }
    Value speed = speed(typed.preset(), row);
    return new LawBounds(
        draftLength,
        scaled(length.tokensPerStep(draftLength), row.tokensPerStep() / replayed),
        scaled(
            length.range(draftLength, speed),
            row.speedup() / speed.of(replayed, survival[draftLength])));
  }

  /** Tokens per step over the cost of one, in plain steps. */
  private static Value speed(Preset text, ReplayRow row) {
    Deployment deployment = row.deployment();
    LatencyModel latency = deployment.latency().atTemperature(1);
    int batch = deployment.batch();
    int context = deployment.promptTokens(text.promptTokens()) - 1 + (text.tokens() - 1) / 2;
    StepShape shape = row.setting().draft().step(row.draftLength());
    double plain = latency.baselineStep(batch, context);
    double step = latency.step(batch, shape, context) / plain;
    double catchUp =
        shape.drafting() == StepShape.Drafting.MODEL ? latency.catchUp(batch, context) / plain : 0;
    return (tokensPerStep, whole) -> tokensPerStep / (step + whole * catchUp);
  }

  private static Range scaled(Range range, double factor) {
    return new Range(range.low() * factor, range.high() * factor);
  }

  /**
   * What a reader should know of how an acceptance is read, a line each.
   *
   * @param bounds of the one setting that is shown; null where it has none or all are shown
   */
  public static List<String> notes(TypedAcceptance typed, Grid grid, LawBounds bounds) {
    List<String> notes = new ArrayList<>();
    List<DraftLengthPolicy> adapting =
        grid.policies().stream().filter(policy -> !policy.fixed()).toList();
    List<Integer> lengths =
        grid.policies().stream()
            .filter(DraftLengthPolicy::fixed)
            .map(DraftLengthPolicy::draftLength)
            .distinct()
            .toList();
    int given = typed.placesGiven();
    if (given < Integer.MAX_VALUE
        && (!adapting.isEmpty() || lengths.stream().anyMatch(length -> length > given))) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s: nothing is said of places after %d, where the conditional rate of the last one, %.3f, is repeated",
              typed.name(),
              given,
              typed.schedule().acceptance(given)));
    }
    if (typed.meanLength() != null) {
      notes.add(
          String.format(
                  Locale.ROOT,
                  "%s is read as the same conditional acceptance at every place, p = %.4f with p + … + p^%d = L − 1",
                  typed.name(),
                  typed.schedule().acceptance(1),
                  typed.meanLength().draftLength())
              + (bounds != null
                  ? "; over all laws of that mean " + bounds.words()
                  : lengths.isEmpty()
                      ? ""
                      : "; tokens per step over all laws of that mean, far from the end of a text: "
                          + lengths.stream()
                              .map(
                                  length -> words(length, typed.meanLength().tokensPerStep(length)))
                              .collect(Collectors.joining(", "))));
    }
    return notes;
  }

  private static String words(int draftLength, Range tokensPerStep) {
    return String.format(
        Locale.ROOT, "K=%d %.2f – %.2f", draftLength, tokensPerStep.low(), tokensPerStep.high());
  }

  private String words() {
    return String.format(
        Locale.ROOT,
        "K=%d gives %.2f – %.2f tokens per step and %.2f – %.2f times plain decoding",
        draftLength,
        tokensPerStep.low(),
        tokensPerStep.high(),
        speedup.low(),
        speedup.high());
  }
}
