package redraft.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;
import redraft.policy.FixedLength;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayDrafts;
import redraft.replay.ReplayOptions;
import redraft.replay.SequenceSource;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.verify.VerificationRules;

/**
 * How well a trace knows what each of its drafts would do, whatever that costs: four drafted tokens
 * a step, or as many as the trace knows of, by the rule that the run had, or else rule {@code
 * token}.
 */
public final class TokensPerStep {
  private static final int DRAFT_LENGTH = 4;
  private static final String RULE = "token";

  private TokensPerStep() {}

  /**
   * Reads everything that is left of the source.
   *
   * @param sequences told of every sequence
   * @return a row for each draft of the header, in its order; none where nothing was decoded
   */
  public static List<ReplayRow> of(SequenceSource source, Consumer<TraceSequence> sequences)
      throws IOException {
    List<DraftInfo> infos = source.header().drafts();
    if (infos.isEmpty() || source.peek() == null) {
      for (TraceSequence sequence; (sequence = source.next()) != null; ) {
        sequences.accept(sequence);
      }
      return List.of();
    }
    List<ReplayDraft> drafts = ReplayDrafts.of(source, List.of(), Ngrams.USUAL);
    List<Question> questions = new ArrayList<>();
    List<ReplayTable> tables = new ArrayList<>();
    for (int i = 0; i < infos.size(); i++) {
      DraftInfo info = infos.get(i);
      int length = info.depth() == 0 ? DRAFT_LENGTH : Math.min(DRAFT_LENGTH, info.depth());
      ReplayOptions options =
          new ReplayOptions(
              List.of(VerificationRules.named(info.rule() == null ? RULE : info.rule())),
              List.of(new FixedLength(length)),
              List.of(new Deployment(new ConstantRatio(0))));
      tables.add(new ReplayTable(0));
      questions.add(
          new Question(new TraceReplay(options, drafts.subList(i, i + 1)), tables.get(i)));
    }
    TraceReplay.Source read = TraceReplay.run(source, questions, sequences, count -> {});
    List<ReplayRow> rows = tables.stream().map(table -> table.rows(read, false).get(0)).toList();
    return rows.get(0).counts().steps() > 0 ? rows : List.of();
  }
}
