package redraft.trace;

import java.util.List;

/**
 * One recorded continuation. A sequence knows either probabilities, in arrays of [tokens.length],
 * or, when it was imported from a measurement that kept no more, accept lengths only.
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

  /** The prompt, as text and as tokens. */
  public record Prefix(String text, int[] tokens) {}

  /**
   * What the target wrote.
   *
   * @param tokens sampled from the target; an end token is the last
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
   * What the target thought of each token; all null where only accept lengths are known.
   *
   * @param logprob ln p_t(x_t) after the sampling transforms
   * @param entropy of p_t in nats, after the sampling transforms
   * @param margin largest minus second largest raw logit
   * @param top null where the trace keeps no logits
   */
  public record Target(double[] logprob, double[] entropy, double[] margin, TopLogits top) {
    /** The target of a sequence with accept lengths only. */
    public static final Target UNKNOWN = new Target(null, null, null, null);

    public boolean hasProbabilities() {
      return logprob != null;
    }
  }

  /**
   * What a draft thought of each token, or how many tokens its steps would emit: either the first
   * three arrays are null or {@code acceptLength} is.
   *
   * @param logprob ln q_t(x_t) after the sampling transforms, −∞ for probability 0
   * @param rank 1-based rank of x_t among the draft's tokens, ties to the lower id
   * @param overlap Σ_v min(p_t(v), q_t(v))
   * @param acceptLength [positions of the measurement, which may have emitted another text than
   *     {@code tokens}]: how many tokens a step that starts at position t would emit with an
   *     unlimited draft, the target's own token included; 1 before {@code decodeFrom}
   * @param top null where the trace keeps no logits
   */
  public record Draft(
      double[] logprob, int[] rank, double[] overlap, int[] acceptLength, TopLogits top) {
    public Draft(double[] logprob, int[] rank, double[] overlap, TopLogits top) {
      this(logprob, rank, overlap, null, top);
    }

    public static Draft ofAcceptLengths(int[] acceptLength) {
      return new Draft(null, null, null, acceptLength, null);
    }

    public boolean hasProbabilities() {
      return logprob != null;
    }

    /** Positions that this draft knows of; decoding commits those from {@code decodeFrom} on. */
    public int length() {
      return hasProbabilities() ? logprob.length : acceptLength.length;
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
        drafts.stream()
            .map(each -> new Draft(each.logprob, each.rank, each.overlap, each.acceptLength, null))
            .toList());
  }
}
