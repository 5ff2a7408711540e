package redraft.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.latency.Engine;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.Interval;
import redraft.metrics.ReplayRow;
import redraft.study.ComparisonRow;
import redraft.study.HistogramRow;
import redraft.synthetic.Preset;
import redraft.synthetic.Schedule;
import redraft.validation.PublishedRow;
import redraft.validation.RunPrediction;
import redraft.validation.ValidationRow;

/**
 * The columns of rows in CSV and the keys in JSON, in one order, in snake case; columns are added
 * at the end and never renamed (docs/definitions.md).
 *
 * @param <T> the rows
 */
public final class Columns<T> {
  /** {@code replay}, {@code sweep} and {@code report}. */
  public static final Columns<ReplayRow> REPLAY =
      new Columns<ReplayRow>()
          .add("trace", ReplayRow::trace)
          .add("domain", ReplayRow::domain)
          .add("draft", ReplayRow::draft)
          .add("rule", ReplayRow::rule)
          .add("policy", ReplayRow::policy)
          .add("draft_length", ReplayRow::draftLength)
          .add("target_model", ReplayRow::targetModel)
          .add("draft_model", ReplayRow::draftModel)
          .add("hardware", ReplayRow::hardware)
          .add("batch", ReplayRow::batch)
          .add("sequences", row -> row.counts().sequences())
          .add("positions", row -> row.counts().positions())
          .add("steps", row -> row.counts().steps())
          .add("drafted", row -> row.counts().drafted())
          .add("accepted", row -> row.counts().accepted())
          .add("tokens_per_step", ReplayRow::tokensPerStep)
          .add("draft_acceptance_rate", row -> row.counts().draftAcceptanceRate())
          .add("overlap", ReplayRow::overlap)
          .add("baseline_ms_per_token", row -> row.speed().baselineMsPerToken())
          .add("ms_per_token", row -> row.speed().msPerToken())
          .add("speedup", priced(ReplayRow::speedup))
          .add("speedup_low", priced(ReplayRow::speedupLow))
          .add("speedup_high", priced(ReplayRow::speedupHigh))
          .add("usd_per_million_tokens", ReplayRow::usdPerMillionTokens)
          .add("basis", ReplayRow::basis)
          .add("tokens_per_step_low", ReplayRow::tokensPerStepLow)
          .add("tokens_per_step_high", ReplayRow::tokensPerStepHigh)
          .add("mean_sequence_speedup", priced(row -> row.speed().meanSequence()))
          .add("mean_throughput_speedup", row -> row.speed().meanThroughput())
          .part(ReplayRow::sampled)
          .add("timelines", ReplayRow.Sampled::timelines)
          .add("steps_sd", ReplayRow.Sampled::stepsSd)
          .end()
          .part(row -> row.deployment().latency().priced() ? row.sampled() : null)
          .add("speedup_sd", sampled -> sampled.speedup().standardDeviation())
          .add("speedup_p05", sampled -> sampled.speedup().p05())
          .add("speedup_p50", sampled -> sampled.speedup().p50())
          .add("speedup_p95", sampled -> sampled.speedup().p95())
          .end()
          .part(ReplayRow::bounds)
          .add("tokens_per_step_bound_low", ReplayRow.Bounds::tokensPerStepLow)
          .add("tokens_per_step_bound_high", ReplayRow.Bounds::tokensPerStepHigh)
          .end()
          .part(row -> row.deployment().latency().priced() ? row.bounds() : null)
          .add("speedup_bound_low", ReplayRow.Bounds::speedupLow)
          .add("speedup_bound_high", ReplayRow.Bounds::speedupHigh)
          .end()
          .add("context", ReplayRow::context)
          .add("tokens_per_second", ReplayRow::tokensPerSecond)
          .add("baseline_tokens_per_second", ReplayRow::baselineTokensPerSecond)
          .add("baseline_usd_per_million_tokens", ReplayRow::baselineUsdPerMillionTokens)
          .add("shortfall", ReplayRow::shortfall)
          .add("engine", row -> row.deployment().latency().engineName())
          .add("acceptance_target_model", row -> row.key().recordedTarget())
          .add("grade", row -> row.key().grade() == null ? null : row.key().grade().word())
          .add("tree", row -> row.key().setting().draft().tree())
          .add("prompts_for_2_percent", ReplayRow::promptsNeeded)
          .add("tokens_per_step_limit", row -> limit(row, false))
          .add("tokens_per_step_tree_limit", row -> limit(row, true));

