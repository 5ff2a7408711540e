package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as screens of several widths have room for them. */
class ScreenTest {
  private static final String LONG = "a-model-of-a-long-name-Q4_1-int4";

  private static TextTable replay(int rows, String... drafts) {
    TextTable table =
        new TextTable("trace", "draft", "K", "tokens/step", "accepted/drafted", "95% interval")
            .labels("trace", "draft", "K");
    for (String draft : drafts) {
      for (int i = 1; i <= rows; i++) {
        table.add("t.jsonl", draft, Integer.toString(i), "1.674", "0.67", "1.27 – 1.30");
      }
    }
    return table;
  }

  /** A wide letter is two columns, a combining one none; an emoji is two. */
  @ParameterizedTest
  @CsvSource({"abc, 3", "日本, 4", "한글, 4", "e\u0301, 1", "🚀, 2", "Σ–, 2", "ａ, 2"})
  void wideCharactersAreTwoColumns(String text, int columns) {
    assertEquals(columns, Screen.columns(text));
  }

  @Test
  void wideCharactersKeepAlignment() {
    String table = new TextTable("name", "K").add("日本語", "1").add("ab🚀", "12").toString();
    assertEquals(
        """
        name     K
        日本語   1
        ab🚀    12
        """,
        table);
  }

  @Test
  void whatIsTheSameInEveryRowStandsAbove() {
    assertEquals(
        """
        trace t.jsonl, draft small

        K  tokens/step  accepted/drafted  95% interval
        1        1.674              0.67   1.27 – 1.30
        2        1.674              0.67   1.27 – 1.30
        """,
        replay(2, "small").toString());
  }

  @Test
  void aMeasuredNumberThatIsTheSameStaysInItsColumn() {
    String table = new TextTable("K", "x").labels("K").add("1", "5").add("2", "5").toString();
    assertEquals(
        """
        K  x
        1  5
        2  5
        """,
        table);
  }

  @Test
  void longLabelsBecomeHeadingsWhereRowsShareThem() {
    assertEquals(
        """
        trace t.jsonl

           tokens/  accepted/          95%
        K     step    drafted     interval
        draft a-model-of-a-long-name-Q4_1-int4
        1    1.674       0.67  1.27 – 1.30
        2    1.674       0.67  1.27 – 1.30

        draft small
        1    1.674       0.67  1.27 – 1.30
        2    1.674       0.67  1.27 – 1.30
        """,
        replay(2, LONG, "small").on(new Screen(50, false)));
  }

  /** An overlap is that of its draft, so it says nothing more in every row. */
  @Test
  void whatGoesWithAHeadingStandsThereToo() {
    TextTable table =
        new TextTable("draft", "overlap", "K", "speedup", "95% interval")
            .labels("draft", "overlap", "K");
    for (String draft : List.of(LONG, "small")) {
      for (int i = 1; i <= 2; i++) {
        String overlap = draft.equals(LONG) ? "0.688" : "0.357";
        table.add(draft, overlap, Integer.toString(i), "1.674", "1.270000 – 1.30000000");
      }
    }
    List<String> lines = table.on(new Screen(40, false)).lines().toList();
    assertTrue(lines.contains("draft small, overlap 0.357"), lines.toString());
    assertTrue(lines.contains("2    1.674  1.270000 – 1.30000000"), lines.toString());
  }

  @Test
  void aRowThatIsTooWideIsAListOfNamesAndValues() {
    String table =
        new TextTable("name", "what it is", "GB/s")
            .add("h100", "an accelerator with many words", "3350")
            .on(new Screen(40, false));
    assertEquals(
        """
        name        h100
        what it is  an accelerator with many
                    words
        GB/s        3350
        """,
        table);
  }

  @Test
  void longCellsTakeSeveralLines() {
    String table =
        new TextTable("name", "what it is")
            .add("h100", "an accelerator with many words and more of them")
            .add("l4", "small")
            .on(new Screen(40, false));
    assertEquals(
        """
        name  what it is
        h100  an accelerator with many words and
              more of them
        l4    small
        """,
        table);
  }

  @Test
  void manyColumnsAreSeveralGridsWithTheLabelsInEach() {
    String[] titles = {"source", "K=1", "K=2", "K=3", "K=4", "K=5", "K=6"};
    TextTable table = new TextTable(titles).labels("source");
    for (String source : List.of("trace", "formula", "preset")) {
      table.add(source, "1.001", "1.002", "1.003", "1.004", "1.005", "1.006");
    }
    assertEquals(
        """
        source     K=1    K=2    K=3    K=4
        trace    1.001  1.002  1.003  1.004
        formula  1.001  1.002  1.003  1.004
        preset   1.001  1.002  1.003  1.004

        source     K=5    K=6
        trace    1.005  1.006
        formula  1.005  1.006
        preset   1.005  1.006
        """,
        table.on(new Screen(40, false)));
  }

  @Test
  void theBestRowIsMarkedAndSaysOfWhat() {
    TextTable table =
        new TextTable("K", "speedup").add("1", "1.2").add("2", "1.3").best(Set.of(1), "highest");
    assertEquals(
        """
          K  speedup
          1      1.2
        * 2      1.3
        * highest
        """,
        table.toString());
    assertTrue(table.on(new Screen(80, true)).contains("\n\u001b[1;32m* 2      1.3\u001b[0m\n"));
  }

  @Test
  void aRowAloneIsNotTheBest() {
    TextTable one = new TextTable("K", "speedup").add("1", "1.2").best(Set.of(0), "highest");
    assertEquals("K  speedup\n1      1.2\n", one.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 41, 50, 60, 79, 80, 120, 200})
  void noLineIsWiderThanTheScreen(int width) {
    TextTable wide =
        new TextTable("run", "draft", "K", "predicted", "measured", "where it is from")
            .labels("run", "draft", "K");
    for (int i = 0; i < 9; i++) {
      wide.add(
          "run-" + i,
          i < 4 ? LONG : "日本語の草稿モデル",
          Integer.toString(i),
          "1.5",
          "+12.5%",
          "github.com/somebody/of-a-long-name/blob/main/README.md, page " + "word ".repeat(i));
    }
    for (TextTable table : List.of(wide, replay(3, LONG, "small"), replay(1, LONG))) {
      String text = table.on(new Screen(width, false));
      assertTrue(text.lines().allMatch(line -> Screen.columns(line) <= width), text);
    }
  }

  @Test
  void wordsAreCutOnlyWhereTheyMustBe() {
    assertEquals(List.of("one two", "three"), Screen.wrapped("one two three", 10));
    assertEquals(List.of("abcd", "ef g"), Screen.wrapped("abcdef g", 4));
    assertEquals(List.of("日本", "語"), Screen.wrapped("日本語", 5));
    assertEquals(List.of(""), Screen.wrapped("", 5));
    assertEquals(List.of("a b  c"), Screen.wrapped("a b  c", 10));
  }

  @Test
  void aScreenHasRoomForAWord() {
    assertThrows(IllegalArgumentException.class, () -> new Screen(39, false));
  }
}
