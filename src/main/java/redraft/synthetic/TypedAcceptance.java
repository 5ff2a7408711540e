package redraft.synthetic;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An acceptance that somebody types in where there is no trace: what a server reports of itself, or
 * a guess.
 *
 * @param name in results
 * @param meanLength what was typed, where a mean length is all of it and leaves the law open; null
 *     where the law was given
 * @param placesGiven places of a block of which something was said; {@link Integer#MAX_VALUE} for
 *     all
 */
public record TypedAcceptance(
    String name, Schedule schedule, MeanLength meanLength, int placesGiven) {
  /** The name of its only draft. */
  public static final String DRAFT = "typed";

  /** What is replayed: one text, because all would be alike. */
  private static final int SEQUENCES = 1;

  /**
   * The same probability at every place, whatever came before.
   *
   * @param acceptance from 0 to 1
   */
  public static TypedAcceptance independent(double acceptance) {
    require(acceptance);
    return new TypedAcceptance(
        "acceptance " + acceptance, new Schedule.Constant(acceptance), null, Integer.MAX_VALUE);
  }

  /**
   * A joint rate for each place, as vLLM prints them ("Per-position acceptance rate").
   *
   * @param survival P(at least i drafted tokens accepted), i = 1, 2, …: from 0 to 1, never
   *     increasing
   */
  public static TypedAcceptance joint(List<Double> survival) {
    List<Double> conditional = new ArrayList<>();
    double before = 1;
    for (double rate : survival) {
      require(rate);
      if (rate > before) {
        throw new IllegalArgumentException(
            rate
                + " at place "
                + (conditional.size() + 1)
                + " is more than "
                + before
                + " before it, and joint rates never increase; rates given that the tokens before were accepted are"
                + " written conditional:"
                + list(survival));
      }
      conditional.add(before == 0 ? 0 : rate / before);
      before = rate;
    }
    return places("acceptance rates " + list(survival), conditional);
  }

  /**
   * A conditional rate for each place.
   *
   * @param acceptance P(drafted token i accepted | those before it were), i = 1, 2, …
   */
  public static TypedAcceptance conditional(List<Double> acceptance) {
    acceptance.forEach(TypedAcceptance::require);
    return places("acceptance rates conditional:" + list(acceptance), acceptance);
  }

  private static TypedAcceptance places(String name, List<Double> conditional) {
    return new TypedAcceptance(
        name, new Schedule.PerPosition(conditional), null, conditional.size());
  }

  /** A mean length, read as the same conditional probability at every place. */
  public static TypedAcceptance length(MeanLength length) {
    return new TypedAcceptance(
        "acceptance length " + length.tokensPerStep() + " at K=" + length.draftLength(),
        new Schedule.ConstantConditional(length.tokensPerStep(), length.draftLength()),
        length,
        Integer.MAX_VALUE);
  }

  private static void require(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(probability + " is not a probability from 0 to 1");
    }
  }

  private static String list(List<Double> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** As a preset: one text of the usual length. */
  public Preset preset() {
    return new Preset(
        DRAFT,
        name,
        schedule,
        "typed in",
        "as typed",
        SEQUENCES,
        Preset.PROMPT_TOKENS,
        Preset.TOKENS);
  }

  /** In the place of a trace. */
  public PresetSource source() {
    return new PresetSource(name, preset());
  }
}
