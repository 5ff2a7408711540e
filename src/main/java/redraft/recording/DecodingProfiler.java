package redraft.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.MeasuredSteps;
import redraft.latency.PassTimes;
import redraft.model.LanguageModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.VerificationRule;

/**
 * Measures what steps and passes cost inside of decoding: it decodes texts of its own, plainly and
 * speculatively, and notes when every pass begins. What a pass leaves in caches and threads, its
 * stalls, and the work from one pass to the next are those of decoding, because they are decoding.
 * Runs in turns with other work meet the machine as that work does.
 *
 * <p>Each prompt is decoded plainly, with the usual draft length, whose steps are those of such a
 * text alone, and once more with draft lengths that change from step to step, for all the others.
 */
public final class DecodingProfiler implements AutoCloseable {
  private static final int LEAST_TOKENS = 64; // of a text: every draft length comes up

  private final LanguageModel target;
  private final LanguageModel draft;
  private final int usualDraft;
  private final List<TimedModel.Pass> passes = new ArrayList<>(); // of one run
  private final PlainDecoding plain;
  private final ModelDrafter drafter;
  private final SpeculativeDecoding usual;
  private final SpeculativeDecoding others;

  /** One text, and when its passes began. */
  public static final class Part {
    private final Continuation text;
    private final List<TimedModel.Pass> passes;

    private Part(Continuation text, List<TimedModel.Pass> passes) {
      this.text = text;
      this.passes = passes;
    }
  }

  /**
   * One prompt.
   *
   * @param plain of {@link #plain}
   * @param usual of {@link #usual}
   * @param others of {@link #others}; null for none
   */
  public record Timed(Part plain, Part usual, Part others) {
    /** Plain decoding, and that with the usual draft length. */
    public LiveComparison decoded() {
      return LiveComparison.once(plain.text, usual.text);
    }
  }

  private static final class Mean {
    private double sum;
    private int count;

    void add(double value) {
      sum += value;
      count++;
    }

    double value() {
      return sum / count;
    }
  }

  /** Every draft length down from the longest to 0, again and again. */
  private static final class InTurns implements DraftLengthPolicy {
    private final int longest;
    private int step;

    InTurns(int longest) {
      this.longest = longest;
    }

    @Override
    public String name() {
      return "in turns";
    }

    @Override
    public int initialLength() {
      step = 0; // the longest first, so that every text with room for it has it
      return at(step++);
    }

    @Override
    public int nextLength(int length, int drafted, int accepted) {
      return at(step++);
    }

    private int at(int step) {
      return longest - step % (longest + 1);
    }
  }

  /**
   * @param usualDraft draft length of the steps that matter most
   * @param longestDraft up to which draft lengths are timed
   * @param limits of plain texts and those with the usual draft length, as in what is predicted:
   *     the first passes of a text are slow, and weigh more the shorter it is
   */
  public DecodingProfiler(
      LanguageModel target,
      LanguageModel draft,
      VerificationRule rule,
      SamplingParameters sampling,
      int usualDraft,
      int longestDraft,
      Limits limits) {
    this.target = target;
    this.draft = draft;
    this.usualDraft = usualDraft;
    TimedModel timedTarget = new TimedModel(target, false, passes);
    plain = new PlainDecoding(timedTarget, sampling, limits);
    drafter = new ModelDrafter(new TimedModel(draft, true, passes), rule.draftSampling(sampling));
    usual =
        new SpeculativeDecoding(
            timedTarget, drafter, rule, new FixedLength(usualDraft), sampling, limits);
    others =
        new SpeculativeDecoding(
            timedTarget,
            drafter,
            rule,
            new InTurns(longestDraft),
            sampling,
            new Limits(Math.max(limits.maxNewTokens(), LEAST_TOKENS), Set.of()));
  }

  /**
   * Decodes one prompt plainly.
   *
   * @param name names the text within the streams
   */
  public Part plain(int[] prompt, RandomStreams streams, String name) {
    passes.clear();
    return part(plain.run(prompt, streams, name));
  }

