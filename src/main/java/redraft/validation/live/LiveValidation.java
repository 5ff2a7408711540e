package redraft.validation.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.metrics.Interval;
import redraft.metrics.Jackknife;
import redraft.metrics.Metrics;
import redraft.metrics.Quartiles;
import redraft.metrics.ReplayStatistics;
import redraft.model.LanguageModel;
import redraft.model.ModelSession;
import redraft.model.Tokenizer;
import redraft.policy.FixedLength;
import redraft.policy.Policies;
import redraft.replay.Expectation;
import redraft.replay.LookupDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.replay.TraceSource;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.validation.ValidationRow;
import redraft.verify.VerificationRule;

/**
 * Runs plain and speculative decoding live, in turns, under every rule and draft length, and sets
 * the result beside what replay of a trace of the same prompts predicts. The trace was sampled with
 * other random numbers, so that nothing of the live runs is in the prediction.
 */
public final class LiveValidation implements AutoCloseable {
  private static final int CELLS_BETWEEN_PLAIN_RUNS = 4;

  private final Tokenizer tokenizer;
  private final PlainDecoding plain;
  private final ModelSession targetSession; // of all cells, in turns
  private final ModelSession draftSession;
  private final Map<Cell, SpeculativeDecoding> cells = new LinkedHashMap<>();
  private final SamplingParameters sampling;
  private final List<VerificationRule> rules;
  private final List<Integer> draftLengths;
  private final String draft;
  private final RandomStreams streams;
  private final Map<String, Map<String, Runs>> plainRuns = new TreeMap<>(); // by domain and id
  private final Map<String, Map<Cell, Map<String, Runs>>> cellRuns = new TreeMap<>();

  private record Cell(VerificationRule rule, int draftLength) {}

  /** Sums over the runs of one prompt. */
  private static final class Runs {
    private double nanos;
    private long tokens;
    private long steps;
    private final List<Double> nanosPerToken = new ArrayList<>(); // of each run
    private final List<Double> speedups =
        new ArrayList<>(); // of each run, where it is no plain one

    void add(Continuation run, Continuation plain) {
      add(run);
      speedups.add(Metrics.speedup(nanosPerToken(plain), nanosPerToken(run)));
    }

    void add(Continuation run) {
      nanosPerToken.add(nanosPerToken(run));
      nanos += run.decodeNanos();
      tokens += run.tokens().length;
      steps += run.steps().size();
    }

    private static double nanosPerToken(Continuation run) {
      return run.decodeNanos() / (double) run.tokens().length;
    }
  }

  /**
   * @param streams of the live runs
   */
  public LiveValidation(
      Tokenizer tokenizer,
      LanguageModel target,
      LanguageModel draft,
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      SamplingParameters sampling,
      Limits limits,
      RandomStreams streams) {
    this.tokenizer = tokenizer;
    this.sampling = sampling;
    this.rules = rules;
    this.draftLengths = draftLengths;
    this.draft = draft.name();
    this.streams = streams;
    plain = new PlainDecoding(target, sampling, limits);
    targetSession = target.open();
    draftSession = draft.open();
    for (int draftLength : draftLengths) {
      for (VerificationRule rule : rules) {
        ModelDrafter drafter = new ModelDrafter(draft, draftSession, rule.draftSampling(sampling));
        cells.put(
            new Cell(rule, draftLength),
            new SpeculativeDecoding(
                target,
                targetSession,
                drafter,
                rule,
                new FixedLength(draftLength),
                sampling,
                limits));
      }
    }
  }

  /**
   * Decodes one prompt once in every way, plain decoding again and again in between.
   *
   * @param round names the random numbers
   * @param counts whether the runs are kept, rather than warm the machine up
   */
  public void run(Prompt prompt, int round, boolean counts) {
    int[] tokens = tokenizer.encode(prompt.prompt());
    int done = 0;
    Continuation lastPlain = null;
    for (Map.Entry<Cell, SpeculativeDecoding> entry : cells.entrySet()) {
      Cell cell = entry.getKey();
      String text = prompt.id() + "/" + round + "/" + cell.rule.name() + "/" + cell.draftLength;
      if (done++ % CELLS_BETWEEN_PLAIN_RUNS == 0) {
        lastPlain = plain.run(tokens, streams, text);
        if (counts) {
          plainRuns
              .computeIfAbsent(prompt.domain(), domain -> new LinkedHashMap<>())
              .computeIfAbsent(prompt.id(), id -> new Runs())
              .add(lastPlain);
        }
      }
      Continuation run = entry.getValue().run(tokens, streams, text);
      if (counts) {
        cellRuns
            .computeIfAbsent(prompt.domain(), domain -> new LinkedHashMap<>())
            .computeIfAbsent(cell, key -> new LinkedHashMap<>())
            .computeIfAbsent(prompt.id(), id -> new Runs())
            .add(run, lastPlain);
      }
    }
  }

