package redraft.validation;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.json.CheckedObject;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.RooflineLatency;
import redraft.metrics.BreakEven;
import redraft.metrics.Metrics;
import redraft.steps.StepShape;
import redraft.validation.PublishedRow.Formula;
import redraft.validation.PublishedRow.Measured;
import redraft.validation.PublishedRow.Roofline;

/**
 * Published measurements of speculative decoding, shipped as data, and what the closed formula and
 * the roofline predict of each.
 *
 * @param layersSource where the times of layers are from
 */
public record Published(List<PublishedRow> rows, List<LayerRow> layers, String layersSource) {
  private static final String RESOURCE = "published.json";

  /** Reads the data and predicts all of it. */
  public static Published load() throws IOException {
    try (InputStream in = Published.class.getResourceAsStream(RESOURCE)) {
      CheckedObject file = CheckedObject.read(RESOURCE, in);
      List<PublishedRow> rows = new ArrayList<>();
      for (CheckedObject fields : file.children("speedups")) {
        rows.add(row(fields));
      }
      CheckedObject layerFields = file.child("layers");
      layerFields.text("confidence");
      List<LayerRow> layers = new ArrayList<>();
      for (CheckedObject fields : layerFields.children("measurements")) {
        addLayers(fields, layers);
      }
      String source = layerFields.text("source");
      file.finish();
      return new Published(rows, layers, source);
    }
  }

  private static PublishedRow row(CheckedObject fields) throws IOException {
    Measured measured =
        new Measured(
            fields.has("draftLength") ? fields.count("draftLength", null) : null,
            optional(fields, "acceptance", 1),
            optional(fields, "costRatio", 1),
            fields.number("speedup", 0, 1000),
            optional(fields, "baselineMs", Double.MAX_VALUE));
    Roofline roofline =
        fields.has("deployment")
            ? roofline(
                measured,
                LatencyModels.load(fields.text("deployment")),
                fields.count("context", null))
            : new Roofline(null, null, null);
    return new PublishedRow(
        new PublishedRow.Experiment(
            fields.text("source"),
            fields.text("hardware"),
            fields.text("target"),
            fields.text("draft"),
            fields.text("task"),
            fields.text("temperature"),
            fields.text("confidence")),
        measured,
        formula(measured),
        roofline,
        fields.has("note") ? fields.text("note") : null);
  }

  private static Formula formula(Measured measured) {
    Integer draftLength = measured.draftLength();
    Double costRatio = measured.costRatio();
    if (draftLength == null) {
      return new Formula(null, null);
    }
    if (measured.acceptance() != null) {
      double speedup = Metrics.independentSpeedup(measured.acceptance(), draftLength, costRatio);
      return new Formula(speedup, null);
    }
    // As many tokens a step as make up for the step's cost, speedup times over.
    return new Formula(
        null,
        BreakEven.acceptance(
            measured.speedup(), new ConstantRatio(costRatio), StepShape.chain(draftLength), 1, 0));
  }

  private static Roofline roofline(Measured measured, LatencyModel model, int context) {
    double plain = model.baselineStep(1, context);
    Double speedup = null;
    if (measured.draftLength() != null && measured.acceptance() != null) {
      int draftLength = measured.draftLength();
      double tokens = Metrics.independentTokensPerStep(measured.acceptance(), draftLength);
      speedup = Metrics.speedup(tokens * plain, model.speculativeStep(1, draftLength, context));
    }
    return new Roofline(
        measured.costRatio() == null
            ? null
            : model.draftPass(1, 1, context) / model.targetPass(1, 1, context),
        speedup,
        measured.baselineMs() == null ? null : plain);
  }

  private static Double optional(CheckedObject fields, String field, double most) {
    return fields.has(field) ? fields.number(field, 0, most) : null;
  }

  private static void addLayers(CheckedObject fields, List<LayerRow> layers) throws IOException {
    HardwareCatalogue.Devices devices = HardwareCatalogue.devices(fields.text("hardware"));
    ModelShape model = HardwareCatalogue.model(fields.text("model"));
    RooflineLatency roofline =
        new RooflineLatency(devices.hardware(), model, model, Precision.BF16, 1);
    List<Double> rows = fields.numbers("rows", 1, CheckedObject.MOST);
    List<Double> published = fields.numbers("ms", 0, Double.MAX_VALUE);
    for (int i = 0; i < rows.size(); i++) {
      double ms = roofline.layerMs(model, rows.get(i));
      layers.add(
          new LayerRow(
              devices.hardware().name(),
              model.name(),
              rows.get(i).intValue(),
              published.get(i),
              ms,
              ms / published.get(i) - 1));
    }
  }
}
