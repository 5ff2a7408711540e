package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Limits;
import redraft.json.ResultFiles;
import redraft.model.LanguageModel;
import redraft.model.pair.ModelPair;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.model.server.ScoringModel;
import redraft.model.server.ServerApi;
import redraft.recording.Detail;
import redraft.recording.LivePair;
import redraft.recording.Recorder;
import redraft.recording.Recording;
import redraft.recording.RecordingPlace;
import redraft.recording.ScoringRecorder;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.archive.Shards;

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
      "  redraft record --temperature 1 --samples 4 --shards 100000 --out out/archive",
      "  redraft record --temperature 1 --rollouts 8,greedy:8 --out out/signals-t1.jsonl.gz",
      "  redraft record --models models/NAME --draft SMALL --prompts QUESTIONS.jsonl --prompt-field question --limit 50 \\",
      "      --out out/q.jsonl.gz",
      "  redraft record --models models/NAME --chat --prompts PROMPTS.jsonl --out out/chat.jsonl.gz",
      "  redraft record --from-server http://localhost:8080 --draft-server http://localhost:8081 --temperature 1 --out out/gguf.jsonl.gz",
      "  redraft record --from-server http://HOST:8000 --draft-server http://HOST:8001 --temperature 1 --concurrency 16 --score-target \\",
      "      --out out/vllm.jsonl.gz"
    })
final class RecordCommand implements Callable<Integer> {
  @Mixin private ModelOptions models;
  @Mixin private ServerOptions servers;
  @Mixin private SamplingOptions sampling;

