package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import redraft.json.LineSource;
import redraft.trace.ReservedNames;

/** Turns files of one other format into traces. Registered in {@link TraceImporters}. */
public interface TraceImporter {
  /**
   * What an import takes from its user, because files of other formats do not say it.
   *
   * @param domain of all sequences
   * @param target the target model's name
   * @param vocabularySize null for the largest token id plus 1
   */
  record Settings(String domain, String target, Integer vocabularySize) {
    public Settings {
      if (domain.isEmpty() || domain.equals(ReservedNames.ALL_DOMAINS)) {
        throw new IllegalArgumentException(
            "domain '"
                + domain
                + "' cannot be used: a domain has a name, and 'all' is that of all together");
      }
      if (target.isEmpty()) {
        throw new IllegalArgumentException("the target model needs a name");
      }
      if (vocabularySize != null && vocabularySize < 1) {
        throw new IllegalArgumentException(
            "vocabulary size " + vocabularySize + " must be at least 1");
      }
    }
  }

  /** The format's name on the command line. */
  String name();

  /** What its files hold, in a sentence or two of plain text. */
  String description();

  /**
   * Writes the trace of a file.
   *
   * @param source one that can be read more than once ({@link LineSource#repeatable})
   * @throws redraft.json.LineException naming the line of the file that is not what the format says
   */
  void convert(LineSource source, Settings settings, Path trace) throws IOException;
}
