package redraft.cli;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;
import redraft.json.LineSource;
import redraft.trace.Prompt;
import redraft.trace.PromptFile;
import redraft.trace.PromptFormat;

/** Which prompts are continued. */
final class PromptOptions {
  @Option(
      names = "--prompts",
      paramLabel = "FILE|-",
      defaultValue = "${sys:redraft.home:-.}/traces/prompts.jsonl",
      description =
          "JSON Lines of {\"id\",\"domain\",\"prompt\"}, text with a prompt a line, or conversations as ShareGPT has them, whose first turn "
              + "of a person is taken; - for standard input (default: the shipped ones). A prompt without an id is called by its place, line-3; "
              + "other fields are passed over.")
  private String prompts;

  @Option(
      names = "--prompt-field",
      paramLabel = "NAME",
      defaultValue = Prompt.FIELD,
      description = "The field of a line that holds the prompt (default: ${DEFAULT-VALUE}).")
  private String field;

  @Option(
      names = "--prompt-format",
      paramLabel = "NAME",
      completionCandidates = Names.PromptFormats.class,
      description =
          "How the file holds prompts: ${COMPLETION-CANDIDATES}; text is a whole file that is one prompt (default: told by how it begins).")
  private PromptFormat format;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Only the first N prompts of the file, its domains in turns (default: all of them).")
  private Integer limit;

  /** In the order of their file. */
  List<Prompt> read() throws IOException {
    return read(Integer.MAX_VALUE);
  }

  /**
   * @param usual how many, where no limit was named
   */
  List<Prompt> read(int usual) throws IOException {
    if (limit != null && limit < 1) {
      throw new IllegalArgumentException("--limit " + limit + " must be at least 1");
    }
    List<Prompt> all = PromptFile.read(LineSource.of(prompts, System.in), format, field);
    int most = limit == null ? usual : limit;
    if (most >= all.size()) {
      return all;
    }
    Set<Prompt> first = new HashSet<>(Prompt.domainsInTurns(all).subList(0, most));
    return all.stream().filter(first::contains).toList();
  }

  /** As messages call the prompts. */
  String name() {
    String file = LineSource.of(prompts, System.in).name();
    return limit == null ? file : file + ", limited to " + limit + ",";
  }
}
