package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.metrics.Change;
import redraft.policy.FixedLength;
import redraft.replay.LookupDraft;
import redraft.replay.TraceSource;
import redraft.study.Grid;
import redraft.study.HandTraces;
import redraft.study.Recording;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;
import redraft.verify.VerificationRules;

class GateCommandTest {
  private static final Path TRACE = Path.of("traces", "tiny-t1.jsonl.gz");
  private static final String PRICE = " --cost-ratio 0.1 ";
  private static final double[] ACCEPTED = {1, 1};
  private static final double[] REJECTED = {0, 0};

  @TempDir Path folder;

  /** The shipped trace with some of its prompts, and its draft's probabilities times a factor. */
  private Path part(String name, Predicate<String> prompts, double factor) throws IOException {
    Path file = folder.resolve(name);
    try (TraceReader reader = new TraceReader(TRACE);
        TraceWriter writer = new TraceWriter(file, reader.header())) {
      for (TraceSequence each; (each = reader.next()) != null; ) {
        if (prompts.test(each.label().id())) {
          TraceSequence.Draft draft = each.drafts().get(0);
          double[] lower = draft.logprob().clone();
          double[] overlap = draft.overlap().clone();
          for (int t = 0; t < lower.length; t++) {
            lower[t] += Math.log(factor);
            double apart = Math.abs(Math.exp(each.target().logprob()[t]) - Math.exp(lower[t]));
            overlap[t] = Math.min(overlap[t], 1 - apart); // what these leave possible
          }
          writer.write(
              new TraceSequence(
                  each.label(),
                  each.prefix(),
                  each.path(),
                  each.target(),
                  List.of(new TraceSequence.Draft(lower, draft.rank(), overlap, draft.top()))));
        }
      }
      writer.finish();
    }
    return file;
  }

  private static Cli gate(Path baseline, Path trace, String options) {
    return Cli.run(("gate " + baseline + " " + trace + options).strip().split(" +"));
  }

  private static JsonNode json(Cli run) throws IOException {
    return new JsonMapper().readTree(run.out());
  }

  private Path hand(String name, double[]... acceptance) throws IOException {
    return HandTraces.write(
        folder.resolve(name), 0.5, Collections.nCopies(acceptance.length, "a"), acceptance);
  }

  // Texts of two tokens at draft length 1 and cost ratio 0.5: accepted they take 1.5 passes,
  // rejected 1.5 + 1. Four accepted: 8 / 6; two of each: 8 / 8, which loses 25%.
  // Without one that was accepted ln(4.5 / 6.5), without another ln(4.5 / 5.5); t(3) = 3.18245.
  @Test
  void theIntervalIsThatOfAPairedJackknife() throws IOException {
    Path before = hand("before.jsonl", ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED);
    Path after = hand("after.jsonl", ACCEPTED, REJECTED, ACCEPTED, REJECTED);
    String options = " --cost-ratio 0.5 --rule token --draft-length 1 --json";
    Cli run = gate(before, after, options);
    assertEquals(0, run.exit(), run.err());
    JsonNode gate = json(run);
    assertEquals("cannot tell", gate.get("verdict").asText());
    assertEquals(8.0 / 6, gate.get("speedup_baseline").asDouble(), 1e-12);
    assertEquals(1, gate.get("speedup").asDouble(), 1e-12);
    assertEquals(0.25, gate.get("loss").asDouble(), 1e-12);
    double reach = 3.182446305283708 * Math.sqrt(3) / 2 * Math.log(6.5 / 5.5);
    assertEquals(1 - .75 * Math.exp(reach), gate.get("loss_low").asDouble(), 1e-9);
    assertEquals(1 - .75 * Math.exp(-reach), gate.get("loss_high").asDouble(), 1e-9);
    assertEquals(0.03, gate.get("max_loss").asDouble());
    assertEquals(1, gate.get("draft_length").asInt());
    assertEquals("token", gate.get("rule").asText());
    assertTrue(gate.get("paired").asBoolean());
    assertEquals(4, gate.get("prompts").asInt());
    assertTrue(run.err().contains("--strict fails it"), run.err());
    Cli strict = gate(before, after, options + " --strict");
    assertEquals(1, strict.exit());
    assertTrue(json(strict).get("failed").asBoolean());
    assertTrue(strict.err().contains("cannot tell: after.jsonl loses 25%"), strict.err());
  }

  // All four rejected: 8 / 10 of 8 / 6, 40% of every prompt alike.
  @Test
  void aLossBeyondNoiseFailsInOneLineAndATable() throws IOException {
    Path before = hand("before.jsonl", ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED);
    Path after = hand("after.jsonl", REJECTED, REJECTED, REJECTED, REJECTED);
    String options = " --cost-ratio 0.5 --rule token --draft-length 1 ";
    Cli run = gate(before, after, options);
    assertEquals(1, run.exit());
    assertEquals(
        "fail: after.jsonl loses 40% of the speedup of before.jsonl (95% of the loss 40% – 40%), all of it beyond the 3% allowed:"
            + " from 1.333 to 0.800 times plain decoding at draft length 1, rule token on cost-ratio-0.5",
        run.out().lines().findFirst().orElseThrow());
    assertTrue(run.out().contains("4 paired"), run.out());
    assertEquals(0, gate(before, after, options + "--max-loss 41%").exit());
    assertEquals(0, gate(after, before, options + "--max-loss 0").exit());
  }

