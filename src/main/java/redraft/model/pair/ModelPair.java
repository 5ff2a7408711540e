package redraft.model.pair;

import java.util.List;
import java.util.Set;
import redraft.model.LanguageModel;
import redraft.model.Tokenizer;
import redraft.model.pair.PairManifest.ModelEntry;

/** A target ready to run, its drafts, and the tokenizer they share. */
public interface ModelPair extends AutoCloseable {
  /** What there is to say of the models, as {@code pair.json} says it. */
  PairManifest manifest();

  Tokenizer tokenizer();

  /** The tokenizer for texts that {@link #chatPrompt} wrote. */
  Tokenizer chatTokenizer();

  /**
   * The prompt as one message of a user, written as the target wants it.
   *
   * @throws redraft.model.ModelException if the target was not taught conversations
   */
  String chatPrompt(String message);

  /** Each ends a text. */
  Set<Integer> endTokens();

  LanguageModel target();

  /** Those that were loaded, in the order of the manifest. */
  List<LanguageModel> drafts();

  /**
   * The draft of that name.
   *
   * @throws IllegalArgumentException saying which there are
   */
  default LanguageModel draft(String name) {
    return drafts().stream()
        .filter(draft -> draft.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "pair '"
                        + manifest().name()
                        + "' has no draft '"
                        + name
                        + "'; it has "
                        + String.join(
                            ", ", manifest().drafts().stream().map(ModelEntry::name).toList())));
  }

  @Override
  void close();
}
