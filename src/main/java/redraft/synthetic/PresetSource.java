package redraft.synthetic;

import java.util.List;
import redraft.replay.AcceptanceLaw;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplaySequence;
import redraft.replay.SequenceSource;
import redraft.steps.StepShape;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * A preset as if it were a trace: sequences of one length, which end at a known limit and differ in
 * their random numbers only.
 */
public final class PresetSource implements SequenceSource {
  /** What a preset's name begins with where a trace is named. */
  public static final String PREFIX = "preset:";

  /** The domain of its sequences, and the target of its header. */
  public static final String SYNTHETIC = "synthetic";

  private final String name;
  private final Preset preset;
  private final TraceHeader header;
  private long sequences;

  public PresetSource(Preset preset) {
    this(PREFIX + preset.name(), preset);
  }

  /**
   * @param name in results
   */
  PresetSource(String name, Preset preset) {
    this.name = name;
    this.preset = preset;
    header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", 1),
            new TraceHeader.ModelInfo(SYNTHETIC, "", 0),
            List.of(new TraceHeader.DraftInfo(preset.name(), "", 0)),
            new TraceHeader.Sampling(1, 0, 1, 0),
            LogitDetail.NONE);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TraceHeader header() {
    return header;
  }

  @Override
  public TraceSequence peek() {
    return sequences == preset.sequences()
        ? null
        : new TraceSequence(
            new TraceSequence.Label(Long.toString(sequences), 0, SYNTHETIC),
            new TraceSequence.Prefix("", TraceSequence.unknown(preset.promptTokens())),
            new TraceSequence.CommittedPath(
                TraceSequence.unknown(preset.tokens()), TraceSequence.Finish.LENGTH),
            TraceSequence.Target.UNKNOWN,
            List.of());
  }

  @Override
  public TraceSequence next() {
    TraceSequence next = peek();
    sequences += next == null ? 0 : 1;
    return next;
  }

  @Override
  public long sequences() {
    return sequences;
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public boolean sampled() {
    return false;
  }

  @Override
  public List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) {
    for (String wanted : names) {
      if (!wanted.equals(preset.name())) {
        throw new IllegalArgumentException(
            name + " has no draft '" + wanted + "'; its only one is " + preset.name());
      }
    }
    return List.of(new Own(name, preset));
  }

  @Override
  public void close() {}

  /** The only draft of its sequences. */
  private record Own(String source, Preset preset) implements ReplayDraft {
    @Override
    public String name() {
      return preset.name();
    }

    @Override
    public StepShape step(int drafted) {
      return StepShape.chain(drafted);
    }

    @Override
    public String estimateRefusal() {
      return source + " has no logits, so there is no estimate at another temperature";
    }

    @Override
    public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
      return preset.law(sequence.length());
    }

    @Override
    public ReplaySequence sequence(TraceSequence sequence, AcceptanceLaw law) {
      return new ReplaySequence(
          sequence.id(), law, sequence.promptTokens().length, 0, true, this::step);
    }
  }
}