  private static Double limit(ReplayRow row, boolean tree) {
    return (row.setting().draft().tree() != null) == tree
        ? row.counts().tokensPerStepLimit()
        : null;
  }

  /** {@code replay --histogram}. */
  public static final Columns<AcceptanceRow> ACCEPTANCE =
      new Columns<AcceptanceRow>()
          .add("trace", row -> row.key().trace())
          .add("domain", row -> row.key().domain())
          .add("draft", row -> row.key().setting().draft().name())
          .add("rule", row -> row.key().setting().rule().name())
          .add("policy", row -> row.key().setting().policy().name())
          .add("draft_length", row -> row.key().setting().draftLength())
          .add("accepted", AcceptanceRow::accepted)
          .add("steps", AcceptanceRow::steps)
          .add("share", AcceptanceRow::share)
          .add("joint", AcceptanceRow::joint)
          .add("conditional", AcceptanceRow::conditional);

  /** {@code compare}. */
  public static final Columns<ComparisonRow> COMPARISON =
      new Columns<ComparisonRow>()
          .add("trace", row -> row.key().trace())
          .add("domain", ComparisonRow::domain)
          .add("draft", row -> row.key().draft())
          .add("rule", row -> row.key().rule())
          .add("hardware", row -> row.key().hardware())
          .add("sequences", row -> row.counts().sequences())
          .add("positions", row -> row.counts().positions())
          .add("overlap", row -> row.counts().overlap())
          .add("source", ComparisonRow::source)
          .add("schedule", row -> row.choice().schedule())
          .add("draft_length", ComparisonRow::draftLength)
          .add("chosen", ComparisonRow::chosen)
          .add("tokens_per_step", row -> row.predicted().tokensPerStep())
          .add("speedup", ComparisonRow::speedup)
          .add("recorded_tokens_per_step", row -> row.recorded().tokensPerStep())
          .add("recorded_speedup", row -> row.recorded().speedup())
          .add("recorded_speedup_low", row -> Interval.low(row.recorded().interval()))
          .add("recorded_speedup_high", row -> Interval.high(row.recorded().interval()))
          .add("speedup_lost", row -> row.recorded().lost())
          .add("speedup_kept", row -> row.recorded().kept())
          .add("total_variation", ComparisonRow::totalVariation);

  /** {@code compare --histogram}. */
  public static final Columns<HistogramRow> HISTOGRAM =
      new Columns<HistogramRow>()
          .add("trace", row -> row.key().trace())
          .add("domain", HistogramRow::domain)
          .add("draft", row -> row.key().draft())
          .add("rule", row -> row.key().rule())
          .add("source", HistogramRow::source)
          .add("draft_length", HistogramRow::draftLength)
          .add("accepted", HistogramRow::accepted)
          .add("share", HistogramRow::share);

  /** {@code validate}. */
  public static final Columns<ValidationRow> VALIDATION =
      new Columns<ValidationRow>()
          .add("domain", ValidationRow::domain)
          .add("temperature", ValidationRow::temperature)
          .add("rule", ValidationRow::rule)
          .add("draft_length", ValidationRow::draftLength)
          .add("prompts", ValidationRow::prompts)
          .add("predicted_tokens_per_step", row -> row.tokens().predicted())
          .add("measured_tokens_per_step", row -> row.tokens().measured())
          .add("difference_low", row -> row.tokens().difference().low())
          .add("difference_high", row -> row.tokens().difference().high())
          .add("within_interval", ValidationRow::withinInterval)
          .add("predicted_speedup", row -> row.speedups().predicted())
          .add("measured_speedup", row -> row.speedups().measured())
          .add("measured_speedup_low", row -> row.speedups().interval().low())
          .add("measured_speedup_high", row -> row.speedups().interval().high())
          .add("speedup_error", ValidationRow::speedupError)
          .add("measured_speedup_quartile_low", row -> row.speedups().quartiles().low())
          .add("measured_speedup_quartile_high", row -> row.speedups().quartiles().high());

