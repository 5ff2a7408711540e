package redraft.verify;

import java.util.List;
import redraft.json.Registry;

/** The rules that can be named; a new rule is one file and one line here. */
public final class VerificationRules {
  public static final Registry<VerificationRule> REGISTRY =
      new Registry<>(
          "verification rule",
          VerificationRule::name,
          List.of(new TokenRule(), new BlockRule(), new GreedyDraftRule(), new ExactMatchRule()));

  private VerificationRules() {}

  /** In the order in which they are listed. */
  public static List<VerificationRule> all() {
    return REGISTRY.all();
  }

  /** The rule of that name. */
  public static VerificationRule named(String name) {
    return REGISTRY.named(name);
  }
}
