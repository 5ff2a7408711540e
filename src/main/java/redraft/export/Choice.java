package redraft.export;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import redraft.export.EngineRelease.Law;
import redraft.export.EngineRelease.Method;
import redraft.replay.LookupDraft.Ngrams;
import redraft.study.BestSetting.BatchRange;
import redraft.study.BestSetting.LengthAtBatch;

/**
 * What an engine is to be set to.
 *
 * @param draftLength tokens drafted a step
 * @param batches what to draft at batches from 1 on; empty where it is the same at all that are
 *     known
 * @param ngrams of a look-up
 * @param rates P(at least 1, 2, … drafted tokens accepted), as many as the draft is long
 * @param synthetic whether the engine is to accept by these rates, for a load test
 */
public record Choice(
    EngineRelease release,
    Method method,
    Law law,
    int draftLength,
    List<LengthAtBatch> batches,
    Ngrams ngrams,
    List<Double> rates,
    boolean synthetic) {
  private static final int DECIMALS = 6; // of rates: a millionth of a token a step

  /** The batches in ranges. */
  List<BatchRange> ranges() {
    return LengthAtBatch.ranges(batches);
  }

  /** The rates as engines want them: none larger than the one before. */
  List<BigDecimal> jointRates() {
    return rates.stream().map(Choice::decimal).toList();
  }

  /** P(token i accepted | those before it were); 0 where none gets there. */
  List<BigDecimal> conditionalRates() {
    List<BigDecimal> conditional = new ArrayList<>();
    double before = 1;
    for (double rate : rates) {
      conditional.add(decimal(before == 0 ? 0 : Math.min(1, rate / before)));
      before = rate;
    }
    return conditional;
  }

  /** Accepted drafted tokens a step. */
  BigDecimal accepted() {
    return decimal(rates.stream().mapToDouble(Double::doubleValue).sum());
  }

  /** Tokens a step, the bonus or recovered token included. */
  BigDecimal acceptanceLength() {
    return accepted().add(BigDecimal.ONE);
  }

  private static BigDecimal decimal(double value) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).setScale(DECIMALS, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }
}
