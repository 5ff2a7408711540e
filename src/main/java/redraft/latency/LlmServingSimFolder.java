package redraft.latency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.ModelShape;

/**
 * A folder of the profiler of <a
 * href="https://github.com/casys-kaist/LLMServingSim">LLMServingSim</a>, which times the kernels of
 * one decoder layer in vLLM: {@code dense.csv} by tokens, {@code per_sequence.csv} by sequences,
 * {@code attention.csv}, {@code moe.csv} where the model has experts, and {@code meta.yaml}.
 *
 * @param columns the model's times
 * @param meta first-level fields of {@code meta.yaml} that have one value
 * @param notes on what was made of the files, a line each
 */
record LlmServingSimFolder(
    LayerTimes.Columns columns, Map<String, String> meta, List<String> notes) {
  private static final String META = "meta.yaml";
  private static final Pattern FIELD = Pattern.compile("([a-z_]+): *(\\S.*)");

  /** How often a decoder layer runs a kernel: its norm comes before attention and after it. */
  private static final Map<String, Integer> IN_A_LAYER = new LinkedHashMap<>();

  /** Kernels that run once a pass. */
  private static final List<String> ONCE = List.of("embedding", "final_layernorm");

  private static final List<String> SAMPLED = List.of("lm_head", "sampler");

  static {
    IN_A_LAYER.put("layernorm", 2);
    for (String kernel :
        List.of(
            "qkv_proj", "qk_norm", "rotary_emb", "o_proj", "gate_up_proj", "act_fn", "down_proj")) {
      IN_A_LAYER.put(kernel, 1);
    }
  }

  /**
   * @param layers of the decoder; null for those of the model that meta.yaml names
   * @param option that states them
   * @throws IllegalArgumentException if a file is missing or malformed, or nobody knows the layers
   */
  static LlmServingSimFolder read(Path folder, Integer layers, String option) throws IOException {
    Map<String, String> meta = meta(file(folder, META));
    String model = meta.get("model");
    if (model == null) {
      throw new IllegalArgumentException(folder.resolve(META) + ": no \"model\"");
    }
    ModelShape shape = HardwareCatalogue.knownModel(model.replaceFirst(".*/", ""));
    if (layers == null && shape == null) {
      throw new IllegalArgumentException(
          folder.resolve(META)
              + ": nothing says how many layers '"
              + model
              + "' has; say it with "
              + option);
    }
    boolean mixture = shape != null && shape.layers().experts() != null;
    if (mixture && shape.layers().withExperts() < shape.layers().count()) {
      throw new IllegalArgumentException(
          "'"
              + model
              + "' has layers without experts too, which such a profile does not tell apart");
    }
    List<String> notes = new ArrayList<>();
    Map<String, Map<Double, Double>> dense = kernels(file(folder, "dense.csv"), "tokens");
    double[] rows = points(folder.resolve("dense.csv"), dense);
    double[] layerUs = new double[rows.length];
    double[] onceUs = new double[rows.length];
    dense.forEach(
        (kernel, times) -> {
          if (!ONCE.contains(kernel) && !IN_A_LAYER.containsKey(kernel)) {
            throw unknown(folder.resolve("dense.csv"), kernel, ONCE, IN_A_LAYER.keySet());
          }
          add(ONCE.contains(kernel) ? onceUs : layerUs, times, IN_A_LAYER.getOrDefault(kernel, 1));
        });
    Map<String, Map<Double, Double>> sampled =
        kernels(file(folder, "per_sequence.csv"), "sequences");
    double[] sampledRows = points(folder.resolve("per_sequence.csv"), sampled);
    double[] sampledUs = new double[sampledRows.length];
    sampled.forEach(
        (kernel, times) -> {
          if (!SAMPLED.contains(kernel)) {
            throw unknown(folder.resolve("per_sequence.csv"), kernel, SAMPLED, List.of());
          }
          add(sampledUs, times, 1);
        });
    CsvTable attention =
        CsvTable.read(
            file(folder, "attention.csv"),
            "prefill_chunk",
            "kv_prefill",
            "n_decode",
            "kv_decode",
            "time_us");
    Attention kept = Attention.of(attention);
    if (kept.leftOut > 0) {
      notes.add(kept.note(folder));
    }
    CsvTable experts =
        Files.exists(folder.resolve("moe.csv"))
            ? CsvTable.read(folder.resolve("moe.csv"), "tokens", "activated_experts", "time_us")
            : null;
    if (experts == null && mixture) {
      throw new IllegalArgumentException(
          folder + ": '" + model + "' has experts, and there is no moe.csv");
    }
    return new LlmServingSimFolder(
        new LayerTimes.Columns(
            model,
            layers == null ? shape.layers().count() : layers,
            new TimeGrid.Points(new double[][] {rows}, layerUs),
            new TimeGrid.Points(new double[][] {rows}, onceUs),
            new TimeGrid.Points(new double[][] {sampledRows}, sampledUs),
            kept.points,
            experts == null ? null : router(shape, experts),
            experts == null
                ? null
                : new TimeGrid.Points(
                    new double[][] {experts.whole("activated_experts"), experts.whole("tokens")},
                    experts.times("time_us"))),
        meta,
        notes);
  }

  String gpu() {
    return meta.getOrDefault("gpu", "an unknown GPU");
  }

  /** What was measured on which machine, and by what. */
  String source() {
    return "LLMServingSim "
        + meta.getOrDefault("profiler_version", "profiler")
        + ", vLLM "
        + meta.getOrDefault("vllm_version", "of an unknown version")
        + ", "
        + gpu()
        + ", "
        + columns.model()
        + (meta.containsKey("variant") ? " " + meta.get("variant") : "");
  }

  private static Path file(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          folder + ": no file " + name + ", which a profile of LLMServingSim has");
    }
    return file;
  }

  private static Map<String, String> meta(Path file) throws IOException {
    Map<String, String> fields = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      Matcher field = FIELD.matcher(line);
      if (field.matches()) {
        fields.put(field.group(1), field.group(2).strip().replaceAll("^['\"]|['\"]$", ""));
      }
    }
    return fields;
  }

  private static Map<String, Map<Double, Double>> kernels(Path file, String by) throws IOException {
    CsvTable table = CsvTable.read(file, "layer", by, "time_us");
    double[] at = table.whole(by);
    double[] us = table.times("time_us");
    Map<String, Map<Double, Double>> kernels = new LinkedHashMap<>();
    for (int row = 0; row < at.length; row++) {
      String kernel = table.text(row, "layer");
      if (kernels.computeIfAbsent(kernel, new_ -> new TreeMap<>()).put(at[row], us[row]) != null) {
        throw table.wrong(row, by, "measured once for '" + kernel + "'");
      }
    }
    return kernels;
  }

  /** The points at which all kernels were measured. */
  private static double[] points(Path file, Map<String, Map<Double, Double>> kernels) {
    Map.Entry<String, Map<Double, Double>> first = kernels.entrySet().iterator().next();
    kernels.forEach(
        (kernel, times) -> {
          if (!times.keySet().equals(first.getValue().keySet())) {
            throw new IllegalArgumentException(
                file
                    + ": '"
                    + kernel
                    + "' was not measured at the same numbers as '"
                    + first.getKey()
                    + "'");
          }
        });
    return first.getValue().keySet().stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void add(double[] sums, Map<Double, Double> times, int often) {
    int i = 0;
    for (double us : times.values()) {
      sums[i++] += often * us;
    }
  }

  private static IllegalArgumentException unknown(
      Path file, String kernel, Iterable<String> known, Iterable<String> more) {
    return new IllegalArgumentException(
        file
            + ": nobody knows how often a pass runs layer '"
            + kernel
            + "'; known are "
            + String.join(", ", known)
            + (more.iterator().hasNext() ? ", " + String.join(", ", more) : ""));
  }

  /** As the model's sizes say; else as the profile has them, which goes up to all experts. */
  private static ModelShape.Experts router(ModelShape shape, CsvTable table) {
    if (shape != null && shape.layers().experts() != null) {
      ModelShape.Experts experts = shape.layers().experts();
      return new ModelShape.Experts(experts.count(), experts.active(), 0, 1, 0);
    }
    double[] activated = table.whole("activated_experts");
    int most = (int) Arrays.stream(activated).max().orElseThrow();
    int least = (int) Arrays.stream(activated).min().orElseThrow();
    return new ModelShape.Experts(most, least, 0, 1, 0);
  }

  /**
   * Attention, without what would make a grid of it uneven: chunks and their caches beside which
   * only long caches were measured. They would say nothing of short ones.
   *
   * @param leftOut points
   * @param error mean |predicted / measured - 1| of these, predicted from the others
   */
  private record Attention(TimeGrid.Points points, int leftOut, double error) {
    static Attention of(CsvTable table) {
      double[][] all = {
        table.whole("prefill_chunk"),
        table.whole("n_decode"),
        table.whole("kv_prefill"),
        table.whole("kv_decode")
      };
      double[] us = table.times("time_us");
      double shortest = Double.MAX_VALUE;
      Map<Double, Double> ofChunk = new TreeMap<>();
      Map<List<Double>, Double> ofPlace = new LinkedHashMap<>();
      for (int i = 0; i < us.length; i++) {
        if (all[1][i] > 0) {
          shortest = Math.min(shortest, all[3][i]);
          ofChunk.merge(all[0][i], all[3][i], Math::min);
          ofPlace.merge(place(all, i), all[3][i], Math::min);
        }
      }
      List<Integer> kept = new ArrayList<>();
      List<Integer> left = new ArrayList<>();
      for (int i = 0; i < us.length; i++) {
        boolean even =
            ofChunk.getOrDefault(all[0][i], shortest) <= shortest
                && (all[1][i] == 0 || ofPlace.get(place(all, i)) <= shortest);
        (even ? kept : left).add(i);
      }
      TimeGrid.Points points =
          new TimeGrid.Points(chosen(all, kept), chosen(new double[][] {us}, kept)[0]);
      TimeGrid grid;
      try {
        grid = TimeGrid.of(points);
      } catch (IllegalArgumentException e) { // measured twice
        throw new IllegalArgumentException(table.file() + ": " + e.getMessage(), e);
      }
      double error = 0;
      for (int i : left) {
        double predicted = grid.at(all[0][i], all[1][i], all[2][i], all[3][i]);
        error += Math.abs(predicted / us[i] - 1) / left.size();
      }
      return new Attention(points, left.size(), error);
    }

    private static List<Double> place(double[][] all, int i) {
      return List.of(all[0][i], all[1][i], all[2][i]);
    }

    private static double[][] chosen(double[][] all, List<Integer> which) {
      return Arrays.stream(all)
          .map(axis -> which.stream().mapToDouble(i -> axis[i]).toArray())
          .toArray(double[][]::new);
    }

    String note(Path folder) {
      return folder.getFileName()
          + ": times of attention off the grid, left out: "
          + leftOut
          + "; the others predict them with a mean error of "
          + Math.round(1000 * error) / 10.0
          + "%";
    }
  }
}