  @Test
  void halvesOfOneTracePass() throws IOException {
    Path even = part("even.jsonl", id -> id.hashCode() % 2 == 0, 1);
    Path odd = part("odd.jsonl", id -> id.hashCode() % 2 != 0, 1);
    for (Cli run : List.of(gate(even, odd, PRICE), gate(odd, even, PRICE))) {
      assertEquals(0, run.exit(), run.out() + run.err());
      assertFalse(run.out().startsWith("fail"), run.out());
      assertTrue(run.err().contains("compared without pairing"), run.err());
    }
    Cli same = gate(TRACE, TRACE, PRICE + "--max-loss 0% --strict --json");
    assertEquals(0, same.exit(), same.err());
    assertEquals(0, json(same).get("loss_high").asDouble());
    assertEquals("pass", json(same).get("verdict").asText());
  }

  @Test
  void aTraceWhoseAcceptanceIsLoweredFailsPairedOrNot() throws IOException {
    Path lowered = part("lowered.jsonl", id -> true, .8);
    Cli paired = gate(TRACE, lowered, PRICE + "--json");
    assertEquals(1, paired.exit(), paired.out());
    JsonNode gate = json(paired);
    assertEquals("fail", gate.get("verdict").asText());
    assertEquals(48, gate.get("prompts").asInt());
    assertTrue(gate.get("loss_low").asDouble() > .03);
    assertEquals(4, gate.get("domains").size());
    assertTrue(
        gate.get("notes").toString().contains("lowered.jsonl itself is fastest at draft length"),
        gate.get("notes").toString());
    Path even = part("even.jsonl", id -> id.hashCode() % 2 == 0, 1);
    Path odd = part("odd.jsonl", id -> id.hashCode() % 2 != 0, .6);
    JsonNode unpaired = json(gate(even, odd, PRICE + "--json"));
    assertEquals("fail", unpaired.get("verdict").asText());
    assertFalse(unpaired.get("paired").asBoolean());
    double width = unpaired.get("loss_high").asDouble() - unpaired.get("loss_low").asDouble();
    assertTrue(width > gate.get("loss_high").asDouble() - gate.get("loss_low").asDouble());
  }

  // Halves at random of one trace, which differ by nothing but chance, with no loss allowed: an
  // honest gate of 95% intervals fails 2.5% of them.
  @Test
  void theGateHoldsItsLevel() throws IOException {
    Grid grid =
        new Grid(
            List.of(),
            LookupDraft.Ngrams.USUAL,
            null,
            new Grid.Rules(List.of(VerificationRules.named("token")), true),
            List.of(new FixedLength(4)),
            true,
            List.of(new Deployment("ratio", new ConstantRatio(0.1), 1, null, Double.NaN)));
    Recording whole = Recording.of(TraceSource.of(TRACE), grid, sequences -> {});
    Map<String, double[]> prompts = whole.prompts().of(whole.best().setting(), "all");
    assertEquals(48, prompts.size());
    int failed = 0;
    Random random = new Random(11);
    for (int trial = 0; trial < 1000; trial++) {
      List<String> ids = new ArrayList<>(prompts.keySet());
      Collections.shuffle(ids, random);
      Set<String> first = new LinkedHashSet<>(ids.subList(0, 24));
      Map<String, double[]> before = new HashMap<>(prompts);
      Map<String, double[]> after = new HashMap<>(prompts);
      before.keySet().retainAll(first);
      after.keySet().removeAll(first);
      Change change = Change.ofSpeedup(before, after);
      assertFalse(change.paired());
      failed += change.lossInterval().low() > 0 ? 1 : 0;
    }
    assertTrue(failed >= 10 && failed <= 40, failed + " of 1000");
  }

  @Test
  void whatCannotBeJudgedIsRefusedInALine() throws IOException {
    Path before =
        hand(
            "before.jsonl", IntStream.range(0, 4).mapToObj(i -> ACCEPTED).toArray(double[][]::new));
    for (String[] wrong :
        new String[][] {
          {PRICE + "--max-loss 3", "--max-loss 3 is no share"},
          {PRICE + "--max-loss -1%", "--max-loss -1% is no share"},
          {PRICE + "--max-loss x", "--max-loss x is no share"},
          {"", "nothing says what passes cost"},
          {" --cost-ratio 0.1,0.2", "this command takes one"},
          {PRICE + "--acceptance 0.8", "an acceptance stands in place of a trace"}
        }) {
      Cli run = gate(before, before, wrong[0]);
      assertTrue(run.exit() > 0 && run.err().contains(wrong[1]), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
    Cli preset = Cli.run(("gate preset:constant-0.8 " + before + PRICE).strip().split(" +"));
    assertEquals(2, preset.exit());
    assertTrue(preset.err().contains("taken as given"), preset.err());
    Cli twice = Cli.run("gate - - --cost-ratio 0.1".split(" "));
    assertTrue(twice.exit() > 0 && twice.err().contains("only one of the two"), twice.err());
    Path empty = Files.createFile(folder.resolve("empty.jsonl"));
    assertEquals(1, gate(before, empty, PRICE).exit());
  }
}
