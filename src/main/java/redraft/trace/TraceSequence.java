package redraft.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One recorded continuation. A sequence knows probabilities, in arrays of [tokens.length], or, when
 * it was imported from a measurement that kept no more, how far steps got.
 */
public record TraceSequence(
    Label label, Prefix prefix, CommittedPath path, Target target, List<Draft> drafts) {
  /**
   * What tells a sequence from the others of its trace.
   *
   * @param id names the prompt
   * @param sample counts from 0 when one prompt was sampled several times
   */
  public record Label(String id, int sample, String domain) {}

  private static final int UNKNOWN = -1;

  /** Tokens of which a measurement kept no more than their number. */
  public static int[] unknown(int count) {
    int[] tokens = new int[count];
    Arrays.fill(tokens, UNKNOWN);
    return tokens;
  }

  static boolean known(int[] tokens) {
    return tokens.length == 0 || tokens[0] != UNKNOWN;
  }

  /** The prompt, as text and as tokens, which may be {@link #unknown}. */
  public record Prefix(String text, int[] tokens) {}

  /**
   * What the target wrote.
   *
   * @param tokens sampled from the target; an end token is the last; may be {@link #unknown}
   * @param decodeFrom how many of the tokens the prefill had produced when decoding started
   */
  public record CommittedPath(int[] tokens, int decodeFrom, Finish finish) {
    /** A path whose tokens were all decoded, none of them by the prefill. */
    public CommittedPath(int[] tokens, Finish finish) {
      this(tokens, 0, finish);
    }
  }

  /** Why the sequence ended. */
  public enum Finish {
    /** With an end token. */
    EOS,
    /** At the length limit, or for a reason that an import does not know. */
    LENGTH
  }

  /**
   * What the target thought of each token; all null where only the fate of steps is known.
   *
   * @param logprob ln p_t(x_t) after the sampling transforms
   * @param entropy of p_t in nats, after the sampling transforms; null in imports that do not say
   * @param margin largest minus second largest raw logit; null in imports that do not say
   * @param top null where the trace keeps no logits
   */
  public record Target(double[] logprob, double[] entropy, double[] margin, TopLogits top) {
    /** The target of a sequence without probabilities. */
    public static final Target UNKNOWN = new Target(null, null, null, null);

    public boolean hasProbabilities() {
      return logprob != null;
    }
  }

  /** What is known of a draft: one of these in all sequences of a trace. */
  public enum Content {
    /** The probability of each token, whatever its place in a block. */
    PROBABILITIES,
    /** The probability of each token at each place in a block. */
    DEPTHS,
    /** How many tokens a step from each position would emit. */
    ACCEPT_LENGTHS,
    /** How far each step of one run got. */
    COINS,
    /** How often a step got so far. */
    SURVIVAL
  }

  /**
   * What a draft thought of each token, or how far its steps got: the arrays of one {@link Content}
   * are there, the others null.
   *
   * @param logprob ln q_t(x_t) after the sampling transforms, −∞ for probability 0
   * @param rank 1-based rank of x_t among the draft's tokens, ties to the lower id; null in imports
   *     that do not say
   * @param overlap Σ_v min(p_t(v), q_t(v)); null in imports that do not say
   * @param top null where the trace keeps no logits
   * @param drawn of several candidates
   * @param signals how sure it was; null where the trace does not say
   * @param depths of a draft to which the place in the block matters
   * @param measured null where probabilities are known
   */
  public record Draft(
      double[] logprob,
      int[] rank,
      double[] overlap,
      TopLogits top,
      Drawn drawn,
      Signals signals,
      Depths depths,
      Measured measured) {
    public Draft(double[] logprob, int[] rank, double[] overlap, TopLogits top) {
      this(logprob, rank, overlap, top, Drawn.NONE, null, null, null);
    }

    public static Draft ofDepths(Depths depths) {
      return new Draft(null, null, null, null, Drawn.NONE, null, depths, null);
    }

    private static Draft of(Measured measured) {
      return new Draft(null, null, null, null, Drawn.NONE, null, null, measured);
    }

    public static Draft ofAcceptLengths(int[] acceptLength) {
      return of(new Measured(acceptLength, null, null));
    }

    public static Draft ofCoins(Coins coins) {
      return of(new Measured(null, coins, null));
    }

    public static Draft ofSurvival(double[] survival) {
      return of(new Measured(null, null, survival));
    }

    /** With the ladders of its tokens, of which nothing says what is left above them. */
    public Draft with(Map<String, double[][]> ladders) {
      return with(new Drawn(ladders, Map.of()));
    }

    /** With what is known of several candidates. */
    public Draft with(Drawn drawn) {
      return new Draft(logprob, rank, overlap, top, drawn, signals, depths, measured);
    }

    /** With how sure it was of its tokens. */
    public Draft with(Signals signals) {
      return new Draft(logprob, rank, overlap, top, drawn, signals, depths, measured);
    }

    public Content content() {
      return logprob != null
          ? Content.PROBABILITIES
          : depths != null
              ? Content.DEPTHS
              : measured.acceptLength != null
                  ? Content.ACCEPT_LENGTHS
                  : measured.coins != null ? Content.COINS : Content.SURVIVAL;
    }

    /** As in {@link Drawn}. */
    public Map<String, double[][]> ladders() {
      return drawn.ladders;
    }

    /** As in {@link Drawn}. */
    public Map<String, double[][]> headroom() {
      return drawn.headroom;
    }

    /** As in {@link Measured}; null where something else is known. */
    public int[] acceptLength() {
      return measured == null ? null : measured.acceptLength;
    }

    /** As in {@link Measured}; null where something else is known. */
    public Coins coins() {
      return measured == null ? null : measured.coins;
    }

    /** As in {@link Measured}; null where something else is known. */
    public double[] survival() {
      return measured == null ? null : measured.survival;
    }

    private Draft withoutLogits() {
      return new Draft(logprob, rank, overlap, null, drawn, signals, depths, measured);
    }

    /** Whether it is said what the draft thought of each token. */
    public boolean hasProbabilities() {
      return logprob != null || depths != null;
    }
  }

  /**
   * Several candidates that are drawn, by the name of what was asked for, such as {@code iid:4}.
   *
   * @param ladders [N][k]: of each token the probabilities that it comes out as the first, second,
   *     … of k candidates, given that it comes out; empty where none was asked for
   * @param headroom [N][k] by ladders: how much more often than its rule any lossless one accepts
   *     one of the first, the first two, … k candidates at most, whatever the token is; empty where
   *     none was recorded
   */
  public record Drawn(Map<String, double[][]> ladders, Map<String, double[][]> headroom) {
    static final Drawn NONE = new Drawn(Map.of(), Map.of());
  }

  /**
   * How far steps got: one of these, the others null.
   *
   * @param acceptLength [positions of the measurement, which may have emitted another text than
   *     {@code tokens}]: how many tokens a step that starts at position t would emit with an
   *     unlimited draft, the target's own token included; 1 before {@code decodeFrom}
   * @param coins of a run whose steps were recorded
   * @param survival [depth]: P(at least 1, 2, … drafted tokens accepted), over all steps of a run
   */
  public record Measured(int[] acceptLength, Coins coins, double[] survival) {}

  /**
   * What a draft that starts at each position thought of the path's tokens from there on.
   *
   * @param logprob [N][at most K, and no more than are left]: at [s][i], ln q_{s,i+1}(x_{s+i}) of a
   *     block that starts at s, −∞ for probability 0
   * @param rank of the same tokens, likewise
   */
  public record Depths(double[][] logprob, int[][] rank) {}

  /**
   * The steps of one run, in order; each committed its accepted tokens and one of the target's.
   *
   * @param accepted tokens of each step
   * @param drafted tokens of each step, no fewer
   */
  public record Coins(int[] accepted, int[] drafted) {
    /** Tokens that the steps committed. */
    public long committed() {
      return accepted.length + Arrays.stream(accepted).asLongStream().sum();
    }
  }

  /**
   * @param tokens [positions][n], largest logit first
   * @param logits [positions][n] raw, −∞ for a token that the model rules out
   * @param tail [positions]: ln of the probability mass not listed, at temperature 1; −∞ when all
   *     is listed
   */
  public record TopLogits(int[][] tokens, float[][] logits, double[] tail) {}

  public String id() {
    return label.id;
  }

  public int sample() {
    return label.sample;
  }

  public String domain() {
    return label.domain;
  }

  /** The prompt's text. */
  public String prompt() {
    return prefix.text;
  }

  public int[] promptTokens() {
    return prefix.tokens;
  }

  /** Of the committed path. */
  public int[] tokens() {
    return path.tokens;
  }

  public int length() {
    return path.tokens.length;
  }

  /** Whether it is known which tokens the prompt and the path are of. */
  public boolean knowsTokens() {
    return known(prefix.tokens) && known(path.tokens);
  }

  public int decodeFrom() {
    return path.decodeFrom;
  }

  public Finish finish() {
    return path.finish;
  }

  /** The same without logits, which take the most room. */
  public TraceSequence withoutLogits() {
    return new TraceSequence(
        label,
        prefix,
        path,
        target.hasProbabilities()
            ? new Target(target.logprob, target.entropy, target.margin, null)
            : target,
        drafts.stream().map(Draft::withoutLogits).toList());
  }
}
