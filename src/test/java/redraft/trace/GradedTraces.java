package redraft.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Content;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Target;

/** Small traces of each thing that can be known of drafts, and of each grade. */
public final class GradedTraces {
  private static final int DEPTH = 3;

  private GradedTraces() {}

  /** What an engine says of a recording: no entropy, margin and overlap. */
  public static Path engine(Path file) throws IOException {
    List<TraceSequence> told = new ArrayList<>();
    for (TraceSequence whole : SampleTraces.sequences(4, LogitDetail.NONE, 1)) {
      Target target = new Target(whole.target().logprob(), null, null, null);
      List<Draft> drafts = new ArrayList<>();
      for (Draft draft : whole.drafts()) {
        drafts.add(new Draft(draft.logprob(), draft.rank(), null, null));
      }
      told.add(new TraceSequence(whole.label(), whole.prefix(), whole.path(), target, drafts));
    }
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    return SampleTraces.write(
        file, graded(header, header.drafts(), LogitDetail.NONE, Grade.EXACT), told);
  }

  /** Logits of a text that the target did not draw. */
  public static Path given(Path file) throws IOException {
    TraceHeader header = SampleTraces.header(LogitDetail.TOP);
    TraceHeader.Sampling plain = new TraceHeader.Sampling(1, 0, 1, 0);
    TraceHeader untransformed =
        new TraceHeader(
            header.tokenizer(), header.target(), header.drafts(), plain, LogitDetail.TOP);
    return SampleTraces.write(
        file,
        graded(untransformed, header.drafts(), LogitDetail.TOP, Grade.GIVEN_TEXT),
        SampleTraces.sequences(4, LogitDetail.TOP, plain, 1));
  }

  /** The first draft at every place of a block as the first two drafts at the places of a text. */
  public static Path depths(Path file) throws IOException {
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    List<TraceSequence> told = new ArrayList<>();
    for (TraceSequence whole : SampleTraces.sequences(4, LogitDetail.NONE, 1)) {
      double[][] logprob = new double[whole.length()][];
      int[][] rank = new int[whole.length()][];
      for (int s = 0; s < whole.length(); s++) {
        int depth = Math.min(DEPTH, whole.length() - s);
        logprob[s] = new double[depth];
        rank[s] = new int[depth];
        for (int i = 0; i < depth; i++) {
          Draft draft = whole.drafts().get(i % 2);
          logprob[s][i] = draft.logprob()[s + i];
          rank[s][i] = draft.rank()[s + i];
        }
      }
      told.add(
          new TraceSequence(
              whole.label(),
              whole.prefix(),
              whole.path(),
              whole.target(),
              List.of(Draft.ofDepths(new Depths(logprob, rank)))));
    }
    DraftInfo heads = new DraftInfo("heads", "", 500, DraftKind.DEPTH, DEPTH, null, Double.NaN);
    return SampleTraces.write(
        file,
        new TraceHeader(
            header.tokenizer(),
            header.target(),
            List.of(heads),
            header.sampling(),
            LogitDetail.NONE),
        told);
  }

  /** Steps of a run that drafted three tokens at most; of half of the texts tokens are known. */
  public static Path coins(Path file) throws IOException {
    return measured(file, Grade.COINS, Content.COINS);
  }

  /** How often steps of a run got so far. */
  public static Path counts(Path file) throws IOException {
    return measured(file, Grade.HISTOGRAM, Content.SURVIVAL);
  }

  private static Path measured(Path file, Grade grade, Content content) throws IOException {
    Random random = new Random(1);
    List<TraceSequence> told = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      int[] drafted = random.ints(3, 0, DEPTH + 1).toArray();
      int[] accepted = new int[drafted.length];
      for (int i = 0; i < drafted.length; i++) {
        accepted[i] = random.nextInt(drafted[i] + 1);
      }
      Coins coins = new Coins(accepted, drafted);
      int length = (int) coins.committed();
      told.add(
          new TraceSequence(
              new TraceSequence.Label("q" + n, 0, n < 2 ? "maths" : "drama"),
              new TraceSequence.Prefix("", n % 2 == 0 ? new int[2] : TraceSequence.unknown(2)),
              new TraceSequence.CommittedPath(
                  n % 2 == 0 ? new int[length + 1] : TraceSequence.unknown(length + 1),
                  1,
                  Finish.LENGTH),
              Target.UNKNOWN,
              List.of(
                  content == Content.COINS
                      ? Draft.ofCoins(coins)
                      : Draft.ofSurvival(new double[] {0.7, 0.5, 0.25}))));
    }
    DraftInfo draft =
        content == Content.COINS
            ? new DraftInfo("small", "", 0, DraftKind.PREFIX, 0, "greedy-draft", 0.6)
            : new DraftInfo("small", "", 0, DraftKind.DEPTH, DEPTH, "token", Double.NaN);
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    return SampleTraces.write(file, graded(header, List.of(draft), LogitDetail.NONE, grade), told);
  }

  private static TraceHeader graded(
      TraceHeader header, List<DraftInfo> drafts, LogitDetail logits, Grade grade) {
    return new TraceHeader(
        header.tokenizer(), header.target(), drafts, header.sampling(), logits, grade, "an engine");
  }
}
