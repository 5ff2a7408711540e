package redraft.validation;

import java.io.IOException;
import redraft.hardware.Precision;
import redraft.json.CheckedObject;
import redraft.latency.Engine;
import redraft.latency.EngineLatency;
import redraft.latency.RooflineLatency;
import redraft.metrics.Metrics;
import redraft.steps.StepShape;

/**
 * One run of speculative decoding beside plain decoding, with the tokens per step of that run: what
 * is left to predict is what passes cost.
 */
public record MeasuredRun(Origin origin, Setup setup, Load load, Measured measured) {
  /** Draft names of runs that draft by looking tokens up in the text. */
  private static final String LOOKUP = "ngram|prompt-lookup|suffix";

  /** In notes of runs whose drafted tokens each took a target pass of their own. */
  private static final String ONE_BY_ONE = "verification is not batched";

  private static final int USUAL_CONTEXT = 256;

  /**
   * @param source who published it; what stands before the first blank tells sources apart
   * @param note null for none
   */
  public record Origin(String id, String source, String note) {}

  /** Names of what ran, and precisions. */
  public record Setup(
      String target,
      String draft,
      String hardware,
      String engine,
      Precision targetPrecision,
      Precision draftPrecision) {}

  /**
   * @param context tokens in the cache at the middle of decoding
   * @param draftLength K
   */
  public record Load(int batch, int context, int draftLength) {}

  /**
   * @param speedup null where only {@code ms} is known
   * @param plainMs a token of plain decoding; null where it is not known
   * @param ms a token of speculative decoding; null where it is not known
   */
  public record Measured(double tokensPerStep, Double speedup, Double plainMs, Double ms) {}

  public String id() {
    return origin.id;
  }

  /** What tells sources apart: a repository or a thread. */
  public String source() {
    return origin.source.strip().split("\\s", 2)[0];
  }

  /** Whether each drafted token took a target pass of its own, as the note of the run says. */
  public boolean verifiesOneByOne() {
    return origin.note != null && origin.note.contains(ONE_BY_ONE);
  }

  /** All that two runs must share for a choice between their draft lengths. */
  String setting() {
    return String.join(
        " ",
        source(),
        setup.toString(),
        Integer.toString(load.batch),
        Integer.toString(load.context),
        String.valueOf(origin.note));
  }

  /**
   * What it would have cost.
   *
   * @throws IllegalArgumentException if hardware or a model is not known
   */
  Costs costs() throws IOException {
    boolean lookup = setup.draft.matches(LOOKUP);
    return new Costs(
        this,
        RooflineLatency.named(
            setup.hardware,
            setup.target,
            lookup ? setup.target : setup.draft,
            new RooflineLatency.Precisions(setup.targetPrecision, setup.draftPrecision)),
        lookup ? StepShape.copy(load.draftLength) : StepShape.chain(load.draftLength));
  }

  /** A run and the roofline that it is priced by. */
  record Costs(MeasuredRun run, RooflineLatency roofline, StepShape step) {
    /** The speedup that tokens per step and the costs of an engine give. */
    double speedup(Engine engine) {
      EngineLatency latency = new EngineLatency(roofline, engine);
      Load load = run.load;
      double plain = latency.baselineStep(load.batch, load.context);
      double cost = latency.step(load.batch, step, load.context);
      if (run.verifiesOneByOne()) {
        cost +=
            step.targetRows() * latency.targetPass(load.batch, 1, load.context)
                - latency.targetPass(load.batch, step.targetRows(), load.context);
      }
      return Metrics.speedup(run.measured.tokensPerStep * plain, cost);
    }

    /** The same pair elsewhere, measured as fast as plain decoding. */
    Costs at(int batch, int draftLength) {
      return new Costs(
          new MeasuredRun(
              run.origin,
              run.setup,
              new Load(batch, run.load.context, draftLength),
              new Measured(1, 1.0, null, null)),
          roofline,
          step.drafting() == StepShape.Drafting.COPY
              ? StepShape.copy(draftLength)
              : StepShape.chain(draftLength));
    }

    /** Milliseconds of a token of plain decoding. */
    double plainMs(Engine engine) {
      return new EngineLatency(roofline, engine).baselineStep(run.load.batch, run.load.context);
    }

    /** ln(predicted / measured) of the speedup, or of the time where only that was measured. */
    double error(Engine engine) {
      return run.measured.speedup != null
          ? Math.log(speedup(engine) / run.measured.speedup)
          : Math.log(plainMs(engine) / speedup(engine) / run.measured.ms);
    }
  }

  static MeasuredRun read(CheckedObject fields, String file) {
    fields.ignoreUnknown();
    return new MeasuredRun(
        new Origin(
            fields.text("id"),
            fields.has("source") ? fields.text("source") : file,
            fields.has("note") ? fields.text("note") : null),
        new Setup(
            fields.text("target"),
            fields.text("draft"),
            fields.text("hardware"),
            fields.text("engine"),
            Precision.read(fields, "targetPrecision", Precision.BF16),
            Precision.read(fields, "draftPrecision", Precision.BF16)),
        new Load(
            fields.count("batch", 1),
            fields.count("context", USUAL_CONTEXT),
            fields.count("draftLength", null)),
        measured(fields));
  }

  private static Measured measured(CheckedObject fields) {
    Double plainMs = time(fields, "measuredPlainMs");
    Double ms = time(fields, "measuredMs");
    boolean published = fields.has("measuredSpeedup") || ms == null;
    return new Measured(
        fields.number("tokensPerStep", 1, 1000),
        published
            ? (Double) fields.number("measuredSpeedup", 1e-3, 1000)
            : plainMs == null ? null : (Double) (plainMs / ms),
        plainMs,
        ms);
  }

  private static Double time(CheckedObject fields, String field) {
    return fields.has(field) ? (Double) fields.number(field, 1e-6, 1e9) : null;
  }
}
