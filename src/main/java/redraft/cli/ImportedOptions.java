package redraft.cli;

import picocli.CommandLine.Option;
import redraft.trace.DraftKind;
import redraft.trace.importing.TraceImporter.Drafting;
import redraft.trace.importing.TraceImporter.Models;
import redraft.trace.importing.TraceImporter.Schedule;
import redraft.trace.importing.TraceImporter.Settings;
import redraft.trace.importing.TraceImporter.StatedSampling;
import redraft.verify.VerificationRules;

/** What files of other programs do not say of themselves. */
final class ImportedOptions {
  @Option(
      names = "--target-name",
      paramLabel = "NAME",
      defaultValue = "unknown",
      description = "Name of the target model (default: ${DEFAULT-VALUE}).")
  private String target;

  @Option(
      names = "--draft-name",
      paramLabel = "NAME",
      defaultValue = "draft",
      description =
          "Name of the draft, of formats that have one without a name (default: ${DEFAULT-VALUE}).")
  private String draft;

  @Option(
      names = "--draft-kind",
      paramLabel = "KIND",
      defaultValue = "prefix",
      description =
          "What drafted: prefix, a model; lookup, n-grams; depth, heads such as EAGLE or MTP (default: ${DEFAULT-VALUE}).")
  private DraftKind kind;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      completionCandidates = Names.Rules.class,
      description =
          "Rule by which a measured run verified: ${COMPLETION-CANDIDATES} (default: the one that is usual of the program).")
  private String rule;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Temperature of the measurement, of formats that do not say it.")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Top-k of the measurement, of formats that do not say it; 0 is all.")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Top-p of the measurement, of formats that do not say it; 1 is all.")
  private Double topP;

  @Option(
      names = "--sampled",
      description =
          "The text was drawn from the target, of formats that do not say; otherwise it is taken for a given one.")
  private boolean sampled;

  @Option(
      names = "--top-logits",
      paramLabel = "N",
      defaultValue = "" + Settings.USUAL_LOGITS,
      description =
          "Largest logits to keep at a position, of formats that have rows of them (default: ${DEFAULT-VALUE}).")
  private int topLogits;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "" + Settings.USUAL_PROMPT,
      description =
          "Tokens of prompts of which the files say nothing; costs depend on it (default: ${DEFAULT-VALUE}).")
  private int promptLength;

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description = "Tokens of the vocabulary (default: the largest token id in the files + 1).")
  private Integer vocabularySize;

  @Option(
      names = "--drafted",
      paramLabel = "K",
      description =
          "Tokens drafted a step, of formats that do not say it; with --schedule heuristic, in a text's first step.")
  private Integer drafted;

  @Option(
      names = "--schedule",
      paramLabel = "SCHEDULE",
      defaultValue = "fixed",
      description =
          "How many tokens steps drafted, of formats that do not say it: fixed, or heuristic, Hugging Face's: +2 after a block "
              + "accepted whole, else -1, from 5 on (default: ${DEFAULT-VALUE}).")
  private Schedule schedule;

  /**
   * @param domain of all sequences
   */
  Settings settings(String domain) {
    WholeNumbers.require("--top-logits", topLogits, 1, Integer.MAX_VALUE);
    WholeNumbers.require("--prompt-tokens", promptLength, 1, 10_000_000);
    if (drafted != null) {
      WholeNumbers.require("--drafted", drafted, 1, Drafting.MOST);
    }
    return new Settings(
        domain,
        new Models(target, draft, kind, rule == null ? null : VerificationRules.named(rule).name()),
        vocabularySize,
        new StatedSampling(temperature, topK, topP),
        !sampled,
        topLogits,
        promptLength,
        new Drafting(drafted, schedule));
  }
}
