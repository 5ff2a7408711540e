package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyPresets;

/** What passes cost: one of these. */
final class LatencyOptions {
  @Option(
      names = "--cost-ratio",
      paramLabel = "C",
      required = true,
      description = "Draft pass / target pass; a verification costs one target pass.")
  private Double costRatio;

  @Option(
      names = "--latency",
      paramLabel = "PRESET|FILE",
      required = true,
      description =
          "A linear latency model: a preset such as llama-3.1-8b-eagle3-h100, or a JSON file like it.")
  private String latency;

  LatencyModel model() throws IOException {
    return costRatio != null
        ? new ConstantRatio(costRatio)
        : LatencyPresets.load(latency, Path.of(latency));
  }
}
