package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.json.LineSource;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.replay.LookupDraft.Ngrams;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.importing.TraceImporter;
import redraft.trace.importing.TraceImporter.Drafting;
import redraft.trace.importing.TraceImporter.Models;
import redraft.trace.importing.TraceImporter.Schedule;
import redraft.trace.importing.TraceImporter.StatedSampling;
import redraft.trace.importing.TraceImporters;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * What replay makes of one run's steps, beside what it makes of the probabilities that the run drew
 * from: runs at three drafted tokens over the texts of a shipped trace.
 */
class CoinReplayTest {
  private static final Path TRACE = Path.of("traces/tiny-t1.jsonl.gz");
  private static final VerificationRule TOKEN = VerificationRules.named("token");
  private static final int LONGEST = 16;
  private static final int RUN = 3;
  private static final int RUNS = 16;

  @TempDir Path folder;

  /** Steps of all texts at each draft length: of replay, and of its bounds. */
  private record Totals(double[] steps, double[] mostSteps, double[] leastSteps, long tokens) {
    double tokensPerStep(int draftLength) {
      return tokens / steps[draftLength];
    }
  }

  private static Totals replay(Path trace, int longest) throws IOException {
    double[] steps = new double[longest + 1];
    double[] most = new double[longest + 1];
    double[] least = new double[longest + 1];
    long[] tokens = new long[1];
    try (SequenceSource source = TraceSource.of(trace)) {
      List<ReplayDraft> drafts = ReplayDrafts.of(source, List.of(), Ngrams.USUAL);
      List<DraftLengthPolicy> policies =
          IntStream.rangeClosed(1, longest).<DraftLengthPolicy>mapToObj(FixedLength::new).toList();
      Deployment deployment = new Deployment(new ConstantRatio(0), 1, null, Double.NaN);
      new TraceReplay(
              new ReplayOptions(List.of(TOKEN), policies, List.of(deployment)),
              drafts.subList(0, 1))
          .run(
              source,
              outcome -> {
                int length = outcome.setting().draftLength();
                steps[length] += outcome.expectation().steps();
                if (outcome.bounds() != null) {
                  most[length] += outcome.bounds().low().steps();
                  least[length] += outcome.bounds().high().steps();
                }
                tokens[0] += length == 1 ? outcome.expectation().tokens() : 0;
              });
    }
    return new Totals(steps, most, least, tokens[0]);
  }

  /** The answers of a run that drafts three tokens a step, as Spec-Bench keeps them. */
  private Path run(long seed) throws IOException {
    Random random = new Random(seed);
    Map<String, List<String>> choices = new LinkedHashMap<>();
    try (TraceReader reader = new TraceReader(TRACE)) {
      for (TraceSequence text; (text = reader.next()) != null; ) {
        choices
            .computeIfAbsent(text.id(), id -> new ArrayList<>())
            .add("{\"accept_lengths\":" + emitted(text, random) + "}");
      }
    }
    List<String> answers = new ArrayList<>();
    choices.forEach(
        (id, texts) ->
            answers.add(
                "{\"question_id\":\"" + id + "\",\"category\":\"c\",\"choices\":" + texts + "}"));
    return Files.write(folder.resolve("run.jsonl"), answers);
  }

  /** A coin for each drafted token, which falls for it with probability min(1, q/p). */
  private static List<Integer> emitted(TraceSequence text, Random random) {
    double[] p = text.target().logprob();
    double[] q = text.drafts().get(0).logprob();
    List<Integer> emitted = new ArrayList<>();
    for (int start = 0; start < text.length(); ) {
      int drafted = Math.min(RUN, text.length() - start - 1);
      int accepted = 0;
      while (accepted < drafted
          && random.nextDouble() < Math.exp(q[start + accepted] - p[start + accepted])) {
        accepted++;
      }
      emitted.add(accepted + 1);
      start += accepted + 1;
    }
    return emitted;
  }

  private Path converted(String format, Path file, String name) throws IOException {
    Path trace = folder.resolve(name + ".jsonl");
    TraceImporters.named(format)
        .convert(
            new TraceImporter.Inputs(List.of(LineSource.of(file)), null, Map.of()),
            new TraceImporter.Settings(
                "c",
                new Models("big", "small", DraftKind.PREFIX, "token"),
                null,
                new StatedSampling(1.0, null, null),
                true,
                1,
                1,
                new Drafting(RUN, Schedule.FIXED)),
            trace);
    return trace;
  }

