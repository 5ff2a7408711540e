package redraft.model.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.model.ModelException;
import redraft.model.RowGrouping;
import redraft.model.pair.OnnxFile;
import redraft.model.pair.PairFiles;
import redraft.model.pair.PairManifest.ModelEntry;

/**
 * What a model directory, or a single model, holds and whether it runs, as fields in their order.
 *
 * @param fields of the directory, in snake case; a "models" list is last
 * @param runs whether all of it does
 */
public record ModelInspection(Map<String, Object> fields, boolean runs) {
  /**
   * Loads and checks the models.
   *
   * @param path a directory with a pair.json, or an .onnx file
   * @param tokens to score in each grouping of rows
   */
  public static ModelInspection of(Path path, int tokens) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    List<Map<String, Object>> models = new ArrayList<>();
    boolean runs = true;
    if (Files.isDirectory(path)) {
      PairFiles pair = new PairFiles(path);
      fields.put("pair", pair.manifest().name());
      fields.put("licence", pair.manifest().licence());
      fields.put("tokenizer", pair.vocabularySize() + " tokens");
      fields.put("end_tokens", pair.endTokens().stream().sorted().map(pair::token).toList());
      fields.put("chat_template", template(pair));
      for (ModelEntry entry : pair.manifest().models()) {
        boolean target = entry == pair.manifest().target();
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("model", entry.name() + (target ? " (target)" : " (draft)"));
        runs &=
            describe(
                model, path, entry, target, () -> OnnxPair.load(pair, entry, options()), tokens);
        models.add(model);
      }
    } else {
      Map<String, Object> model = new LinkedHashMap<>();
      model.put("model", path.getFileName().toString());
      int context = PairFiles.contextLengthOf(path);
      ModelEntry entry = new ModelEntry("model", path.getFileName().toString(), "", 0, context);
      Path folder = path.toAbsolutePath().getParent();
      runs =
          describe(
              model,
              folder,
              entry,
              false,
              () -> new OnnxLanguageModel(path, entry.file(), context, options()),
              tokens);
      models.add(model);
    }
    fields.put("models", models);
    return new ModelInspection(fields, runs);
  }

  private static OnnxOptions options() {
    return new OnnxOptions(Runtime.getRuntime().availableProcessors(), true);
  }

  private static String template(PairFiles pair) {
    return pair.chatTemplate()
        .map(
            template -> {
              try {
                return "'Hello' becomes " + template.apply("Hello").replace("\n", "\\n");
              } catch (ModelException e) {
                return e.getMessage();
              }
            })
        .orElse("none");
  }

  private interface Loader {
    OnnxLanguageModel load();
  }

  private static boolean describe(
      Map<String, Object> fields,
      Path folder,
      ModelEntry entry,
      boolean target,
      Loader loader,
      int tokens)
      throws IOException {
    Path file = folder.resolve(entry.file());
    try {
      OnnxFile content = OnnxFile.read(file);
      long bytes = content.bytes(file);
      fields.put(
          "size",
          format("%,d bytes", bytes)
              + (content.dataFiles().isEmpty()
                  ? ""
                  : " with " + String.join(", ", content.dataFiles()))
              + format(
                  ", %,d weights, %.2f bytes each",
                  content.parameters(), bytes / (double) content.parameters()));
      return describe(fields, target, loader, tokens);
    } catch (ModelException e) {
      fields.put("verdict", "refused: " + e.getMessage());
      return false;
    }
  }

  private static boolean describe(
      Map<String, Object> fields, boolean target, Loader loader, int tokens) {
    try (OnnxLanguageModel model = loader.load()) {
      fields.put("inputs", condensed(model.inputs()));
      fields.put("outputs", condensed(model.outputs()));
      fields.put("cache", model.cache());
      fields.put("context", model.contextLength() + " tokens");
      int padding = model.columns() - model.vocabularySize();
      fields.put(
          "vocabulary",
          model.vocabularySize()
              + " tokens"
              + (padding == 0 ? "" : " and " + padding + " logits of padding, never sampled"));
      if (model.heads() > 1) {
        fields.put("heads", model.heads() + ", tokens that are drafted in one pass");
      }
      RowGrouping grouping = RowGrouping.of(model, tokens);
      fields.put(
          "grouping",
          grouping.exact()
              ? format("the same bits in every grouping of rows, over %d tokens", grouping.tokens())
              : format(
                  "logits differ by up to %.2g, probabilities by %.2g, between groupings of %d tokens (passes of %s rows)%s",
                  grouping.largest(),
                  grouping.meanChange(),
                  grouping.tokens(),
                  grouping.rows().toString().replaceAll("[\\[\\]]", ""),
                  model.dependsOnGrouping() == null ? "" : ": " + model.dependsOnGrouping()));
      if (target && model.draftOnly() != null) {
        fields.put("verdict", "refused: it can draft but not be the target: " + model.draftOnly());
        return false;
      }
      fields.put(
          "verdict",
          (grouping.exact()
                  ? format(
                      "runs; replay of its traces is exact, as far as %d tokens tell",
                      grouping.tokens())
                  : format(
                      "runs approximately: replay of its traces is right to %.2g of the probability",
                      grouping.meanChange()))
              + (model.draftOnly() == null ? "" : "; as a draft only: " + model.draftOnly())
              + model.slow().map(slow -> "; slowly: " + slow).orElse(""));
      return true;
    }
  }

  /** The tensors of many layers as one: "past_key_values.N.key float32 [*, 2, *, 64], 24 times". */
  private static List<String> condensed(List<String> nodes) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String node : nodes) {
      int name = node.indexOf(' ');
      counts.merge(
          node.substring(0, name).replaceAll("\\d+", "N") + node.substring(name), 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(
            entry ->
                entry.getKey() + (entry.getValue() == 1 ? "" : ", " + entry.getValue() + " times"))
        .toList();
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
