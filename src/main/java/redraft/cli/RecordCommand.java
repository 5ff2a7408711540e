package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Limits;
import redraft.model.LanguageModel;
import redraft.model.RowGrouping;
import redraft.model.onnx.OnnxPair;
import redraft.recording.Recorder;
import redraft.recording.Recording;
import redraft.sampling.RandomStreams;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;

@Command(
    name = "record",
    description = {
      "Decodes prompts with the target, scores the same tokens with every draft of the pair, and writes a trace that can "
          + "be replayed without the models.",
      "",
      "Domains take turns: the first prompt of each with all its samples, then the second of each, and so on, so that a "
          + "recording that is cut early is of every domain.",
      "",
      "Same seed, same models, same machine: the same bytes, also when a recording was cut and resumed."
    },
    footer = {
      "",
      "Examples:",
      "  redraft record --prompts traces/prompts.jsonl --temperature 1 --samples 4 --out out/t1.jsonl.gz",
      "  redraft record --models models/NAME --chat --prompts PROMPTS.jsonl --out out/chat.jsonl.gz"
    })
final class RecordCommand implements Callable<Integer> {
  /** Enough to tell a quantised model; {@code inspect} checks more. */
  private static final int CHECKED_TOKENS = 18;

  @Mixin private ModelOptions models;
  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      required = true,
      description = "JSON Lines of {\"id\",\"domain\",\"prompt\"}.")
  private Path prompts;

  @Option(
      names = "--out",
      paramLabel = "TRACE",
      required = true,
      description = "Trace to write, .jsonl or .jsonl.gz.")
  private Path out;

  @Mixin private ChatOptions chat;

  @Option(
      names = "--samples",
      paramLabel = "S",
      defaultValue = "1",
      description = "Continuations of each prompt (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--logits",
      paramLabel = "none|top|all",
      defaultValue = "none",
      description = "Raw logits kept at each position (default: ${DEFAULT-VALUE}).")
  private LogitDetail logits;

  @Option(
      names = "--top-logits",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many for --logits top (default: ${DEFAULT-VALUE}).")
  private int topLogits;

  /** What becomes of a text that a draft's context does not hold. */
  private enum WhenDraftIsFull {
    REFUSE,
    STOP
  }

  @Option(
      names = "--when-draft-is-full",
      paramLabel = "refuse|stop",
      defaultValue = "refuse",
      description =
          "For texts that may outgrow a draft's context: refuse them before anything is recorded, or stop them there, as "
              + "at the length limit (default: ${DEFAULT-VALUE}).")
  private WhenDraftIsFull whenDraftIsFull;

  /** What to do with a trace that exists already. */
  private static final class Existing {
    @Option(
        names = "--resume",
        description =
            "Continue a recording that was cut: keep its complete sequences, record the others.")
    private boolean resume;

    @Option(names = "--force", description = "Overwrite an existing trace.")
    private boolean force;
  }

  @ArgGroup private Existing existing = new Existing();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (samples < 1 || topLogits < 1) {
      throw new IllegalArgumentException(
          "--samples " + samples + " and --top-logits " + topLogits + " must be at least 1");
    }
    if (Files.exists(out) && !existing.force && !existing.resume) {
      throw new IllegalArgumentException(
          out
              + " exists already; continue it with --resume if it was cut, overwrite it with --force, or name another"
              + " file");
    }
    List<Prompt> texts = Prompt.readAll(prompts);
    try (OnnxPair pair = models.load();
        Recorder recorder =
            new Recorder(
                chat.tokenizer(pair),
                pair.target(),
                pair.drafts(),
                sampling.parameters(),
                limits(pair),
                logits,
                topLogits,
                new RandomStreams(sampling.seed))) {
      UnaryOperator<String> template = chat.template(pair);
      List<Prompt> read =
          texts.stream()
              .map(text -> new Prompt(text.id(), text.domain(), template.apply(text.prompt())))
              .toList();
      read.forEach(recorder::requireRoom);
      warnOfApproximateReplay(pair);
      if (out.toAbsolutePath().getParent() != null) {
        Files.createDirectories(out.toAbsolutePath().getParent());
      }
      try (Progress progress = new Progress("record", (long) read.size() * samples)) {
        Recording recording =
            new Recording(
                Headers.of(pair.manifest(), sampling.parameters(), sampling.seed, logits),
                read,
                samples,
                recorder::record,
                progress::stepTo);
        Recording.Result result = existing.resume ? recording.resume(out) : recording.write(out);
        spec.commandLine().getOut().println(describe(result));
      }
    }
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Limits limits(OnnxPair pair) {
    Limits limits = new Limits(sampling.maxNewTokens, pair.endTokens());
    if (whenDraftIsFull == WhenDraftIsFull.STOP) {
      for (LanguageModel draft : pair.drafts()) {
        limits = limits.within(draft);
      }
    }
    return limits;
  }

  private void warnOfApproximateReplay(OnnxPair pair) {
    Stream.concat(Stream.of(pair.target()), pair.drafts().stream())
        .forEach(
            model ->
                RowGrouping.of(model, CHECKED_TOKENS)
                    .warning(model.name())
                    .ifPresent(models::warn));
  }

  private String describe(Recording.Result result) {
    if (result.kept() == result.sequences()) {
      return out + " is complete with its " + result.sequences() + " sequences: nothing to record";
    }
    return result.sequences()
        + " sequences, "
        + result.positions()
        + " positions: "
        + out
        + (result.kept() > 0 ? " (" + result.kept() + " of them were there)" : "");
  }
}