  private static List<String> lists(Path answers) throws IOException {
    return Pattern.compile("\\[([\\d, ]+)\\]")
        .matcher(Files.readString(answers))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static long measuredSteps(Path answers) throws IOException {
    return lists(answers).stream().mapToLong(list -> list.split(",").length).sum();
  }

  /** The counters of the same run. */
  private Path counted(Path answers) throws IOException {
    long[] reached = new long[RUN];
    long[] sums = new long[2]; // steps, accepted
    for (String list : lists(answers)) {
      for (String emitted : list.split(", ")) {
        sums[0]++;
        for (int k = 0; k < Integer.parseInt(emitted) - 1; k++) {
          reached[k]++;
          sums[1]++;
        }
      }
    }
    StringBuilder text = new StringBuilder();
    text.append("llamacpp:spec_decode_num_drafts_total ").append(sums[0]).append('\n');
    text.append("llamacpp:spec_decode_num_draft_tokens_total ").append(RUN * sums[0]).append('\n');
    text.append("llamacpp:spec_decode_num_accepted_tokens_total ").append(sums[1]).append('\n');
    for (int k = 0; k < RUN; k++) {
      text.append(
          "llamacpp:spec_decode_num_accepted_tokens_per_pos_total{position=\"" + k + "\"} ");
      text.append(reached[k]).append('\n');
    }
    return converted(
        "prometheus", Files.writeString(folder.resolve("counts.prom"), text.toString()), "counts");
  }

  // tiny-t1.jsonl.gz, 192 texts, 26,563 positions: one run knows tokens a step with a standard
  // deviation of 0.6%,
  // mostly from the coins themselves, so that the mean of 16 runs is known to 0.15%.
  @Test
  void coinsOfOneRunSayWhatOtherDraftLengthsWouldDo() throws IOException {
    Totals exact = replay(TRACE, LONGEST);
    double[] known = {1.628, 2.022, 2.277, 2.439, 2.549, 2.621};
    for (int k = 1; k <= known.length; k++) {
      assertEquals(known[k - 1], exact.tokensPerStep(k), 5e-4);
    }
    assertEquals(2.705, exact.tokensPerStep(8), 5e-4);
    assertEquals(2.768, exact.tokensPerStep(12), 5e-4);
    assertEquals(2.789, exact.tokensPerStep(16), 5e-4);
    double[] coins = new double[LONGEST + 1];
    double[] counts = new double[RUN + 1];
    for (long seed = 1; seed <= RUNS; seed++) {
      Path answers = run(seed);
      Totals replayed = replay(converted("spec-bench", answers, "coins"), LONGEST);
      assertEquals(exact.tokens(), replayed.tokens());
      for (int k = 1; k <= LONGEST; k++) {
        double error = replayed.tokensPerStep(k) / exact.tokensPerStep(k) - 1;
        assertEquals(0, error, 0.025, "run " + seed + " at draft length " + k);
        assertTrue(replayed.steps()[k] <= replayed.mostSteps()[k]);
        assertTrue(replayed.steps()[k] >= replayed.leastSteps()[k]);
        if (k
            > RUN) { // up to there next to nothing is open, and the coins' own noise is all that is
          // left
          assertTrue(exact.steps()[k] <= replayed.mostSteps()[k], seed + " above at " + k);
          assertTrue(exact.steps()[k] >= replayed.leastSteps()[k], seed + " below at " + k);
        }
        coins[k] += error / RUNS;
      }
      // At its own draft length replay says what the run did: every coin that it meets has fallen.
      assertEquals(measuredSteps(answers), replayed.steps()[RUN], 1e-6);
      Totals histogram = replay(counted(answers), RUN);
      for (int k = 1; k <= RUN; k++) {
        counts[k] += (histogram.tokensPerStep(k) / exact.tokensPerStep(k) - 1) / RUNS;
      }
    }
    for (int k = 1; k <= LONGEST; k++) {
      assertEquals(0, coins[k], 0.005, "draft length " + k);
    }
    // Counted at 3, steps start where text is harder than on average, with 1 drafted less so: 1.4%
    // too few tokens there.
    assertEquals(-0.014, counts[1], 0.004);
    assertEquals(-0.010, counts[2], 0.004);
    assertEquals(0, counts[3], 0.004);
  }

  private static final DraftInfo MEASURED =
      new DraftInfo("small", "", 0, DraftKind.PREFIX, 0, "token", 0.5);

  private static TraceSequence text(int prefilled, int length, Draft draft) {
    return new TraceSequence(
        new TraceSequence.Label("a", 0, "c"),
        new TraceSequence.Prefix("", TraceSequence.unknown(1)),
        new TraceSequence.CommittedPath(
            TraceSequence.unknown(length), prefilled, TraceSequence.Finish.LENGTH),
        TraceSequence.Target.UNKNOWN,
        List.of(draft));
  }

  private static double[] acceptances(AcceptanceLaw law) {
    double[] acceptances = new double[law.length()];
    double[] survival = new double[2];
    for (int t = 0; t < acceptances.length; t++) {
      law.survival(t, 1, survival);
      acceptances[t] = survival[1];
    }
    return acceptances;
  }

  // The prefill wrote one token. Step 1 drafted 3 and kept 2: coins 1, 1, 0. Step 2 drafted 2 and
  // kept both: 1, 1, and
  // nobody drafted the bonus. Step 3 drafted nothing. Step 4 drafted 2 and kept none: 0, past which
  // the text ends.
  @Test
  void aRejectedTokenIsACoinAndABonusIsNone() {
    Coins coins = new Coins(new int[] {2, 2, 0, 0}, new int[] {3, 2, 0, 2});
    EstimatedLaw law =
        (EstimatedLaw) new CoinDraft(MEASURED, 0).law(text(1, 9, Draft.ofCoins(coins)), TOKEN);
    assertArrayEquals(new double[] {1, 1, 0, 1, 1, .5, .5, 0}, acceptances(law));
    assertArrayEquals(new double[] {1, 1, 0, 1, 1, 0, 0, 0}, acceptances(law.lowest()));
    assertArrayEquals(new double[] {1, 1, 0, 1, 1, 1, 1, 0}, acceptances(law.highest()));
  }

  // At 2 drafted tokens: the first step keeps tokens 0 and 1 and takes 2; the second 3 and 4 and
  // takes 5; the third
  // starts at 6 and keeps it with probability .5, so that it takes 7 along, or else a fourth step
  // does.
  @Test
  void aRunsOwnDraftLengthIsNotTheOnlyOne() {
    Coins coins = new Coins(new int[] {2, 2, 0, 0}, new int[] {3, 2, 0, 2});
    AcceptanceLaw law = new CoinDraft(MEASURED, 0).law(text(1, 9, Draft.ofCoins(coins)), TOKEN);
    ReplaySequence sequence = new ReplaySequence("a", law, 2, true);
    assertEquals(
        3.5,
        Costed.exact(new FixedLength(2), new ConstantRatio(0), 1, false, sequence).steps(),
        1e-12);
  }

  // S = .5, .25 at every position of four. From 0 a step of 2 drafted tokens emits 1, 2 or 3 with
  // .5, .25, .25. With two
  // tokens left one is drafted: .5 of a second step. steps(1) = 1, steps(2) = 1.5,
  // steps(3) = 1 + .5 steps(2) + .25 steps(1) = 2, steps(4) = 1 + .5 · 2 + .25 · 1.5 + .25 · 1 =
  // 2.625.
  @Test
  void countedStepsGoAsFarWhereverTheyStart() {
    DraftInfo counted = new DraftInfo("small", "", 0, DraftKind.PREFIX, 2, "token", Double.NaN);
    AcceptanceLaw law =
        new SurvivalDraft(counted, 0)
            .law(text(0, 4, Draft.ofSurvival(new double[] {.5, .25})), TOKEN);
    ReplaySequence sequence = new ReplaySequence("a", law, 1, true);
    assertEquals(
        2.625,
        Costed.exact(new FixedLength(2), new ConstantRatio(0), 1, false, sequence).steps(),
        1e-12);
  }

  @Test
  void whatARunDoesNotSayIsRefused() {
    DraftInfo counted = new DraftInfo("small", "", 0, DraftKind.PREFIX, 2, "token", Double.NaN);
    ReplayDraft coins = new CoinDraft(MEASURED, 0);
    ReplayDraft counts = new SurvivalDraft(counted, 0);
    for (ReplayDraft draft : List.of(coins, counts)) {
      assertNull(draft.refusal(TOKEN));
      assertTrue(
          draft
              .refusal(VerificationRules.named("greedy-draft"))
              .contains("measured under rule 'token' without probabilities"));
      assertNull(draft.refusal(new FixedLength(2)));
      assertTrue(draft.estimateRefusal().contains("no estimate at another temperature"));
    }
    assertTrue(coins.refusal(new Heuristic()).contains("replay it with a fixed draft length"));
    assertNull(coins.refusal(new FixedLength(50)));
    assertTrue(counts.refusal(new FixedLength(3)).contains("known up to 2 tokens of a block"));
  }
}
