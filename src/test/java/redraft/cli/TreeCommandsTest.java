package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.policy.DraftTrees;
import redraft.policy.SequoiaTree;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.study.TreeGrowth;
import redraft.trace.DraftKind;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;

class TreeCommandsTest {
  private static final String GREEDY = "traces/tiny-t0.jsonl.gz";

  @TempDir Path folder;

  private static Cli fine(String command) {
    Cli run = Cli.run(command.split(" "));
    assertEquals(0, run.exit(), run.err());
    return run;
  }

  private static JsonNode rows(String command) throws IOException {
    return new JsonMapper().readTree(fine(command + " --json").out());
  }

  /** A tree of one branch is a chain, to the last digit, at both temperatures. */
  @ParameterizedTest
  @CsvSource({"traces/tiny-t0.jsonl.gz, 8", "traces/tiny-t1.jsonl.gz, 5"})
  void aTreeOfOneBranchIsAChain(String trace, int length) throws IOException {
    JsonNode chain =
        rows("replay " + trace + " --cost-ratio 0.1 --rule greedy-draft --draft-length " + length);
    JsonNode tree = rows("replay " + trace + " --cost-ratio 0.1 --tree 1x" + length);
    assertEquals("1x" + length, tree.get(0).get("tree").asText());
    assertTrue(chain.get(0).get("tree").isNull());
    for (String field : new String[] {"steps", "drafted", "accepted", "speedup", "speedup_low"}) {
      assertEquals(chain.get(0).get(field), tree.get(0).get(field), field);
    }
  }

  @Test
  void stepsCostTheRowsOfEveryLevel() throws IOException {
    JsonNode row = rows("replay " + GREEDY + " --tree 2x2 --cost-ratio 0.1 --domain maths").get(0);
    double steps = row.get("steps").asDouble();
    assertTrue(row.get("drafted").asDouble() > 5.8 * steps, row.toString()); // fewer at the end
    assertTrue(row.get("drafted").asDouble() <= 6 * steps, row.toString());
    assertEquals(2, row.get("draft_length").asInt());
    assertEquals("greedy-draft", row.get("rule").asText());
  }

  @Test
  void aGrownTreeIsWrittenAndReplaysAsGrown() throws IOException {
    Path file = folder.resolve("tree.json");
    Cli grown =
        fine("replay " + GREEDY + " --tree best:16 --tree-out " + file + " --cost-ratio 0.1");
    assertTrue(grown.err().contains("grown on every other prompt of each domain"), grown.err());
    JsonNode row = rows("replay " + GREEDY + " --tree " + file + " --cost-ratio 0.1").get(0);
    assertEquals("best:16", row.get("tree").asText());
    String best = fine("best " + GREEDY + " --tree " + file + " --cost-ratio 0.1").out();
    assertTrue(best.contains("draft tree best:16 to a depth of "), best);
  }

  @ParameterizedTest
  @CsvSource({
    "--tree x, no tree and no file is called 'x'",
    "--tree 2x2 --rule token, rule 'token' verifies one candidate at a place",
    "--tree 2x2 --draft prompt-lookup, has no ranks",
    "--tree 2x2 --draft-length 3, tree '2x2' has 2 levels",
    "--tree 2x2 --policy heuristic, is static",
    "--tree best:0, must have from 1 to 65536 nodes",
    "--tree 2x2 --tree-out t.json, goes with one --tree best:N"
  })
  void whatDoesNotGoTogetherIsRefused(String options, String message) {
    Cli run = Cli.run(("replay " + GREEDY + " --cost-ratio 0.1 " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message.replace(';', ',')), run.err());
  }

