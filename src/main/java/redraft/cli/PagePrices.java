package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.Precision;
import redraft.latency.Deployment;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.RooflineLatency;
import redraft.report.Report.Priced;

/** What a page offers to price besides what was asked for. */
final class PagePrices {
  private static final List<String> PAIRS =
      List.of(
          "llama-3.1-8b+llama-3.2-1b@h100-sxm",
          "llama-3.1-8b+llama-3.2-1b@l40s",
          "llama-3.1-70b+llama-3.2-1b@h100-sxmx4");
  private static final List<String> ENGINES = List.of("vllm", "sglang");
  private static final List<Integer> BATCHES = List.of(1, 4, 16, 64, 256);
  private static final int MOST = 120; // times traces, some kilobytes each in a page
  private static final int FEW_TRACES = 6; // which leave room for costs that nobody named

  private static final List<String> COSTS =
      List.of(
          "--cost-ratio",
          "--latency",
          "--target-speed",
          "--draft-speed",
          "--plain-ms",
          "--draft-pass-ms",
          "--verify-factor",
          "--verify-ms",
          "--speculation-overhead",
          "--hardware",
          "--target-model",
          "--draft-model",
          "--precision",
          "--draft-precision",
          "--step-overhead",
          "--expert-correlation",
          "--engine");

  private final ParseResult asked;

  /**
   * @param asked the command that is answered
   */
  PagePrices(ParseResult asked) {
    this.asked = asked;
  }

  /**
   * The deployments that were compared, then other batches of those that were named; where none
   * was, usual pairs, machines and engines; fewer the more traces there are.
   */
  List<Priced> of(List<Deployment> compared, boolean given, int traces) throws IOException {
    List<Deployment> all = new ArrayList<>(compared);
    int most = compared.size() + MOST / traces; // each trace has its own curves
    for (Deployment deployment : compared) {
      LatencyModel latency = deployment.latency();
      for (int batch : latency.onlyBatchOne() == null ? BATCHES : List.<Integer>of()) {
        if (batch <= latency.batchReach() && all.size() < most) {
          Deployment other = deployment.withBatch(batch);
          all.addAll(all.contains(other) ? List.of() : List.of(other));
        }
      }
    }
    for (String pair : given || traces > FEW_TRACES ? List.<String>of() : PAIRS) {
      RooflineLatency bound = (RooflineLatency) LatencyModels.load(pair);
      for (String engine : ENGINES) {
        LatencyModel latency = new EngineLatency(bound, Engines.REGISTRY.named(engine));
        for (int batch : BATCHES) {
          all.add(new Deployment(latency, batch, null, latency.usdPerHour()));
        }
      }
    }
    List<LatencyModel> models = compared.stream().map(Deployment::latency).distinct().toList();
    return all.stream()
        .map(each -> new Priced(each, options(each, models.indexOf(each.latency()))))
        .toList();
  }

  /**
   * @param place of its latency model among those that were named; below 0 where none was
   */
  private List<String> options(Deployment deployment, int place) {
    if (deployment.latency() instanceof EngineLatency engine) {
      return options(engine.roofline(), engine.engineName(), place);
    }
    if (deployment.latency() instanceof RooflineLatency roofline) {
      return options(roofline, null, place);
    }
    return typed(place);
  }

  private List<String> options(RooflineLatency costs, String engine, int place) {
    if (!known(costs)) {
      return typed(place);
    }
    Precision target = costs.precisions().target();
    Precision draft = costs.precisions().draft();
    List<String> words = new ArrayList<>();
    words.add("--hardware");
    words.add(costs.hardware().name() + (costs.devices() == 1 ? "" : "x" + costs.devices()));
    words.addAll(List.of("--target-model", costs.targetModel()));
    words.addAll(List.of("--draft-model", costs.draftModel()));
    if (target != Precision.BF16 || draft != Precision.BF16) {
      words.addAll(List.of("--precision", target.word(), "--draft-precision", draft.word()));
    }
    if (costs.stepOverheadMs() != 0) {
      words.addAll(List.of("--step-overhead", Double.toString(costs.stepOverheadMs())));
    }
    if (costs.expertCorrelation() != 0) {
      words.addAll(List.of("--expert-correlation", Double.toString(costs.expertCorrelation())));
    }
    words.addAll(engine == null ? List.of() : List.of("--engine", engine));
    return words;
  }

  /** Whether all of it is called by names that every copy of the program knows. */
  private static boolean known(RooflineLatency costs) {
    return HardwareCatalogue.hardware().contains(costs.hardware())
        && HardwareCatalogue.models().contains(costs.target())
        && HardwareCatalogue.models().contains(costs.draft());
  }

  /** The costs as they were named; of several latency models, the one at a place. */
  private List<String> typed(int place) {
    List<String> words = typed(asked, COSTS);
    int latency = words.indexOf("--latency");
    if (latency >= 0 && place >= 0) {
      String[] models = words.get(latency + 1).split(",");
      words.set(latency + 1, models[Math.min(place, models.length - 1)]);
    }
    return words;
  }

  /** Options as they were typed, those of the names. */
  static List<String> typed(ParseResult asked, List<String> names) {
    List<String> words = new ArrayList<>();
    for (String name : names) {
      if (asked.hasMatchedOption(name)) {
        words.add(name);
        words.add(
            String.join(
                ",",
                asked.matchedOption(name).stringValues().stream()
                    .map(PagePrices::relative)
                    .toList()));
      }
    }
    return words;
  }

  /** What a page may say of a path: where it is on this machine is nobody's business. */
  static String relative(String word) {
    return Path.of(word).isAbsolute() ? Path.of(word).getFileName().toString() : word;
  }
}
