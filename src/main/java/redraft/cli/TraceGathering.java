package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import redraft.draft.PromptLookup;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.FreeDraft;
import redraft.latency.LatencyModel;
import redraft.latency.PriceKnots;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.model.Tokenizer;
import redraft.replay.ReplayOptions;
import redraft.replay.TraceReplay;
import redraft.report.Chart;
import redraft.report.Charts;
import redraft.report.Report;
import redraft.report.Report.Lookup;
import redraft.report.Report.Shown;
import redraft.study.Comparison;
import redraft.study.HistogramRow;
import redraft.synthetic.Preset;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** Replays traces as a report needs it. */
final class TraceGathering {
  /** The page's share of numbers by position; what a position takes depends on the drafts. */
  private static final long PAGE_BYTES = 1_500_000;

  /** Draft lengths beyond this crowd the charts of single accepted counts. */
  private static final int LONGEST_SHOWN = 8;

  private static final List<Integer> BATCHES = List.of(1, 2, 4, 8, 16, 32, 64, 128);

  private final List<String> drafts;
  private final List<VerificationRule> rules;
  private final boolean anyRule;
  private final List<Integer> draftLengths;
  private final List<Deployment> deployments;
  private final List<Preset> presets;
  private final long seed;
  private final LookupOptions ngrams;
  private final Integer sequences;
  private final Path models;
  private final PrintWriter err;

  /**
   * @param anyRule whether nobody named rules, so that those that a trace cannot replay are left
   *     out
   * @param sequences of each trace in the page; null for as many as fit
   * @param models null for the shipped pair
   */
  TraceGathering(
      List<String> drafts,
      List<VerificationRule> rules,
      boolean anyRule,
      List<Integer> draftLengths,
      List<Deployment> deployments,
      List<Preset> presets,
      long seed,
      LookupOptions ngrams,
      Integer sequences,
      Path models,
      PrintWriter err) {
    this.drafts = drafts;
    this.rules = rules;
    this.anyRule = anyRule;
    this.draftLengths = draftLengths;
    this.deployments = deployments;
    this.presets = presets;
    this.seed = seed;
    this.ngrams = ngrams;
    this.sequences = sequences;
    this.models = models;
    this.err = err;
  }

  /** The file's name without its suffixes. */
  static String stem(Path trace) {
    return trace.getFileName().toString().replaceFirst("\\.jsonl(\\.gz)?$", "");
  }

  /** What a trace's replay gave. */
  private record Replayed(Path file, TraceReplay.Source source, List<ReplayRow> rows) {
    long positions() {
      return rows.get(0).positions();
    }
  }

  List<Report.Trace> all(List<Path> traces) throws IOException {
    List<Replayed> replayed = new ArrayList<>();
    for (Path trace : traces) {
      replayed.add(replay(trace));
    }
    long bytes = 0;
    for (Path trace : traces) {
      bytes += pageBytes(trace);
    }
    double share = Math.min(1, (double) PAGE_BYTES / bytes);
    List<Report.Trace> gathered = new ArrayList<>();
    for (Replayed one : replayed) {
      long wanted =
          sequences == null
              ? Math.max(1, (long) (share * one.source.sequences()))
              : Math.min(sequences, one.source.sequences());
      gathered.add(trace(one, (int) wanted, traces.size() > 1));
    }
    return gathered;
  }

