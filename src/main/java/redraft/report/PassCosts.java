package redraft.report;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;

/**
 * What passes and steps cost under a named latency model: milliseconds at batch 1 and one context.
 */
record PassCosts(String name, LatencyModel model) {
  static final int CONTEXT = 1024; // tokens that costs are shown at

  /** One pass of each model over some rows. */
  record Pass(int rows, double targetMs, double draftMs) {}

  /** One step that drafts some tokens. */
  record SpeculativeStep(int draftLength, double ms) {}

  /**
   * Those of one name.
   *
   * @throws IllegalArgumentException if it is unknown
   */
  static PassCosts of(String name) throws IOException {
    return new PassCosts(name, LatencyModels.load(name));
  }

  List<Pass> passes() {
    return IntStream.of(1, 2, 4, 8, 16).mapToObj(this::pass).toList();
  }

  Pass pass(int rows) {
    return new Pass(rows, model.targetPass(1, rows, CONTEXT), model.draftPass(1, rows, CONTEXT));
  }

  double plainStepMs() {
    return model.baselineStep(1, CONTEXT);
  }

  List<SpeculativeStep> speculativeSteps() {
    return IntStream.of(1, 2, 4, 8)
        .mapToObj(length -> new SpeculativeStep(length, speculativeStepMs(length)))
        .toList();
  }

  double speculativeStepMs(int draftLength) {
    return model.speculativeStep(1, draftLength, CONTEXT);
  }

  /** Rent; null where none is known. */
  Double usdPerHour() {
    double usd = model.usdPerHour();
    return Double.isNaN(usd) ? null : usd;
  }

  /** Why it cannot run; null where nothing is known against it. */
  String shortfall() {
    return model.shortfall(1, CONTEXT, true);
  }
}
