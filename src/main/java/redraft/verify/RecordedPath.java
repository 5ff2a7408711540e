package redraft.verify;

/**
 * What a recording knows of one committed path x_1 … x_N under one draft: the input of every replay
 * law. Arrays are [N] and must not be changed.
 *
 * @param ratio r_t = q_t(x_t) / p_t(x_t)
 * @param draftProbability q_t(x_t)
 * @param draftArgmax whether x_t is the draft's most probable token; null where that is not known
 */
public record RecordedPath(double[] ratio, double[] draftProbability, boolean[] draftArgmax) {
  public int length() {
    return ratio.length;
  }
}
