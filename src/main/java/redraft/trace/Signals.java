package redraft.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How sure a draft was of its tokens, in single precision: numbers of the softmax of its raw logits
 * at temperature 1, whatever it sampled with.
 *
 * @param largest [N] the largest probability, renormalised over the ten likeliest tokens
 * @param entropy [N] in nats
 * @param confidence [N] the probability of x_t
 * @param rollouts chains of the draft by how they were drawn, {@link #SAMPLED} or {@link #GREEDY};
 *     empty where none were
 */
public record Signals(
    float[] largest, float[] entropy, float[] confidence, Map<String, Rollouts> rollouts) {
  /** Drawn under the sampling settings of the recording. */
  public static final String SAMPLED = "sampled";

  /** The draft's choice. */
  public static final String GREEDY = "greedy";

  /** What there is, as it is asked for when recording. */
  List<String> words() {
    List<String> words = new ArrayList<>(List.of("signals"));
    rollouts.forEach(
        (drawn, chains) ->
            words.add(
                "rollouts "
                    + (drawn.equals(GREEDY) ? GREEDY + ":" : "")
                    + chains.length
                    + (chains.fraction == 1 ? "" : ":" + chains.fraction)));
    return words;
  }

  /** With chains of the draft. */
  public Signals with(Map<String, Rollouts> rollouts) {
    return new Signals(largest, entropy, confidence, rollouts);
  }

  /**
   * What the draft goes on to write by itself from each position. Row t is the chain that starts
   * there, up to the first token that is not the path's: where its first token is x_t, it holds
   * that token alone and the chain goes on as the next row does. Otherwise it goes on in the row
   * itself, up to {@code length} tokens or the draft's context, or is not recorded any further.
   *
   * @param length most tokens of a row
   * @param fraction of the rows, drawn at random, that are recorded past a first token that is not
   *     the path's
   * @param tokens [N, and one more after an end token][1 … length]
   * @param largest of the same tokens, as above
   * @param entropy likewise
   * @param confidence likewise
   */
  public record Rollouts(
      int length,
      double fraction,
      int[][] tokens,
      float[][] largest,
      float[][] entropy,
      float[][] confidence) {}
}
