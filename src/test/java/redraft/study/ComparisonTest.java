package redraft.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.metrics.Metrics;
import redraft.policy.Policies;
import redraft.replay.LookupDraft;
import redraft.replay.SequenceSource;
import redraft.synthetic.Preset;
import redraft.synthetic.Schedule;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.verify.BlockRule;
import redraft.verify.TokenRule;
import redraft.verify.VerificationRule;

class ComparisonTest {
  private static final LatencyModel TENTH = new ConstantRatio(0.1);
  @TempDir Path folder;

  private static Preset constant(String name, double acceptance) {
    return new Preset(name, "d", new Schedule.Constant(acceptance), "s", "c", 1, 1, 1);
  }

  private static Comparison compare(Path trace, List<Integer> lengths, Preset... presets)
      throws IOException {
    return compare(trace, null, new TokenRule(), lengths, TENTH, presets);
  }

  private static Comparison compare(
      Path trace,
      String domain,
      VerificationRule rule,
      List<Integer> lengths,
      LatencyModel latency,
      Preset... presets)
      throws IOException {
    Grid grid =
        new Grid(
            List.of("small"),
            LookupDraft.Ngrams.USUAL,
            null,
            new Grid.Rules(List.of(rule), true),
            Policies.every(List.of("fixed"), lengths),
            true,
            List.of(new Deployment(latency)));
    try (SequenceSource source =
        Sources.open(
            trace.toString(),
            new Sources.Places(Map.of(), InputStream.nullInputStream(), new LocalStorage(), false),
            all -> Sources.ofDomain(all, domain))) {
      return Comparison.of(source, grid, lengths, List.of(presets), new ArrayList<>(), read -> {});
    }
  }

  private static ComparisonRow row(List<ComparisonRow> rows, String source, int draftLength) {
    return rows.stream()
        .filter(row -> row.source().equals(source) && row.draftLength() == draftLength)
        .findFirst()
        .orElseThrow();
  }

  private static int choice(List<ComparisonRow> rows, String source) {
    List<ComparisonRow> chosen =
        rows.stream().filter(row -> row.source().equals(source) && row.chosen()).toList();
    assertEquals(1, chosen.size());
    return chosen.get(0).draftLength();
  }

  // Acceptances 1 0 1 0 1 0 1 0: every step accepts one token, so that 8 tokens take 4 steps.
  // K = 1: 4 · 1.1 = 4.4; K = 2: 3 · 1.2 + 1.1 = 4.7 (the last step has 2 tokens to go and drafts
  // 1); K = 3: 3 · 1.3 + 1.1 = 5.
  @Test
  void trustingAPresetLosesWhatItsDraftLengthLosesOnTheTrace() throws IOException {
    Path trace =
        HandTraces.write(
            folder.resolve("t.jsonl"), 0.5, List.of("maths"), HandTraces.alternating(8));
    List<ComparisonRow> rows =
        compare(trace, List.of(1, 2, 3), constant("bold", 0.9), constant("shy", 0)).rows("all");
    assertEquals(
        List.of(1, 2, 3, 1), rows.stream().map(ComparisonRow::draftLength).limit(4).toList());

    assertEquals(1, choice(rows, "trace"));
    assertEquals(8 / 4.4, row(rows, "trace", 1).speedup(), 1e-12);
    assertEquals(8 / 4.7, row(rows, "trace", 2).speedup(), 1e-12);
    assertEquals(2, row(rows, "trace", 3).predicted().tokensPerStep(), 1e-12);

    assertEquals(3, choice(rows, "bold"));
    ComparisonRow bold = row(rows, "bold", 3);
    assertEquals(8 / 5.0, bold.recorded().speedup(), 1e-12);
    assertEquals(8 / 4.4 - 8 / 5.0, bold.recorded().lost(), 1e-12);
    assertEquals(0.88, bold.recorded().kept(), 1e-12);

    assertEquals(1, choice(rows, "shy")); // no length helps, the shortest costs least
    assertEquals(0, row(rows, "shy", 1).recorded().lost(), 1e-12);
    assertEquals(1, row(rows, "shy", 1).totalVariation(), 1e-12); // never 1, always 0 accepted
  }

  // α = .5: 1.5/1.1 = 1.364, 1.75/1.2 = 1.458, 1.875/1.3 = 1.442
  @Test
  void theFormulaTakesTheTracesOwnOverlap() throws IOException {
    Path trace =
        HandTraces.write(
            folder.resolve("t.jsonl"), 0.5, List.of("maths"), HandTraces.alternating(8));
    List<ComparisonRow> rows = compare(trace, List.of(1, 2, 3)).rows("all");
    assertEquals(2, choice(rows, "formula"));
    for (int draftLength = 1; draftLength <= 3; draftLength++) {
      assertEquals(
          Metrics.independentSpeedup(0.5, draftLength, 0.1),
          row(rows, "formula", draftLength).speedup(),
          1e-12);
    }
    assertEquals(1.75, row(rows, "formula", 2).predicted().tokensPerStep(), 1e-12);
    assertEquals(4.4 / 4.7, row(rows, "formula", 2).recorded().kept(), 1e-12);
    // (.5 .25 .25) against (0 1 0)
    assertEquals(0.75, row(rows, "formula", 2).totalVariation(), 1e-12);
  }

