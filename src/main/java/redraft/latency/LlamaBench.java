package redraft.latency;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A profile of what llama.cpp's {@code llama-bench -o json} (or jsonl) measured: {@code n_prompt}
 * tokens read in one pass, or {@code n_gen} passes of one token, after {@code n_depth} tokens, at
 * {@code avg_ts ± stddev_ts} tokens a second. It times passes without sampling, and asks for the
 * logits of a pass's last row only, so the cost of a verification leaves out the other rows'
 * projection.
 *
 * <p>Every field that is neither shape nor result is configuration. A model has the times of one
 * configuration, and tests of the same rows and context in it count as repetitions of one test.
 *
 * @param target what the target's times were measured under, for people
 * @param draft the same of the draft's
 */
public record LlamaBench(MeasuredProfile profile, String target, String draft) {
  private static final String TARGET = "target.";
  private static final String DRAFT = "draft.";

  /** What is said of a configuration besides the fields by which it was chosen. */
  private static final List<String> SAID =
      List.of(
          "build_number",
          "backends",
          "gpu_info",
          "n_threads",
          "n_gpu_layers",
          "model_type",
          "type_k",
          "type_v",
          "flash_attn");

  /** llama-bench's options for fields of its files. */
  private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

  static {
    OPTIONS.put("n_threads", "-t");
    OPTIONS.put("n_gpu_layers", "-ngl");
    OPTIONS.put("n_batch", "-b");
    OPTIONS.put("n_ubatch", "-ub");
    OPTIONS.put("type_k", "-ctk");
    OPTIONS.put("type_v", "-ctv");
    OPTIONS.put("flash_attn", "-fa");
  }

  /**
   * What to take from files that hold more than one target and one draft in one configuration each.
   *
   * @param target part of the target's {@code model_filename}; null for the model of most
   *     parameters
   * @param draft part of the draft's; null for the model of fewest
   * @param settings each {@code FIELD=VALUE}, of both models, or with {@code target.} or {@code
   *     draft.} before it, of one: only tests whose field has that value count
   */
  public record Choice(String target, String draft, List<String> settings) {}

  /**
   * Makes a profile of two models.
   *
   * @param files that hold target and draft together
   * @throws IllegalArgumentException if a file is malformed, does not hold the models, leaves open
   *     which configuration counts, or lacks a pass that every step of speculative decoding has
   */
  public static LlamaBench read(List<Path> files, String name, Choice choice) throws IOException {
    Map<String, List<LlamaBenchRun>> models = new TreeMap<>();
    for (Path file : files) {
      for (LlamaBenchRun run : LlamaBenchRun.read(file)) {
        models.computeIfAbsent(run.model(), model -> new ArrayList<>()).add(run);
      }
    }
    List<List<LlamaBenchRun>> bySize = new ArrayList<>(models.values());
    bySize.sort(Comparator.comparingDouble(runs -> -runs.get(0).parameters()));
    if (choice.target == null && choice.draft == null && bySize.size() != 2) {
      throw new IllegalArgumentException(
          "a profile needs a target and a draft; "
              + files
              + " hold "
              + (bySize.isEmpty() ? "none" : String.join(", ", models.keySet()))
              + (bySize.size() < 2
                  ? "; run llama-bench with both (-m TARGET -m DRAFT), or give both files"
                  : "; say which with --target-model and --draft-model"));
    }
    List<LlamaBenchRun> target =
        choice.target == null ? bySize.get(0) : find(models, choice.target);
    List<LlamaBenchRun> draft =
        choice.draft == null ? bySize.get(bySize.size() - 1) : find(models, choice.draft);
    List<LlamaBenchRun> chosenTarget = oneConfiguration(target, TARGET, choice.settings);
    List<LlamaBenchRun> chosenDraft = oneConfiguration(draft, DRAFT, choice.settings);
    boolean sameFileName = target.get(0).fileName().equals(draft.get(0).fileName());
    PassTimes targets = times(chosenTarget, sameFileName, "a verification");
    PassTimes drafts =
        times(chosenDraft, sameFileName, "the pass that catches up after a whole block");
    return new LlamaBench(
        new MeasuredProfile(
            name,
            targets,
            drafts,
            drafts,
            MeasuredProfile.Surroundings.NONE,
            MeasuredProfile.Surroundings.NONE,
            1),
        described(target, chosenTarget),
        described(draft, chosenDraft));
  }

