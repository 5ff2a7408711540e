package redraft.verify;

import java.util.List;
import redraft.json.Registry;

/** The rules that can be named; a new rule is one file and one line here. */
public final class VerificationRules {
  public static final Registry<VerificationRule> REGISTRY =
      new Registry<>(
          "verification rule",
          VerificationRule::name,
          List.of(
              new TokenRule(),
              new BlockRule(),
              new GreedyDraftRule(),
              new ExactMatchRule(),
              new IndependentCandidates(),
              new WithoutReplacement(),
              new SequentialSelection()));

  private VerificationRules() {}

  /** Those of chains, in the order in which they are listed. */
  public static List<VerificationRule> all() {
    return REGISTRY.all().stream().filter(rule -> !(rule instanceof SampledCandidates)).toList();
  }

  /** Those of several candidates that the draft draws; of one, they are the token rule. */
  public static List<VerificationRule> sampled() {
    return REGISTRY.all().stream().filter(rule -> rule instanceof SampledCandidates).toList();
  }

  /** The rule of that name. */
  public static VerificationRule named(String name) {
    return REGISTRY.named(name);
  }
}
