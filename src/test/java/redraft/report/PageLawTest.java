package redraft.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.replay.AcceptanceLaw;
import redraft.replay.CertainLaw;

/** How laws reach the page, whatever rule they are of. */
class PageLawTest {
  /**
   * A law of which nothing is known but its numbers.
   *
   * @param survival [N][known + 1]
   */
  private record Table(int[] available, double[]... survival) implements AcceptanceLaw {
    @Override
    public int length() {
      return survival.length;
    }

    @Override
    public int available(int position) {
      return available == null ? Integer.MAX_VALUE : available[position];
    }

    @Override
    public void survival(int position, int draftLength, double[] into) {
      System.arraycopy(survival[position], 0, into, 0, draftLength + 1);
    }
  }

  private record Factors(double... factors) implements AcceptanceLaw {
    @Override
    public int length() {
      return factors.length;
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      throw new UnsupportedOperationException("the factors say it all");
    }
  }

  /** Steps, drafted tokens and time of a text of this law, from the page. */
  private static double[] replayed(List<AcceptanceLaw> texts, int text, int draftLength)
      throws IOException {
    Map<String, PageLaw> laws = PageLaw.of(Map.of("a rule", texts), 3);
    List<Map<String, Object>> sequences = new ArrayList<>();
    for (AcceptanceLaw law : texts) {
      sequences.add(
          Map.of(
              "index",
              sequences.size(),
              "promptTokens",
              9,
              "decodeFrom",
              0,
              "tokens",
              law.length()));
    }
    Map<String, Object> draft =
        Map.of(
            "model",
            true,
            "lengths",
            Packed.of(texts.stream().mapToInt(AcceptanceLaw::length).toArray()),
            "endKnown",
            Packed.of(new int[texts.size()]),
            "laws",
            laws);
    Map<String, Object> trace = Map.of("sequences", sequences, "drafts", List.of(draft));
    String json =
        new JsonMapper()
            .writeValueAsString(
                Map.of(
                    "deployments",
                    List.of(),
                    "tQuantiles",
                    Packed.of(new int[0]),
                    "traces",
                    List.of(trace)));
    try (PageScript page = new PageScript(json)) {
      return page.numbers(
          """
          (text, K) => {
            const trace = report.traces[0];
            const sequence = trace.sequences[text];
            const prices = replay.costsOf(trace, { costRatio: 1 }, trace.drafts[0], 0.1);
            const sums = replay.expectation(sequence, replay.lawOf(trace.drafts[0], 'a rule', sequence), K, prices);
            return [sums.steps, sums.drafted, sums.time];
          }
          """,
          text,
          draftLength);
    }
  }

  // u_0 = 1; u_1 = 1 − 1/2; u_2 = (1/2 − 1/4) + 1/2·(1 − 1/3) = 7/12: 25/12 steps, two drafts each.
  @Test
  void aLawOfWhichNothingIsKnownTravelsAsATable() throws IOException {
    Table other = new Table(null, new double[] {1});
    Table law = new Table(null, new double[] {1, .5, .25}, new double[] {1, 1 / 3.}, new double[1]);
    assertArrayEquals(
        new double[] {25 / 12., 25 / 6., 25 / 12. * 1.2},
        replayed(List.of(other, law), 1, 2),
        1e-12);
  }

  // As above, but the first draft has one token only, accepted with 1/2: u_2 = 1/2 + 1/3.
  @Test
  void aDraftThatHasFewerTokensDraftsFewer() throws IOException {
    Table law =
        new Table(
            new int[] {1, 2, 2},
            new double[] {1, .5, .25},
            new double[] {1, 1 / 3.},
            new double[1]);
    assertArrayEquals(
        new double[] {7 / 3., 11 / 3., 7 / 3. + 11 / 30.}, replayed(List.of(law), 0, 2), 1e-12);
  }

  // Products 2, 1/2: the first token's surplus pays for the second, so that S = 1, 1, 1/2 and
  // S = 1, 1/4 behind it: u_1 = 0, u_2 = 1 − 1/2.
  @Test
  void theLeastRunningProductForgivesAsABlockDoes() throws IOException {
    assertArrayEquals(
        new double[] {1.5, 3, 1.5 * 1.2}, replayed(List.of(new Factors(2, .25, .7)), 0, 2), 1e-12);
  }

  // Kept 2 of 2, then the last: u_2 = 0 since the step emits it.
  @Test
  void aCertainDraftIsKeptAsFarAsItMatches() throws IOException {
    assertArrayEquals(
        new double[] {1, 2, 1.2},
        replayed(List.of(new CertainLaw(new int[] {2, 0, 0}, null)), 0, 2),
        1e-12);
  }

  @Test
  void noLawIsWrittenTwice() {
    Map<String, List<AcceptanceLaw>> laws = new LinkedHashMap<>();
    laws.put("cut", List.of(new Factors(1, .3), new Factors(.5)));
    laws.put("whole", List.of(new Factors(2, .3), new Factors(.5)));
    laws.put("same", List.of(new Factors(2, .3, .5)));
    laws.put("other", List.of(new Factors(1, 0, 1)));
    Map<String, PageLaw> written = PageLaw.of(laws, 7);
    assertEquals(List.copyOf(laws.keySet()), List.copyOf(written.keySet()));
    assertEquals("whole", written.get("cut").like());
    assertEquals(1, written.get("cut").atMost());
    assertEquals("whole", written.get("same").like());
    assertNull(written.get("same").atMost());
    assertEquals("f64", written.get("whole").factors().type());
    assertEquals("u8", written.get("other").factors().type());
  }

  @Test
  void numbersTakeTheFewestBytesThatKeepThem() {
    assertEquals("u8", Packed.exactly(new double[] {0, 1, 255}).type());
    assertEquals("f32", Packed.exactly(new double[] {.5, Double.POSITIVE_INFINITY}).type());
    assertEquals("f32", Packed.exactly(new double[] {256}).type());
    assertEquals("f32", Packed.exactly(new double[] {-1}).type());
    assertEquals("f64", Packed.exactly(new double[] {.1}).type());
    assertEquals("u16", Packed.of(new int[] {256}).type());
    assertEquals("i32", Packed.of(new int[] {1 << 16}).type());
  }
}
