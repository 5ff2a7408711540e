package redraft.validation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import redraft.json.CheckedObject;
import redraft.latency.CostError;
import redraft.latency.Engine;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModel;

/**
 * Measured runs, shipped as data, and what engines predict of them: every run by costs that were
 * fitted without the runs of its source.
 */
public final class MeasuredRuns {
  private static final String RESOURCE = "runs.json";

  private final List<MeasuredRun> shipped;
  private final List<String> heldOut;
  private final Map<String, List<MeasuredRun.Costs>> byEngine = new LinkedHashMap<>();
  private final Map<String, Engine> fitted = new LinkedHashMap<>(); // by engine and source left out

  private MeasuredRuns(List<MeasuredRun> shipped, List<String> heldOut) throws IOException {
    this.shipped = shipped;
    this.heldOut = heldOut;
    for (MeasuredRun run : shipped) {
      byEngine.computeIfAbsent(family(run), key -> new ArrayList<>()).add(run.costs());
    }
  }

  /** Those that the costs of engines are fitted to. */
  public static MeasuredRuns shipped() throws IOException {
    try (InputStream in = MeasuredRuns.class.getResourceAsStream(RESOURCE)) {
      CheckedObject file = CheckedObject.read(RESOURCE, in);
      List<String> heldOut = file.texts("heldOut");
      return new MeasuredRuns(read(RESOURCE, file), heldOut);
    }
  }

  /**
   * @throws IllegalArgumentException if the file is malformed
   */
  public static List<MeasuredRun> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), CheckedObject.read(file.toString(), in));
    }
  }

  private static List<MeasuredRun> read(String name, CheckedObject file) {
    file.ignoreUnknown();
    List<MeasuredRun> runs = new ArrayList<>();
    for (CheckedObject fields : file.children("rows")) {
      runs.add(MeasuredRun.read(fields, name));
    }
    file.finish();
    Set<String> ids = new HashSet<>();
    for (MeasuredRun run : runs) {
      if (!ids.add(run.id())) {
        throw new IllegalArgumentException(
            name + ": two rows have the id '" + run.id() + "'; every row needs its own");
      }
    }
    if (runs.isEmpty()) {
      throw new IllegalArgumentException(name + ": \"rows\" has no measured run");
    }
    return runs;
  }

  /** Whether no run of this source has any part in the fit. */
  public boolean isHeldOut(String source) {
    return heldOut.contains(source);
  }

  /** Predicts every shipped run. */
  public List<RunPrediction> predictions() {
    return predict(shipped);
  }

  /**
   * Predicts runs, those of a source that costs were fitted to by costs that were fitted without
   * it.
   */
  public List<RunPrediction> predict(List<MeasuredRun> runs) {
    return runs.stream().map(this::predict).toList();
  }

  private RunPrediction predict(MeasuredRun run) {
    boolean held =
        !isHeldOut(run.source())
            && shipped.stream().anyMatch(each -> each.source().equals(run.source()));
    if (run.measured().speedup() == null) {
      return new RunPrediction(
          run, null, held, "it has neither measuredSpeedup nor measuredPlainMs to set beside");
    }
    try {
      return new RunPrediction(
          run, run.costs().speedup(without(family(run), held ? run.source() : null)), held, null);
    } catch (IllegalArgumentException | IOException e) {
      return new RunPrediction(run, null, held, e.getMessage());
    }
  }

  /**
   * What passes and steps of a run cost as they are predicted: in its engine, whose costs were
   * fitted without the runs of its source.
   *
   * @throws IllegalArgumentException if hardware or a model is not known
   */
  public LatencyModel latency(MeasuredRun run) throws IOException {
    return new EngineLatency(
        run.costs().roofline(),
        without(family(run), isHeldOut(run.source()) ? null : run.source()));
  }

  /** Predicts every shipped run by the roofline alone, which nothing was fitted to. */
  public List<RunPrediction> ideal() {
    List<RunPrediction> predictions = new ArrayList<>();
    Engine ideal = Engines.REGISTRY.named(Engine.IDEAL);
    byEngine.values().stream()
        .flatMap(List::stream)
        .forEach(
            each ->
                predictions.add(new RunPrediction(each.run(), each.speedup(ideal), true, null)));
    return predictions;
  }

  /** An engine with the costs that are most likely given all runs. */
  public Engine fit(String engine) {
    return without(family(engine), null);
  }

  /**
   * The error of predictions, over runs whose engine shares costs with this one.
   *
   * @param heads whether of runs with heads on the target, rather than draft models
   */
  public CostError error(String engine, boolean heads) {
    String family = family(engine);
    return error(
        (engine.equals(Engine.IDEAL) ? ideal() : predictions())
            .stream()
                .filter(each -> each.predicted() != null)
                .filter(each -> engine.equals(Engine.IDEAL) || family(each.run()).equals(family))
                .filter(each -> engine.equals(Engine.IDEAL) || hasHead(each.run()) == heads)
                .toList());
  }

  /** The error of all predictions, whatever the engine. */
  public CostError error() {
    return error(predictions().stream().filter(each -> each.predicted() != null).toList());
  }

  private static boolean hasHead(MeasuredRun run) {
    try {
      return run.costs().roofline().draft().head() != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CostError error(List<RunPrediction> predictions) {
    double[] errors =
        predictions.stream()
            .mapToDouble(each -> Math.log(each.predicted() / each.measured()))
            .toArray();
    double mean = Arrays.stream(errors).average().orElse(0);
    double squares = Arrays.stream(errors).map(each -> (each - mean) * (each - mean)).sum();
    return new CostError(
        mean,
        errors.length < 2 ? 0 : Math.sqrt(squares / (errors.length - 1)),
        errors.length,
        (int) predictions.stream().map(each -> each.run().source()).distinct().count());
  }

  /**
   * @param source whose runs are left out; null for none
   */
  private Engine without(String family, String source) {
    return fitted.computeIfAbsent(
        family + "\n" + source,
        key ->
            EngineFit.fit(
                Engines.REGISTRY.named(family),
                byEngine.getOrDefault(family, List.of()).stream()
                    .filter(each -> !each.run().source().equals(source))
                    .filter(each -> !heldOut.contains(each.run().source()))
                    .toList(),
                EngineFit.PUBLISHED));
  }

  private static String family(MeasuredRun run) {
    return family(run.setup().engine());
  }

  /** The engine whose costs this one shares. */
  private static String family(String engine) {
    String like = Engines.REGISTRY.named(engine).like();
    return like == null ? engine : like;
  }

  /** Runs of one setting that differ in their draft length. */
  public static List<LengthChoice> choices(List<RunPrediction> predictions) {
    Map<String, List<RunPrediction>> settings =
        predictions.stream()
            .filter(each -> each.predicted() != null)
            .collect(
                Collectors.groupingBy(
                    each -> each.run().setting(), LinkedHashMap::new, Collectors.toList()));
    return settings.values().stream()
        .filter(
            each -> each.stream().map(one -> one.run().load().draftLength()).distinct().count() > 1)
        .map(LengthChoice::of)
        .toList();
  }
}
