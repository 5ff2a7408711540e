package redraft.recording;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.PlainDecoding;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.model.Tokenizer;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.sampling.TopK;
import redraft.trace.Prompt;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.TopLogits;
import redraft.verify.Ladder;
import redraft.verify.TransportLimit;

/**
 * Records what replay needs: a path sampled from the target, and what target and drafts thought of
 * every token of it. The drafts score the path after the target, in passes of many rows.
 */
public final class Recorder implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final LanguageModel target;
  private final List<LanguageModel> drafts;
  private final List<ModelSession> draftSessions = new ArrayList<>();
  private final PlainDecoding decoding;
  private final SamplingParameters sampling;
  private final RandomStreams streams;
  private final Detail detail;
  private final List<Ladder> ladders;
  private final int transported; // candidates of the longest whose limit is known
  private final int logitCount; // logits kept at each position
  private final float[] row; // [vocabularySize], on the heap, where loops over it are fast

  /**
   * A recorder of texts that every draft can score to their end.
   *
   * @param limits {@link Limits#within} the drafts where texts are to end when one of them is full;
   *     otherwise a text that may outgrow one is refused
   * @throws IllegalArgumentException if more is to be kept of a draft with heads than it says
   */
  public Recorder(
      Tokenizer tokenizer,
      LanguageModel target,
      List<LanguageModel> drafts,
      SamplingParameters sampling,
      Limits limits,
      Detail detail,
      RandomStreams streams) {
    drafts.forEach(detail::requireFit);
    this.tokenizer = tokenizer;
    this.target = target;
    this.drafts = List.copyOf(drafts);
    this.sampling = sampling;
    this.streams = streams;
    this.detail = detail;
    ladders = detail.ladders();
    transported =
        ladders.stream()
            .filter(ladder -> ladder.rule().drawnIndependently())
            .mapToInt(Ladder::candidates)
            .max()
            .orElse(0);
    logitCount =
        switch (detail.logits()) {
          case NONE -> 0;
          case TOP -> Math.min(detail.topLogits(), target.vocabularySize());
          case ALL -> target.vocabularySize();
        };
    row = new float[target.vocabularySize()];
    decoding = new PlainDecoding(target, sampling, limits);
    drafts.forEach(draft -> draftSessions.add(draft.open()));
  }

  /**
   * Checks that a prompt can be recorded.
   *
   * @throws ModelException naming the prompt, if it is empty, leaves no room in the context of the
   *     target or a draft, or may become a text that a draft cannot score to its end
   */
  public void requireRoom(Prompt prompt) {
    requireRoom(prompt, tokenizer.encode(prompt.prompt()));
  }

  private void requireRoom(Prompt prompt, int[] tokens) {
    String name = "prompt '" + prompt.id() + "'";
    for (LanguageModel draft : drafts) {
      if (tokens.length >= draft.contextLength()) {
        throw new ModelException(
            name
                + " has "
                + tokens.length
                + " tokens; "
                + contextOf(draft)
                + " and must leave room for at least one more; shorten the prompt, or record without this draft");
      }
    }
    int longest;
    try {
      longest = decoding.requireRoom(tokens);
    } catch (ModelException e) {
      throw new ModelException(name + ": " + e.getMessage(), e);
    }
    for (LanguageModel draft : drafts) {
      if (longest > draft.contextLength()) {
        throw new ModelException(
            name
                + " has "
                + tokens.length
                + " tokens and may become a text of "
                + longest
                + "; "
                + contextOf(draft)
                + "; lower --max-new-tokens to "
                + (draft.contextLength() - tokens.length)
                + ", or let record end texts there with --when-draft-is-full stop");
      }
    }
  }

  private static String contextOf(LanguageModel draft) {
    return "the context of draft '" + draft.name() + "' is " + draft.contextLength();
  }

  /**
   * Records one continuation. Its random numbers depend on the seed, the prompt's id and the
   * sample's number only.
   *
   * @param sample counts from 0
   * @throws ModelException as {@link #requireRoom}
   */
  public TraceSequence record(Prompt prompt, int sample) {
    int[] promptTokens = tokenizer.encode(prompt.prompt());
    requireRoom(prompt, promptTokens);
    String name = prompt.id() + "/" + sample;
    TargetScores targetScores = new TargetScores();
    List<DraftScores> draftScores = new ArrayList<>();
    int last = promptTokens[promptTokens.length - 1];
    for (int i = 0; i < drafts.size(); i++) {
      ModelSession session = draftSessions.get(i);
      session.rollback(0);
      session.prefill(promptTokens, 0, promptTokens.length - 1);
      int heads = drafts.get(i).heads();
      draftScores.add(
          heads > 1
              ? new DepthScores(session, heads, row.length, sampling, last)
              : new PrefixScores(
                  session,
                  last,
                  streams.stream("ladder/" + drafts.get(i).name() + "/" + name),
                  detail.signals()
                      ? new SignalScores(detail, drafts.get(i), session, sampling, streams, name)
                      : null));
    }
    Pending pending = new Pending(draftScores);
    Continuation continuation =
        decoding.run(
            promptTokens,
            streams,
            name,
            (token, logits, p) -> {
              targetScores.add(token, heap(logits.row(0)), p);
              pending.add(token, p);
            });
    pending.score();
    return new TraceSequence(
        new TraceSequence.Label(prompt.id(), sample, prompt.domain()),
        new TraceSequence.Prefix(prompt.prompt(), promptTokens),
        new TraceSequence.CommittedPath(
            continuation.tokens(),
            continuation.ended() ? TraceSequence.Finish.EOS : TraceSequence.Finish.LENGTH),
        targetScores.result(),
        draftScores.stream().map(scores -> scores.result(continuation)).toList());
  }

  /**
   * Generated tokens that the drafts have not scored yet: at most one pass of them, so that memory
   * stays bounded.
   */
  private static final class Pending {
    private static final int ROWS = 32;
    private final List<DraftScores> drafts;
    private final int[] tokens = new int[ROWS];
    private final Distribution[] p = new Distribution[ROWS];
    private int count;

    Pending(List<DraftScores> drafts) {
      this.drafts = drafts;
    }

    void add(int token, Distribution distribution) {
      tokens[count] = token;
      p[count++] = distribution;
      if (count == ROWS) {
        score();
      }
    }

    void score() {
      if (count > 0) {
        drafts.forEach(draft -> draft.add(tokens, p, count));
        count = 0;
      }
    }
  }

  private final class TargetScores {
    private final Doubles logprob = new Doubles();
    private final Doubles entropy = new Doubles();
    private final Doubles margin = new Doubles();
    private final Top top = new Top();

    void add(int token, float[] logits, Distribution p) {
      logprob.add(Math.log(p.probability(token)));
      entropy.add(p.entropy());
      margin.add(margin(logits));
      top.add(logits);
    }

    TraceSequence.Target result() {
      return new TraceSequence.Target(
          logprob.toArray(), entropy.toArray(), margin.toArray(), top.result());
    }
  }

  private final class PrefixScores implements DraftScores {
    private final ModelSession session;
    private int last; // the token before the next to score
    private final Doubles logprob = new Doubles();
    private final Doubles rank = new Doubles();
    private final Doubles overlap = new Doubles();
    private final Top top = new Top();
    private final RandomGenerator random; // of ladders that are estimates
    private final Map<String, List<double[]>> steps = new LinkedHashMap<>(); // of each ladder
    private final Map<String, List<double[]>> headroom = new LinkedHashMap<>();
    private final SignalScores signals; // null where none are wanted

    PrefixScores(ModelSession session, int last, RandomGenerator random, SignalScores signals) {
      this.signals = signals;
      this.session = session;
      this.last = last;
      this.random = random;
      for (Ladder ladder : ladders) {
        steps.put(ladder.name(), new ArrayList<>());
        if (ladder.rule().drawnIndependently()) {
          headroom.put(ladder.name(), new ArrayList<>());
        }
      }
    }

    @Override
    public void add(int[] tokens, Distribution[] p, int count) {
      int[] scored = new int[count];
      scored[0] = last;
      System.arraycopy(tokens, 0, scored, 1, count - 1);
      last = tokens[count - 1];
      Logits logits = session.forward(scored, 0, count);
      for (int row = 0; row < count; row++) {
        Distribution q = logits.distribution(row, sampling);
        logprob.add(Math.log(q.probability(tokens[row])));
        float[] values = heap(logits.row(row));
        rank.add(rank(values, tokens[row]));
        if (signals != null) {
          signals.add(logits, row, tokens[row]);
        }
        overlap.add(p[row].overlap(q));
        top.add(values);
        double[] limits = TransportLimit.accepted(p[row], q, transported);
        for (Ladder ladder : ladders) {
          steps.get(ladder.name()).add(ladder.of(p[row], q, tokens[row], random));
          if (ladder.rule().drawnIndependently()) {
            headroom.get(ladder.name()).add(ladder.headroom(p[row], q, limits));
          }
        }
      }
    }

    @Override
    public TraceSequence.Draft result(Continuation path) {
      int[] ranks = Arrays.stream(rank.toArray()).mapToInt(r -> (int) r).toArray();
      return new TraceSequence.Draft(logprob.toArray(), ranks, overlap.toArray(), top.result())
          .with(new TraceSequence.Drawn(arrays(steps), arrays(headroom)))
          .with(signals == null ? null : signals.result(path.tokens(), path.ended()));
    }
  }

  private static Map<String, double[][]> arrays(Map<String, List<double[]>> lists) {
    Map<String, double[][]> arrays = new LinkedHashMap<>();
    lists.forEach((name, rows) -> arrays.put(name, rows.toArray(double[][]::new)));
    return arrays;
  }

  /** The largest logits of each position and the mass of the others. */
  private final class Top {
    private final List<int[]> tokens = new ArrayList<>();
    private final List<float[]> logits = new ArrayList<>();
    private final Doubles tail = new Doubles();

    /**
     * @param row is used up
     */
    void add(float[] row) {
      if (logitCount == 0) {
        return;
      }
      int[] keptTokens = TopK.tokens(row, logitCount);
      float[] keptLogits = new float[logitCount];
      double largest = row[keptTokens[0]];
      double kept = 0;
      for (int i = logitCount - 1; i >= 0; i--) {
        keptLogits[i] = row[keptTokens[i]];
        kept += Math.exp(keptLogits[i] - largest);
        row[keptTokens[i]] = Float.NEGATIVE_INFINITY; // adds nothing to the rest
      }
      double rest = 0;
      for (float logit : row) {
        rest += Math.exp(logit - largest);
      }
      tokens.add(keptTokens);
      logits.add(keptLogits);
      tail.add(Math.log(rest / (rest + kept)));
    }

    TopLogits result() {
      return logitCount == 0
          ? null
          : new TopLogits(
              tokens.toArray(int[][]::new), logits.toArray(float[][]::new), tail.toArray());
    }
  }

  /** A row of logits, valid until the next one is asked for. */
  private float[] heap(FloatBuffer logits) {
    logits.get(0, row);
    return row;
  }

  /** 1-based rank of a token by logit, ties to the lower id. */
  static int rank(float[] logits, int token) {
    float own = logits[token];
    int rank = 1;
    for (int other = 0; other < logits.length; other++) {
      if (logits[other] > own || (logits[other] == own && other < token)) {
        rank++;
      }
    }
    return rank;
  }

  /** Largest minus second largest logit; 0 for a vocabulary of one token. */
  static double margin(float[] logits) {
    float first = Float.NEGATIVE_INFINITY;
    float second = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      if (logit > first) {
        second = first;
        first = logit;
      } else if (logit > second) {
        second = logit;
      }
    }
    return second == Float.NEGATIVE_INFINITY ? 0 : first - second;
  }

  /** A growing list of numbers. */
  private static final class Doubles {
    private double[] values = new double[64];
    private int size;

    void add(double value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    double[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }

  @Override
  public void close() {
    decoding.close();
    draftSessions.forEach(ModelSession::close);
  }
}
