package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;
import redraft.synthetic.Preset;
import redraft.trace.Grade;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRule;

/**
 * Everything that a report says of a trace, from one reading of it.
 *
 * @param drafts compared
 * @param rules compared
 * @param rows every setting of the grid, over everything and for each domain
 * @param swept the best draft and rule at many batches; empty where costs do not depend on them
 * @param histograms of accepted counts beside synthetic acceptance: of the best draft and rule, at
 *     one draft length
 * @param beside the fastest row of each draft and deployment under rules that an engine could be
 *     set to, where these make a difference
 * @param notes what a reader should know, a line each
 */
public record TraceStudy(
    Texts texts,
    List<ReplayDraft> drafts,
    List<VerificationRule> rules,
    List<ReplayRow> rows,
    List<ReplayRow> swept,
    List<HistogramRow> histograms,
    List<ReplayRow> beside,
    List<String> notes) {
  private static final List<Integer> BATCHES = List.of(1, 2, 4, 8, 16, 32, 64, 128);

  /** Logits take many times the room of all else that a page shows. */
  private static final int SHARE_WITH_LOGITS = 32;

  /** Of a position, up to which they are kept: what was rejected follows from them. */
  private static final int FEW_LOGITS = 128;

  /** Draft lengths beyond this crowd the charts of single accepted counts. */
  private static final int LONGEST_SHOWN = 8;

  /**
   * What was read.
   *
   * @param prompts that the sequences continue
   * @param positions generated tokens
   * @param pageBytes that all of them would take of a page
   * @param some evenly spread over the trace, without logits where these are many: all of them
   *     while they are few
   */
  public record Texts(
      TraceReplay.Source read,
      long prompts,
      long positions,
      long pageBytes,
      List<TraceSequence> some) {}

  /** What a sequence takes of a page. */
  public interface Room {
    long bytes(TraceHeader header, TraceSequence sequence);
  }

  /**
   * @param grid with the fixed policy; its first deployment decides what is best
   * @param presets to set beside the trace
   * @param room that a sequence takes of a page
   * @param mostBytes that are worth keeping
   * @param progress told from time to time how many sequences have been read
   */
  public static TraceStudy of(
      SequenceSource source,
      Grid grid,
      List<Preset> presets,
      Room room,
      long mostBytes,
      LongConsumer progress)
      throws IOException {
    Grid.Plan plan = grid.on(source);
    List<Deployment> swept = sweptDeployments(grid.deployments());
    List<Deployment> all = Stream.concat(grid.deployments().stream(), swept.stream()).toList();
    ReplayTable table = new ReplayTable(0);
    TraceReplay replay =
        new TraceReplay(new ReplayOptions(plan.rules(), plan.policies(), all), plan.drafts());
    List<Question> questions = new ArrayList<>(List.of(new Question(replay, table)));
    ReplayTable besides = new ReplayTable(0);
    if (!plan.beside().isEmpty()) {
      ReplayOptions options = new ReplayOptions(plan.beside(), plan.policies(), grid.deployments());
      questions.add(new Question(new TraceReplay(options, plan.drafts()), besides));
    }
    int shownLength = shownLength(grid);
    Map<ReplayDraft, Map<VerificationRule, Comparison>> comparisons = new LinkedHashMap<>();
    for (ReplayDraft draft : plan.drafts()) {
      for (VerificationRule rule : plan.rules()) {
        Comparison comparison =
            new Comparison(draft, rule, List.of(shownLength), grid.deployments().get(0), presets);
        comparisons.computeIfAbsent(draft, key -> new IdentityHashMap<>()).put(rule, comparison);
        questions.add(comparison.question());
      }
    }
    boolean given = source.header().grade() == Grade.GIVEN_TEXT;
    Kept kept =
        new Kept(
            sequence -> room.bytes(source.header(), sequence),
            given ? mostBytes / SHARE_WITH_LOGITS : mostBytes,
            given);
    TraceReplay.Source read = TraceReplay.run(source, questions, kept::add, progress);

    Set<Deployment> extra = Collections.newSetFromMap(new IdentityHashMap<>());
    extra.addAll(swept);
    List<ReplayRow> everyRow = table.rows(read, true);
    List<ReplayRow> rows =
        everyRow.stream().filter(row -> !extra.contains(row.deployment())).toList();
    ReplayRow best =
        ReplayRow.fastest(
            rows.stream()
                .filter(row -> row.domain().equals(read.domain()))
                .filter(row -> row.deployment() == grid.deployments().get(0))
                .toList());
    Comparison comparison = comparisons.get(best.setting().draft()).get(best.setting().rule());
    comparison.end(read);
    List<String> notes = new ArrayList<>(plan.notes());
    notes.addAll(ReplayStudy.notes(read, rows));
    notes.addAll(ReplayStudy.caveats(grid));
    return new TraceStudy(
        kept.texts(read),
        plan.drafts(),
        plan.rules(),
        rows,
        everyRow.stream()
            .filter(row -> row.domain().equals(read.domain()))
            .filter(row -> extra.contains(row.deployment()) && row.shortfall() == null)
            .filter(row -> row.setting().draft() == best.setting().draft())
            .filter(row -> row.setting().rule() == best.setting().rule())
            .toList(),
        comparison.histograms(read.domain()),
        plan.beside().isEmpty() ? List.of() : ReplayStudy.beside(rows, besides.rows(read, false)),
        notes);
  }

  /** Every latency model at many batches, where batches make a difference. */
  private static List<Deployment> sweptDeployments(List<Deployment> deployments) {
    List<Deployment> swept = new ArrayList<>();
    Set<Object> models = new HashSet<>();
    for (Deployment deployment : deployments) {
      if (deployment.latency().onlyBatchOne() == null && models.add(deployment.latency())) {
        BATCHES.stream()
            .filter(batch -> batch <= deployment.latency().batchReach())
            .forEach(batch -> swept.add(deployment.withBatch(batch)));
      }
    }
    return swept;
  }

  private static int shownLength(Grid grid) {
    List<Integer> lengths = grid.draftLengths();
    return lengths.stream()
        .filter(length -> length <= LONGEST_SHOWN)
        .reduce((a, b) -> b)
        .orElse(lengths.get(0));
  }

  /** Every so many of the sequences, fewer of them the more there are. */
  private static final class Kept {
    private final ToLongFunction<TraceSequence> pageBytes;
    private final long mostBytes;
    private final boolean logits;
    private String prompt; // of the last sequence: the samples of a prompt stand together
    private long prompts;
    private List<TraceSequence> some = new ArrayList<>();
    private long stride = 1;
    private long sequences;
    private long positions;
    private long bytes; // of all
    private long keptBytes;

    /**
     * @param logits whether they are kept too, because acceptance follows from them
     */
    Kept(ToLongFunction<TraceSequence> pageBytes, long mostBytes, boolean logits) {
      this.logits = logits;
      this.pageBytes = pageBytes;
      this.mostBytes = mostBytes;
    }

    void add(TraceSequence sequence) {
      long own = pageBytes.applyAsLong(sequence);
      prompts += sequence.id().equals(prompt) ? 0 : 1;
      prompt = sequence.id();
      positions += sequence.length();
      bytes += own;
      if (sequences++ % stride == 0) {
        some.add(logits || fewLogits(sequence) ? sequence : sequence.withoutLogits());
        keptBytes += own;
      }
      if (keptBytes > 2 * mostBytes && some.size() > 1) {
        stride *= 2;
        List<TraceSequence> fewer = new ArrayList<>();
        for (int i = 0; i < some.size(); i += 2) {
          fewer.add(some.get(i));
        }
        some = fewer;
        keptBytes = some.stream().mapToLong(pageBytes).sum();
      }
    }

    /** Whether those of a position are so few that a page's texts can keep them. */
    private static boolean fewLogits(TraceSequence sequence) {
      var top = sequence.target().top();
      return top != null && top.tokens().length > 0 && top.tokens()[0].length <= FEW_LOGITS;
    }

    Texts texts(TraceReplay.Source read) {
      return new Texts(read, prompts, positions, bytes, some);
    }
  }
}