  // Tokens 0 to 7 after a prompt of 2 see 1 to 8 tokens in the cache: 4.5 on average, 5 rounded.
  @Test
  void theFormulaIsPricedAtTheMeanContext() throws IOException {
    Path trace =
        HandTraces.write(
            folder.resolve("t.jsonl"), 0.5, List.of("maths"), HandTraces.alternating(8));
    LatencyModel latency = LatencyModels.load("llama-3.1-8b-eagle3-h100");
    Comparison comparison = compare(trace, null, new TokenRule(), List.of(3), latency);
    assertEquals(
        1.875 * latency.baselineStep(1, 5) / latency.speculativeStep(1, 3, 5),
        row(comparison.rows("all"), "formula", 3).speedup(),
        1e-12);
  }

  @Test
  void totalVariationIsHalfTheSumOfDifferences() {
    assertEquals(
        0.3, Metrics.totalVariation(new double[] {0.5, 0.5}, new double[] {0.2, 0.6, 0.2}), 1e-15);
    assertEquals(1, Metrics.totalVariation(new double[] {1}, new double[] {0, 1}));
    assertEquals(0, Metrics.totalVariation(new double[] {0.25, 0.75}, new double[] {0.25, 0.75}));
  }

  @Test
  void aPresetOfTheTracesOwnLawIsTheTrace() throws IOException {
    double[] acceptance = new double[40];
    Arrays.fill(acceptance, 0.625);
    Path trace = HandTraces.write(folder.resolve("t.jsonl"), 0.625, List.of("a"), acceptance);
    List<ComparisonRow> rows =
        compare(trace, List.of(1, 4, 9), constant("same", 0.625)).rows("all");
    for (int draftLength : List.of(1, 4, 9)) {
      ComparisonRow same = row(rows, "same", draftLength);
      assertEquals(same.recorded().speedup(), same.speedup(), 1e-12);
      assertEquals(same.recorded().tokensPerStep(), same.predicted().tokensPerStep(), 1e-12);
      assertEquals(0, same.totalVariation(), 1e-12);
    }
    assertTrue( // the formula knows no end
        row(rows, "formula", 9).predicted().tokensPerStep()
            > row(rows, "trace", 9).predicted().tokensPerStep() + 0.01);
  }

