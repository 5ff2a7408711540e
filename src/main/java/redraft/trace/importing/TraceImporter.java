package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.ReservedNames;
import redraft.trace.TraceHeader.Sampling;

/** Turns files of one other format into traces. Registered in {@link TraceImporters}. */
public interface TraceImporter {
  /**
   * What is read; each source can be read more than once ({@link LineSource#repeatable}).
   *
   * @param files where target and drafts are not apart; empty otherwise
   * @param target what was kept of the target; null where {@code files} say everything
   * @param drafts what was kept of each draft, by its name
   */
  record Inputs(List<LineSource> files, LineSource target, Map<String, LineSource> drafts) {}

  /**
   * What an import takes from its user, because files of other formats do not say it.
   *
   * @param domain of all sequences that have none of their own
   * @param vocabularySize null for the largest token id plus 1
   * @param sampling of target and drafts; each part null where nobody said it
   * @param given whether the text was no draw of the target, of formats that do not say
   * @param topLogits that are kept at each position, of formats that have rows of them
   * @param promptLength tokens of prompts of which nothing is said
   * @param drafting of formats that do not say how many tokens a step drafted
   */
  record Settings(
      String domain,
      Models models,
      Integer vocabularySize,
      StatedSampling sampling,
      boolean given,
      int topLogits,
      int promptLength,
      Drafting drafting) {
    /** Tokens of a prompt where neither file nor user says. */
    public static final int USUAL_PROMPT = 1;

    /** As many as bound an estimate well. */
    public static final int USUAL_LOGITS = 64;

    public Settings {
      if (domain.isEmpty() || domain.equals(ReservedNames.ALL_DOMAINS)) {
        throw new IllegalArgumentException(
            "domain '"
                + domain
                + "' cannot be used: a domain has a name, and 'all' is that of all together");
      }
      if (vocabularySize != null && vocabularySize < 1) {
        throw new IllegalArgumentException(
            "vocabulary size " + vocabularySize + " must be at least 1");
      }
    }

    /** Where nothing is said of drafting. */
    public Settings(
        String domain,
        Models models,
        Integer vocabularySize,
        StatedSampling sampling,
        boolean given,
        int topLogits,
        int promptLength) {
      this(
          domain,
          models,
          vocabularySize,
          sampling,
          given,
          topLogits,
          promptLength,
          new Drafting(null, Schedule.FIXED));
    }

    /** Where nothing but this is said. */
    public static Settings of(String domain, String target, Integer vocabularySize) {
      return new Settings(
          domain,
          new Models(target, "draft", DraftKind.PREFIX, null),
          vocabularySize,
          new StatedSampling(null, null, null),
          true,
          USUAL_LOGITS,
          USUAL_PROMPT);
    }
  }

  /**
   * How many tokens the steps of a run drafted.
   *
   * @param length in each step, or in the first of a text; null where nobody said it
   */
  record Drafting(Integer length, Schedule schedule) {
    /** The most tokens that a step is taken to draft. */
    public static final int MOST = 1_000;
  }

  /** How draft lengths follow one another. */
  enum Schedule {
    /** All are the same. */
    FIXED,
    /** Two more after a block accepted whole, else one fewer, at least 1 (Hugging Face). */
    HEURISTIC
  }

  /**
   * What ran.
   *
   * @param target its name
   * @param draft the only draft's name, of formats that have one
   * @param kind of the drafts
   * @param rule by which the run verified; null for the one that is usual of its program
   */
  record Models(String target, String draft, DraftKind kind, String rule) {
    public Models {
      if (target.isEmpty() || draft.isEmpty()) {
        throw new IllegalArgumentException("target and draft need names");
      }
    }
  }

  /** Transforms of the distributions, as far as the user says them. */
  record StatedSampling(Double temperature, Integer topK, Double topP) {
    /** With these where nothing is said. */
    public Sampling or(double usualTemperature, int usualTopK, double usualTopP) {
      return new Sampling(
          temperature == null ? usualTemperature : temperature,
          topK == null ? usualTopK : topK,
          topP == null ? usualTopP : topP,
          0);
    }
  }

  /** The format's name on the command line. */
  String name();

  /** What its files hold, in a sentence or two of plain text. */
  String description();

  /** Whether target and drafts are in files of their own. */
  default boolean apart() {
    return false;
  }

  /**
   * Whether a file is of this format.
   *
   * @param beginning its first 4,096 bytes or fewer, decompressed, a character each
   */
  default boolean recognises(String beginning) {
    return false;
  }

  /**
   * Writes the trace of what was measured.
   *
   * @return what a reader should know of it, a line each
   * @throws redraft.json.LineException naming the line of the file that is not what the format says
   */
  List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException;
}
