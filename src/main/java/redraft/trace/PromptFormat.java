package redraft.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a file holds prompts. */
public enum PromptFormat {
  /** An object {@code {"id","domain","prompt"}} a line. */
  JSONL,
  /** A prompt a line. */
  LINES,
  /** One prompt, which is the whole file. */
  TEXT,
  /** Conversations, an array or one a line, whose first turn of a person is the prompt. */
  SHAREGPT;

  /** As an option names it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The words of all of them. */
  public static List<String> words() {
    return Arrays.stream(values()).map(PromptFormat::word).toList();
  }
}
