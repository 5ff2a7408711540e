package redraft.verify;

import java.util.List;
import java.util.stream.Collectors;

/** The rules that can be named; a new rule is one file and one line here. */
public final class VerificationRules {
  public static final List<VerificationRule> ALL =
      List.of(new TokenRule(), new BlockRule(), new GreedyDraftRule(), new ExactMatchRule());

  private VerificationRules() {}

  /** The rule of that name. */
  public static VerificationRule named(String name) {
    return ALL.stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown verification rule '"
                        + name
                        + "'; one of "
                        + ALL.stream()
                            .map(VerificationRule::name)
                            .collect(Collectors.joining(", "))));
  }
}
