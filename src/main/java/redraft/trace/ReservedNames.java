package redraft.trace;

import java.util.Set;

/** Words with a meaning of their own in results and on the command line. */
public final class ReservedNames {
  /** The domain that no sequence may have: in results it stands for all of them together. */
  public static final String ALL_DOMAINS = "all";

  /** What stands for acceptance presets, before their name or file. */
  public static final String PRESET = "preset:";

  private static final Set<String> SOURCES = Set.of("prompt-lookup", "suffix", "trace", "formula");

  private ReservedNames() {}

  /** Whether a recorded draft, or a preset, of that name would be taken for something else. */
  public static boolean isReservedDraft(String name) {
    return SOURCES.contains(name) || name.startsWith(PRESET);
  }
}
