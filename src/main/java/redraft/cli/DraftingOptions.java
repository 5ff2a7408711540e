package redraft.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import redraft.verify.CandidateRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** How live decoding drafts and verifies. */
final class DraftingOptions {
  @Mixin DraftOptions draft;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      completionCandidates = Names.Rules.class,
      description =
          "Verification rules: ${COMPLETION-CANDIDATES} (default: token; where several are compared, token,block).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      converter = OrPlain.class,
      description =
          "Tokens drafted a step, or in the first step; 0 is plain decoding, where a text is generated (default: 4; in the "
              + "demo, 2; where several are compared, 1..8).")
  private DraftLengths draftLengths;

  /** Draft lengths, or 0. */
  static final class OrPlain implements ITypeConverter<DraftLengths> {
    @Override
    public DraftLengths convert(String text) {
      return text.strip().equals("0")
          ? new DraftLengths(List.of(0))
          : new DraftLengths.Converter().convert(text);
    }
  }

  /**
   * @param usual where none was named
   */
  List<VerificationRule> rules(List<String> usual) {
    return (rules == null ? usual : rules).stream().map(VerificationRules::named).toList();
  }

  /** The only rule, of chains. */
  VerificationRule rule() {
    return Names.only("--rule", rules(List.of("token")));
  }

  /**
   * The only rule, of a tree.
   *
   * @throws IllegalArgumentException if it verifies chains only
   */
  CandidateRule treeRule() {
    VerificationRule rule = Names.only("--rule", rules(List.of("greedy-draft")));
    if (rule instanceof CandidateRule candidates) {
      return candidates;
    }
    throw new IllegalArgumentException(
        "rule '"
            + rule.name()
            + "' verifies one candidate at a place; with --tree name one of "
            + VerificationRules.REGISTRY.all().stream()
                .filter(each -> each instanceof CandidateRule)
                .map(VerificationRule::name)
                .collect(Collectors.joining(", ")));
  }

  /** Whether somebody said how many tokens to draft. */
  boolean namesDraftLength() {
    return draftLengths != null;
  }

  /**
   * At least 1, ascending.
   *
   * @param usual where none was named
   */
  List<Integer> draftLengths(List<Integer> usual) {
    if (draftLengths != null && draftLengths.values().contains(0)) {
      throw new IllegalArgumentException(
          "--draft-length 0 is plain decoding, beside which everything is set here anyway; name at least 1");
    }
    return draftLengths == null ? usual : draftLengths.values();
  }

  /**
   * The only one, 0 for plain decoding.
   *
   * @param usual where none was named
   */
  int draftLength(int usual) {
    return draftLengths == null ? usual : Names.only("--draft-length", draftLengths.values());
  }
}