  /** {@code validate --published}. */
  public static final Columns<PublishedRow> PUBLISHED =
      new Columns<PublishedRow>()
          .add("source", row -> row.experiment().source())
          .add("hardware", row -> row.experiment().hardware())
          .add("target", row -> row.experiment().target())
          .add("draft", row -> row.experiment().draft())
          .add("task", row -> row.experiment().task())
          .add("temperature", row -> row.experiment().temperature())
          .add("confidence", row -> row.experiment().confidence())
          .add("draft_length", row -> row.measured().draftLength())
          .add("acceptance", row -> row.measured().acceptance())
          .add("cost_ratio", row -> row.measured().costRatio())
          .add("speedup", row -> row.measured().speedup())
          .add("formula_speedup", row -> row.formula().speedup())
          .add("formula_error", PublishedRow::formulaError)
          .add("roofline_cost_ratio", row -> row.roofline().costRatio())
          .add("roofline_speedup", row -> row.roofline().speedup())
          .add("roofline_error", PublishedRow::rooflineError)
          .add("implied_acceptance", row -> row.formula().impliedAcceptance())
          .add("baseline_ms", row -> row.measured().baselineMs())
          .add("roofline_baseline_ms", row -> row.roofline().baselineMs())
          .add("baseline_error", PublishedRow::baselineError)
          .add("note", PublishedRow::note);

  /** {@code validate --published FILE}. */
  public static final Columns<RunPrediction> RUNS =
      new Columns<RunPrediction>()
          .add("id", row -> row.run().id())
          .add("predicted_speedup", RunPrediction::predicted)
          .add("measured_speedup", RunPrediction::measured)
          .add("error", RunPrediction::error)
          .add("verdict_right", RunPrediction::verdictRight)
          .add("engine", row -> row.run().setup().engine())
          .add("source", row -> row.run().source())
          .add("draft_length", row -> row.run().load().draftLength())
          .add("batch", row -> row.run().load().batch())
          .add("fitted_without_source", RunPrediction::held)
          .add("problem", RunPrediction::problem);

  /** {@code presets}: hardware. */
  public static final Columns<HardwareProfile> HARDWARE =
      new Columns<HardwareProfile>()
          .add("name", HardwareProfile::name)
          .add("aliases", HardwareProfile::aliases)
          .add("title", HardwareProfile::title)
          .add("tflops", HardwareProfile::tflops)
          .add("memory_bandwidth_gbps", row -> row.memory().bandwidthGBps())
          .add("memory_gb", row -> row.memory().capacityGB())
          .add("usd_per_hour", HardwareProfile::usdPerHour)
          .part(HardwareProfile::link)
          .add("link_gbps", HardwareProfile.Link::bandwidthGBps)
          .add("all_reduce_us", HardwareProfile.Link::allReduceUs)
          .end()
          .add("bandwidth_fraction", row -> row.achieved().bandwidthFraction())
          .add("arithmetic_fraction", row -> row.achieved().arithmeticFraction())
          .add("layer_overhead_us", row -> row.achieved().layerOverheadUs());

  /** {@code presets}: model sizes. */
  public static final Columns<ModelShape> MODELS =
      new Columns<ModelShape>()
          .add("name", ModelShape::name)
          .add("title", ModelShape::title)
          .add("layers", row -> row.layers().count())
          .add("hidden", row -> row.layers().hidden())
          .add("heads", row -> row.layers().attention().heads())
          .add("kv_heads", row -> row.layers().attention().kvHeads())
          .add("head_size", row -> row.layers().attention().headSize())
          .add("feed_forward", row -> row.layers().feedForward().width())
          .add("gated_feed_forward", row -> row.layers().feedForward().gated())
          .add("cross_attention", row -> row.layers().crossAttention())
          .add("vocabulary", row -> row.vocabulary().size())
          .add("tied_embeddings", row -> row.vocabulary().tiedEmbeddings())
          .add("parameters", ModelShape::parameters)
          .add("source", row -> row.source().text())
          .add("date", row -> row.source().date())
          .add("confidence", row -> row.source().confidence())
          .add("aliases", ModelShape::aliases)
          .add("head", row -> row.head() == null ? null : row.head().kind().word())
          .add("head_count", row -> row.head() == null ? null : row.head().count())
          .add("experts", row -> row.layers().experts())
          .add("kv_bytes_per_token", ModelShape::kvBytesPerToken)
          .add("pass_weights", ModelShape::passWeights);

