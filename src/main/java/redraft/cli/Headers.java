package redraft.cli;

import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;

/** What a trace says of the pair that made it. */
final class Headers {
  private Headers() {}

  static TraceHeader of(
      PairManifest pair, SamplingParameters sampling, long seed, LogitDetail logits) {
    return new TraceHeader(
        new TraceHeader.TokenizerInfo(pair.tokenizer().sha256(), pair.tokenizer().vocabularySize()),
        model(pair.target()),
        pair.drafts().stream()
            .map(
                entry ->
                    new TraceHeader.DraftInfo(entry.name(), entry.sha256(), entry.parameters()))
            .toList(),
        new TraceHeader.Sampling(sampling.temperature(), sampling.topK(), sampling.topP(), seed),
        logits);
  }

  private static TraceHeader.ModelInfo model(ModelEntry entry) {
    return new TraceHeader.ModelInfo(entry.name(), entry.sha256(), entry.parameters());
  }
}
