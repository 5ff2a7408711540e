package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.model.hub.HuggingFaceHub;
import redraft.model.hub.PairCatalogue;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.model.hub.PairPull;

@Command(
    name = "pull",
    description = {
      "Downloads the target, the drafts and the tokenizer of a pair, checks them, and pins them in a pair.json.",
      "",
      "A pull that broke off goes on where it stopped when it is run again; nothing is put in place before all of it "
          + "is there and checked. A pull of what is there already does nothing.",
      "",
      "HF_ENDPOINT names another hub or a mirror, HF_TOKEN a token where a login is needed. Proxies are those of "
          + "HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or of Java's system properties."
    },
    footer = {
      "",
      "Examples:",
      "  redraft models pull smollm2",
      "  redraft models pull gpt2 --to models/gpt2",
      "  HF_ENDPOINT=https://hub.example.org redraft models pull gpt2",
      "  redraft generate --models models/smollm2 --prompt 'Once upon a time'"
    })
final class ModelsPullCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Names.Pairs.class,
      description = "A pair of the catalogue (see: redraft models list).")
  private String name;

  @Written(files = "**")
  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Model directory to make (default: models/NAME of Redraft).")
  private Path to;

  @Mixin private CatalogueOptions catalogue;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      defaultValue = "${env:HF_ENDPOINT:-" + HuggingFaceHub.ENDPOINT + "}",
      description = "Address of the hub (default: HF_ENDPOINT, or else huggingface.co).")
  private String endpoint;

  @Option(
      names = "--force",
      description = "Pull what the catalogue names now, in place of what the directory holds.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PairCatalogue pairs = catalogue.load();
    if (name == null) {
      throw new ParameterException(spec.commandLine(), "name a pair: " + pairs.names());
    }
    Pair pair = pairs.named(name);
    Path directory =
        to != null ? to : Path.of(System.getProperty("redraft.home", "."), "models", pair.name());
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (Bar bar = new Bar(pair.name())) {
      Consumer<String> notes = note -> err.println(Message.line(note));
      HuggingFaceHub hub =
          new HuggingFaceHub(HuggingFaceHub.Access.of(endpoint, System.getenv()), notes);
      PairPull.Result result = new PairPull(hub, bar).pull(pair, directory, force);
      int files = result.manifest().origins().size();
      out.printf(
          Locale.ROOT,
          result.arrived()
              ? "%s: %d files, %.1f MB, checked and pinned: %s%n"
              : "%s: all %d files (%.1f MB) are there, as pair.json pins them; nothing to pull: %s%n",
          pair.name(),
          files,
          result.bytes() / 1e6,
          directory);
    }
    out.flush();
    return 0;
  }

  /** The progress bar of a pull: there once its size is known. */
  private static final class Bar implements PairPull.Progress, AutoCloseable {
    private final String task;
    private Progress progress;

    Bar(String task) {
      this.task = task;
    }

    @Override
    public void planned(long bytes) {
      progress = new Progress(task, bytes, " MB", 1_000_000);
    }

    @Override
    public void arrived(long bytes) {
      progress.stepTo(bytes);
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
