package redraft.latency;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import redraft.hardware.SourcedNumber;
import redraft.json.CheckedObject;

/**
 * A serving engine: what it adds to the roofline, and how it verifies.
 *
 * @param rule that it verifies by unless told otherwise; null where nothing is known of it
 * @param like the engine that it shares all costs with; null for its own
 * @param costs that it has, each with what was expected of it before it was fitted
 * @param error of speedups under it with draft models
 * @param headError the same with heads on the target
 */
public record Engine(
    String name,
    String title,
    String rule,
    String like,
    Map<EngineCost, Cost> costs,
    CostError error,
    CostError headError,
    Source source) {
  /** The engine that adds nothing: a bound that no engine reaches. */
  public static final String IDEAL = "ideal";

  /**
   * @param fitted to published runs; the expectation itself where there are none
   * @param spread standard deviation of ln(cost) around what was expected
   */
  public record Cost(double fitted, SourcedNumber expected, double spread) {}

  /** Where it is from that the engine works like this. */
  public record Source(String text, String date, String confidence) {}

  public Engine {
    costs = Map.copyOf(costs);
    if (costs.size() > EngineCost.MOST) {
      throw new IllegalArgumentException(
          "engine '"
              + name
              + "' has "
              + costs.size()
              + " costs; more than "
              + EngineCost.MOST
              + " cannot be told from each other");
    }
    Objects.requireNonNull(error);
  }

  /** 0 where the engine has no such cost. */
  public double cost(EngineCost which) {
    Cost cost = costs.get(which);
    return cost == null ? 0 : cost.fitted;
  }

  /** Whether it adds nothing to the roofline. */
  public boolean ideal() {
    return costs.isEmpty();
  }

  /** The same with other costs altogether. */
  public Engine withCosts(Map<EngineCost, Cost> other) {
    return new Engine(name, title, rule, like, other, error, headError, source);
  }

  /** The same with other values of costs that it has. */
  public Engine with(Map<EngineCost, Double> fitted) {
    Map<EngineCost, Cost> other = new EnumMap<>(EngineCost.class);
    costs.forEach(
        (which, cost) ->
            other.put(
                which,
                new Cost(fitted.getOrDefault(which, cost.fitted), cost.expected, cost.spread)));
    return withCosts(other);
  }

  /** The same with another error, whatever drafts. */
  public Engine with(CostError other) {
    return new Engine(name, title, rule, like, costs, other, other, source);
  }

  static Engine read(CheckedObject fields, List<Engine> before) {
    String like = fields.has("like") ? fields.text("like") : null;
    Engine twin = before.stream().filter(each -> each.name.equals(like)).findFirst().orElse(null);
    Map<EngineCost, Cost> costs = new EnumMap<>(EngineCost.class);
    if (twin == null) {
      CheckedObject all = fields.child("costs");
      for (EngineCost which : EngineCost.values()) {
        if (all.has(which.field())) {
          costs.put(which, cost(all.child(which.field())));
        }
      }
    }
    return new Engine(
        fields.text("name"),
        fields.text("title"),
        fields.has("rule") ? fields.text("rule") : null,
        like,
        twin == null ? costs : twin.costs,
        twin == null ? error(fields.child("error")) : twin.error,
        twin == null ? error(fields.child("headError")) : twin.headError,
        new Source(fields.text("source"), fields.text("date"), fields.text("confidence")));
  }

  private static Cost cost(CheckedObject fields) {
    return new Cost(
        fields.number("fitted", 0, 1e6),
        SourcedNumber.read(fields.child("expected"), 0, 1e6),
        fields.number("spread", 0, 10));
  }

  private static CostError error(CheckedObject fields) {
    return new CostError(
        fields.number("bias", -10, 10),
        fields.number("spread", 0, 10),
        fields.has("rows") ? fields.count("rows", null) : 0,
        fields.has("sources") ? fields.count("sources", null) : 0);
  }
}
