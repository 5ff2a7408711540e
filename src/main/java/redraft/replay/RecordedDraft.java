package redraft.replay;

import java.util.Set;
import java.util.stream.DoubleStream;
import redraft.draft.DraftSignal;
import redraft.draft.Stopping;
import redraft.policy.DraftLengthPolicy;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.verify.VerificationRule;

/** A draft whose probabilities were recorded. */
public final class RecordedDraft extends TraceDraft {
  private final TraceHeader header;
  private final int index;
  private final boolean ranked;
  private final Set<DraftSignal> signals; // that are known

  /**
   * @param index in the trace's header
   * @param ranked whether ranks are known
   */
  public RecordedDraft(TraceHeader header, int index, boolean ranked) {
    this(header, index, ranked, Set.of());
  }

  private RecordedDraft(TraceHeader header, int index, boolean ranked, Set<DraftSignal> signals) {
    super(header.drafts().get(index), index);
    this.header = header;
    this.index = index;
    this.ranked = ranked;
    this.signals = signals;
  }

  /**
   * A draft whose sequences all say what the first one says.
   *
   * @param index in the trace's header
   */
  static RecordedDraft of(TraceHeader header, int index, Draft first) {
    return new RecordedDraft(header, index, first.rank() != null, PathSignals.known(header, first));
  }

  @Override
  boolean ranked() {
    return ranked && header.grade() == Grade.EXACT;
  }

  @Override
  public String refusal(VerificationRule rule) {
    if (header.grade() == Grade.GIVEN_TEXT) {
      return rule.contextAcceptance() != null
          ? null
          : "rule '"
              + rule.name()
              + "' needs to know which tokens the target would have kept; the text of this trace is given, not drawn";
    }
    return ranked || !rule.asksForChoice()
        ? null
        : "rule '"
            + rule.name()
            + "' asks which token the draft likes most; draft '"
            + name()
            + "' of this trace has no ranks, because "
            + header.source()
            + " did not say them";
  }

  @Override
  public String refusal(DraftLengthPolicy policy) {
    if (policy.stopping() != null) {
      return refusal(policy, policy.stopping());
    }
    return header.grade() != Grade.GIVEN_TEXT || policy.monotone()
        ? null
        : "policy '"
            + policy.name()
            + "' can take more steps with more acceptance, so nothing bounds its estimate on a given text";
  }

  private String refusal(DraftLengthPolicy policy, Stopping stopping) {
    if (draft.kind() != DraftKind.PREFIX || draft.parallel() || header.grade() != Grade.EXACT) {
      return ReplayDraft.stoppingRefusal(name(), policy);
    }
    return signals.contains(stopping.signal())
        ? null
        : "policy '"
            + policy.name()
            + "' ends blocks by how sure the draft is, which this trace does not say of draft '"
            + name()
            + "'; record it with --signals, and with --rollouts "
            + policy.draftLength()
            + " to know what rejected blocks cost";
  }

  @Override
  public PathSignals signals(TraceSequence sequence, VerificationRule rule) {
    return signals.isEmpty() ? null : new PathSignals(header, sequence, of(sequence), rule);
  }

  @Override
  public float[] largest(TraceSequence sequence, VerificationRule rule) {
    if (!signals.contains(DraftSignal.LARGEST)) {
      return null;
    }
    PathSignals known = signals(sequence, rule);
    float[] largest = new float[sequence.length() - sequence.decodeFrom()];
    for (int t = 0; t < largest.length; t++) {
      largest[t] = known.at(DraftSignal.LARGEST, t);
    }
    return largest;
  }

  @Override
  public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
    return header.grade() == Grade.GIVEN_TEXT
        ? estimate(sequence, header.sampling().temperature()).law(rule, sequence.decodeFrom())
        : new RuleLaw(rule, RecordedPaths.of(sequence, index));
  }

  @Override
  public StepLimit limit(AcceptanceLaw law) {
    return law instanceof RuleLaw own ? own.limit() : null;
  }

  @Override
  public double overlapSum(TraceSequence sequence) {
    double[] overlap = of(sequence).overlap();
    return overlap == null ? Double.NaN : DoubleStream.of(overlap).sum();
  }

  @Override
  public String estimateRefusal() {
    return null;
  }

  @Override
  public TemperatureEstimate estimate(TraceSequence sequence, double temperature) {
    return TemperatureEstimate.of(sequence, header, index, temperature);
  }
}
