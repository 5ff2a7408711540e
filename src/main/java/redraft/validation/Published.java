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
    Integer draftLength = fields.has("draftLength") ? fields.count("draftLength", null) : null;
    Double acceptance = optional(fields, "acceptance", 1);
    Double costRatio = optional(fields, "costRatio", 1);
    Double baselineMs = optional(fields, "baselineMs", Double.MAX_VALUE);
    double speedup = fields.number("speedup", 0, 1000);
    LatencyModel roofline =
        fields.has("deployment") ? LatencyModels.load(fields.text("deployment")) : null;
    int context = roofline == null ? 0 : fields.count("context", null);

    Double formula = null;
    Double rooflineSpeedup = null;
    Double implied = null;
    if (draftLength != null && acceptance != null) {
      formula = Metrics.independentSpeedup(acceptance, draftLength, costRatio);
      rooflineSpeedup =
          roofline == null
              ? null
              : Metrics.speedup(
                  Metrics.independentTokensPerStep(acceptance, draftLength)
                      * roofline.baselineStep(1, context),
                  roofline.speculativeStep(1, draftLength, context));
    } else if (draftLength != null) {
      // As many tokens a step as make up for the step's price, speedup times over.
      implied =
          BreakEven.acceptance(
              speedup, new ConstantRatio(costRatio), StepShape.chain(draftLength), 1, 0);
    }
    Double rooflineBaseline = roofline == null ? null : roofline.baselineStep(1, context);
    return new PublishedRow(
        fields.text("source"),
        fields.text("hardware"),
        fields.text("target"),
        fields.text("draft"),
        fields.text("task"),
        fields.text("temperature"),
        fields.text("confidence"),
        draftLength,
        acceptance,
        costRatio,
        speedup,
        formula,
        error(formula, speedup),
        costRatio == null || roofline == null
            ? null
            : roofline.draftPass(1, 1, context) / roofline.targetPass(1, 1, context),
        rooflineSpeedup,
        error(rooflineSpeedup, speedup),
        implied,
        baselineMs,
        baselineMs == null ? null : rooflineBaseline,
        baselineMs == null ? null : error(rooflineBaseline, baselineMs),
        fields.has("note") ? fields.text("note") : null);
  }

  private static Double optional(CheckedObject fields, String field, double most) {
    return fields.has(field) ? fields.number(field, 0, most) : null;
  }

  private static Double error(Double predicted, double published) {
    return predicted == null ? null : predicted / published - 1;
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
