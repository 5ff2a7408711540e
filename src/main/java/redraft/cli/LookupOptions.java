package redraft.cli;

import picocli.CommandLine.Option;
import redraft.draft.PromptLookup;
import redraft.replay.LookupDraft.Ngrams;

/** How prompt lookup searches the text. */
final class LookupOptions {
  @Option(
      names = "--ngram",
      paramLabel = "MIN..MAX",
      defaultValue = "1..3",
      converter = DraftLengths.Converter.class,
      description =
          "Lengths of the n-grams that "
              + PromptLookup.NAME
              + " looks for, longest first (default: ${DEFAULT-VALUE}).")
  private DraftLengths lengths;

  Ngrams ngrams() {
    return new Ngrams(lengths.values().get(0), lengths.values().get(lengths.values().size() - 1));
  }
}
