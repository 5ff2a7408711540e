package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.model.pair.PairMaker;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.ModelEntry;

@Command(
    name = "pair",
    description = {
      "Makes a pair of models as they were downloaded: finds in their files what pair.json has to say, and writes it.",
      "",
      "A model is a folder with an export (model.onnx, decoder_model_merged.onnx or model_quantized.onnx, also in a folder "
          + "onnx; or the only .onnx file there is), its tokenizer.json and config.json, or one such .onnx file. What stands "
          + "outside of DIR is linked into it, or copied where the disk does not allow that."
    },
    footer = {
      "",
      "Examples:",
      "  redraft models pair models/mine --target downloads/SmolLM2-360M --draft downloads/SmolLM2-135M",
      "  redraft models pair models/quick --target SmolLM2-135M --draft SmolLM2-135M/onnx/model_quantized.onnx",
      "  redraft models pair downloads/SmolLM2-135M",
      "  redraft inspect models/mine"
    })
final class ModelsPairCommand implements Callable<Integer> {
  @Written(files = PairManifest.FILE)
  @Parameters(
      paramLabel = "DIR",
      description = "Model directory to write, or a folder that holds models already.")
  private Path directory;

  @Option(
      names = "--target",
      paramLabel = "MODEL",
      description = "Folder or .onnx file of the target; also within DIR (default: DIR itself).")
  private Path target;

  @Option(
      names = "--draft",
      paramLabel = "MODEL",
      split = ",",
      description =
          "Folder or .onnx file of a draft; may be repeated. Without one, prompt lookup drafts for the target.")
  private List<Path> drafts = List.of();

  @Option(
      names = "--licence",
      paramLabel = "SPDX",
      description = "Licence of the weights, for the record.")
  private String licence;

  @Option(names = "--force", description = "Write pair.json anew where there is one.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(directory.resolve(PairManifest.FILE)) && !force) {
      throw new IllegalArgumentException(
          directory
              + " holds a pair.json already; write it anew with --force, or name another directory");
    }
    PrintWriter err = spec.commandLine().getErr();
    PairManifest pair =
        PairMaker.make(
            directory,
            target == null ? directory : target,
            drafts,
            licence,
            note -> err.println(Message.line(note)));
    PrintWriter out = spec.commandLine().getOut();
    for (ModelEntry model : pair.models()) {
      out.printf(
          Locale.ROOT,
          "%s %s: %s, %,d weights, texts of up to %,d tokens%n",
          model == pair.target() ? "target" : "draft ",
          model.name(),
          model.file(),
          model.parameters(),
          model.contextLength());
    }
    out.printf(
        Locale.ROOT,
        "%,d tokens, ended by %s. See whether it runs: redraft inspect %s%n",
        pair.tokenizer().vocabularySize(),
        pair.endTokens().toString().replaceAll("[\\[\\]]", ""),
        directory);
    out.flush();
    return 0;
  }
}
