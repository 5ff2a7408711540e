package redraft.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Quantile;
import redraft.draft.Proposal;
import redraft.latency.MeasuredProfile;
import redraft.latency.MeasuredProfile.Surroundings;
import redraft.latency.PassTimes;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

/**
 * Measures what the passes of a pair cost on this machine, and what surrounds them. Every pass is
 * timed in the company that it has in decoding: passes of one row one after the other, as in plain
 * decoding; verifications after the draft passes of their block, whose threads and caches they
 * meet. Shapes are timed in turns, so that a change in the machine's speed reaches all of them; the
 * median counts.
 */
public final class PassProfiler implements AutoCloseable {
  private static final int PLAIN_PASSES = 16; // in a row
  private static final int PASSES_TO_SETTLE = 8; // of them, not counted: caches are the draft's
  private static final VerificationRule RULE = new TokenRule();
  private static final Quantile QUANTILE =
      Quantile.withDefaults()
          .with(Quantile.EstimationMethod.HF7); // linear between the ordered times

  private final LanguageModel targetModel;
  private final LanguageModel draftModel;
  private final ModelSession target;
  private final ModelSession draft;
  private final List<SamplingParameters> samplings;
  private final RandomGenerator random = new RandomStreams(0).stream("profile");
  private final int[] tokens; // read at every context
  private final int[] contexts;
  private final int maxRows;
  private final int room; // tokens that follow each context
  private final Times[][] targetPasses; // [maxRows][contexts]
  private final Times[][] draftPasses; // [maxRows][contexts], after another draft pass
  private final Times[][] firstDraftPasses; // [2][contexts], after a target pass
  private final Around[] around = {new Around(), new Around()}; // greedy, sampled
  private int rounds;

  /** Times of one thing, milliseconds. */
  private static final class Times {
    private final List<Double> values = new ArrayList<>();

    void add(long fromNanos, long toNanos, double count) {
      values.add((toNanos - fromNanos) / count / 1e6);
    }

    /**
     * @param share 0.5 for the median
     * @return 0 where nothing was timed
     */
    double quantile(double share) {
      double[] times = values.stream().mapToDouble(Double::doubleValue).toArray();
      return times.length == 0 ? 0 : QUANTILE.evaluate(times, share);
    }
  }

  private static final class Around {
    private final Times targetRow = new Times();
    private final Times token = new Times();
    private final Times draftRow = new Times();
    private final Times verify = new Times();
    private final Times rollback = new Times();

    Surroundings medians() {
      return new Surroundings(
          targetRow.quantile(0.5),
          token.quantile(0.5),
          draftRow.quantile(0.5),
          verify.quantile(0.5),
          rollback.quantile(0.5));
    }
  }

  /**
   * @param samplings to measure what surrounds passes under, in turns
   * @param text tokens to score; repeated as needed
   * @param contexts tokens in the cache before passes; those that leave no room for what is
   *     measured there are brought down to where they do
   * @param maxRows most rows of a pass, at least 2
   */
  public PassProfiler(
      LanguageModel target,
      LanguageModel draft,
      List<SamplingParameters> samplings,
      int[] text,
      int[] contexts,
      int maxRows) {
    room = Math.max(maxRows, PLAIN_PASSES);
    int longest = Math.min(target.contextLength(), draft.contextLength()) - room;
    if (maxRows < 2 || maxRows > ModelSession.MAX_ROWS || longest < 1) {
      throw new IllegalArgumentException(
          "rows "
              + maxRows
              + " must be from 2 to "
              + ModelSession.MAX_ROWS
              + " and fit into the models' context");
    }
    TreeSet<Integer> ascending = new TreeSet<>();
    for (int context : contexts) {
      ascending.add(Math.max(1, Math.min(context, longest)));
    }
    this.targetModel = target;
    this.draftModel = draft;
    this.samplings = List.copyOf(samplings);
    this.contexts = ascending.stream().mapToInt(Integer::intValue).toArray();
    this.maxRows = maxRows;
    tokens = new int[longest + room];
    Arrays.setAll(tokens, i -> text[i % text.length]);
    targetPasses = grid(maxRows);
    draftPasses = grid(maxRows);
    firstDraftPasses = grid(2);
    this.target = target.open();
    this.draft = draft.open();
  }

  private Times[][] grid(int rows) {
    Times[][] grid = new Times[rows][contexts.length];
    for (Times[] row : grid) {
      Arrays.setAll(row, i -> new Times());
    }
    return grid;
  }

  /**
   * Evenly spaced contexts from 1 to the longest that leaves room for {@code maxRows}; one alone is
   * the longest.
   */
  public static int[] contexts(int contextLength, int maxRows, int count) {
    int longest = Math.max(1, contextLength - maxRows);
    return IntStream.range(0, count)
        .map(i -> count == 1 ? longest : 1 + (int) ((longest - 1L) * i / (count - 1)))
        .distinct()
        .toArray();
  }

  /** Rounds after which every context has been measured as often under every sampling. */
  public int cycle() {
    return contexts.length * samplings.size();
  }

