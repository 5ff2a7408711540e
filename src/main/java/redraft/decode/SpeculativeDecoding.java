package redraft.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Drafter;
import redraft.draft.Proposal;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.policy.DraftLengthPolicy;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.verify.Verdict;
import redraft.verify.VerificationRule;

/**
 * Speculative decoding: draft a few tokens cheaply, score them all in one pass of the target, keep
 * those that the rule accepts and one more.
 */
public final class SpeculativeDecoding implements Speculation {
  private final LanguageModel target;
  private final ModelSession session;
  private final boolean ownsSession;
  private final Drafter drafter;
  private final VerificationRule rule;
  private final DraftLengthPolicy policy;
  private final SamplingParameters sampling;
  private final Limits limits;

  /** The drafter stays the caller's to close. */
  public SpeculativeDecoding(
      LanguageModel target,
      Drafter drafter,
      VerificationRule rule,
      DraftLengthPolicy policy,
      SamplingParameters sampling,
      Limits limits) {
    this(target, target.open(), true, drafter, rule, policy, sampling, limits);
  }

  /**
   * Decoding in a session of the target that others may use between texts; it stays the caller's to
   * close, as the drafter does.
   */
  public SpeculativeDecoding(
      LanguageModel target,
      ModelSession session,
      Drafter drafter,
      VerificationRule rule,
      DraftLengthPolicy policy,
      SamplingParameters sampling,
      Limits limits) {
    this(target, session, false, drafter, rule, policy, sampling, limits);
  }

  private SpeculativeDecoding(
      LanguageModel target,
      ModelSession session,
      boolean ownsSession,
      Drafter drafter,
      VerificationRule rule,
      DraftLengthPolicy policy,
      SamplingParameters sampling,
      Limits limits) {
    if (policy.stopping() != null && drafter.stoppingRefusal() != null) {
      throw new IllegalArgumentException(drafter.stoppingRefusal());
    }
    this.target = target;
    this.session = session;
    this.ownsSession = ownsSession;
    this.drafter = drafter;
    this.rule = rule;
    this.policy = policy;
    this.sampling = sampling;
    this.limits = limits;
  }

  @Override
  public Continuation run(int[] prompt, RandomStreams streams, String text) {
    return run(prompt, streams.stream("draft/" + text), streams.stream("verify/" + text));
  }

  private Continuation run(int[] prompt, RandomGenerator draftRandom, RandomGenerator random) {
    Text text = new Text(target, prompt, limits);
    List<Step> steps = new ArrayList<>();
    session.rollback(0);
    session.prefill(prompt, 0, prompt.length - 1);
    drafter.begin(prompt, draftRandom);
    DraftLengthPolicy.Memory memory = policy.start();
    long started = System.nanoTime();
    while (text.open()) {
      // Draft. The step emits one token more than it accepts, so the last place needs no draft.
      int most = Math.min(Math.min(memory.length(), text.room() - 1), ModelSession.MAX_ROWS - 1);
      Proposal proposal =
          most == 0
              ? Proposal.EMPTY
              : policy.stopping() == null
                  ? drafter.propose(text.tokens, text.length, most)
                  : drafter.propose(text.tokens, text.length, most, policy.stopping());

      // Score: the last committed token, not yet in the target's cache, and the drafted ones.
      int rows = proposal.length() + 1;
      int[] scored = new int[rows];
      scored[0] = text.tokens[text.length - 1];
      System.arraycopy(proposal.tokens(), 0, scored, 1, proposal.length());
      Logits logits = session.forward(scored, 0, rows);
      List<Distribution> p = new ArrayList<>(rows);
      for (int row = 0; row < rows; row++) {
        p.add(logits.distribution(row, sampling));
      }

      // Decide and commit, up to an end token.
      Verdict verdict = rule.verify(proposal, p, random);
      int position = text.generatedCount();
      for (int i = 0; i < verdict.acceptedCount() && !text.ended(); i++) {
        text.append(proposal.tokens()[i]);
      }
      if (!text.ended()) {
        text.append(verdict.token());
      }
      int emitted = text.generatedCount() - position;
      steps.add(new Step(position, proposal.length(), emitted - 1));
      session.rollback(text.length - 1);
      memory = memory.after(proposal.length(), emitted - 1);
    }
    return new Continuation(
        text.generated(), text.ended(), List.copyOf(steps), System.nanoTime() - started);
  }

  @Override
  public void close() {
    if (ownsSession) {
      session.close();
    }
  }
}