  @Test
  void everyDomainIsComparedWithItsOwnRecording() throws IOException {
    Path trace =
        HandTraces.write(
            folder.resolve("t.jsonl"),
            0.5,
            List.of("sure", "never"),
            new double[] {1, 1, 1, 1, 1, 1},
            new double[] {0, 0, 0, 0, 0, 0});
    Comparison comparison = compare(trace, List.of(1, 2), constant("p", 0.5));
    assertEquals(List.of("all", "never", "sure"), comparison.domains(true));
    assertEquals(3, row(comparison.rows("sure"), "trace", 2).predicted().tokensPerStep(), 1e-12);
    assertEquals(1, row(comparison.rows("never"), "trace", 2).predicted().tokensPerStep(), 1e-12);
    assertEquals(
        12 / 8.0, row(comparison.rows("all"), "trace", 2).predicted().tokensPerStep(), 1e-12);
    assertEquals(1, row(comparison.rows("never"), "trace", 2).counts().sequences());
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> comparison.rows("code"));
    assertEquals("t.jsonl has no domain 'code'; it has never, sure", failure.getMessage());
  }

  @Test
  void everyHistogramSumsToOneAndMeetsItsDistance() throws IOException {
    Comparison comparison = compare(random(60, 30), List.of(2, 5), constant("p", 0.7));
    List<HistogramRow> histograms = comparison.histograms("all");
    assertEquals(3 * (3 + 6), histograms.size());
    for (String source : List.of("trace", "formula", "p")) {
      double[] shares =
          histograms.stream()
              .filter(row -> row.source().equals(source) && row.draftLength() == 5)
              .mapToDouble(HistogramRow::share)
              .toArray();
      double[] recorded =
          histograms.stream()
              .filter(row -> row.source().equals("trace") && row.draftLength() == 5)
              .mapToDouble(HistogramRow::share)
              .toArray();
      assertEquals(1, Arrays.stream(shares).sum(), 1e-12);
      assertEquals(
          Metrics.totalVariation(shares, recorded),
          row(comparison.rows("all"), source, 5).totalVariation(),
          1e-15);
    }
  }

  private Path random(int length, int texts) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    double[][] acceptance = new double[texts][length];
    for (double[] text : acceptance) {
      for (int t = 0; t < length; t++) {
        // Easy and hard stretches: far from independent.
        text[t] = t / 6 % 2 == 0 ? 1 : 0.5 * random.nextDouble();
      }
    }
    return HandTraces.write(
        folder.resolve("random.jsonl"), 0.6, Collections.nCopies(texts, "a"), acceptance);
  }

  // Every block accepts its first token and not its second.
  @Test
  void aFitKnowsWhatAlternates() throws IOException {
    Path trace =
        HandTraces.write(folder.resolve("t.jsonl"), 0.5, List.of("a"), HandTraces.alternating(8));
    Preset fitted = compare(trace, List.of(1, 3)).fit("odd");
    assertEquals(new Schedule.PerPosition(List.of(1.0, 0.0)), fitted.schedule());
    assertEquals(1, fitted.sequences());
    assertEquals(2, fitted.promptTokens());
    assertEquals(8, fitted.tokens());
    assertTrue(fitted.source().contains("t.jsonl") && fitted.source().contains("seed 5"));
    assertTrue(fitted.description().endsWith("under rule token at draft length 3"));
    assertTrue(fitted.confidence().contains("8 tokens"));
    List<ComparisonRow> rows = compare(trace, List.of(1, 2, 3), fitted).rows("all");
    for (int draftLength = 1; draftLength <= 3; draftLength++) {
      assertEquals(
          row(rows, "trace", draftLength).speedup(),
          row(rows, "odd", draftLength).speedup(),
          1e-12);
      assertEquals(0, row(rows, "odd", draftLength).totalVariation(), 1e-12);
    }
  }

  @Test
  void aFitOfConstantAcceptanceIsConstantWhateverTheEndCutsShort() throws IOException {
    double[] acceptance = new double[7];
    Arrays.fill(acceptance, 0.75);
    Path trace = HandTraces.write(folder.resolve("t.jsonl"), 0.75, List.of("a"), acceptance);
    Schedule schedule = compare(trace, List.of(5)).fit("f").schedule();
    for (int place = 1; place <= 5; place++) {
      assertEquals(0.75, schedule.acceptance(place), 1e-12);
    }
  }

  @Test
  void aFitGivesBackTheHistogramThatTheFormulaMisses() throws IOException {
    Path trace = random(600, 4);
    Preset fitted = compare(trace, List.of(2, 6)).fit("fitted");
    List<ComparisonRow> rows = compare(trace, List.of(2, 6), fitted).rows("all");
    ComparisonRow fit = row(rows, "fitted", 6);
    assertTrue(fit.totalVariation() < 0.004, "distance " + fit.totalVariation());
    assertEquals(fit.recorded().tokensPerStep(), fit.predicted().tokensPerStep(), 0.01);
    assertTrue(row(rows, "formula", 6).totalVariation() > 0.1);
    // Other positions start steps where less is drafted: there the fit is not exact.
    assertTrue(row(rows, "fitted", 2).totalVariation() > fit.totalVariation());
  }

  @Test
  void aDomainIsFittedByItself() throws IOException {
    Path trace =
        HandTraces.write(
            folder.resolve("t.jsonl"),
            0.5,
            List.of("sure", "odd"),
            new double[] {1, 1, 1, 1, 1},
            HandTraces.alternating(6));
    Comparison sure = compare(trace, "sure", new TokenRule(), List.of(2), TENTH);
    assertEquals(new Schedule.PerPosition(List.of(1.0, 1.0)), sure.fit("s").schedule());
    Comparison odd = compare(trace, "odd", new TokenRule(), List.of(2), TENTH);
    assertEquals(new Schedule.PerPosition(List.of(1.0, 0.0)), odd.fit("o").schedule());
    assertTrue(odd.fit("o").description().contains("on domain odd"));
    assertEquals("odd", odd.rows("odd").get(0).domain());
  }

  @Test
  void aTraceOfSingleTokensCannotBeFitted() throws IOException {
    Path trace = HandTraces.write(folder.resolve("t.jsonl"), 0.5, List.of("a"), new double[] {1});
    Comparison comparison = compare(trace, List.of(2));
    assertThrows(IllegalArgumentException.class, () -> comparison.fit("f"));
  }

  @Test
  void otherRulesAreComparedToo() throws IOException {
    Path trace = random(60, 3);
    Comparison comparison = compare(trace, null, new BlockRule(), List.of(4), TENTH);
    assertEquals("block", comparison.rows("all").get(0).key().rule());
  }

  @Test
  void measuredAcceptLengthsAreComparedWithoutTheFormula() throws IOException {
    Path trace =
        SampleTraces.write(
            folder.resolve("t.jsonl"),
            SampleTraces.header(LogitDetail.NONE),
            SampleTraces.acceptLengths(6, 3));
    List<ComparisonRow> rows = compare(trace, List.of(1, 3), constant("p", 0.5)).rows("all");
    assertEquals(
        List.of("trace", "p"), rows.stream().map(ComparisonRow::source).distinct().toList());
    assertEquals(null, rows.get(0).counts().overlap());
  }

  @Test
  void twoPresetsOfOneNameAreRefused() throws IOException {
    Path trace = HandTraces.write(folder.resolve("t.jsonl"), 0.5, List.of("a"), new double[] {1});
    IllegalArgumentException failure =
        assertThrows(
            IllegalArgumentException.class,
            () -> compare(trace, List.of(1), constant("p", 0.5), constant("p", 0.6)));
    assertEquals("two presets are called 'p'; give one of them another name", failure.getMessage());
  }
}
