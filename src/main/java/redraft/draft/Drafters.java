package redraft.draft;

import java.util.List;
import java.util.Map;
import redraft.json.Registry;

/** The drafters that can be named, besides the models of a pair. */
public final class Drafters {
  /** Drafters that need no model; a new one is one file and one line here. */
  public static final Registry<Map.Entry<String, Lookup>> WITHOUT_MODEL =
      new Registry<>(
          "draft",
          Map.Entry::getKey,
          List.of(
              Map.entry(PromptLookup.NAME, PromptLookup::new),
              Map.entry(
                  SuffixLookup.NAME,
                  (vocabularySize, longest, shortest) -> new SuffixLookup(vocabularySize))));

  /** Makes a drafter that searches the text. */
  public interface Lookup {
    /**
     * @param longest n-gram length, tried first
     * @param shortest n-gram length, tried last
     */
    Drafter over(int vocabularySize, int longest, int shortest);
  }

  private Drafters() {}
}
