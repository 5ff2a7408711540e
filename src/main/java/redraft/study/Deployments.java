package redraft.study;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.policy.BatchTable;

/** Every combination of latency models, batches and contexts. */
public final class Deployments {
  private Deployments() {}

  /**
   * In the order of the models, then of the batches. Models that results could not tell apart are
   * numbered.
   *
   * @param batches of a model
   * @param contexts of a model, prompt tokens; null for every sequence's own prompt
   * @param usdPerHour of all hardware; null for what the models say
   */
  public static List<Deployment> every(
      List<LatencyModel> models,
      Function<LatencyModel, List<Integer>> batches,
      Function<LatencyModel, List<Integer>> contexts,
      Double usdPerHour,
      boolean recurrent) {
    List<Deployment> deployments = new ArrayList<>();
    Map<String, Integer> namesakes = new HashMap<>();
    for (LatencyModel model : models) {
      double rent = usdPerHour == null ? model.usdPerHour() : usdPerHour;
      int namesake = namesakes.merge(label(model), 1, Integer::sum);
      String name = model.name() + (namesake == 1 ? "" : "#" + namesake);
      List<Integer> prompts = contexts.apply(model);
      for (int batch : batches.apply(model)) {
        if (prompts == null) {
          deployments.add(new Deployment(name, model, batch, null, rent, recurrent));
        } else {
          prompts.forEach(
              context ->
                  deployments.add(new Deployment(name, model, batch, context, rent, recurrent)));
        }
      }
    }
    return deployments;
  }

  /** All that tells latency models apart in results. */
  private static String label(LatencyModel model) {
    return model.name() + "\n" + model.targetModel() + "\n" + model.draftModel();
  }

  /**
   * The deployments that go into one grid: those of one batch, where a policy is a table of
   * batches.
   *
   * @param policies by name
   */
  public static List<List<Deployment>> byBatch(
      List<String> policies, List<Deployment> deployments) {
    return policies.stream().noneMatch(BatchTable::isNamed)
        ? List.of(deployments)
        : List.copyOf(
            deployments.stream()
                .collect(
                    Collectors.groupingBy(
                        Deployment::batch, LinkedHashMap::new, Collectors.toList()))
                .values());
  }
}