  /**
   * What the texts of a trace would take of the page, about: 16 bytes a position for the target and
   * 14 for each draft, of which 3 become 4 characters, and the prompts.
   */
  private static long pageBytes(Path trace) throws IOException {
    long bytes = 0;
    try (TraceReader reader = new TraceReader(trace)) {
      int position = (16 + 14 * reader.header().drafts().size()) * 4 / 3;
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        bytes += (long) position * sequence.length() + sequence.prompt().length();
      }
    }
    return bytes;
  }

  private Replayed replay(Path trace) throws IOException {
    ReplayOptions options = options(drafts, rulesOf(trace), draftLengths, deployments);
    String name = trace.getFileName().toString();
    ReplayTable table = new ReplayTable(name, options);
    TraceReplay.Source source;
    try (Progress progress = new Progress(name, -1)) {
      source = new TraceReplay(options).run(trace, table, progress::stepTo);
    }
    ReplayCommand.warnIfCut(err, name, source);
    List<ReplayRow> rows = table.rows(source, true);
    ReplayCommand.warnOfShortfalls(err, rows);
    return new Replayed(trace, source, rows);
  }

  /** All rules that were named, or of all rules those that this trace can replay. */
  private List<VerificationRule> rulesOf(Path trace) throws IOException {
    try (TraceReader reader = new TraceReader(trace)) {
      TraceSequence first = reader.next();
      return anyRule && first != null && !first.target().hasProbabilities()
          ? List.of(new TokenRule())
          : rules;
    }
  }

  private ReplayOptions options(
      List<String> drafts,
      List<VerificationRule> rules,
      List<Integer> draftLengths,
      List<Deployment> deployments) {
    return new ReplayOptions(
        drafts,
        rules,
        List.of("fixed"),
        draftLengths,
        deployments,
        0,
        seed,
        false,
        ngrams.longest(),
        ngrams.shortest(),
        null);
  }

  private Report.Trace trace(Replayed replayed, int wanted, boolean several) throws IOException {
    List<ReplayRow> rows = replayed.rows;
    ReplayRow best =
        Charts.best(
            rows.stream()
                .filter(row -> row.domain().equals(ReplayTable.ALL_DOMAINS) && first(row))
                .toList());
    VerificationRule rule = VerificationRules.named(best.rule());
    Comparison comparison =
        new Comparison(
            best.draft(), rule, draftLengths, deployments.get(0).latency(), presets, seed);
    comparison.run(replayed.file, sequences -> {});
    int shown =
        draftLengths.stream()
            .filter(k -> k <= LONGEST_SHOWN)
            .reduce((a, b) -> b)
            .orElse(draftLengths.get(0));
    List<HistogramRow> histograms =
        comparison.histograms(ReplayTable.ALL_DOMAINS).stream()
            .filter(row -> row.draftLength() == shown)
            .toList();
    Set<String> prompts = new HashSet<>();
    List<Shown> sequences = sequences(replayed, wanted, prompts);
    List<Chart> charts =
        charts(replayed, best, histograms, sequences, sweep(replayed.file, best, rule));
    return new Report.Trace(
        replayed.file.getFileName().toString(),
        replayed.source.header(),
        replayed.source.complete(),
        replayed.source.sequences(),
        prompts.size(),
        replayed.positions(),
        rows,
        histograms,
        several ? charts.stream().map(chart -> chart.of(stem(replayed.file))).toList() : charts,
        steps(replayed.source.header(), sequences),
        sequences);
  }

  private boolean first(ReplayRow row) {
    return prices().get(0).priced(row);
  }

  /** The best draft and rule at many batches, for the prices that depend on it. */
  private List<ReplayRow> sweep(Path trace, ReplayRow best, VerificationRule rule)
      throws IOException {
    List<Deployment> swept = new ArrayList<>();
    for (LatencyModel latency :
        deployments.stream().map(Deployment::latency).distinct().filter(this::batched).toList()) {
      BATCHES.forEach(
          batch ->
              swept.add(
                  new Deployment(latency, batch, deployments.get(0).contextTokens(), Double.NaN)));
    }
    if (swept.isEmpty()) {
      return List.of();
    }
    ReplayOptions options = options(List.of(best.draft()), List.of(rule), draftLengths, swept);
    ReplayTable table = new ReplayTable(trace.getFileName().toString(), options);
    return table.rows(new TraceReplay(options).run(trace, table, sequences -> {}), false).stream()
        .filter(row -> row.shortfall() == null)
        .toList();
  }

  /** Whether prices are known for more than one sequence at a time. */
  private boolean batched(LatencyModel latency) {
    try {
      return latency.targetPass(2, 2, 1) != latency.targetPass(1, 2, 1);
    } catch (IllegalArgumentException e) { // measured for one sequence only
      return false;
    }
  }

  private List<Chart> charts(
      Replayed replayed,
      ReplayRow best,
      List<HistogramRow> histograms,
      List<Shown> shown,
      List<ReplayRow> sweep) {
    var sampling = replayed.source.header().sampling();
    String decoding =
        sampling.temperature() == 0 ? "greedy" : "temperature\u00a0" + sampling.temperature();
    String setting = best.draft() + ", rule " + best.rule() + ", " + decoding;
    List<ReplayRow> own =
        replayed.rows.stream()
            .filter(row -> row.draft().equals(best.draft()) && row.rule().equals(best.rule()))
            .toList();
    List<ReplayRow> ofFirst = own.stream().filter(this::first).toList();
    List<ReplayRow> over =
        own.stream().filter(row -> row.domain().equals(ReplayTable.ALL_DOMAINS)).toList();
    List<Chart> charts = new ArrayList<>();
    charts.add(Charts.speedupByDraftLength(ofFirst, setting));
    if (best.overlap() != null) {
      Deployment first = deployments.get(0);
      LatencyModel priced = first.latency().atTemperature(sampling.temperature());
      int context = meanContext(shown, first);
      charts.add(
          Charts.speedupByOverlap(
              ofFirst.stream().filter(row -> row.draftLength().equals(best.draftLength())).toList(),
              priced.speculativeStep(first.batch(), best.draftLength(), context)
                  / priced.baselineStep(first.batch(), context),
              setting + ", K\u00a0=\u00a0" + best.draftLength()));
    }
    String counts = setting + ", K\u00a0=\u00a0" + histograms.get(0).draftLength();
    charts.add(Charts.jointAcceptance(histograms, counts));
    charts.add(Charts.conditionalAcceptance(histograms, counts));
    charts.add(Charts.acceptedCounts(histograms, counts));
    if (!sweep.isEmpty()) {
      charts.add(Charts.speedupByBatch(sweep, setting));
    }
    List<ReplayRow> ofBatch =
        over.stream()
            .filter(row -> row.batch() == deployments.get(0).batch())
            .filter(row -> Objects.equals(row.context(), deployments.get(0).contextTokens()))
            .toList();
    if (ofBatch.stream().map(ReplayRow::hardware).distinct().count() > 1) {
      charts.add(Charts.speedupByHardware(ofBatch, setting));
    }
    List<ReplayRow> costed =
        ofBatch.stream().filter(row -> row.usdPerMillionTokens() != null).toList();
    if (!costed.isEmpty()) {
      charts.add(Charts.costByDraftLength(costed, setting));
    }
    return charts;
  }

  /** Tokens in the cache when a step starts, on average over the generated tokens. */
  private static int meanContext(List<Shown> shown, Deployment deployment) {
    double sum = 0;
    double tokens = 0;
    for (Shown one : shown) {
      int length = one.sequence().length() - one.sequence().decodeFrom();
      sum += length * (prompt(deployment, one.sequence()) - 1 + (length - 1) / 2.0);
      tokens += length;
    }
    return (int) Math.max(0, Math.round(sum / tokens));
  }

  /** Evenly spread over the trace, without logits. */
  private List<Shown> sequences(Replayed replayed, int wanted, Set<String> prompts)
      throws IOException {
    List<Shown> shown = new ArrayList<>();
    long total = replayed.source.sequences();
    TraceHeader header = replayed.source.header();
    boolean lookup = drafts.contains(PromptLookup.NAME);
    try (TraceReader reader = new TraceReader(replayed.file);
        Tokenizer tokenizer = tokenizer(header)) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        prompts.add(sequence.id());
        long index = reader.sequences() - 1;
        if ((index + 1) * wanted / total > index * wanted / total) {
          TraceSequence plain = withoutLogits(sequence);
          shown.add(
              new Shown(
                  plain,
                  tokenizer == null
                      ? null
                      : TokenTexts.pieces(tokenizer, plain.tokens(), plain.length()),
                  lookup ? lookup(plain) : null));
        }
      }
    }
    return shown;
  }

  private Tokenizer tokenizer(TraceHeader header) {
    if (models != null) {
      Tokenizer tokenizer = TokenTexts.of(models, header);
      if (tokenizer == null) {
        err.println(
            "redraft: the tokenizer of "
                + models
                + " is not the one of the trace, so the page shows token ids");
      }
      return tokenizer;
    }
    Path shipped = Path.of(System.getProperty("redraft.home", "."), "models", "tiny");
    return Files.isRegularFile(shipped.resolve("pair.json"))
        ? TokenTexts.of(shipped, header)
        : null;
  }

  private Lookup lookup(TraceSequence sequence) {
    var found =
        PromptLookup.replay(
            sequence.promptTokens(), sequence.tokens(), ngrams.longest(), ngrams.shortest());
    int from = sequence.decodeFrom();
    return new Lookup(
        Arrays.copyOfRange(found.matched(), from, sequence.length()),
        Arrays.copyOfRange(found.available(), from, sequence.length()));
  }

  private static TraceSequence withoutLogits(TraceSequence sequence) {
    Target target = sequence.target();
    return new TraceSequence(
        sequence.id(),
        sequence.sample(),
        sequence.domain(),
        sequence.prompt(),
        sequence.promptTokens(),
        sequence.tokens(),
        sequence.decodeFrom(),
        sequence.finish(),
        new Target(target.logprob(), target.entropy(), target.margin(), null),
        sequence.drafts().stream()
            .map(
                one ->
                    new Draft(one.logprob(), one.rank(), one.overlap(), one.acceptLength(), null))
            .toList());
  }

  /** What was priced. */
  List<Report.Price> prices() {
    return deployments.stream().map(TraceGathering::price).toList();
  }

  private static Report.Price price(Deployment deployment) {
    LatencyModel latency = deployment.latency();
    return new Report.Price(
        latency.name(),
        latency.targetModel(),
        latency.draftModel(),
        deployment.batch(),
        deployment.contextTokens(),
        latency.unit() == LatencyModel.Unit.MILLISECONDS,
        latency instanceof ConstantRatio ratio ? ratio.costRatio() : null,
        Double.isNaN(deployment.usdPerHour()) ? null : deployment.usdPerHour());
  }

  /** The prices as numbers, over every context at which the shown texts start a step. */
  private List<Report.Steps> steps(TraceHeader header, List<Shown> shown) {
    List<Report.Steps> steps = new ArrayList<>();
    for (Deployment deployment : deployments) {
      LatencyModel latency = deployment.latency().atTemperature(header.sampling().temperature());
      int from =
          shown.stream().mapToInt(one -> prompt(deployment, one.sequence()) - 1).min().orElse(0);
      int[] to = new int[draftLengths.get(draftLengths.size() - 1) + 1];
      Arrays.fill(to, from);
      for (Shown one : shown) {
        TraceSequence text = one.sequence();
        int last = prompt(deployment, text) + length(text) - 2; // the last step's
        boolean endKnown =
            text.target().hasProbabilities() && text.finish() == TraceSequence.Finish.LENGTH;
        for (int drafted = 0; drafted < to.length; drafted++) {
          to[drafted] = Math.max(to[drafted], endKnown ? last - drafted : last);
        }
      }
      steps.add(
          new Report.Steps(
              PriceKnots.of(latency, deployment.batch(), from, to),
              PriceKnots.of(new FreeDraft(latency), deployment.batch(), from, to)));
    }
    return steps;
  }

  private static int prompt(Deployment deployment, TraceSequence sequence) {
    return deployment.promptTokens(sequence.promptTokens().length) + sequence.decodeFrom();
  }

  /** Tokens that decoding commits, at most. */
  private static int length(TraceSequence sequence) {
    return IntStream.concat(
                IntStream.of(sequence.length()), sequence.drafts().stream().mapToInt(Draft::length))
            .max()
            .orElse(0)
        - sequence.decodeFrom();
  }
}
