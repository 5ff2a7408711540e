package redraft.draft;

import redraft.sampling.TopK;

/**
 * A number in which a draft says how sure it is of its next token. All are of the softmax of its
 * raw logits at temperature 1, whatever it samples with: a greedy draft is not sure of everything.
 */
public enum DraftSignal {
  /** The largest probability, renormalised over the ten likeliest tokens. */
  LARGEST(true) {
    @Override
    public float of(float[] logits, int token) {
      int[] likeliest = TopK.tokens(logits, Math.min(LISTED, logits.length));
      float[] listed = new float[likeliest.length];
      for (int i = 0; i < listed.length; i++) {
        listed[i] = logits[likeliest[i]];
      }
      return share(listed);
    }
  },
  /** The entropy in nats. */
  ENTROPY(true) {
    @Override
    public float of(float[] logits, int token) {
      float largest = largest(logits);
      double weights = 0;
      double moment = 0; // Σ weight · (logit − largest)
      for (float logit : logits) {
        double below = logit - (double) largest;
        double weight = Math.exp(below);
        weights += weight;
        moment += weight == 0 ? 0 : weight * below;
      }
      return (float) Math.max(0, Math.log(weights) - moment / weights);
    }
  },
  /** The probability of the token that was drawn. */
  CONFIDENCE(false) {
    @Override
    public float of(float[] logits, int token) {
      float largest = largest(logits);
      double weights = 0;
      for (float logit : logits) {
        weights += Math.exp(logit - (double) largest);
      }
      return (float) (Math.exp(logits[token] - (double) largest) / weights);
    }
  };

  /** Tokens over which {@link #LARGEST} is renormalised. */
  public static final int LISTED = 10;

  private final boolean beforeDrawing;

  DraftSignal(boolean beforeDrawing) {
    this.beforeDrawing = beforeDrawing;
  }

  /** Whether it is known before the token is drawn, and says nothing of which one that will be. */
  public boolean beforeDrawing() {
    return beforeDrawing;
  }

  /**
   * Its value, in single precision as traces keep it, so that live decoding and replay decide
   * alike.
   *
   * @param logits [vocabularySize] raw
   * @param token that was drawn; of no use before it is
   */
  public abstract float of(float[] logits, int token);

  /**
   * {@link #LARGEST} of the largest logits alone.
   *
   * @param listed the largest, the first of them first
   */
  public static float share(float[] listed) {
    double weights = 0;
    for (int i = 0; i < Math.min(LISTED, listed.length); i++) {
      weights += Math.exp(listed[i] - (double) listed[0]);
    }
    return (float) (1 / weights);
  }

  private static float largest(float[] logits) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    return largest;
  }
}