  @Mixin private PromptOptions prompts;
  @Mixin private SampleOptions samples;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      split = ",",
      description = "Only this draft of the pair; may be repeated (default: all of them).")
  private List<String> drafts = List.of();

  @Written
  @Option(
      names = "--out",
      paramLabel = "TRACE|DIR",
      required = true,
      description = "Trace to write, .jsonl or .jsonl.gz; with --shards a folder to write.")
  private Path out;

  @Option(
      names = "--shards",
      paramLabel = "N",
      arity = "0..1",
      fallbackValue = "" + Shards.POSITIONS,
      description =
          "Write an archive: traces of some N positions in a folder, DIR/NAME-00001.jsonl.gz and so on, NAME that of the "
              + "folder, each of which is whole once it has its name (${FALLBACK-VALUE} where N is left out).")
  private Long shards;

  @Mixin private ChatOptions chat;

  @Mixin private DetailOptions details;

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

  @ArgGroup private ExistingOptions existing = new ExistingOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int continuations = samples.samples(1);
    SamplingParameters parameters = sampling.only(0);
    Detail detail = details.detail();
    check();
    servers.check();
    List<Prompt> texts = prompts.read();
    String result =
        servers.given() && servers.api(spec.commandLine().getOut()) == ServerApi.OPENAI
            ? recordScored(texts, continuations, parameters, detail)
            : recordRun(texts, continuations, parameters, detail);
    spec.commandLine().getOut().println(result);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void check() throws IOException {
    if (shards == null) {
      existing.check(out);
      return;
    }
    if (shards < 1) {
      throw new IllegalArgumentException("--shards " + shards + " must be at least 1");
    }
    existing.check(new Shards(out, ResultFiles.name(out)));
  }

  private RecordingPlace place() {
    return shards == null
        ? RecordingPlace.file(out)
        : RecordingPlace.shards(new Shards(out, ResultFiles.name(out)), shards);
  }

  /** With models whose whole distributions are known. */
  private String recordRun(
      List<Prompt> texts, int continuations, SamplingParameters parameters, Detail detail)
      throws IOException {
    try (ModelPair pair =
            servers.given()
                ? servers.pair()
                : models.load((first, name) -> drafts.isEmpty() || drafts.contains(name));
        Recorder recorder =
            new Recorder(
                chat.tokenizer(pair),
                pair.target(),
                wanted(pair),
                parameters,
                limits(pair),
                detail,
                new RandomStreams(sampling.seed))) {
      List<Prompt> read =
          texts.stream()
              .map(text -> new Prompt(text.id(), text.domain(), chat.text(pair, text.prompt())))
              .toList();
      read.forEach(recorder::requireRoom);
      LivePair live = ModelOptions.live(pair, wanted(pair));
      live.approximations().forEach(models::warn);
      TraceHeader header = live.header(parameters, sampling.seed, detail.logits());
      try (Progress progress = new Progress("record", (long) read.size() * continuations)) {
        Recording recording =
            new Recording(header, read, continuations, recorder::record, progress::stepTo);
        return describe(existing.write(recording, place()));
      }
    }
  }

  /** With servers that say no more than what models think of the tokens of a text. */
  private String recordScored(
      List<Prompt> texts, int continuations, SamplingParameters parameters, Detail detail)
      throws IOException {
    requireScorable(parameters, detail);
    List<ScoringModel> served = servers.scoringModels();
    ScoringOptions scoring = servers.scoring();
    ScoringRecorder recorder =
        new ScoringRecorder(
            served.get(0),
            Names.chosen(served.subList(1, served.size()), ScoringModel::name, "--draft", drafts),
            new ScoringRecorder.Settings(
                parameters.temperature() == 0,
                sampling.maxNewTokens,
                !chat.chat,
                whenDraftIsFull == WhenDraftIsFull.STOP,
                scoring.scoreTarget,
                sampling.seed));
    List<Prompt> read =
        texts.stream()
            .map(
                text ->
                    chat.chat
                        ? new Prompt(
                            text.id(), text.domain(), served.get(0).chatPrompt(text.prompt()))
                        : text)
            .toList();
    read.forEach(recorder::requireRoom);
    long spent = served.stream().mapToLong(ScoringModel::openingTokens).sum();
    try (Progress progress = new Progress("record", (long) read.size() * continuations)) {
      Recording recording =
          new Recording(
              recorder.header(),
              read,
              continuations,
              recorder,
              progress::stepTo,
              scoring.pace(spent));
      String result = describe(existing.write(recording, place()));
      return recorder.compared() == 0
          ? result
          : result
              + System.lineSeparator()
              + String.format(
                  Locale.ROOT,
                  "mean |Δ ln p| of the target between writing and reading: %.2g nats over %d positions",
                  recorder.noise(),
                  recorder.compared());
    }
  }

  private static void requireScorable(SamplingParameters parameters, Detail detail) {
    if (detail.logits() != LogitDetail.NONE || !detail.ladders().isEmpty() || detail.signals()) {
      throw new IllegalArgumentException(
          (detail.logits() != LogitDetail.NONE
                  ? "--logits " + detail.logits().word()
                  : detail.signals() ? "--signals or --rollouts" : "--ladder")
              + " takes more than such a server says of a token; leave it out, or record from llama-server");
    }
    boolean whole = parameters.topK() == 0 && parameters.topP() == 1;
    if (!whole || (parameters.temperature() != 0 && parameters.temperature() != 1)) {
      throw new IllegalArgumentException(
          (whole ? "--temperature " + parameters.temperature() : "--top-k or --top-p")
              + " changes probabilities after the server has said them: of a text that it reads it says those at"
              + " temperature 1 of the whole vocabulary; record at --temperature 1 or 0, or import what servers wrote"
              + " of processed probabilities");
    }
  }

  /** In the order of the pair, whatever that of the options. */
  private List<LanguageModel> wanted(ModelPair pair) {
    if (drafts.isEmpty()) {
      return pair.drafts();
    }
    drafts.forEach(pair::draft); // refuses a name that the pair does not have
    return pair.manifest().drafts().stream()
        .map(ModelEntry::name)
        .filter(drafts::contains)
        .map(pair::draft)
        .toList();
  }

  private Limits limits(ModelPair pair) {
    Limits limits = new Limits(sampling.maxNewTokens, pair.endTokens());
    if (whenDraftIsFull == WhenDraftIsFull.STOP) {
      for (LanguageModel draft : wanted(pair)) {
        limits = limits.within(draft);
      }
    }
    return limits;
  }

  private String describe(Recording.Result result) {
    if (!result.complete()) {
      return result.sequences()
          + " sequences, "
          + result.positions()
          + " positions: "
          + out
          + ", where the next text might exceed the token budget; continue with --resume";
    }
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
