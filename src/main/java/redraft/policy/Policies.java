package redraft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import redraft.json.Registry;

/** The policies that can be named; a new policy is one file and one line here. */
public final class Policies {
  /** By name: the policy that starts with a draft length. */
  public static final Registry<Map.Entry<String, IntFunction<DraftLengthPolicy>>> REGISTRY =
      new Registry<>(
          "policy",
          Map.Entry::getKey,
          List.of(
              Map.entry("fixed", FixedLength::new),
              Map.entry("heuristic", Heuristic::new),
              Map.entry("oracle", length -> new Oracle()),
              written(SglangAdaptive.NAME, (name, length) -> SglangAdaptive.of(name)),
              written(TrtThreshold.NAME, TrtThreshold::of),
              written(Bandit.NAME, Bandit::of),
              written(StopOnSignal.P_MIN, StopOnSignal::of),
              written(StopOnSignal.ENTROPY, StopOnSignal::of),
              written(StopOnSignal.CONFIDENCE, StopOnSignal::of),
              written(RejectionRisk.NAME, RejectionRisk::of)));

  /** What asks for the best of several thresholds. */
  private static final List<String> BEST =
      Stream.of(
              StopOnSignal.P_MIN, StopOnSignal.ENTROPY, StopOnSignal.CONFIDENCE, RejectionRisk.NAME)
          .map(name -> name + ":best")
          .toList();

  private Policies() {}

  /**
   * A policy whose name may have parameters.
   *
   * @param of the policy by its name as it was written, and a draft length
   */
  private record Written(String name, BiFunction<String, Integer, DraftLengthPolicy> of)
      implements IntFunction<DraftLengthPolicy> {
    @Override
    public DraftLengthPolicy apply(int draftLength) {
      return of.apply(name, draftLength);
    }
  }

  private static Map.Entry<String, IntFunction<DraftLengthPolicy>> written(
      String name, BiFunction<String, Integer, DraftLengthPolicy> of) {
    return Map.entry(name, new Written(name, of));
  }

  /** In the order in which they are listed. */
  public static List<String> names() {
    return REGISTRY.names();
  }

  /**
   * The policy of that name.
   *
   * @param draftLength of every step, or of the first where the policy changes it; of no use to one
   *     that takes none
   */
  public static DraftLengthPolicy named(String name, int draftLength) {
    return named(name, draftLength, 1);
  }

  /**
   * The same, for a batch of this size, which only a table of batches asks for.
   *
   * @param name with its parameters, if it has any, after a colon
   */
  public static DraftLengthPolicy named(String name, int draftLength, int batch) {
    if (BatchTable.isNamed(name)) {
      return BatchTable.of(name, batch);
    }
    String family = family(name);
    if (family.equals(StopOnSignal.DROP_BELOW)) {
      throw StopOnSignal.dropping(name);
    }
    for (Map.Entry<String, IntFunction<DraftLengthPolicy>> each : REGISTRY.all()) {
      if (each.getKey().equals(family) && each.getValue() instanceof Written policy) {
        return policy.of.apply(name, draftLength);
      }
    }
    return REGISTRY.named(name).getValue().apply(draftLength);
  }

  /**
   * The names with every threshold of {@code p-min:best}, {@code entropy:best} and {@code
   * confidence:best}, tenths from 0.0 to 0.9, and of {@code specdec:best}, tenths from 1.0, which
   * never stops, to 0.1, each with every power.
   */
  public static List<String> withThresholds(List<String> names) {
    return names.stream()
        .flatMap(
            name ->
                !asksForBest(name)
                    ? Stream.of(name)
                    : family(name).equals(RejectionRisk.NAME)
                        ? risks()
                        : IntStream.rangeClosed(0, 9)
                            .mapToObj(tenths -> name.replaceFirst("best$", "0." + tenths)))
        .toList();
  }

  private static Stream<String> risks() {
    return IntStream.rangeClosed(0, 9)
        .mapToObj(tenths -> tenths == 0 ? "1.0" : "0." + (10 - tenths))
        .flatMap(
            threshold ->
                RejectionRisk.POWERS.stream()
                    .map(power -> RejectionRisk.NAME + ":" + threshold + ":power=" + power));
  }

  /** The kind of a policy: its name without parameters. */
  public static String family(String name) {
    return name.replaceFirst(":.*", "");
  }

  /** Whether the best of several thresholds is asked for. */
  public static boolean asksForBest(String name) {
    return BEST.contains(name);
  }

  /** What asks for it. */
  public static List<String> asking() {
    return BEST;
  }

  /** The same for a batch of 1. */
  public static List<DraftLengthPolicy> every(List<String> names, List<Integer> draftLengths) {
    return every(names, draftLengths, 1);
  }

  /**
   * Every named policy at every draft length; one that takes no draft length comes once.
   *
   * @param draftLengths at least one
   * @param batch that a table of batches is taken at
   */
  public static List<DraftLengthPolicy> every(
      List<String> names, List<Integer> draftLengths, int batch) {
    List<DraftLengthPolicy> policies = new ArrayList<>();
    for (String name : names) {
      if (BatchTable.isNamed(name)
          || named(name, draftLengths.get(0), batch).draftLength() == null) {
        policies.add(named(name, draftLengths.get(0), batch));
      } else {
        draftLengths.forEach(draftLength -> policies.add(named(name, draftLength, batch)));
      }
    }
    return policies;
  }
}
