package redraft.cli;

import picocli.CommandLine.Option;
import redraft.sampling.SamplingParameters;

/** How both models' logits become probabilities. */
final class SamplingOptions {
  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "Sampling temperature of both models; 0 is greedy (default: ${DEFAULT-VALUE}).")
  double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Sample among the N largest logits; 0 for all (default: ${DEFAULT-VALUE}).")
  int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Sample among the most probable tokens that reach mass P (default: ${DEFAULT-VALUE}).")
  double topP;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "Most tokens to generate; the model's context may allow fewer (default: ${DEFAULT-VALUE}).")
  int maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Same seed, same models, same machine: same result (default: ${DEFAULT-VALUE}).")
  long seed;

  SamplingParameters parameters() {
    return new SamplingParameters(temperature, topK, topP);
  }
}
