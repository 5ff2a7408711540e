package redraft.export;

import java.util.List;
import java.util.Locale;

/** The kinds of drafts that engines tell apart. */
public final class DraftKinds {
  /** A model of its own. */
  public static final String MODEL = "model";

  /** A search that copies earlier text. */
  public static final String LOOKUP = "lookup";

  /** Heads whose tokens depend on their place in the block. */
  public static final String HEADS = "eagle3";

  /** Of an engine that does not ask what drafts. */
  static final String ANY = "any";

  private static final List<String> HEAD_NAMES =
      List.of("eagle3", "eagle2", "eagle", "mtp", "medusa");

  private DraftKinds() {}

  /** The kind of a draft model by its name, such as eagle3-llama-3.1-8b: heads, or a model. */
  public static String ofModel(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return HEAD_NAMES.stream()
        .filter(head -> lower.startsWith(head + "-"))
        .map(head -> head.equals("eagle2") ? "eagle" : head)
        .findFirst()
        .orElse(MODEL);
  }
}
