package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.json.LineException;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Content;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Target;

/** Traces that say less, or more, than probabilities of single tokens. */
class GradesTest {
  private static final double LN_HALF = Math.log(0.5);

  @TempDir Path folder;

  private static TraceHeader header(Grade grade, String source, DraftInfo draft) {
    return new TraceHeader(
        new TraceHeader.TokenizerInfo("", 8),
        new TraceHeader.ModelInfo("big", "", 0),
        List.of(draft),
        new TraceHeader.Sampling(1, 0, 1, 0),
        LogitDetail.NONE,
        grade,
        source);
  }

  private static TraceSequence sequence(int[] prompt, int[] tokens, Target target, Draft draft) {
    return new TraceSequence(
        new TraceSequence.Label("a", 0, "chat"),
        new TraceSequence.Prefix("", prompt),
        new TraceSequence.CommittedPath(tokens, 0, Finish.LENGTH),
        target,
        List.of(draft));
  }

  private static DraftInfo info(DraftKind kind, int depth, String rule, double untested) {
    return new DraftInfo("small", "", 0, kind, depth, rule, untested);
  }

  private static final DraftInfo COINS = info(DraftKind.PREFIX, 0, "greedy-draft", 0.5);

  private static Draft coins(int[] accepted, int... drafted) {
    return Draft.ofCoins(new Coins(accepted, drafted));
  }

  private TraceSequence written(TraceHeader header, TraceSequence sequence) throws IOException {
    Path file = SampleTraces.write(folder.resolve("t.jsonl"), header, List.of(sequence));
    try (TraceReader reader = new TraceReader(file)) {
      assertEquals(header, reader.header());
      TraceSequence back = reader.next();
      assertNull(reader.next());
      assertTrue(reader.complete());
      return back;
    }
  }

  private String refusal(TraceHeader header, TraceSequence sequence) {
    return assertThrows(LineException.class, () -> written(header, sequence))
        .getMessage()
        .replaceFirst("^.*jsonl:", "");
  }

  @Test
  void coinsComeBackWithoutTokens() throws IOException {
    TraceSequence back =
        written(
            header(Grade.COINS, "vllm-metrics", COINS),
            sequence(
                TraceSequence.unknown(7),
                TraceSequence.unknown(5),
                Target.UNKNOWN,
                coins(new int[] {2, 0, 1}, 3, 3, 1)));
    assertEquals(Content.COINS, back.drafts().get(0).content());
    assertArrayEquals(new int[] {2, 0, 1}, back.drafts().get(0).coins().accepted());
    assertArrayEquals(new int[] {3, 3, 1}, back.drafts().get(0).coins().drafted());
    assertEquals(7, back.promptTokens().length);
    assertEquals(5, back.length());
    assertFalse(back.knowsTokens());
    String text = Files.readString(folder.resolve("t.jsonl"));
    assertTrue(text.contains("\"promptLength\":7,\"length\":5"), text);
    assertTrue(text.contains("\"grade\":\"coins\",\"source\":\"vllm-metrics\""), text);
  }

  @Test
  void coinsThatDoNotAddUpAreRefused() {
    TraceHeader header = header(Grade.COINS, "x", COINS);
    int[] prompt = {1};
    assertEquals(
        "2: \"drafts[0].coins\" has 2 steps that committed 4 tokens, the sequence decoded 5",
        refusal(
            header,
            sequence(
                prompt, TraceSequence.unknown(5), Target.UNKNOWN, coins(new int[] {2, 0}, 3, 3))));
    assertEquals(
        "2: \"drafts[0].coins\" has 2 steps that committed 4 tokens, the sequence decoded 3",
        refusal(
            header,
            sequence(
                prompt, TraceSequence.unknown(3), Target.UNKNOWN, coins(new int[] {2, 0}, 3, 3))));
    assertEquals(
        "2: \"drafts[0].coins.accepted[0]\" is 4, not from 0 to the 3 drafted",
        refusal(
            header,
            sequence(prompt, TraceSequence.unknown(5), Target.UNKNOWN, coins(new int[] {4}, 3))));
    assertEquals(
        "1: \"drafts[0].rule\" is missing: by which rule did the measured run verify?",
        refusal(
            header(Grade.COINS, "x", info(DraftKind.PREFIX, 0, null, 0.5)),
            sequence(prompt, prompt, Target.UNKNOWN, coins(new int[] {0}, 3))));
    assertEquals(
        "1: \"drafts[0].untested\" is missing: which acceptance is assumed where no token was drafted?",
        refusal(
            header(Grade.COINS, "x", info(DraftKind.PREFIX, 0, "token", Double.NaN)),
            sequence(prompt, prompt, Target.UNKNOWN, coins(new int[] {0}, 3))));
  }

  @Test
  void survivalComesBackAndOnlyFalls() throws IOException {
    TraceHeader header =
        header(Grade.HISTOGRAM, "prometheus", info(DraftKind.DEPTH, 3, "token", Double.NaN));
    double[] survival = {0.8, 0.5, 0.5};
    TraceSequence sequence =
        sequence(
            TraceSequence.unknown(1),
            TraceSequence.unknown(9),
            Target.UNKNOWN,
            Draft.ofSurvival(survival));
    assertArrayEquals(survival, written(header, sequence).drafts().get(0).survival());
    assertEquals(
        "2: \"drafts[0].survival[1]\" is 0.9, more than the one before it",
        refusal(
            header,
            sequence(
                TraceSequence.unknown(1),
                TraceSequence.unknown(9),
                Target.UNKNOWN,
                Draft.ofSurvival(new double[] {0.8, 0.9, 0.5}))));
  }

