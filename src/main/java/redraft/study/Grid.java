package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.DraftTree;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayDrafts;
import redraft.replay.SequenceSource;
import redraft.replay.Setting;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * What to compare on a trace: every combination of the lists.
 *
 * @param drafts names of the trace's drafts, or of drafts without a recording; empty for all that
 *     the trace has
 * @param ngrams of prompt lookup
 * @param tree of candidates that every draft proposes; null for chains
 * @param policies with their draft lengths
 * @param lengthsNamed whether somebody asked for these draft lengths; otherwise those that a trace
 *     cannot replay are left out
 */
public record Grid(
    List<String> drafts,
    Ngrams ngrams,
    DraftTree tree,
    Rules rules,
    List<DraftLengthPolicy> policies,
    boolean lengthsNamed,
    List<Deployment> deployments) {
  private static final int MOST_SETTINGS = 50_000; // a few kB each

  /**
   * @param named whether somebody asked for these rules; otherwise those that a trace cannot replay
   *     are left out
   * @param beside that are replayed besides, to say what they would give; those that a trace cannot
   *     replay are left out without a word
   */
  public record Rules(List<VerificationRule> wanted, boolean named, List<VerificationRule> beside) {
    /** What is verified by where nobody said it and no engine does. */
    private static final String USUAL = "token";

    /** Nothing besides. */
    public Rules(List<VerificationRule> wanted, boolean named) {
      this(wanted, named, List.of());
    }

    /**
     * Where nobody named a rule: those of the engines that steps are made in, with the usual one
     * besides, which such an engine could be set to; the usual ones where there is no engine.
     */
    public static Rules of(List<Deployment> deployments, List<VerificationRule> usual) {
      List<VerificationRule> engines =
          deployments.stream()
              .map(deployment -> deployment.latency().engineRule())
              .filter(Objects::nonNull)
              .distinct()
              .map(VerificationRules::named)
              .toList();
      return engines.isEmpty() ? new Rules(usual, false) : new Rules(engines, false, shown());
    }

    /** The usual rule, where everything is shown and nothing chosen. */
    public static List<VerificationRule> shown() {
      return List.of(VerificationRules.named(USUAL));
    }
  }

  /** Of the policies that have one, in their order. */
  public List<Integer> draftLengths() {
    return policies.stream()
        .map(DraftLengthPolicy::draftLength)
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /**
   * The grid on one source.
   *
   * @param beside rules that are replayed besides
   * @param notes what a reader should know of it, a line each
   */
  public record Plan(
      List<ReplayDraft> drafts,
      List<VerificationRule> rules,
      List<VerificationRule> beside,
      List<DraftLengthPolicy> policies,
      List<String> notes) {
    /** The rules, then those besides. */
    List<VerificationRule> everyRule() {
      return Stream.concat(rules.stream(), beside.stream()).toList();
    }

    /** Whether a setting is one of the grid, not one besides. */
    boolean asks(Setting setting) {
      return rules.contains(setting.rule());
    }
  }

  /**
   * @param ways to decode, combinations of all but the deployments
   * @throws IllegalArgumentException if these are more settings than a table can hold
   */
  public static void requireRoom(long ways, long deployments) {
    if (ways > MOST_SETTINGS / Math.max(1, deployments)) {
      throw new IllegalArgumentException(
          ways
              + " combinations of draft, rule, policy and draft length under "
              + deployments
              + " of latency, batch and context are more than "
              + MOST_SETTINGS
              + " settings; name fewer of them");
    }
  }

  /**
   * What of the grid a source can replay.
   *
   * @throws IllegalArgumentException if there is no such draft, or no rule is left
   */
  public Plan on(SequenceSource source) throws IOException {
    List<ReplayDraft> found = drafts(source);
    requireRoom((long) found.size() * rules.wanted.size() * policies.size(), deployments.size());
    List<String> notes = new ArrayList<>();
    if (drafts.isEmpty() && source.header().drafts().isEmpty()) {
      notes.add(source.name() + " records no draft; replaying " + found.get(0).name());
    }
    found.forEach(draft -> notes.addAll(draft.notes()));
    requireDraftCosts(found);
    List<VerificationRule> replayable =
        without(
            rules.wanted, rule -> refusal(found, draft -> draft.refusal(rule)), rules.named, notes);
    if (replayable.isEmpty()) { // of those that are usual: a measured run had its own
      VerificationRules.all().stream()
          .filter(rule -> refusal(found, draft -> draft.refusal(rule)) == null)
          .findFirst()
          .ifPresent(replayable::add);
    }
    List<DraftLengthPolicy> lengths =
        without(
            policies,
            policy -> refusal(found, draft -> draft.refusal(policy)),
            lengthsNamed,
            notes);
    if (replayable.isEmpty() || lengths.isEmpty()) {
      throw new IllegalArgumentException(notes.get(notes.size() - 1));
    }
    List<VerificationRule> beside =
        rules.beside.stream()
            .filter(rule -> !replayable.contains(rule))
            .filter(rule -> refusal(found, draft -> draft.refusal(rule)) == null)
            .toList();
    return new Plan(found, replayable, beside, lengths, notes);
  }

  private void requireDraftCosts(List<ReplayDraft> found) {
    for (Deployment deployment : deployments) {
      String refusal = deployment.latency().draftRefusal();
      if (refusal != null && found.stream().anyMatch(ReplayDraft::hasModel)) {
        throw new IllegalArgumentException(refusal);
      }
    }
  }

  private List<ReplayDraft> drafts(SequenceSource source) throws IOException {
    List<ReplayDraft> found = source.drafts(drafts, ngrams);
    return tree == null ? found : ReplayDrafts.trees(source, found, tree);
  }

  /** The first; null where no draft has one. */
  private static String refusal(List<ReplayDraft> drafts, Function<ReplayDraft, String> refusal) {
    return drafts.stream().map(refusal).filter(Objects::nonNull).findFirst().orElse(null);
  }

  /**
   * What is not refused.
   *
   * @param named whether somebody asked for it, who is told then
   * @param notes told what is left out, each reason once
   */
  private static <T> List<T> without(
      List<T> all, Function<T, String> refusal, boolean named, List<String> notes) {
    List<T> left = new ArrayList<>();
    for (T each : all) {
      String refused = refusal.apply(each);
      if (refused == null) {
        left.add(each);
      } else if (named) {
        throw new IllegalArgumentException(refused);
      } else if (!notes.contains("left out: " + refused)) {
        notes.add("left out: " + refused);
      }
    }
    return left;
  }
}
