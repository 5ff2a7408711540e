package redraft;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import redraft.hardware.Precision;
import redraft.json.LineSource;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.Engine;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.RooflineLatency;
import redraft.latency.Unpriced;
import redraft.metrics.ReplayRow;
import redraft.policy.Lengths;
import redraft.policy.Policies;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.SequenceSource;
import redraft.study.Deployments;
import redraft.study.Grid;
import redraft.study.LocalStorage;
import redraft.study.PricedPairs;
import redraft.study.Reach;
import redraft.study.ReplayStudy;
import redraft.study.Sources;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * A replay of recorded traces, with no model: the exact expectation of what speculative decoding
 * does on them, for every combination of what is named here.
 *
 * <pre>{@code
 * Replayed replayed =
 *     Redraft.of("traces/smollm2-t1.jsonl.gz")
 *         .rules("token", "block")
 *         .draftLengths("1..8")
 *         .costRatios(0.3)
 *         .replay();
 * }</pre>
 *
 * <p>Names, usual values and numbers are those of the command {@code redraft replay}. Whatever is
 * named again replaces what was named before, but for the costs of passes, which are added to one
 * another. A replay may be asked for more than once; one object is for one thread at a time, and
 * {@link #replay} itself uses all processors.
 *
 * <p>What is wrong in a name or a number is said by an {@link IllegalArgumentException} when it is
 * named, or by {@link #replay} where only the trace shows it.
 */
public final class Redraft {
  private final List<String> traces;
  private final List<LatencyModel> costs = new ArrayList<>();
  private List<String> drafts = List.of();
  private List<VerificationRule> rules; // null for the usual ones
  private List<String> policies = List.of("fixed");
  private List<Integer> draftLengths; // null for the usual ones
  private List<Integer> batches = List.of(1);
  private List<Integer> contexts; // null for every sequence's own prompt
  private String domain;
  private boolean byDomain;
  private boolean skipBroken;
  private Double temperature;
  private int timelines;
  private long seed;

  private Redraft(List<String> traces) {
    this.traces = traces;
  }

  /**
   * A replay of these traces, each by itself.
   *
   * @param traces files (JSON Lines, plain or compressed by gzip or zstd), folders of files of one
   *     recording, or {@code preset:} with the name or file of an acceptance preset; at least one
   * @return a replay of all their drafts by rule {@code token} at draft lengths 1 to 12
   * @throws IllegalArgumentException if there is none, or one stands for standard input
   */
  public static Redraft of(String... traces) {
    if (traces.length == 0) {
      throw new IllegalArgumentException("nothing says what is replayed: name a trace");
    }
    if (List.of(traces).contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "'-' stands for standard input, which only the command reads; name a file");
    }
    return new Redraft(List.of(traces));
  }

  /**
   * The drafts that are replayed, {@code --draft}.
   *
   * @param names of drafts of the trace, or of one that needs no recording, such as {@code
   *     prompt-lookup}; none for all that a trace has
   * @return this
   */
  public Redraft drafts(String... names) {
    drafts = List.of(names);
    return this;
  }

  /**
   * The verification rules, {@code --rule}.
   *
   * @param names such as {@code token}, {@code block} and {@code greedy-draft}
   * @return this
   * @throws IllegalArgumentException if there is no such rule
   */
  public Redraft rules(String... names) {
    rules = some("rule", List.of(names)).stream().map(VerificationRules::named).toList();
    return this;
  }

  /**
   * How draft lengths are chosen, {@code --policy}.
   *
   * @param names such as {@code fixed}, {@code heuristic} and {@code p-min:0.6}
   * @return this
   * @throws IllegalArgumentException if there is no such policy
   */
  public Redraft policies(String... names) {
    for (String name : some("policy", List.of(names))) {
      if (Policies.asksForBest(name)) {
        throw new IllegalArgumentException(
            "policy '"
                + name
                + "' is chosen on half of the prompts, which only the command does; name a threshold");
      }
      Policies.named(name, 1);
    }
    policies = List.of(names);
    return this;
  }

  /**
   * Tokens drafted a step, or in the first step, {@code --draft-length}.
   *
   * @param lengths {@code 4}, {@code 1,2,4} or {@code 1..12}
   * @return this
   * @throws IllegalArgumentException if the text is not of that form
   */
  public Redraft draftLengths(String lengths) {
    draftLengths = Lengths.of(lengths);
    return this;
  }

  /**
   * Costs by ratio alone, {@code --cost-ratio}.
   *
   * @param ratios draft pass / target pass; a verification costs one target pass
   * @return this
   * @throws IllegalArgumentException if one is no number of at least 0
   */
  public Redraft costRatios(double... ratios) {
    return costs(DoubleStream.of(ratios).mapToObj(ConstantRatio::new).toArray(LatencyModel[]::new));
  }

  /**
   * Costs that were measured, or those of hardware and models, {@code --latency}.
   *
   * @param presetsOrFiles profiles that {@code redraft profile} wrote, presets, or {@code
   *     target+draft@hardware}
   * @return this
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if there is none of that name, or it is malformed
   */
  public Redraft latencies(String... presetsOrFiles) throws IOException {
    for (String each : presetsOrFiles) {
      costs(LatencyModels.load(each));
    }
    return this;
  }

  /**
   * Costs as in a serving engine, {@code --engine}, {@code --hardware}, {@code --target-model} and
   * {@code --draft-model}, with weights in bf16; the engine sets the rule too, unless rules are
   * named.
   *
   * @param engine such as {@code vllm}; {@code ideal} for the roofline alone, which is a bound
   * @param hardware such as {@code h100-sxm}, or {@code h100-sxmx4} for four that share the models
   * @param target such as {@code llama-3.1-70b}, or a file
   * @param draft such as {@code llama-3.2-1b}, or a file
   * @return this
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if there is none of that name, or it is malformed
   */
  public Redraft engine(String engine, String hardware, String target, String draft)
      throws IOException {
    Engine in = Engines.REGISTRY.named(engine);
    RooflineLatency bound =
        RooflineLatency.named(
            hardware,
            target,
            draft,
            new RooflineLatency.Precisions(Precision.BF16, Precision.BF16));
    return costs(in.ideal() ? bound : new EngineLatency(bound, in));
  }

  /**
   * Costs of any other kind.
   *
   * @param models what passes cost; where none is ever named, steps are counted and nothing is
   *     priced
   * @return this
   */
  public Redraft costs(LatencyModel... models) {
    costs.addAll(List.of(models));
    return this;
  }

  /**
   * Sequences decoded together, {@code --batch}.
   *
   * @param sizes at least 1 each; 1 where none is named
   * @return this
   */
  public Redraft batches(int... sizes) {
    batches = some("batch", IntStream.of(sizes).boxed().toList());
    return this;
  }

  /**
   * Prompt lengths that every sequence is costed as if it had, {@code --context}.
   *
   * @param tokens at least 1 each; where none is named, every sequence has its own
   * @return this
   */
  public Redraft contexts(int... tokens) {
    contexts = some("context", IntStream.of(tokens).boxed().toList());
    return this;
  }

  /**
   * The texts of one domain only, {@code --domain}.
   *
   * @param name of a domain of the traces
   * @return this
   */
  public Redraft domain(String name) {
    domain = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * Also rows of each domain by itself, {@code --by-domain}.
   *
   * @return this
   */
  public Redraft byDomain() {
    byDomain = true;
    return this;
  }

  /**
   * Leaves broken files of folders out, {@code --broken-files skip}; {@link Replayed#notes} names
   * them.
   *
   * @return this
   */
  public Redraft skipBrokenFiles() {
    skipBroken = true;
    return this;
  }

  /**
   * Estimates for another temperature than the recorded one, {@code --temperature}; needs a trace
   * with logits.
   *
   * @param other of the target and the drafts
   * @return this
   */
  public Redraft temperature(double other) {
    temperature = other;
    return this;
  }

  /**
   * Timelines that are drawn in place of exact expectations, {@code --sampled} and {@code --seed}.
   *
   * @param count from 1 to 100,000 of each sequence
   * @param drawnFrom the seed
   * @return this
   * @throws IllegalArgumentException if the count is out of these bounds
   */
  public Redraft sampled(int count, long drawnFrom) {
    if (count < 1 || count > ReplayStudy.Basis.MOST_TIMELINES) {
      throw new IllegalArgumentException(
          count + " timelines must be at least 1 and at most " + ReplayStudy.Basis.MOST_TIMELINES);
    }
    timelines = count;
    seed = drawnFrom;
    return this;
  }

  private static <T> List<T> some(String what, List<T> named) {
    if (named.isEmpty()) {
      throw new IllegalArgumentException("no " + what + " named; name one, or leave it unsaid");
    }
    return named;
  }

  /**
   * Reads every trace once and replays it.
   *
   * @return its rows
   * @throws IOException if a trace cannot be read
   * @throws redraft.json.LineException if a line of a trace breaks the format; the message names
   *     the file, the line and the rule
   * @throws IllegalArgumentException if a trace cannot be replayed as it was asked for, such as by
   *     a draft that it does not record, or costs do not reach what was asked for
   */
  public Replayed replay() throws IOException {
    List<Deployment> deployments =
        Deployments.every(
            costs.isEmpty() ? List.of(new Unpriced()) : costs,
            model -> batches,
            model -> contexts,
            null,
            false);
    ReplayStudy.Basis basis = new ReplayStudy.Basis(timelines, seed, false, temperature, byDomain);
    Sources.Places places =
        new Sources.Places(
            Sources.names(traces), InputStream.nullInputStream(), new LocalStorage(), skipBroken);
    List<ReplayRow> rows = new ArrayList<>();
    Set<String> estimates = new LinkedHashSet<>();
    Set<String> notes = new LinkedHashSet<>();
    for (String trace : traces) {
      for (List<Deployment> under : Deployments.byBatch(policies, deployments)) {
        Reach reach = new Reach();
        Grid grid = grid(under, reach);
        try (SequenceSource source =
            Sources.open(trace, places, all -> reach.within(Sources.ofDomain(all, domain), grid))) {
          String otherPair =
              source.sampled()
                  ? PricedPairs.note(source.header(), grid.on(source).drafts(), under)
                  : null;
          ReplayStudy study = ReplayStudy.of(source, grid, basis, sequences -> {});
          rows.addAll(study.rows());
          Stream.ofNullable(otherPair).forEach(notes::add);
          notes.addAll(reach.takeLeftOut());
          notes.addAll(source.notes());
          notes.addAll(study.notes());
          Stream.ofNullable(study.estimate()).forEach(estimates::add);
        }
      }
    }
    return new Replayed(rows, List.copyOf(estimates), List.copyOf(notes));
  }

  private Grid grid(List<Deployment> under, Reach reach) {
    List<Integer> lengths =
        draftLengths == null ? reach.draftLengths(under, Lengths.USUAL) : draftLengths;
    return new Grid(
        drafts,
        Ngrams.USUAL,
        null,
        rules == null ? Grid.Rules.of(under, Grid.Rules.shown()) : new Grid.Rules(rules, true),
        Policies.every(policies, lengths, under.get(0).batch()),
        draftLengths != null,
        under);
  }
}
