package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import redraft.json.CheckedObject;
import redraft.json.ResultFiles;
import redraft.latency.LlamaBench;
import redraft.latency.LlmServingSim;
import redraft.latency.VllmBenchForward;

/** Times that another program measured. */
final class BenchOptions {
  private static final String LLAMA_BENCH = "llama-bench";
  private static final String LLM_SERVING_SIM = "llmservingsim";
  private static final String VLLM_BENCH_FORWARD = "vllm-bench-forward";

  static final class Kinds extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Kinds() {
      super(List.of(LLAMA_BENCH, LLM_SERVING_SIM, VLLM_BENCH_FORWARD));
    }
  }

  @Option(
      names = "--import",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description =
          "Read times measured elsewhere: ${COMPLETION-CANDIDATES}. llama-bench's JSON or JSON Lines; a folder of LLMServingSim's profiler "
              + "(dense.csv, per_sequence.csv, attention.csv, moe.csv, meta.yaml); the JSON of vllm bench forward --exclude-drafter.")
  private String kind;

  @Option(
      names = "--target-model",
      paramLabel = "PART",
      description =
          "With --import llama-bench: part of the target's file name (default: the larger of two).")
  private String targetModel;

  @Option(
      names = "--draft-model",
      paramLabel = "PART",
      description =
          "With --import llama-bench: part of the draft's file name (default: the smaller of two).")
  private String draftModel;

  @Option(
      names = "--setting",
      paramLabel = "FIELD=VALUE",
      description =
          "With --import llama-bench: the configuration to take, where files hold several, by fields of the file: n_threads=8, or of "
              + "one model, draft.n_gpu_layers=0. Can be repeated.")
  private List<String> settings = List.of();

  @Option(
      names = "--layers",
      paramLabel = "N",
      description =
          "With --import llmservingsim: layers of the decoder, where it is no known model size.")
  private Integer layers;

  @Option(
      names = "--draft-dir",
      paramLabel = "DIR",
      description = "With --import llmservingsim: the folder of a draft model on the same GPU.")
  private Path draftFolder;

  @Option(
      names = "--draft-layers",
      paramLabel = "N",
      description = "With --draft-dir: layers of the draft's decoder, as --layers.")
  private Integer draftLayers;

  @Option(
      names = "--draft-head",
      description =
          "With --import llmservingsim: the draft is a head, priced as one layer of the target and its vocabulary projection.")
  private boolean draftHead;

  @Option(
      names = "--with-drafter",
      paramLabel = "FILE",
      description =
          "With --import vllm-bench-forward: the JSON of the same cases, measured with the drafter.")
  private Path withDrafter;

  @Parameters(paramLabel = "FILE", arity = "0..*", description = "Files, or folder, to --import.")
  private List<Path> files = List.of();

  boolean given() {
    return kind != null;
  }

  /** Whether parts of layers were measured, not passes. */
  boolean ofLayers() {
    return LLM_SERVING_SIM.equals(kind);
  }

  /** Whether whole passes over batches were measured. */
  boolean ofBatches() {
    return VLLM_BENCH_FORWARD.equals(kind);
  }

  /** Refuses what does not go together. */
  void check() {
    if (given() && (!new Kinds().contains(kind) || files.isEmpty())) {
      throw new IllegalArgumentException(
          "--import " + kind + ": name " + String.join(" or ", new Kinds()) + " and its files");
    }
    if (!given() && !files.isEmpty()) {
      throw new IllegalArgumentException("files go with --import " + LLAMA_BENCH);
    }
    if (!LLAMA_BENCH.equals(kind)
        && !(targetModel == null && draftModel == null && settings.isEmpty())) {
      throw new IllegalArgumentException(
          "--target-model, --draft-model and --setting go with --import " + LLAMA_BENCH);
    }
    if (!ofLayers()
        && !(layers == null && draftFolder == null && draftLayers == null && !draftHead)) {
      throw new IllegalArgumentException(
          "--layers, --draft-dir, --draft-layers and --draft-head go with --import "
              + LLM_SERVING_SIM);
    }
    if (withDrafter != null && !ofBatches()) {
      throw new IllegalArgumentException("--with-drafter goes with --import " + VLLM_BENCH_FORWARD);
    }
    if (ofBatches() && files.size() > 1) {
      throw new IllegalArgumentException(
          "--import " + kind + " reads one file; one with the drafter is --with-drafter");
    }
    if (ofLayers()) {
      checkLayers();
      return;
    }
    for (Path file : withDrafter == null ? files : List.of(files.get(0), withDrafter)) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("file " + file + " does not exist");
      }
    }
  }

  private void checkLayers() {
    if (files.size() > 1) {
      throw new IllegalArgumentException(
          "--import " + kind + " reads one folder; a draft's is --draft-dir");
    }
    if (draftFolder != null && draftHead) {
      throw new IllegalArgumentException("--draft-dir and --draft-head are two drafts; name one");
    }
    if (draftFolder == null && draftLayers != null) {
      throw new IllegalArgumentException("--draft-layers goes with --draft-dir");
    }
    checkCount("--layers", layers);
    checkCount("--draft-layers", draftLayers);
    for (Path folder : draftFolder == null ? files : List.of(files.get(0), draftFolder)) {
      if (!Files.isDirectory(folder)) {
        throw new IllegalArgumentException("folder " + folder + " does not exist");
      }
    }
  }

  private static void checkCount(String option, Integer count) {
    if (count != null && (count < 1 || count > CheckedObject.MOST)) {
      throw new IllegalArgumentException(
          option + " " + count + " must be from 1 to " + CheckedObject.MOST);
    }
  }

  /**
   * @param name of the profile in results
   */
  LlmServingSim readLayers(String name) throws IOException {
    return LlmServingSim.read(
        new LlmServingSim.Model(files.get(0), layers),
        draftFolder == null ? null : new LlmServingSim.Model(draftFolder, draftLayers),
        draftHead,
        name);
  }

  /**
   * @param name of the profile in results
   */
  LlamaBench read(String name) throws IOException {
    return LlamaBench.read(files, name, new LlamaBench.Choice(targetModel, draftModel, settings));
  }

  /**
   * @param name of the profile in results
   */
  VllmBenchForward readBatches(String name) throws IOException {
    return VllmBenchForward.read(files.get(0), withDrafter, name);
  }

  /** Where the times are from. */
  String source() {
    return kind + ", imported from " + files.stream().map(ResultFiles::name).toList();
  }
}