  /** {@code presets}: serving engines. */
  public static final Columns<Engine> ENGINES =
      new Columns<Engine>()
          .add("name", Engine::name)
          .add("title", Engine::title)
          .add("rule", Engine::rule)
          .add("like", Engine::like)
          .add("costs", Columns::costs)
          .add("error", Engine::error)
          .add("head_error", Engine::headError)
          .add("source", Engine::source);

  private static Map<String, Engine.Cost> costs(Engine engine) {
    Map<String, Engine.Cost> costs = new LinkedHashMap<>();
    engine.costs().keySet().stream()
        .sorted()
        .forEach(cost -> costs.put(cost.field(), engine.costs().get(cost)));
    return costs;
  }

  /** {@code presets}: acceptance. */
  public static final Columns<Preset> PRESETS =
      new Columns<Preset>()
          .add("name", Preset::name)
          .add("description", Preset::description)
          .add("schedule", row -> new NamedSchedule(row.schedule().name(), row.schedule()))
          .add("source", Preset::source)
          .add("confidence", Preset::confidence)
          .add("sequences", Preset::sequences)
          .add("prompt_tokens", Preset::promptTokens)
          .add("tokens", Preset::tokens);

  /** A schedule whose parameters stand beside its name. */
  private record NamedSchedule(String name, @JsonUnwrapped Schedule parameters) {}

  /** {@code presets}: latency models. */
  static final Columns<PassCosts> PASS_COSTS =
      new Columns<PassCosts>()
          .add("name", PassCosts::name)
          .add("target_model", row -> row.model().targetModel())
          .add("draft_model", row -> row.model().draftModel())
          .add("usd_per_hour", PassCosts::usdPerHour)
          .add("context_tokens", row -> PassCosts.CONTEXT)
          .add("passes", PassCosts::passes)
          .add("plain_step_ms", PassCosts::plainStepMs)
          .add("speculative_steps", PassCosts::speculativeSteps)
          .add("shortfall", PassCosts::shortfall);

  /** Null where nothing says what passes cost. */
  private static Function<ReplayRow, Object> priced(Function<ReplayRow, Object> value) {
    return row -> row.deployment().latency().priced() ? value.apply(row) : null;
  }

  private final List<String> names = new ArrayList<>();
  private final List<Function<T, Object>> values = new ArrayList<>();

  /** Adds a column at the end; null where a row has no value there. */
  public Columns<T> add(String name, Function<T, Object> value) {
    names.add(name);
    values.add(value);
    return this;
  }

  /** Columns of a part of the rows, which are empty where the part is null. */
  private <P> Part<P> part(Function<T, P> part) {
    return new Part<>(part);
  }

  private final class Part<P> {
    private final Function<T, P> part;

    Part(Function<T, P> part) {
      this.part = part;
    }

    Part<P> add(String name, Function<P, Object> value) {
      Columns.this.add(
          name,
          row -> {
            P own = part.apply(row);
            return own == null ? null : value.apply(own);
          });
      return this;
    }

    Columns<T> end() {
      return Columns.this;
    }
  }

  public List<String> names() {
    return List.copyOf(names);
  }

  /** The values of one row by column; null where there is none. */
  public Map<String, Object> of(T row) {
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      named.put(names.get(i), values.get(i).apply(row));
    }
    return named;
  }

  /** As {@link #of}, of every row. */
  public List<Map<String, Object>> ofAll(List<T> rows) {
    return rows.stream().map(row -> this.of(row)).toList();
  }
}
