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
              + "pair's first).")
  private String draft;

  /** The model that drafts. */
  LanguageModel model(OnnxPair pair) {
    return draft == null ? pair.drafts().get(0) : pair.draft(draft);
  }

  /**
   * What drafts, a model or not.
   *
   * @param sampling of a model
   */
  Drafter drafter(OnnxPair pair, SamplingParameters sampling, Ngrams ngrams) {
    return draft != null && Drafters.WITHOUT_MODEL.names().contains(draft)
        ? Drafters.WITHOUT_MODEL
            .named(draft)
            .getValue()
            .over(pair.target().vocabularySize(), ngrams.longest(), ngrams.shortest())
        : new ModelDrafter(model(pair), sampling);
  }
}
