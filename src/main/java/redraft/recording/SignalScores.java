package redraft.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import redraft.draft.DraftSignal;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Signals;

/**
 * How sure a draft was of the tokens of one path, and what it would have gone on to write by
 * itself. A chain follows the path while it draws the path's tokens, so that passes are needed only
 * after a token that is another.
 */
final class SignalScores {
  private final Numbers path = new Numbers();
  private final List<Chains> chains = new ArrayList<>();
  private final ModelSession session;
  private final int contextLength;
  private final int promptLength;
  private final float[] row; // [vocabularySize]

  /**
   * @param session whose cache holds the prompt without its last token
   * @param name of the text, which the chains' random numbers depend on
   */
  SignalScores(
      Detail detail,
      LanguageModel draft,
      ModelSession session,
      SamplingParameters sampling,
      RandomStreams streams,
      String name) {
    this.session = session;
    contextLength = draft.contextLength();
    promptLength = session.length() + 1;
    row = new float[draft.vocabularySize()];
    for (Detail.Rollouts wanted : detail.rollouts()) {
      String stream = "rollouts/" + wanted.drawn() + "/" + draft.name() + "/" + name;
      chains.add(new Chains(wanted, sampling, streams.stream(stream)));
    }
  }

  /** Numbers of one token after the other. */
  private static final class Numbers {
    private float[][] values = new float[DraftSignal.values().length][16];
    private int count;

    void add(float[] logits, int token) {
      if (count == values[0].length) {
        for (int i = 0; i < values.length; i++) {
          values[i] = Arrays.copyOf(values[i], 2 * count);
        }
      }
      for (DraftSignal signal : DraftSignal.values()) {
        values[signal.ordinal()][count] = signal.of(logits, token);
      }
      count++;
    }

    float[] of(DraftSignal signal) {
      return Arrays.copyOf(values[signal.ordinal()], count);
    }
  }

  /** One chain. */
  private static final class Chain {
    private final List<Integer> tokens = new ArrayList<>();
    private final Numbers numbers = new Numbers();

    int last() {
      return tokens.get(tokens.size() - 1);
    }
  }

  /** A chain from every position, drawn in one way. */
  private final class Chains {
    private final Detail.Rollouts wanted;
    private final SamplingParameters drawing;
    private final RandomGenerator random;
    private final List<Chain> rows = new ArrayList<>(); // by start

    Chains(Detail.Rollouts wanted, SamplingParameters sampling, RandomGenerator random) {
      this.wanted = wanted;
      this.random = random;
      drawing = wanted.greedy() ? SamplingParameters.GREEDY : sampling;
    }

    /** Begins the chain at the next position. */
    void begin(Logits logits, int index) {
      Chain chain = new Chain();
      rows.add(chain);
      draw(chain, logits, index);
    }

    private void draw(Chain chain, Logits logits, int index) {
      int token = logits.distribution(index, drawing).sample(random);
      logits.row(index).get(0, row);
      chain.tokens.add(token);
      chain.numbers.add(row, token);
    }

    /**
     * Goes on where the chain has left the path. The session's cache is left without what follows
     * the start, so that chains are finished from the last to the first.
     */
    void finish(int[] tokens, int start) {
      Chain chain = rows.get(start);
      boolean follows = start < tokens.length && chain.last() == tokens[start];
      if (follows || random.nextDouble() >= wanted.fraction()) {
        return;
      }
      session.rollback(promptLength + start);
      int most = Math.min(wanted.length(), contextLength - session.length());
      while (chain.tokens.size() < most) {
        draw(chain, session.forward(new int[] {chain.last()}, 0, 1), 0);
      }
    }

    Signals.Rollouts result() {
      return new Signals.Rollouts(
          wanted.length(),
          wanted.fraction(),
          rows.stream()
              .map(chain -> chain.tokens.stream().mapToInt(Integer::intValue).toArray())
              .toArray(int[][]::new),
          numbers(DraftSignal.LARGEST),
          numbers(DraftSignal.ENTROPY),
          numbers(DraftSignal.CONFIDENCE));
    }

    private float[][] numbers(DraftSignal signal) {
      return rows.stream().map(chain -> chain.numbers.of(signal)).toArray(float[][]::new);
    }
  }

  /**
   * The next token of the path.
   *
   * @param logits whose row of that index it is drawn from
   */
  void add(Logits logits, int index, int token) {
    logits.row(index).get(0, row);
    path.add(row, token);
    chains.forEach(each -> each.begin(logits, index));
  }

  /**
   * All of it.
   *
   * @param tokens of the path, all but the last of which are in the session's cache, which is used
   *     up
   * @param ended whether an end token ended it, after which drafts go on all the same
   */
  Signals result(int[] tokens, boolean ended) {
    if (ended && !chains.isEmpty()) {
      Logits logits = session.forward(tokens, tokens.length - 1, tokens.length);
      chains.forEach(each -> each.begin(logits, 0));
    }
    Map<String, Signals.Rollouts> rollouts = new LinkedHashMap<>();
    for (Chains each : chains) {
      if (!rollouts.isEmpty()) { // whose chains have overwritten the path
        session.rollback(promptLength);
        session.prefill(tokens, 0, each.rows.size() - 1);
      }
      for (int start = each.rows.size() - 1; start >= 0; start--) {
        each.finish(tokens, start);
      }
      rollouts.put(each.wanted.drawn(), each.result());
    }
    return new Signals(
        path.of(DraftSignal.LARGEST),
        path.of(DraftSignal.ENTROPY),
        path.of(DraftSignal.CONFIDENCE),
        rollouts);
  }
}
