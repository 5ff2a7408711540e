package redraft.cli;

import java.util.List;
import picocli.CommandLine.Option;
import redraft.sampling.SamplingParameters;

/** How both models' logits become texts of live decoding. */
final class SamplingOptions {
  @Option(
      names = "--temperature",
      paramLabel = "T",
      split = ",",
      description =
          "Sampling temperature of both models; 0 is greedy (default: 0; in the demo, 1; where several are compared, 0,1).")
  private List<Double> temperatures;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Sample among the N largest logits; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Sample among the most probable tokens that reach mass P (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "Most tokens to generate for a prompt; the model's context may allow fewer (default: ${DEFAULT-VALUE}).")
  int maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Same seed, same models, same machine: same result (default: ${DEFAULT-VALUE}).")
  long seed;

  /**
   * @param usual temperatures, where none was named
   */
  List<SamplingParameters> every(List<Double> usual) {
    return (temperatures == null ? usual : temperatures)
        .stream().map(temperature -> new SamplingParameters(temperature, topK, topP)).toList();
  }

  /**
   * @param usual temperature, where none was named
   */
  SamplingParameters only(double usual) {
    return Names.only("--temperature", every(List.of(usual)));
  }
}
