package redraft.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The policies that can be named; a new policy is one file and one line here. */
public final class Policies {
  private static final Map<String, IntFunction<DraftLengthPolicy>> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("fixed", FixedLength::new);
    BY_NAME.put("heuristic", Heuristic::new);
    BY_NAME.put("oracle", length -> new Oracle());
  }

  private Policies() {}

  /** Those that can be named, in the order in which they are listed. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
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
    IntFunction<DraftLengthPolicy> policy = BY_NAME.get(name);
    if (policy == null) {
      throw new IllegalArgumentException(
          "unknown policy '" + name + "'; one of " + String.join(", ", BY_NAME.keySet()));
    }
    return policy.apply(draftLength);
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
