package redraft.validation;

import java.util.Comparator;
import java.util.List;

/**
 * The draft length that predictions choose in one setting, beside the one that was measured best.
 *
 * @param chosen the run whose predicted speedup is highest
 * @param best the run whose measured speedup is highest
 */
public record LengthChoice(RunPrediction chosen, RunPrediction best) {
  static LengthChoice of(List<RunPrediction> runs) {
    return new LengthChoice(
        runs.stream().max(Comparator.comparingDouble(RunPrediction::predicted)).orElseThrow(),
        runs.stream().max(Comparator.comparingDouble(RunPrediction::measured)).orElseThrow());
  }

  /** The part of the best measured speedup that the choice loses. */
  public double lost() {
    return 1 - chosen.measured() / best.measured();
  }
}