  /** What replay says of one cell of one domain. */
  private static final class Predicted {
    private final ReplayStatistics all = new ReplayStatistics();
    private final Map<String, double[]> byId = new LinkedHashMap<>(); // {tokens, steps}

    void add(TraceReplay.Outcome outcome) {
      all.add(outcome);
      Expectation expectation = outcome.expectation();
      double[] sums = byId.computeIfAbsent(outcome.text().id(), id -> new double[2]);
      sums[0] += expectation.tokens();
      sums[1] += expectation.steps();
    }
  }

  /**
   * Replays the trace and sets the runs so far beside it: domains in alphabetical order, then rules
   * and draft lengths as given.
   *
   * @param trace of the same prompts under the same sampling
   */
  public List<ValidationRow> rows(Path trace, LatencyModel latency) throws IOException {
    Map<String, Map<Cell, Predicted>> predicted = new TreeMap<>();
    ReplayOptions options =
        new ReplayOptions(
            rules,
            Policies.every(List.of("fixed"), draftLengths),
            List.of(new Deployment(latency)));
    try (TraceSource source = TraceSource.of(trace)) {
      new TraceReplay(options, source.drafts(List.of(draft), LookupDraft.Ngrams.USUAL))
          .run(
              source,
              outcome ->
                  predicted
                      .computeIfAbsent(outcome.text().domain(), domain -> new LinkedHashMap<>())
                      .computeIfAbsent(
                          new Cell(outcome.setting().rule(), outcome.setting().draftLength()),
                          key -> new Predicted())
                      .add(outcome));
    }
    List<ValidationRow> rows = new ArrayList<>();
    for (String domain : cellRuns.keySet()) {
      for (VerificationRule rule : rules) {
        for (int draftLength : draftLengths) {
          Cell cell = new Cell(rule, draftLength);
          rows.add(
              row(
                  domain,
                  cell,
                  plainRuns.get(domain),
                  cellRuns.get(domain).get(cell),
                  predicted.get(domain).get(cell)));
        }
      }
    }
    return rows;
  }

  private ValidationRow row(
      String domain,
      Cell cell,
      Map<String, Runs> plainRuns,
      Map<String, Runs> runs,
      Predicted predicted) {
    List<double[]> prompts = new ArrayList<>();
    runs.forEach(
        (id, live) -> {
          Runs own = plainRuns.get(id);
          double[] said = predicted.byId.get(id);
          prompts.add(
              new double[] {
                live.tokens, live.steps, said[0], said[1], own.nanos, own.tokens, live.nanos
              });
        });
    double[] sums = Jackknife.sums(prompts);
    Interval difference = Jackknife.interval(prompts, LiveValidation::difference);
    Interval speedup = Jackknife.interval(prompts, LiveValidation::speedup);
    return new ValidationRow(
        new ValidationRow.Cell(domain, sampling.temperature(), cell.rule.name(), cell.draftLength),
        prompts.size(),
        new ValidationRow.TokensPerStep(sums[2] / sums[3], sums[0] / sums[1], difference),
        new ValidationRow.Speedup(
            predicted.all.speedup(), speedup(sums), speedup, Quartiles.of(speedups(runs))));
  }

  private static double[] speedups(Map<String, Runs> runs) {
    return runs.values().stream()
        .flatMap(each -> each.speedups.stream())
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** Every plain run so far, its time over the usual one of the same prompt. */
  List<Noise.Turn> turns() {
    List<Noise.Turn> turns = new ArrayList<>();
    plainRuns.values().stream()
        .flatMap(prompts -> prompts.values().stream())
        .map(runs -> runs.nanosPerToken.stream().mapToDouble(Double::doubleValue).toArray())
        .forEach(
            times -> {
              double usual = Quartiles.of(times).median();
              Arrays.stream(times).forEach(time -> turns.add(new Noise.Turn(time / usual, 1)));
            });
    return turns;
  }

  /** Measured − predicted tokens per step. */
  private static double difference(double[] sums) {
    return sums[0] / sums[1] - sums[2] / sums[3];
  }

  /** Plain over speculative time per token: with a temperature the texts differ. */
  private static double speedup(double[] sums) {
    return Metrics.speedup(sums[4] / sums[5], sums[6] / sums[0]);
  }

  @Override
  public void close() {
    plain.close();
    targetSession.close();
    draftSession.close();
  }
}
