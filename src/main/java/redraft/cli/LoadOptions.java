package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;

/** The load that passes are priced under: every combination of these. */
final class LoadOptions {
  @Option(
      names = "--batch",
      paramLabel = "B",
      split = ",",
      defaultValue = "1",
      description =
          "Sequences decoded together, each accepting on its own (default: ${DEFAULT-VALUE}).")
  private List<Integer> batches;

  @Option(
      names = "--context",
      paramLabel = "N",
      split = ",",
      description = "Price every sequence as if its prompt had N tokens (default: its own prompt).")
  private List<Integer> contexts;

  @Option(
      names = "--usd-per-hour",
      paramLabel = "USD",
      description = "Price of all hardware together (default: that of the hardware preset).")
  private Double usdPerHour;

  /** Of every model. */
  List<Deployment> deployments(List<LatencyModel> models) {
    if (usdPerHour != null && !(usdPerHour >= 0 && Double.isFinite(usdPerHour))) {
      throw new IllegalArgumentException(
          "--usd-per-hour " + usdPerHour + " must be a number of at least 0");
    }
    return every(models, batches, contexts, usdPerHour);
  }

  /**
   * Every combination.
   *
   * @param contexts null for every sequence's own prompt
   * @param usdPerHour null for each model's own price
   */
  static List<Deployment> every(
      List<LatencyModel> models, List<Integer> batches, List<Integer> contexts, Double usdPerHour) {
    List<Deployment> deployments = new ArrayList<>();
    for (LatencyModel model : models) {
      double price = usdPerHour == null ? model.usdPerHour() : usdPerHour;
      for (int batch : batches) {
        if (contexts == null) {
          deployments.add(new Deployment(model, batch, null, price));
        } else {
          contexts.forEach(
              context -> deployments.add(new Deployment(model, batch, context, price)));
        }
      }
    }
    return deployments;
  }
}
