package redraft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
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
              Map.entry("oracle", length -> new Oracle())));

  private Policies() {}

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
    if (name.equals("confidence")) {
      throw new IllegalArgumentException(
          "policy 'confidence' needs the draft's signals past the first mismatch, which the trace"
              + " does not record (no rollouts); use fixed or heuristic");
    }
    return REGISTRY.named(name).getValue().apply(draftLength);
  }

  /**
   * Every named policy at every draft length; one that takes no draft length comes once.
   *
   * @param draftLengths at least one
   */
  public static List<DraftLengthPolicy> every(List<String> names, List<Integer> draftLengths) {
    List<DraftLengthPolicy> policies = new ArrayList<>();
    for (String name : names) {
      if (named(name, draftLengths.get(0)).draftLength() == null) {
        policies.add(named(name, draftLengths.get(0)));
      } else {
        draftLengths.forEach(draftLength -> policies.add(named(name, draftLength)));
      }
    }
    return policies;
  }
}
