package redraft.validation.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.decode.Limits;
import redraft.latency.LatencyModel;
import redraft.model.LanguageModel;
import redraft.recording.LivePair;
import redraft.recording.PassProfiler;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.validation.ValidationRow;
import redraft.verify.VerificationRule;

/**
 * Predictions beside the clock, from nothing: for each sampling a trace is recorded, passes are
 * timed in turns with live decoding under every rule and draft length, and replay predicts it.
 */
public final class LiveStudy {
  private static final int PROFILE_ROUNDS_A_PROMPT = 2; // where passes are measured in turns
  private static final int PROFILE_CONTEXTS = 8;

  private final LivePair pair;
  private final LanguageModel draft;
  private final List<Prompt> prompts;
  private final Plan plan;
  private final List<Noise.Turn> turns = new ArrayList<>();
  private ProcessorClock started;

  /**
   * What is decoded.
   *
   * @param draftLengths ascending
   * @param rounds times that every prompt is decoded in every way
   * @param samples continuations of each prompt in the trace; 1 of a greedy one
   * @param seed of the live runs; the trace has the next one
   * @param latency what passes cost; null to measure it in turns with the live runs
   */
  public record Plan(
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      List<SamplingParameters> samplings,
      int maxNewTokens,
      int rounds,
      int samples,
      long seed,
      LatencyModel latency) {
    private int longestDraft() {
      return Collections.max(draftLengths);
    }
  }

  /**
   * A study of one draft of a pair.
   *
   * @param prompts two or more of every domain
   * @throws IllegalArgumentException if the plan's latency model cannot price what will be decoded
   */
  public LiveStudy(LivePair pair, LanguageModel draft, List<Prompt> prompts, Plan plan) {
    this.pair = pair;
    this.draft = draft;
    this.prompts = prompts;
    this.plan = plan;
    if (plan.latency != null) { // refuse it now, not after minutes of live runs
      int longest =
          prompts.stream()
              .mapToInt(prompt -> pair.tokenizer().encode(prompt.prompt()).length)
              .max()
              .orElseThrow();
      int end = Math.min(pair.target().contextLength(), longest + plan.maxNewTokens);
      plan.latency.speculativeStep(1, plan.longestDraft(), 0);
      plan.latency.baselineStep(1, end - 1);
    }
  }

  /**
   * Refuses prompts over which no interval can be taken.
   *
   * @param file what messages call them
   */
  public static void requireTwoOfEveryDomain(List<Prompt> prompts, String file) {
    for (Prompt prompt : prompts) {
      if (prompts.stream().filter(other -> other.domain().equals(prompt.domain())).count() < 2) {
        throw new IllegalArgumentException(
            file
                + " has one prompt of domain '"
                + prompt.domain()
                + "'; an interval needs two, so add one or leave that domain out");
      }
    }
  }

  /**
   * Runs all of it: rows by domain, temperature, rule as planned, and draft length.
   *
   * @param folder for the traces, one for each temperature
   * @param progress told of every text
   */
  public List<ValidationRow> rows(Path folder, Phases progress) throws IOException {
    Files.createDirectories(folder);
    started = ProcessorClock.now();
    List<ValidationRow> rows = new ArrayList<>();
    for (SamplingParameters sampling : plan.samplings) {
      rows.addAll(rows(folder, sampling, progress));
    }
    List<String> rules = plan.rules.stream().map(VerificationRule::name).toList();
    rows.sort(
        Comparator.comparing(ValidationRow::domain)
            .thenComparing(ValidationRow::temperature)
            .thenComparing(row -> rules.indexOf(row.rule()))
            .thenComparing(ValidationRow::draftLength));
    return rows;
  }

  private List<ValidationRow> rows(Path folder, SamplingParameters sampling, Phases progress)
      throws IOException {
    String at = "temperature " + sampling.temperature();
    Limits limits = new Limits(plan.maxNewTokens, pair.endTokens());
    Path trace = folder.resolve("trace-t" + sampling.temperature() + ".jsonl.gz");
    int samples = sampling.temperature() == 0 ? 1 : plan.samples;
    progress.begin("recording, " + at, (long) samples * prompts.size());
    pair.record(
        trace, prompts, samples, sampling, limits, plan.seed + 1, sequences -> progress.step());
    try (LiveValidation validation =
            new LiveValidation(
                pair.tokenizer(),
                pair.target(),
                draft,
                plan.rules,
                plan.draftLengths,
                sampling,
                limits,
                new RandomStreams(plan.seed));
        PassProfiler profiler = plan.latency == null ? profiler(sampling) : null) {
      Set<String> warm = new HashSet<>(); // domains: Java compiles what runs often
      progress.begin("warming up, " + at, prompts.stream().map(Prompt::domain).distinct().count());
      for (Prompt prompt : prompts) {
        if (warm.add(prompt.domain())) {
          decode(validation, profiler, prompt, 0);
          progress.step();
        }
      }
      progress.begin("decoding, " + at, (long) plan.rounds * prompts.size());
      for (int round = 1; round <= plan.rounds; round++) {
        for (Prompt prompt : prompts) {
          decode(validation, profiler, prompt, round);
          progress.step();
        }
      }
      turns.addAll(validation.turns());
      return validation.rows(
          trace, profiler == null ? plan.latency : profiler.result("this-machine"));
    }
  }

  /**
   * How quiet the machine was, once all of it has run.
   *
   * @param threads that a pass of the target has
   */
  public Noise noise(int threads) {
    return Noise.of(turns, List.of(), ProcessorClock.now().since(started), threads);
  }

  private PassProfiler profiler(SamplingParameters sampling) {
    int rows = plan.longestDraft() + 1;
    return new PassProfiler(
        pair.target(),
        draft,
        List.of(sampling),
        pair.tokenizer().encode(prompts.get(0).prompt()),
        PassProfiler.contexts(pair.target().contextLength(), rows, PROFILE_CONTEXTS),
        rows);
  }

  /**
   * @param profiler null where pass times are given
   * @param round 0 warms up
   */
  private static void decode(
      LiveValidation validation, PassProfiler profiler, Prompt prompt, int round) {
    for (int i = 0; profiler != null && i < PROFILE_ROUNDS_A_PROMPT; i++) {
      profiler.round(round > 0);
    }
    validation.run(prompt, round, round > 0);
  }
}
