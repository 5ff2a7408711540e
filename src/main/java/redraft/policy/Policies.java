package redraft.policy;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** The policies that can be named; a new policy is one file and one line here. */
public final class Policies {
  private static final Map<String, IntFunction<DraftLengthPolicy>> BY_NAME =
      new TreeMap<>(
          Map.of(
              "fixed", FixedLength::new,
              "heuristic", Heuristic::new));

  private Policies() {}

  /**
   * The policy of that name.
   *
   * @param draftLength of every step, or of the first where the policy changes it
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
}