  private static double[] reversed(double[] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> values[values.length - 1 - i])
        .toArray();
  }

  private static int[] reversed(int[] values) {
    return IntStream.range(0, values.length).map(i -> values[values.length - 1 - i]).toArray();
  }

  /** The same text from its end: each rank stays possible, and follows another. */
  private static TraceSequence reversed(TraceSequence text) {
    TraceSequence.Target target = text.target();
    return new TraceSequence(
        text.label(),
        text.prefix(),
        new TraceSequence.CommittedPath(reversed(text.path().tokens()), text.finish()),
        new TraceSequence.Target(
            reversed(target.logprob()),
            reversed(target.entropy()),
            reversed(target.margin()),
            null),
        text.drafts().stream()
            .map(
                draft ->
                    new TraceSequence.Draft(
                        reversed(draft.logprob()),
                        reversed(draft.rank()),
                        reversed(draft.overlap()),
                        null))
            .toList());
  }

  /**
   * The trace with one half of its prompts reversed.
   *
   * @param second the half that trees are judged on
   */
  private Path halfReversed(boolean second) throws IOException {
    Set<String> half = new HashSet<>();
    try (SequenceSource source = new TreeGrowth.Half(TraceSource.of(Path.of(GREEDY)), second)) {
      for (TraceSequence text; (text = source.next()) != null; ) {
        half.add(text.id());
      }
    }
    List<TraceSequence> texts = new ArrayList<>();
    try (SequenceSource source = TraceSource.of(Path.of(GREEDY))) {
      for (TraceSequence text; (text = source.next()) != null; ) {
        texts.add(half.contains(text.id()) ? reversed(text) : text);
      }
      return SampleTraces.write(folder.resolve(second + ".jsonl"), source.header(), texts);
    }
  }

  /** Tree and row of a choice, without the name of the trace. */
  private List<String> choice(String trace, String tree) throws IOException {
    Path out = folder.resolve("out.json");
    String json =
        fine("best " + trace + " --tree " + tree + " --cost-ratio 0.1 --json --tree-out " + out)
            .out();
    JsonNode row = new JsonMapper().readTree(json);
    return List.of(
        Files.readString(out),
        row.get("draft_length") + " " + row.get("beside").get(0).get("draft_length"),
        row.get("tokens_per_step").asText());
  }

  @ParameterizedTest
  @CsvSource({"best:4..64", "best:16", "sequoia:16"})
  void whatIsJudgedOnDecidesNothing(String tree) throws IOException {
    List<String> plain = choice(GREEDY, tree);
    List<String> judged = choice(halfReversed(true).toString(), tree);
    assertEquals(plain.get(0), judged.get(0)); // the tree
    assertEquals(plain.get(1), judged.get(1)); // its levels, and the length of the chain beside it
    assertNotEquals(plain.get(2), judged.get(2)); // what it gives there
  }

  @Test
  void whatATreeIsGrownOnDecidesIt() throws IOException {
    assertNotEquals(
        choice(GREEDY, "best:4..64").get(0),
        choice(halfReversed(false).toString(), "best:4..64").get(0));
  }

  /** The steps of a chain at temperature 0, counted by ranks. */
  @Test
  void theChainBesideATreeIsJudgedOnTheSamePrompts() throws IOException {
    JsonNode row = rows("best " + GREEDY + " --tree best:4..64 --cost-ratio 0.1");
    JsonNode chain = row.get("beside").get(0);
    assertTrue(chain.get("tree").isNull());
    int length = chain.get("draft_length").asInt();
    long steps = 0;
    long tokens = 0;
    try (SequenceSource half = new TreeGrowth.Half(TraceSource.of(Path.of(GREEDY)), true)) {
      for (TraceSequence text; (text = half.next()) != null; ) {
        int[] ranks = text.drafts().get(0).rank();
        tokens += ranks.length;
        for (int t = 0; t < ranks.length; steps++, t++) {
          for (int k = 0; k < length && t < ranks.length - 1 && ranks[t] == 1; k++) {
            t++;
          }
        }
      }
    }
    assertEquals(tokens, row.get("positions").asLong());
    assertEquals((double) tokens / steps, chain.get("tokens_per_step").asDouble(), 1e-9);
    assertTrue(row.get("speedup").asDouble() > 1.3 * chain.get("speedup").asDouble());
    assertTrue(row.get("tree_nodes").asInt() >= 4 && row.get("tree_nodes").asInt() <= 64);
  }

  @Test
  void aRangeIsShownWholeInReplay() throws IOException {
    JsonNode shown =
        rows("replay " + GREEDY + " --tree best:4..20,sequoia:20x3,1x8 --cost-ratio 0.1");
    List<String> trees = new ArrayList<>();
    shown.forEach(row -> trees.add(row.get("tree").asText()));
    assertEquals(List.of("best:4", "best:8", "best:16", "best:20", "sequoia:20x3", "1x8"), trees);
    shown.forEach(row -> assertEquals(24, row.get("sequences").asInt()));
    assertEquals(3, shown.get(4).get("draft_length").asInt());
    assertEquals(
        48,
        rows("replay " + GREEDY + " --tree 1x8 --cost-ratio 0.1").get(0).get("sequences").asInt());
  }

  @Test
  void costsThatWereMeasuredBoundTheTree() throws IOException {
    String smol =
        "best traces/smollm2-t0.jsonl.gz --draft smollm2-4-layers --latency traces/smollm2-4-layers-on-cpu.json";
    Cli range = fine(smol + " --tree best:4..64");
    assertTrue(range.err().contains("left out: trees of more than 12 nodes"), range.err());
    assertTrue(range.out().contains("does not pay"), range.out());
    assertTrue(range.out().contains("the best chain beside it: the least bad is"), range.out());
    Cli medusa = fine(smol + " --tree medusa-63");
    assertTrue(medusa.err().contains("left out: levels of tree 'medusa-63' 2, 3, 4"), medusa.err());
  }

  @Test
  void sequoiaSaysWhatItsAssumptionPromises() {
    Cli run = fine("best " + GREEDY + " --tree sequoia:16 --cost-ratio 0.1");
    assertTrue(
        run.err().contains("tokens per step if ranks did not depend on each other"), run.err());
    assertTrue(
        run.out().contains("the tree grown on the same ranks beside it: draft tree best:16"),
        run.out());
  }

  /** A draft whose distributions do not depend on the place, recorded to a depth of 3. */
  private Path byDepth() throws IOException {
    List<TraceSequence> texts = new ArrayList<>();
    try (SequenceSource source = TraceSource.of(Path.of(GREEDY))) {
      for (TraceSequence text; (text = source.next()) != null; ) {
        TraceSequence.Draft draft = text.drafts().get(0);
        int length = text.length();
        double[][] logprob = new double[length][];
        int[][] rank = new int[length][];
        for (int s = 0; s < length; s++) {
          logprob[s] = Arrays.copyOfRange(draft.logprob(), s, Math.min(s + 3, length));
          rank[s] = Arrays.copyOfRange(draft.rank(), s, Math.min(s + 3, length));
        }
        texts.add(
            new TraceSequence(
                text.label(),
                text.prefix(),
                text.path(),
                text.target(),
                List.of(TraceSequence.Draft.ofDepths(new TraceSequence.Depths(logprob, rank)))));
      }
      TraceHeader header = source.header();
      DraftInfo heads = new DraftInfo("heads", "", 500, DraftKind.DEPTH, 3, null, Double.NaN);
      return SampleTraces.write(
          folder.resolve("heads.jsonl"),
          new TraceHeader(
              header.tokenizer(),
              header.target(),
              List.of(heads),
              header.sampling(),
              header.logits()),
          texts);
    }
  }

  @Test
  void treesGrowOnDraftsByDepthAsDeepAsTheyAreKnown() throws IOException {
    String heads = byDepth().toString();
    Path tree = folder.resolve("heads.json");
    JsonNode grown =
        rows("replay " + heads + " --tree best:24 --cost-ratio 0.1 --tree-out " + tree).get(0);
    assertEquals(3, grown.get("draft_length").asInt());
    JsonNode byDepth = rows("replay " + heads + " --tree " + tree + " --cost-ratio 0.1").get(0);
    JsonNode plain = rows("replay " + GREEDY + " --tree " + tree + " --cost-ratio 0.1").get(0);
    assertEquals(plain.get("steps"), byDepth.get("steps"));
    JsonNode full = rows("replay " + heads + " --tree 2x3 --cost-ratio 0.1").get(0); // 14 nodes
    assertTrue(byDepth.get("steps").asDouble() < full.get("steps").asDouble());
    JsonNode best = rows("best " + heads + " --tree best:4..64 --cost-ratio 0.1");
    assertTrue(best.get("draft_length").asInt() <= 3);
  }

  @ParameterizedTest
  @CsvSource({
    "--tree best:9..3, must have from 1 to 65536 nodes; the smaller number first",
    "--tree best:0..3, must have from 1 to 65536 nodes; the smaller number first",
    "--tree best:3..9 --draft-length 2, chooses its levels too",
    "--tree best:3..9 --rule token, rule 'token' verifies one candidate at a place",
    "--tree sequoia:0, must have from 1 to 512 nodes",
    "--tree sequoia:9x0, and from 1 to 64 levels",
    "--tree topk8-steps5-tokens64, chosen anew in each step",
    "'--tree best:3,best:4', this command takes one; not 2",
    "--tree 2x2 --tree-out t.json, goes with one --tree best:N; best:MIN..MAX or sequoia:N"
  })
  void whatCannotBeChosenIsRefused(String options, String message) {
    Cli run = Cli.run(("best " + GREEDY + " --cost-ratio 0.1 " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains(message.replace(';', ',')), run.err());
  }

  @Test
  void acceptanceWithoutRanksGrowsNoTree() {
    Cli run = Cli.run("best --acceptance 0.8 --tree best:3..9 --cost-ratio 0.1".split(" "));
    assertEquals(2, run.exit(), run.err());
    assertTrue(run.err().contains("has no ranks"), run.err());
  }

  @Test
  void chainsStandBesideDrawnTreesToo() throws IOException {
    Path trace = folder.resolve("ladder.jsonl");
    fine("record --limit 2 --max-new-tokens 20 --temperature 1 --ladder wor:2 --out " + trace);
    Cli best = fine("best " + trace + " --tree 2x2 --rule wor --cost-ratio 0.1");
    assertTrue(best.out().contains("draft tree 2x2"), best.out());
    assertTrue(best.out().contains("rule wor"), best.out());
    assertTrue(best.out().contains("the best chain beside it: draft"), best.out());
  }

  @Test
  void sequoiaTakesTheLadderOfCandidatesThatAreDrawn() throws IOException {
    Path trace = folder.resolve("ladder.jsonl");
    Path tree = folder.resolve("drawn.json");
    fine("record --limit 8 --max-new-tokens 20 --temperature 1 --ladder wor:3 --out " + trace);
    Cli run =
        fine(
            "replay " + trace + " --tree sequoia:9 --rule wor --cost-ratio 0.1 --tree-out " + tree);
    assertTrue(run.err().contains("made of the candidates' shares"), run.err());
    double[] shares = new double[3];
    double positions = 0;
    try (SequenceSource half = new TreeGrowth.Half(TraceSource.of(trace), false)) {
      for (TraceSequence text; (text = half.next()) != null; positions += text.length()) {
        for (double[] each : text.drafts().get(0).ladders().get("wor:3")) {
          Arrays.setAll(shares, i -> shares[i] + each[i]);
        }
      }
    }
    for (int i = 0; i < 3; i++) {
      shares[i] /= positions;
    }
    assertEquals(
        SequoiaTree.of("t", shares, 9, 32).tree().paths(),
        DraftTrees.load(tree.toString()).paths());
    String costs = " --cost-ratio 0.1 --tree ";
    Cli grown = fine("replay " + trace + costs + "best:2 --rule wor,greedy-draft");
    assertTrue(grown.err().contains("was grown on the ranks of likeliest tokens"), grown.err());
    Cli range = Cli.run(("best " + trace + costs + "best:2..9 --rule wor").split(" "));
    assertTrue(range.err().contains("name sequoia:N or a tree"), range.err());
    Cli none = Cli.run(("best " + trace + costs + "sequoia:9 --rule iid").split(" "));
    assertTrue(none.err().contains("record with --ladder iid:4"), none.err());
    Cli nested = Cli.run(("best " + trace + costs + "sequoia:9 --rule k-seq").split(" "));
    assertTrue(nested.err().contains("use iid or wor"), nested.err());
  }
}
