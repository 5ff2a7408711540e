package redraft.recording;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import redraft.decode.Limits;
import redraft.model.LanguageModel;
import redraft.model.Tokenizer;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;

/**
 * A pair of models ready to decode, and what its traces say of it.
 *
 * @param drafts some or all of the pair's, in the order of the manifest
 * @param endTokens each ends a text
 */
public record LivePair(
    Tokenizer tokenizer,
    LanguageModel target,
    List<LanguageModel> drafts,
    Set<Integer> endTokens,
    PairManifest manifest) {
  private static final int CHECKED_TOKENS = 18; // enough to tell a quantised model

  /** Why replay of its traces is approximate, a line for each model that makes it so. */
  public List<String> approximations() {
    return Stream.concat(Stream.of(target), drafts.stream())
        .flatMap(model -> model.grouping(CHECKED_TOKENS).warning(model).stream())
        .toList();
  }

  /** The header of a trace of all drafts. */
  public TraceHeader header(SamplingParameters sampling, long seed, LogitDetail logits) {
    PairManifest.TokenizerEntry tokens = manifest.tokenizer();
    ModelEntry large = manifest.target();
    return new TraceHeader(
        new TraceHeader.TokenizerInfo(tokens.sha256(), tokens.vocabularySize()),
        new TraceHeader.ModelInfo(large.name(), large.sha256(), large.parameters()),
        manifest.drafts().stream()
            .flatMap(small -> drafts.stream().flatMap(draft -> info(small, draft).stream()))
            .toList(),
        new TraceHeader.Sampling(sampling.temperature(), sampling.topK(), sampling.topP(), seed),
        logits);
  }

  /** What a header says of a draft; nothing where the entry is of another one. */
  private static Optional<DraftInfo> info(ModelEntry entry, LanguageModel draft) {
    if (!entry.name().equals(draft.name())) {
      return Optional.empty();
    }
    return Optional.of(
        draft.heads() > 1
            ? DraftInfo.ofHeads(entry.name(), entry.sha256(), entry.parameters(), draft.heads())
            : new DraftInfo(entry.name(), entry.sha256(), entry.parameters()));
  }

  /**
   * Records prompts without logits, over any file of that name.
   *
   * @param progress told after each sequence how many there are
   */
  public void record(
      Path trace,
      List<Prompt> prompts,
      int samples,
      SamplingParameters sampling,
      Limits limits,
      long seed,
      LongConsumer progress)
      throws IOException {
    try (Recorder recorder =
        new Recorder(
            tokenizer, target, drafts, sampling, limits, Detail.NONE, new RandomStreams(seed))) {
      TraceHeader header = header(sampling, seed, LogitDetail.NONE);
      new Recording(header, prompts, samples, recorder::record, progress).write(trace);
    }
  }
}