  /** The same with the usual draft length. */
  public Part usual(int[] prompt, RandomStreams streams, String name) {
    passes.clear();
    return part(usual.run(prompt, streams, name));
  }

  /** The same with every draft length in turn. */
  public Part others(int[] prompt, RandomStreams streams, String name) {
    passes.clear();
    return part(others.run(prompt, streams, name));
  }

  /** The passes of a run, and one of no rows that stands for its end. */
  private Part part(Continuation run) {
    long end = passes.get(0).nanos() + run.decodeNanos(); // decoding begins with a pass
    passes.add(new TimedModel.Pass(false, 0, 0, end));
    return new Part(run, List.copyOf(passes));
  }

  /**
   * Mean times of some runs.
   *
   * @param runs one at least
   * @throws IllegalArgumentException if no text had room to draft
   */
  public MeasuredSteps result(String name, List<Timed> runs) {
    Times times = new Times();
    for (Timed run : runs) {
      times.addPlain(run.plain.passes);
      times.addSpeculative(run.usual.passes, 0);
      if (run.others != null) {
        times.addSpeculative(run.others.passes, usualDraft + 1);
      }
    }
    if (times.draftPasses.curves().isEmpty()) {
      throw new IllegalArgumentException(
          "every prompt fills the context of '"
              + draft.name()
              + "', which leaves nothing to draft; shorten the prompts");
    }
    return new MeasuredSteps(
        name,
        new PassTimes(target.name(), times.steps.curves(), target.contextLength(), false),
        new PassTimes(target.name(), times.targetPasses.curves(), target.contextLength(), false),
        new PassTimes(draft.name(), times.draftPasses.curves(), draft.contextLength(), false),
        times.firstTwoRows.count == 0 || times.firstOneRow.count == 0
            ? 0
            : Math.max(0, times.firstTwoRows.value() - times.firstOneRow.value()));
  }

  /** Times of steps and passes, each up to the beginning of the next. */
  private static final class Times {
    private final PassLines steps = new PassLines(); // by rows of the target
    private final PassLines targetPasses = new PassLines();
    private final PassLines draftPasses = new PassLines();
    private final Mean firstOneRow = new Mean(); // the first draft pass of a block
    private final Mean firstTwoRows = new Mean();

    void addPlain(List<TimedModel.Pass> passes) {
      for (int i = 0; i + 1 < passes.size(); i++) {
        TimedModel.Pass pass = passes.get(i);
        double ms = pass.msUntil(passes.get(i + 1));
        steps.add(1, pass.context(), ms);
        targetPasses.add(1, pass.context(), ms);
      }
    }

    /**
     * @param leftOut target rows of steps that are timed elsewhere; 0 for none
     */
    void addSpeculative(List<TimedModel.Pass> passes, int leftOut) {
      int first = 0; // pass of this step
      for (int i = 0; i + 1 < passes.size(); i++) {
        TimedModel.Pass pass = passes.get(i);
        double ms = pass.msUntil(passes.get(i + 1));
        boolean opens = i == first;
        if (pass.draft()) {
          if (pass.rows() == 1) {
            draftPasses.add(1, pass.context(), ms);
          }
          if (opens && pass.rows() <= 2) {
            (pass.rows() == 1 ? firstOneRow : firstTwoRows).add(ms);
          }
          continue;
        }
        if (pass.rows() > 1) {
          targetPasses.add(pass.rows(), pass.context(), ms);
        }
        // One without a draft is no shape that is asked for; one that catches up costs more.
        if (!opens && passes.get(first).rows() == 1 && pass.rows() != leftOut) {
          steps.add(pass.rows(), pass.context(), passes.get(first).msUntil(passes.get(i + 1)));
        }
        first = i + 1;
      }
    }
  }

  @Override
  public void close() {
    plain.close();
    usual.close();
    others.close();
    drafter.close();
  }
}