  @Test
  void depthsComeBackAndEndWithTheText() throws IOException {
    TraceHeader header = header(Grade.EXACT, "", info(DraftKind.DEPTH, 2, null, Double.NaN));
    Target target =
        new Target(
            new double[] {LN_HALF, LN_HALF},
            new double[] {Math.log(2), Math.log(2)},
            new double[2],
            null);
    double[][] logprob = {{LN_HALF, Double.NEGATIVE_INFINITY}, {2 * LN_HALF}};
    Depths depths = new Depths(logprob, new int[][] {{1, 8}, {2}});
    Depths back =
        written(header, sequence(new int[] {1}, new int[] {2, 3}, target, Draft.ofDepths(depths)))
            .drafts()
            .get(0)
            .depths();
    assertArrayEquals(logprob[0], back.logprob()[0]);
    assertArrayEquals(logprob[1], back.logprob()[1]);
    assertArrayEquals(new int[] {1, 8}, back.rank()[0]);
    assertEquals(
        "2: \"drafts[0].byDepth.logprob[1]\" has 2 entries, not 1",
        refusal(
            header,
            sequence(
                new int[] {1},
                new int[] {2, 3},
                target,
                Draft.ofDepths(
                    new Depths(
                        new double[][] {logprob[0], logprob[0]}, new int[][] {{1, 8}, {1, 8}})))));
    assertEquals(
        "2: \"drafts[0].byDepth.logprob[0][1]\" is "
            + LN_HALF
            + ", not from null to "
            + Math.log(1 / 3.0)
            + ", as \"rank\" there, 3, says",
        refusal(
            header,
            sequence(
                new int[] {1},
                new int[] {2, 3},
                target,
                Draft.ofDepths(
                    new Depths(
                        new double[][] {{LN_HALF, LN_HALF}, {LN_HALF}},
                        new int[][] {{1, 3}, {1}})))));
  }

  @Test
  void headsThatDraftInOnePassSayItAndNoOtherWordIsKnown() throws IOException {
    DraftInfo heads = DraftInfo.ofHeads("small", "", 0, 1);
    Target target =
        new Target(new double[] {LN_HALF}, new double[] {Math.log(2)}, new double[1], null);
    Depths depths = new Depths(new double[][] {{LN_HALF}}, new int[][] {{1}});
    written(
        header(Grade.EXACT, "", heads),
        sequence(new int[] {1}, new int[] {2}, target, Draft.ofDepths(depths)));
    Path file = folder.resolve("t.jsonl");
    String text = Files.readString(file);
    assertTrue(text.contains("\"kind\":\"depth\",\"depth\":1,\"drafting\":\"parallel\""), text);
    Files.writeString(file, text.replace("parallel", "backwards"));
    assertTrue(
        assertThrows(LineException.class, () -> new TraceReader(file))
            .getMessage()
            .endsWith(
                "\"drafts[0].drafting\" is \"backwards\", not \"parallel\", which is a whole block"
                    + " in one pass; leave it out for a pass a token"));
  }

  @Test
  void importsMayLackWhatEnginesDoNotSayAndRecordingsMayNot() throws IOException {
    DraftInfo plain = new DraftInfo("small", "", 0);
    Target target = new Target(new double[] {LN_HALF}, null, null, null);
    Draft draft = new Draft(new double[] {LN_HALF}, null, null, null);
    TraceSequence sequence = sequence(new int[] {1}, new int[] {2}, target, draft);
    TraceSequence back = written(header(Grade.EXACT, "vllm", plain), sequence);
    assertNull(back.target().entropy());
    assertNull(back.drafts().get(0).rank());
    assertNull(back.drafts().get(0).overlap());
    assertEquals(
        "2: \"target.entropy\" is missing, which only a trace with a \"source\" can do without",
        refusal(header(Grade.EXACT, "", plain), sequence));
  }

  @Test
  void onlyProbabilitiesOfKnownTokensAreExact() {
    assertEquals(
        "2: \"tokens\" is missing, which only grades \"coins\" and \"histogram\" can do without",
        refusal(
            header(Grade.EXACT, "x", new DraftInfo("small", "", 0)),
            sequence(
                new int[] {1},
                TraceSequence.unknown(1),
                new Target(new double[1], null, null, null),
                new Draft(new double[1], null, null, null))));
    assertEquals(
        "2: \"drafts[0]\" has \"coins\", which does not go with grade \"exact\" and kind \"prefix\" of the header",
        refusal(
            header(Grade.EXACT, "x", new DraftInfo("small", "", 0)),
            sequence(new int[] {1}, new int[] {1}, Target.UNKNOWN, coins(new int[] {0}, 3))));
    assertEquals(
        "1: \"logits\" is \"none\", which does not go with grade \"given-text\": expectations need them",
        refusal(
            header(Grade.GIVEN_TEXT, "x", new DraftInfo("small", "", 0)),
            sequence(
                new int[] {1},
                new int[] {1},
                new Target(new double[1], null, null, null),
                new Draft(new double[1], null, null, null))));
  }
}
