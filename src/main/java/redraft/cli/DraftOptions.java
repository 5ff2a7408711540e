package redraft.cli;

import picocli.CommandLine.Option;
import redraft.decode.ModelDrafter;
import redraft.draft.Drafter;
import redraft.draft.Drafters;
import redraft.model.LanguageModel;
import redraft.model.onnx.OnnxPair;
import redraft.replay.LookupDraft.Ngrams;
import redraft.sampling.SamplingParameters;

/** Which draft of a pair works. */
final class DraftOptions {
  @Option(
      names = "--draft",
      paramLabel = "NAME",
      completionCandidates = Names.LiveDrafts.class,
      description =
          "Draft of the pair, or where a text is generated one that needs no model: ${COMPLETION-CANDIDATES} (default: the "
              + "pair's first; of a pair without drafts, the first that needs no model).")
  private String draft;

  /** Whether a draft of the pair has to be loaded, where the pair's first one is that. */
  boolean needs(String first, String name) {
    return name.equals(draft == null ? first : draft);
  }

  /**
   * The model that drafts.
   *
   * @throws IllegalArgumentException if the pair has none, or none of that name
   */
  LanguageModel model(OnnxPair pair) {
    if (pair.manifest().drafts().isEmpty()) {
      throw new IllegalArgumentException(
          "pair '"
              + pair.manifest().name()
              + "' has no draft"
              + (draft == null ? "" : " '" + draft + "'")
              + ": it is a target alone; name a pair with a draft with --models, or generate with --draft "
              + withoutModel());
    }
    return draft == null ? pair.drafts().get(0) : pair.draft(draft);
  }

  /**
   * What drafts, a model or not.
   *
   * @param sampling of a model
   */
  Drafter drafter(OnnxPair pair, SamplingParameters sampling, Ngrams ngrams) {
    String name = draft == null && pair.manifest().drafts().isEmpty() ? withoutModel() : draft;
    return name != null && Drafters.WITHOUT_MODEL.names().contains(name)
        ? Drafters.WITHOUT_MODEL
            .named(name)
            .getValue()
            .over(pair.target().vocabularySize(), ngrams.longest(), ngrams.shortest())
        : new ModelDrafter(model(pair), sampling);
  }

  private static String withoutModel() {
    return Drafters.WITHOUT_MODEL.names().get(0);
  }
}
