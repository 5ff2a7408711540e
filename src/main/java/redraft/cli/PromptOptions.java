package redraft.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Option;
import redraft.json.LineSource;
import redraft.trace.Prompt;

/** What is continued, and how often. */
final class PromptOptions {
  @Option(
      names = "--prompts",
      paramLabel = "FILE|-",
      defaultValue = "${sys:redraft.home:-.}/traces/prompts.jsonl",
      description =
          "JSON Lines of {\"id\",\"domain\",\"prompt\"}, - for standard input (default: the shipped ones).")
  private String prompts;

  @Option(
      names = "--samples",
      paramLabel = "S",
      description =
          "Continuations of each prompt in the trace (default: 1; where live runs are predicted from it, 8); at "
              + "temperature 0, where all are the same, 1 will do.")
  private Integer samples;

  List<Prompt> read() throws IOException {
    return Prompt.readAll(LineSource.of(prompts, System.in));
  }

  /** As messages call the prompts. */
  String name() {
    return LineSource.of(prompts, System.in).name();
  }

  int samples(int usual) {
    if (samples != null && samples < 1) {
      throw new IllegalArgumentException("--samples " + samples + " must be at least 1");
    }
    return samples == null ? usual : samples;
  }
}