  private static List<LlamaBenchRun> find(Map<String, List<LlamaBenchRun>> models, String part) {
    List<String> found = models.keySet().stream().filter(file -> file.contains(part)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "'"
              + part
              + "' names "
              + found.size()
              + " of the measured models, not one: "
              + String.join(", ", models.keySet()));
    }
    return models.get(found.get(0));
  }

  // ---- configurations

  private static List<LlamaBenchRun> oneConfiguration(
      List<LlamaBenchRun> runs, String role, List<String> settings) {
    String model = runs.get(0).model();
    List<LlamaBenchRun> left = runs;
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--setting '" + setting + "' is not FIELD=VALUE, such as n_threads=8");
      }
      String field = setting.substring(0, equals);
      if (field.startsWith(role.equals(TARGET) ? DRAFT : TARGET)) {
        continue;
      }
      String name = field.startsWith(role) ? field.substring(role.length()) : field;
      String value = setting.substring(equals + 1);
      List<LlamaBenchRun> before = left;
      if (before.stream().noneMatch(run -> run.configuration().containsKey(name))) {
        throw new IllegalArgumentException(
            "--setting "
                + setting
                + ": the tests of '"
                + model
                + "' have no field '"
                + name
                + "'; they have "
                + String.join(", ", fields(before)));
      }
      left = before.stream().filter(run -> value.equals(value(run, name))).toList();
      if (left.isEmpty()) {
        throw new IllegalArgumentException(
            "--setting "
                + setting
                + ": '"
                + model
                + "' was measured with "
                + before.stream()
                    .map(run -> name + "=" + value(run, name))
                    .distinct()
                    .sorted()
                    .collect(Collectors.joining(", "))
                + "; one model's setting is named as "
                + role
                + name);
      }
    }
    Set<String> differing = differing(left);
    if (!differing.isEmpty()) {
      Set<String> configurations = new TreeSet<>();
      left.forEach(run -> configurations.add(text(run, differing)));
      throw new IllegalArgumentException(
          "'"
              + model
              + "' was measured in "
              + configurations.size()
              + " configurations: "
              + String.join("; ", configurations)
              + " (choose with --setting "
              + role
              + differing.iterator().next()
              + "=..., or without '"
              + role
              + "' for both models)");
    }
    return left;
  }

  private static Set<String> fields(List<LlamaBenchRun> runs) {
    Set<String> fields = new TreeSet<>();
    runs.forEach(run -> fields.addAll(run.configuration().keySet()));
    return fields;
  }

  /** Fields that do not have the same value in all tests. */
  private static Set<String> differing(List<LlamaBenchRun> runs) {
    Set<String> differing = fields(runs);
    differing.removeIf(
        field -> runs.stream().map(run -> value(run, field)).distinct().count() == 1);
    return differing;
  }

  /** Nothing where a test lacks the field, as builds differ in them. */
  private static String value(LlamaBenchRun run, String field) {
    return run.configuration().getOrDefault(field, "");
  }

  private static String text(LlamaBenchRun run, Set<String> fields) {
    return fields.stream()
        .map(field -> field + "=" + value(run, field))
        .collect(Collectors.joining(" "));
  }

  private static String described(List<LlamaBenchRun> all, List<LlamaBenchRun> chosen) {
    Set<String> said = differing(all);
    SAID.stream().filter(field -> !value(chosen.get(0), field).isEmpty()).forEach(said::add);
    String configuration = said.isEmpty() ? "no configuration" : text(chosen.get(0), said);
    return chosen.get(0).model() + ": " + configuration;
  }

  // ---- times

  /**
   * A prompt of one token and generation both time passes of one row: contexts tell them apart.
   *
   * @param byPath whether the model is called by its whole path, not by the file's name
   * @param twoRows what has two rows in every step
   */
  private static PassTimes times(List<LlamaBenchRun> runs, boolean byPath, String twoRows) {
    Map<Integer, TreeMap<Integer, LlamaBenchRun>> byRows = new TreeMap<>();
    for (LlamaBenchRun run : runs) {
      byRows
          .computeIfAbsent(run.shape().rows(), rows -> new TreeMap<>())
          .merge(run.shape().context(), run, LlamaBenchRun::pooledWith);
    }
    String model = runs.get(0).model();
    if (!byRows.containsKey(1)) {
      throw new IllegalArgumentException(
          "llama-bench timed no pass of one token of '"
              + model
              + "'; run it with -n 32 or -p 1 as well: "
              + command(runs, "-p 0 -n 32"));
    }
    if (byRows.size() == 1) {
      throw new IllegalArgumentException(
          "llama-bench timed no pass of two tokens or more of '"
              + model
              + "', as "
              + twoRows
              + " is; measure it as well: "
              + command(runs, "-p 2,4,8,16 -n 0"));
    }
    List<PassTimes.Curve> curves = new ArrayList<>();
    byRows.forEach((rows, tests) -> curves.add(curve(rows, List.copyOf(tests.values()))));
    boolean oneDepth = byRows.values().stream().allMatch(tests -> tests.size() == 1);
    int reach = byRows.values().stream().mapToInt(tests -> tests.lastKey()).max().orElse(0);
    return new PassTimes(
        byPath ? model : runs.get(0).fileName(), curves, Math.max(1, reach), oneDepth);
  }

  private static PassTimes.Curve curve(int rows, List<LlamaBenchRun> ascending) {
    int count = ascending.size();
    double[] ms = new double[count];
    double[] low = new double[count];
    double[] high = new double[count];
    for (int i = 0; i < count; i++) {
      LlamaBenchRun.Speed speed = ascending.get(i).speed();
      ms[i] = 1000 / speed.mean();
      double spread = ms[i] * Math.min(0.99, speed.deviation() / speed.mean());
      low[i] = ms[i] - spread;
      high[i] = ms[i] + spread;
    }
    return new PassTimes.Curve(
        rows, ascending.stream().mapToInt(run -> run.shape().context()).toArray(), ms, low, high);
  }

  /** The command line that measures more of a model, at the same depths and configuration. */
  private static String command(List<LlamaBenchRun> runs, String shapes) {
    StringBuilder command = new StringBuilder("llama-bench -m " + runs.get(0).model());
    command.append(' ').append(shapes);
    Set<Integer> depths = new TreeSet<>();
    runs.forEach(run -> depths.add(run.shape().depth()));
    if (!depths.equals(Set.of(0))) {
      command
          .append(" -d ")
          .append(depths.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    OPTIONS.forEach(
        (field, option) -> {
          String value = value(runs.get(0), field);
          if (!value.isEmpty()) {
            String spelt = value.equals("true") ? "1" : value.equals("false") ? "0" : value;
            command.append(' ').append(option).append(' ').append(spelt);
          }
        });
    return command + " -o json";
  }
}
