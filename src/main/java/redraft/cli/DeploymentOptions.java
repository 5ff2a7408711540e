package redraft.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.Unpriced;
import redraft.study.Deployments;
import redraft.study.Grid;
import redraft.study.Reach;

/** What decoding runs on and under which load: every combination of these. */
final class DeploymentOptions {
  @ArgGroup private LatencyOptions latency;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Names.Engines.class,
      description =
          "Serving engine that steps are made in, with --hardware: ${COMPLETION-CANDIDATES}; it sets the rule too, unless "
              + "--rule is named (default: ideal, the roofline alone, which is a bound).")
  private List<String> engines = List.of();

  @Option(
      names = "--batch",
      paramLabel = "B",
      split = ",",
      description =
          "Sequences decoded together, each accepting on its own (default: 1; in a sweep, 1,4,16,64,256).")
  private List<Integer> batches;

  @Option(
      names = "--context",
      paramLabel = "N",
      split = ",",
      description =
          "Cost every sequence as if its prompt had N tokens (default: its own prompt; in a sweep, 256,2048).")
  private List<Integer> contexts;

  @Option(
      names = "--usd-per-hour",
      paramLabel = "USD",
      description = "Rent of all hardware together (default: that of the hardware preset).")
  private Double usdPerHour;

  @Option(
      names = "--recurrent-target",
      description =
          "The target's state cannot take back single tokens (recurrent and hybrid models): charge one more pass over the accepted ones "
              + "after every step that rejects some, as llama.cpp makes.")
  private boolean recurrent;

  /** Whether anything says what passes cost. */
  boolean given() {
    return latency != null;
  }

  /** The same, where steps may be counted that nothing prices. */
  List<Deployment> everyOrUnpriced() throws IOException {
    return latency == null && engines.isEmpty()
        ? every(List.of(new Unpriced()), List.of(1), null, new Reach())
        : every();
  }

  /** What was asked for; one sequence at a time, with its own prompt, unless something else was. */
  List<Deployment> every() throws IOException {
    if (latency == null) {
      if (!engines.isEmpty()) {
        throw LatencyOptions.engineAlone(engines);
      }
      throw new IllegalArgumentException(
          "nothing says what passes cost: name --cost-ratio, --latency, --target-speed with --draft-speed, or --hardware with "
              + "--target-model and --draft-model");
    }
    return every(latency.models(engines), List.of(1), null, new Reach());
  }

  /** The only one, where batches are not the user's to name. */
  Deployment alone() throws IOException {
    if (batches != null || contexts != null || recurrent) {
      throw new IllegalArgumentException(
          (batches != null ? "--batch" : contexts != null ? "--context" : "--recurrent-target")
              + " does not go with traffic, whose batches and contexts are those that its requests make; leave it out");
    }
    return only();
  }

  /** Engines that were named. */
  List<String> engines() {
    return engines;
  }

  /**
   * The only one, whatever engine was named.
   *
   * @param costs the engine that steps cost as in, where hardware is named; null for none
   */
  Deployment only(String costs) throws IOException {
    engines =
        costs == null || latency == null || !latency.ofHardware() ? List.of() : List.of(costs);
    return only();
  }

  /** The only one. */
  Deployment only() throws IOException {
    return Names.only("--cost-ratio, --latency, --hardware, --batch, --context", every());
  }

  /**
   * @param models where none was named
   * @param usualBatches where none was named
   * @param usualContexts where none was named; null for every sequence's own prompt
   * @param reach told what is left out of them
   */
  List<Deployment> orElse(
      List<LatencyModel> models,
      List<Integer> usualBatches,
      List<Integer> usualContexts,
      Reach reach)
      throws IOException {
    if (latency == null && !engines.isEmpty()) {
      throw LatencyOptions.engineAlone(engines);
    }
    return every(
        latency == null ? models : latency.models(engines), usualBatches, usualContexts, reach);
  }

  private List<Deployment> every(
      List<LatencyModel> models,
      List<Integer> usualBatches,
      List<Integer> usualContexts,
      Reach reach) {
    if (usdPerHour != null && !(usdPerHour >= 0 && Double.isFinite(usdPerHour))) {
      throw new IllegalArgumentException(
          "--usd-per-hour " + usdPerHour + " must be a number of at least 0");
    }
    long loads = (long) (batches == null ? usualBatches : batches).size();
    List<Integer> most = contexts == null ? usualContexts : contexts;
    Grid.requireRoom(1, models.size() * loads * (most == null ? 1 : most.size()));
    return Deployments.every(
        models,
        model -> batches == null ? reach.batches(model, usualBatches) : batches,
        model ->
            contexts != null || usualContexts == null
                ? contexts
                : reach.contexts(model, usualContexts),
        usdPerHour,
        recurrent);
  }
}