  /**
   * Runs every shape of pass at one context, the next one in each round. Rounds spread over other
   * work meet the machine as that work does.
   */
  public void round(boolean timed) {
    int place = rounds % contexts.length;
    int context = contexts[place];
    SamplingParameters sampling = samplings.get(rounds / contexts.length % samplings.size());
    boolean catchUp = rounds / cycle() % 2 == 0; // as after a block that was accepted whole
    rounds++;
    goTo(target, context);
    goTo(draft, context);
    plain(place, sampling, timed);
    for (int draftLength = 1; draftLength < maxRows; draftLength++) {
      speculative(place, draftLength, catchUp, sampling, timed);
    }
    pass(draft, context, 1, new Times(), false); // so that those below follow one
    for (int rows = 2; rows <= maxRows; rows++) {
      draft.rollback(context);
      pass(draft, context, rows, draftPasses[rows - 1][place], timed);
    }
    draft.rollback(context);
  }

  private void goTo(ModelSession session, int context) {
    if (session.length() > context) {
      session.rollback(context);
    } else {
      session.prefill(tokens, session.length(), context);
    }
  }

  /** Plain decoding, a few tokens of it. */
  private void plain(int place, SamplingParameters sampling, boolean timed) {
    for (int i = 0; i < PLAIN_PASSES; i++) {
      boolean counts = timed && i >= PASSES_TO_SETTLE;
      Logits logits = pass(target, contexts[place] + i, 1, targetPasses[0][place], counts);
      long scored = System.nanoTime();
      Distribution p = logits.distribution(0, sampling);
      long ready = System.nanoTime();
      p.sample(random);
      long drawn = System.nanoTime();
      if (counts) {
        around(sampling).targetRow.add(scored, ready, 1);
        around(sampling).token.add(ready, drawn, 1);
      }
    }
    target.rollback(contexts[place]);
  }

  /** One step of speculative decoding. */
  private void speculative(
      int place, int draftLength, boolean catchUp, SamplingParameters sampling, boolean timed) {
    int context = contexts[place];
    int[] drafted = new int[draftLength];
    List<Distribution> q = new ArrayList<>(draftLength);
    for (int i = 0; i < draftLength; i++) {
      int rows = i == 0 && catchUp ? 2 : 1;
      Times[][] passes = i == 0 ? firstDraftPasses : draftPasses;
      Logits logits = pass(draft, draft.length(), rows, passes[rows - 1][place], timed);
      long scored = System.nanoTime();
      q.add(logits.distribution(rows - 1, sampling));
      drafted[i] = q.get(i).sample(random);
      if (timed) {
        around(sampling).draftRow.add(scored, System.nanoTime(), 1);
      }
    }
    int rows = draftLength + 1;
    Logits logits = pass(target, context, rows, targetPasses[rows - 1][place], timed);
    long scored = System.nanoTime();
    List<Distribution> p = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      p.add(logits.distribution(row, sampling));
    }
    long ready = System.nanoTime();
    RULE.verify(new Proposal(drafted, q), p, random);
    long decided = System.nanoTime();
    target.rollback(context);
    draft.rollback(context);
    long rolledBack = System.nanoTime();
    if (timed) {
      around(sampling).targetRow.add(scored, ready, rows);
      around(sampling).verify.add(ready, decided, 1);
      around(sampling).rollback.add(decided, rolledBack, 1);
    }
  }

  private Logits pass(ModelSession session, int from, int rows, Times times, boolean timed) {
    long started = System.nanoTime();
    Logits logits = session.forward(tokens, from, from + rows);
    if (timed) {
      times.add(started, System.nanoTime(), 1);
    }
    return logits;
  }

  private Around around(SamplingParameters sampling) {
    return around[sampling.temperature() == 0 ? 0 : 1];
  }

  /** The medians and quartiles of the timed rounds, of which there must be two cycles at least. */
  public MeasuredProfile result(String name) {
    Surroundings greedy = around[0].medians();
    Surroundings sampled = around[1].medians();
    boolean onlyOne = samplings.size() == 1;
    boolean onlyGreedy = onlyOne && samplings.get(0).temperature() == 0;
    return new MeasuredProfile(
        name,
        times(targetModel, targetPasses),
        times(draftModel, draftPasses),
        times(draftModel, firstDraftPasses),
        onlyOne && !onlyGreedy ? sampled : greedy,
        onlyGreedy ? greedy : sampled,
        1);
  }

  private PassTimes times(LanguageModel model, Times[][] passes) {
    List<PassTimes.Curve> curves = new ArrayList<>();
    for (int rows = 1; rows <= passes.length; rows++) {
      Times[] measured = passes[rows - 1];
      curves.add(
          new PassTimes.Curve(
              rows,
              contexts,
              quantiles(measured, 0.5),
              quantiles(measured, 0.25),
              quantiles(measured, 0.75)));
    }
    return new PassTimes(model.name(), curves, contexts[contexts.length - 1] + room, false);
  }

  private static double[] quantiles(Times[] measured, double share) {
    return Arrays.stream(measured).mapToDouble(times -> times.quantile(share)).toArray();
  }

  @Override
  public void close() {
    target.close();
    draft.close();
  }
}
