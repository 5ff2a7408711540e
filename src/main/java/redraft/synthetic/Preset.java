package redraft.synthetic;

import redraft.replay.AcceptanceLaw;

/**
 * A synthetic acceptance model with a name: a law of accepted counts that knows nothing of any
 * text.
 *
 * @param description one line
 * @param source paper, or project and option, or trace that it comes from
 * @param confidence what of it was read, recalled, derived or measured
 * @param sequences to replay where there is no trace to stand beside
 * @param promptTokens of each of these
 * @param tokens generated in each of these
 */
public record Preset(
    String name,
    String description,
    Schedule schedule,
    String source,
    String confidence,
    int sequences,
    int promptTokens,
    int tokens) {
  /** Where a preset file says nothing. */
  static final int SEQUENCES = 100;

  static final int PROMPT_TOKENS = 64;
  static final int TOKENS = 256;

  /**
   * The law on a sequence of this many tokens.
   *
   * @param length N, the number of tokens to commit
   */
  public AcceptanceLaw law(int length) {
    return new PresetLaw(length, schedule.survival(length));
  }
}
