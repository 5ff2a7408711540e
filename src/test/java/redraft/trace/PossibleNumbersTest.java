package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineException;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/** Numbers that are each within their limits, and of no distributions together. */
class PossibleNumbersTest {
  private static final double LN_HALF = Math.log(0.5);
  private static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY; // ln 0

  @TempDir Path folder;

  private String refusal(Sampling sampling, int vocabulary, Target target, Draft draft) {
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", vocabulary),
            new TraceHeader.ModelInfo("large", "", 0),
            List.of(new TraceHeader.DraftInfo("small", "", 0)),
            sampling,
            target.top() == null ? LogitDetail.NONE : LogitDetail.TOP);
    TraceSequence sequence =
        SampleTraces.sequence("a", "d", new int[] {0}, new int[] {1}, target, List.of(draft));
    Path file = folder.resolve("t.jsonl");
    return assertThrows(
            LineException.class, () -> SampleTraces.write(file, header, List.of(sequence)))
        .getMessage()
        .replaceFirst("^t.jsonl:2: ", "");
  }

  private static Draft draft(double q, int rank, double overlap) {
    return draft(q, rank, overlap, null);
  }

  private static Draft draft(double q, int rank, double overlap, TopLogits top) {
    return new Draft(new double[] {Math.log(q)}, new int[] {rank}, new double[] {overlap}, top);
  }

  /** Temperature 1, a vocabulary of 4096 tokens; p, entropy, margin | q, rank, overlap. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.5 | 1   | 0 | 1    | 2048 | 0    | drafts[0].logprob[0] is 0, not from null to -7.62461898",
        "0.5 | 1   | 0 | 0    | 1    | 0    | drafts[0].logprob[0] is null, not from -8.31776616",
        "0.5 | 1   | 0 | 0.25 | 2    | 0.2  | drafts[0].overlap[0] is 0.2, not from 0.25 to 0.75",
        "0.5 | 1   | 0 | 0.25 | 2    | 0.8  | drafts[0].overlap[0] is 0.8, not from 0.25 to 0.75",
        "0.5 | 0.5 | 0 | 0.25 | 2    | 0.25 | target.entropy[0] is 0.5, not from 0.693147180",
        "0.5 | 5   | 0 | 0.25 | 2    | 0.25 | target.entropy[0] is 5, not from 0.693147180",
        "0.5 | 1   | 9 | 0.25 | 2    | 0.25 | target.margin[0] is 9, with which the probability"
      })
  void areRefusedWithWhatIsPossible(
      double p, double entropy, double margin, double q, int rank, double overlap, String start) {
    Target target =
        new Target(new double[] {Math.log(p)}, new double[] {entropy}, new double[] {margin}, null);
    String said = refusal(new Sampling(1, 0, 1, 0), 4096, target, draft(q, rank, overlap));
    assertEquals(start, said.replace("\"", "").replace("9.0,", "9,").substring(0, start.length()));
  }

  @Test
  void atTemperatureZeroTheTokenIsCertainAndTheDraftAgreesOrNot() {
    Sampling greedy = new Sampling(0, 0, 1, 0);
    double[] one = {1};
    Target certain = new Target(new double[1], new double[1], one, null);
    Target doubtful = new Target(new double[] {LN_HALF}, new double[] {0.7}, one, null);
    assertEquals(
        "\"target.logprob[0]\" is " + LN_HALF + ", not 0, at temperature 0",
        refusal(greedy, 4, doubtful, draft(1, 1, 0.5)));
    assertEquals(
        "\"drafts[0].logprob[0]\" is null, not 0, as \"rank\" there, 1, says",
        refusal(greedy, 4, certain, draft(0, 1, 0)));
    assertEquals(
        "\"drafts[0].logprob[0]\" is " + LN_HALF + ", not null, as \"rank\" there, 2, says",
        refusal(greedy, 4, certain, draft(0.5, 2, 0.5)));
  }

  /** Two of four tokens listed, of logits 1 and 0: weights 1 and 1/e, and two of at most 1/e. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 0.3 | 0 | drafts[0].rank[0] is 1, not from 2 to 4, as top there",
        "2 | 0.4 | 0 | drafts[0].logprob[0] is -0.9162907",
        "2 | 0.2 | 0 | drafts[0].logprob[0] is -1.6094379",
        "2 | 0.2 | 1 | drafts[0].top.tokens[0] names token 1 twice",
        "2 | 0.2 | 2 | drafts[0].tail[0] is -0.5, not from null to -1.05"
      })
  void areHeldAgainstTheLogitsBesideThem(int rank, double q, int change, String start) {
    double half = LN_HALF;
    TopLogits even =
        new TopLogits(new int[][] {{0, 1}}, new float[][] {{1, 1}}, new double[] {IMPOSSIBLE});
    Target target = new Target(new double[] {half}, new double[] {-half}, new double[1], even);
    TopLogits top =
        new TopLogits(
            new int[][] {{change == 1 ? 1 : 0, 1}},
            new float[][] {{1, 0}},
            new double[] {change == 2 ? -0.5 : IMPOSSIBLE});
    String said = refusal(new Sampling(1, 0, 1, 0), 4, target, draft(q, rank, 0.5, top));
    assertEquals(start, said.replace("\"", "").substring(0, start.length()));
  }

  @Test
  void theMarginIsThatOfTheLogits() {
    TopLogits top =
        new TopLogits(new int[][] {{1, 0}}, new float[][] {{2, 1}}, new double[] {IMPOSSIBLE});
    double p = 1 / (1 + Math.exp(-1));
    Target target =
        new Target(new double[] {Math.log(p)}, new double[] {0.582203}, new double[] {1.1}, top);
    assertEquals(
        "\"target.margin[0]\" is 1.1, not 1, as \"top\" there says",
        refusal(new Sampling(1, 0, 1, 0), 4, target, draft(0.5, 1, 0.5, top)));
  }
}
