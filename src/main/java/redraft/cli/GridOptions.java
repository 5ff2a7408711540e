package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.DraftTree;
import redraft.policy.Lengths;
import redraft.policy.Policies;
import redraft.study.Grid;
import redraft.study.Reach;
import redraft.verify.SampledCandidates;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** What is compared on a trace: drafts, rules and draft lengths, of everything or of one domain. */
final class GridOptions {
  /** What a static tree is verified by. */
  private static final String TREE_RULE = "greedy-draft";

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Names.Drafts.class,
      description =
          "Drafts of the trace, or one that needs no recording: ${COMPLETION-CANDIDATES} (default: the trace's; where one is chosen or compared, its first). "
              + "pearl:NAME and ssd-F:NAME are a draft model that drafts while the target verifies, as PEARL does or with F guesses for each outcome.")
  List<String> drafts = List.of();

  @Mixin LookupOptions ngrams;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      completionCandidates = Names.Rules.class,
      description =
          "Verification rules: ${COMPLETION-CANDIDATES} (default: token; where one is chosen, token,block; in a report, all; with --engine, the one that it uses; those that the trace cannot replay are left out).")
  private List<String> rules;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      converter = DraftingOptions.OrPlain.class,
      description =
          "Tokens drafted a step, or in the first step: 4, 1,2,4 or 1..12 (default: 1..12; in a sweep, 1..10).")
  private DraftLengths draftLengths;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "The texts of this domain only (default: all).")
  String domain;

  /**
   * Where nothing else was asked for.
   *
   * @param beside rules that are replayed besides the wanted ones; null for the one that an engine
   *     which sets the rule could be set to
   */
  record Defaults(List<VerificationRule> rules, int longestDraft, List<VerificationRule> beside) {
    Defaults(List<VerificationRule> rules, int longestDraft) {
      this(rules, longestDraft, null);
    }

    /** The longest draft of any of them. */
    static final int LONGEST_DRAFT = Lengths.LONGEST_USUAL;

    /** Everything is shown. */
    static final Defaults SHOW = new Defaults(Grid.Rules.shown(), LONGEST_DRAFT);

    /** One of all is chosen. */
    static final Defaults CHOOSE = new Defaults(named(List.of("token", "block")), LONGEST_DRAFT);

    Defaults withRule(String rule) {
      return new Defaults(named(List.of(rule)), longestDraft);
    }

    /** Everything is to be looked at. */
    static Defaults everyRule() {
      return new Defaults(VerificationRules.all(), LONGEST_DRAFT);
    }
  }

  private static List<VerificationRule> named(List<String> names) {
    return names.stream().map(VerificationRules::named).toList();
  }

  private Grid.Rules rules(Defaults defaults, List<Deployment> deployments) {
    List<VerificationRule> beside = defaults.beside == null ? List.of() : defaults.beside;
    if (rules != null) {
      return new Grid.Rules(named(rules), true, beside);
    }
    if (defaults.beside != null) { // a release says the rule, whatever the engine is usually set to
      return new Grid.Rules(defaults.rules, false, beside);
    }
    return Grid.Rules.of(deployments, defaults.rules);
  }

  /** Ascending. */
  private List<Integer> draftLengths(Defaults defaults, List<Deployment> deployments, Reach reach) {
    return draftLengths == null
        ? reach.draftLengths(
            deployments, IntStream.rangeClosed(1, defaults.longestDraft).boxed().toList())
        : draftLengths.drafting().values();
  }

  /** Those that were named, 0 for plain decoding among them; null where none was. */
  DraftLengths namedLengths() {
    return draftLengths;
  }

  /** The same with these in place of what was named. */
  void setLengths(List<Integer> lengths) {
    draftLengths = new DraftLengths(lengths);
  }

  /** The rules that were named and draw their candidates. */
  List<SampledCandidates> drawing() {
    return (rules == null ? List.<VerificationRule>of() : named(rules))
        .stream()
            .filter(SampledCandidates.class::isInstance)
            .map(SampledCandidates.class::cast)
            .toList();
  }

  /** Whether a draft length was named. */
  boolean lengthNamed() {
    return draftLengths != null;
  }

  /**
   * @param reach told what is left out
   */
  Grid grid(Defaults defaults, List<String> policies, List<Deployment> deployments, Reach reach) {
    return grid(defaults, policies, deployments, null, draftLengths(defaults, deployments, reach));
  }

  /**
   * The same with a tree of candidates.
   *
   * @param tree null for chains
   * @param allLevels whether fewer levels than the tree has are looked at too, where no draft
   *     length was named
   */
  Grid grid(
      Defaults defaults,
      List<String> policies,
      List<Deployment> deployments,
      Reach reach,
      DraftTree tree,
      boolean allLevels) {
    if (tree == null) {
      return grid(defaults, policies, deployments, reach);
    }
    List<Integer> lengths =
        draftLengths != null
            ? draftLengths.drafting().values()
            : allLevels ? reach.levels(deployments, tree) : List.of(tree.depth());
    return grid(defaults.withRule(TREE_RULE), policies, deployments, tree, lengths);
  }

  /**
   * A tree with all its levels beside chains, and the chain of as many levels: of the rules that
   * were named, those that verify trees, or else greedy-draft.
   *
   * @param tree null for the chain
   */
  Grid wholeTree(List<Deployment> deployments, DraftTree tree, int levels) {
    List<VerificationRule> verifying = new ArrayList<>(drawing());
    if (verifying.isEmpty() || (rules != null && rules.contains(TREE_RULE))) {
      verifying.add(0, VerificationRules.named(TREE_RULE));
    }
    List<VerificationRule> ofChains =
        verifying.stream()
            .map(
                rule -> rule instanceof SampledCandidates ? VerificationRules.named("token") : rule)
            .distinct()
            .toList();
    return new Grid(
        drafts,
        ngrams.ngrams(),
        tree,
        new Grid.Rules(tree == null ? ofChains : verifying, true),
        Policies.every(List.of("fixed"), List.of(levels), deployments.get(0).batch()),
        true,
        deployments);
  }

  /** The grid of chains beside trees, which rules of several candidates have no part in. */
  Grid besideTrees(Grid grid) {
    List<VerificationRule> ofChains =
        grid.rules().wanted().stream()
            .filter(rule -> !(rule instanceof SampledCandidates))
            .toList();
    return new Grid(
        grid.drafts(),
        grid.ngrams(),
        null,
        ofChains.isEmpty()
            ? new Grid.Rules(Defaults.SHOW.rules, false)
            : new Grid.Rules(ofChains, grid.rules().named(), grid.rules().beside()),
        grid.policies(),
        grid.lengthsNamed(),
        grid.deployments());
  }

  /**
   * Chains of every usual length, whatever levels of a tree were named, and of the rules that were
   * named and verify one candidate at a place.
   */
  Grid chains(List<Deployment> deployments) {
    List<Integer> lengths = new Reach().draftLengths(deployments, Lengths.USUAL);
    Grid.Rules every = rules(Defaults.CHOOSE, deployments);
    List<VerificationRule> ofChains =
        every.wanted().stream().filter(rule -> !(rule instanceof SampledCandidates)).toList();
    return new Grid(
        drafts,
        ngrams.ngrams(),
        null,
        new Grid.Rules(ofChains.isEmpty() ? Defaults.CHOOSE.rules : ofChains, false),
        Policies.every(List.of("fixed"), lengths, deployments.get(0).batch()),
        false,
        deployments);
  }

  private Grid grid(
      Defaults defaults,
      List<String> policies,
      List<Deployment> deployments,
      DraftTree tree,
      List<Integer> lengths) {
    List<DraftLengthPolicy> every = Policies.every(policies, lengths, deployments.get(0).batch());
    return new Grid(
        drafts,
        ngrams.ngrams(),
        tree,
        rules(defaults, deployments),
        every,
        draftLengths != null,
        deployments);
  }
}
