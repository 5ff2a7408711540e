package redraft.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.latency.ConstantRatio;
import redraft.latency.Engine;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.RooflineLatency;

/** What passes cost: one of these. */
final class LatencyOptions {
  @Option(
      names = "--cost-ratio",
      paramLabel = "C",
      split = ",",
      required = true,
      description = "Draft pass / target pass; a verification costs one target pass.")
  private List<Double> costRatios;

  @Option(
      names = "--latency",
      paramLabel = "PRESET|FILE",
      split = ",",
      required = true,
      description =
          "A latency model: a profile that 'redraft profile' wrote, a preset such as llama-3.1-8b-eagle3-h100, "
              + "llama-3.1-70b+llama-3.2-1b@h100x4 (target+draft@hardware), or a JSON file; 'redraft presets' lists them.")
  private List<String> presets;

  @ArgGroup(exclusive = false)
  private StatedOptions stated;

  @ArgGroup(exclusive = false)
  private Roofline roofline;

  /** Costs from hardware and model sizes. */
  private static final class Roofline {
    @Option(
        names = "--hardware",
        paramLabel = "NAME|FILE",
        split = ",",
        required = true,
        completionCandidates = Names.Hardware.class,
        description =
            "Hardware such as h100-sxm, or h100-sxmx4 for four that share the models; needs --target-model and "
                + "--draft-model.")
    private List<String> hardware;

    @Option(
        names = "--target-model",
        paramLabel = "NAME|FILE",
        split = ",",
        required = true,
        completionCandidates = Names.Models.class,
        description = "Size of the target whose passes cost, such as llama-3.1-70b.")
    private List<String> targets;

    @Option(
        names = "--draft-model",
        paramLabel = "NAME|FILE",
        split = ",",
        required = true,
        completionCandidates = Names.Models.class,
        description =
            "Size of the draft whose passes cost, such as llama-3.2-1b; as many as targets, or one for all.")
    private List<String> drafts;

    @Option(
        names = "--precision",
        paramLabel = "P",
        split = ",",
        defaultValue = "bf16",
        description =
            "Weights in bf16, fp8, int8 or int4, or a word for one of them such as fp16, q8_0, q4_k_m or awq; of both "
                + "models, or of the target where --draft-precision is given (default: ${DEFAULT-VALUE}).")
    private List<String> precisions;

    @Option(
        names = "--draft-precision",
        paramLabel = "P",
        split = ",",
        description =
            "Weights of the draft; as many as of --precision, or one for all (default: those of --precision).")
    private List<String> draftPrecisions;

    @Option(
        names = "--step-overhead",
        paramLabel = "MS",
        defaultValue = "0",
        description =
            "Milliseconds that the serving engine adds to every step, plain or speculative (default: ${DEFAULT-VALUE}).")
    private double stepOverheadMs;

    @Option(
        names = "--expert-correlation",
        paramLabel = "R",
        defaultValue = "0",
        description =
            "How alike the tokens of a pass choose experts, from 0, each on its own, to below 1 "
                + "(default: ${DEFAULT-VALUE}).")
    private double expertCorrelation;

    private List<LatencyModel> models(List<String> engines) throws IOException {
      if (drafts.size() != 1 && drafts.size() != targets.size()) {
        throw new IllegalArgumentException(
            "--draft-model names "
                + drafts.size()
                + " models for "
                + targets.size()
                + " of --target-model; name one for each, or one for all");
      }
      if (draftPrecisions != null
          && draftPrecisions.size() != 1
          && draftPrecisions.size() != precisions.size()) {
        throw new IllegalArgumentException(
            "--draft-precision names "
                + draftPrecisions.size()
                + " precisions for "
                + precisions.size()
                + " of --precision; name one for each, or one for all");
      }
      List<LatencyModel> models = new ArrayList<>();
      for (String name : hardware) {
        HardwareCatalogue.Devices devices = HardwareCatalogue.devices(name);
        for (RooflineLatency.Precisions each : precisions()) {
          for (int i = 0; i < targets.size(); i++) {
            ModelShape target = HardwareCatalogue.model(targets.get(i));
            ModelShape draft = HardwareCatalogue.model(drafts.get(drafts.size() == 1 ? 0 : i));
            RooflineLatency bound =
                new RooflineLatency(
                    devices.hardware(),
                    target,
                    draft,
                    each,
                    devices.count(),
                    stepOverheadMs,
                    expertCorrelation);
            for (String engine : engines) {
              Engine in = Engines.REGISTRY.named(engine);
              models.add(in.ideal() ? bound : new EngineLatency(bound, in));
            }
          }
        }
      }
      return models;
    }

    private List<RooflineLatency.Precisions> precisions() {
      List<RooflineLatency.Precisions> all = new ArrayList<>();
      for (int i = 0; i < precisions.size(); i++) {
        Precision target = Precision.named(precisions.get(i));
        all.add(
            new RooflineLatency.Precisions(
                target,
                draftPrecisions == null
                    ? target
                    : Precision.named(draftPrecisions.get(draftPrecisions.size() == 1 ? 0 : i))));
      }
      return all;
    }
  }

  /**
   * Every model that was named.
   *
   * @param engines that steps are made in; empty where none was named
   */
  List<LatencyModel> models(List<String> engines) throws IOException {
    if (roofline != null) {
      return roofline.models(engines.isEmpty() ? List.of(Engine.IDEAL) : engines);
    }
    if (!engines.isEmpty()) {
      throw engineAlone(engines);
    }
    if (stated != null) {
      return List.of(stated.model());
    }
    List<LatencyModel> models = new ArrayList<>();
    if (costRatios != null) {
      costRatios.forEach(costRatio -> models.add(new ConstantRatio(costRatio)));
    } else {
      for (String preset : presets) {
        models.add(LatencyModels.load(preset));
      }
    }
    return models;
  }

  /** Whether costs are those of hardware and models. */
  boolean ofHardware() {
    return roofline != null;
  }

  /** An engine says nothing where hardware and models do not. */
  static IllegalArgumentException engineAlone(List<String> engines) {
    return new IllegalArgumentException(
        "--engine "
            + String.join(",", engines)
            + " is what an engine adds to the costs of hardware and models; it needs --hardware, --target-model and"
            + " --draft-model");
  }
}
