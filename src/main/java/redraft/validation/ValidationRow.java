package redraft.validation;

import redraft.metrics.Interval;
import redraft.metrics.Quartiles;

/**
 * One way to decode one domain: what replay predicts of it and what was measured.
 *
 * @param prompts that were decoded
 */
public record ValidationRow(Cell cell, int prompts, TokensPerStep tokens, Speedup speedups) {
  private static final double ROUNDING = 1e-9;

  /** A way to decode. */
  public record Cell(String domain, double temperature, String rule, int draftLength) {}

  /**
   * @param predicted from the trace
   * @param difference measured − predicted: 95%, jackknife over prompts; both ends 0 where every
   *     step came out as predicted
   */
  public record TokensPerStep(double predicted, double measured, Interval difference) {
    /** Whether the difference may be none. */
    public boolean within() {
      return difference.low() <= ROUNDING && difference.high() >= -ROUNDING;
    }
  }

  /**
   * @param predicted from the trace and the profile
   * @param measured plain over speculative time per token
   * @param interval of the measured one: 95%, jackknife over prompts
   * @param quartiles of single measurements, each run over the plain one next to it
   */
  public record Speedup(double predicted, double measured, Interval interval, Quartiles quartiles) {
    /** Predicted / measured − 1. */
    public double error() {
      return predicted / measured - 1;
    }
  }

  public String domain() {
    return cell.domain;
  }

  public double temperature() {
    return cell.temperature;
  }

  public String rule() {
    return cell.rule;
  }

  public int draftLength() {
    return cell.draftLength;
  }

  public boolean withinInterval() {
    return tokens.within();
  }

  public double speedupError() {
    return speedups.error();
  }
}
