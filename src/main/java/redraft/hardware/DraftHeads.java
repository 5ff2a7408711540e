package redraft.hardware;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.hardware.ModelShape.Head;

/**
 * Heads that draft for a target, derived from its shape: {@code eagle-}, {@code eagle2-}, {@code
 * eagle3-}, {@code mtp-} or {@code medusa-} before the target's name.
 *
 * <p>EAGLE and EAGLE-3 have one layer with the target's attention and a feed-forward part as wide
 * as the target's; of a target whose every layer has experts, as wide as those that a token visits.
 * EAGLE-3 drafts from at most {@value #EAGLE3_VOCABULARY} tokens. MTP has one layer like the
 * target's last, experts included. Medusa has {@value #MEDUSA_HEADS} heads.
 */
final class DraftHeads {
  /** Tokens that published EAGLE-3 heads draft from, whatever their target's vocabulary. */
  static final int EAGLE3_VOCABULARY = 32_000;

  /** Heads of the models published with the paper. */
  static final int MEDUSA_HEADS = 5;

  private static final Map<String, Head.Kind> PREFIXES =
      Map.of(
          "eagle", Head.Kind.EAGLE,
          "eagle2", Head.Kind.EAGLE,
          "eagle3", Head.Kind.EAGLE3,
          "mtp", Head.Kind.MTP,
          "medusa", Head.Kind.MEDUSA);

  private DraftHeads() {}

  /** The kind of head that a name begins with; null where it begins with none. */
  static Head.Kind kind(String name) {
    int end = name.indexOf('-');
    return end < 0 ? null : PREFIXES.get(name.substring(0, end).toLowerCase(Locale.ROOT));
  }

  /** What a name of a head says after its kind. */
  static String targetName(String name) {
    return name.substring(name.indexOf('-') + 1);
  }

  /** The name of that kind of head for this target. */
  static String name(Head.Kind kind, ModelShape target) {
    return kind.word() + "-" + target.name();
  }

  /**
   * The head of that kind for this target.
   *
   * @throws IllegalArgumentException if the target is a head itself
   */
  static ModelShape derive(Head.Kind kind, ModelShape target) {
    if (target.head() != null) {
      throw new IllegalArgumentException(
          "'"
              + name(kind, target)
              + "' would be a head of a head; name the target behind "
              + kind.word()
              + "-");
    }
    ModelShape.Vocabulary vocabulary = target.vocabulary();
    if (kind == Head.Kind.EAGLE3) {
      vocabulary = new ModelShape.Vocabulary(Math.min(EAGLE3_VOCABULARY, vocabulary.size()), false);
    }
    ModelShape shape = head(kind, target, vocabulary, 1);
    return head(kind, target, vocabulary, shape.countedParameters());
  }

  private static ModelShape head(
      Head.Kind kind, ModelShape target, ModelShape.Vocabulary vocabulary, double parameters) {
    String name = name(kind, target);
    return new ModelShape(
        name,
        List.of(),
        name,
        layers(kind, target.layers()),
        vocabulary,
        parameters,
        new ModelShape.Source(
            "the sizes of " + target.name() + " by the rule of docs/latency.md",
            target.source().date(),
            "derived"),
        new Head(kind, kind == Head.Kind.MEDUSA ? MEDUSA_HEADS : 1, target.layers().hidden()));
  }

  private static ModelShape.Layers layers(Head.Kind kind, ModelShape.Layers target) {
    ModelShape.Experts experts = kind == Head.Kind.MTP ? target.experts() : null;
    return new ModelShape.Layers(
        kind == Head.Kind.MEDUSA ? 0 : 1,
        target.hidden(),
        target.attention(),
        target.feedForward(),
        false,
        experts == null
            ? null
            : new ModelShape.Experts(
                experts.count(), experts.active(), experts.shared(), experts.width(), 0));
  }
}
