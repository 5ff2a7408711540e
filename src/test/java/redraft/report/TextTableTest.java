package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void wordsStandLeftAndNumbersRight() {
    String table =
        new TextTable("name", "K", "speedup")
            .add("short", "4", "1.25")
            .add("a longer one", "12", "–")
            .toString();
    assertEquals(
        """
        name           K  speedup
        short          4     1.25
        a longer one  12        –
        """,
        table);
  }

  @Test
  void aColumnWithOneWordStandsLeft() {
    String table = new TextTable("K", "note").add("4", "1").add("12", "none").toString();
    assertEquals(
        """
         K  note
         4  1
        12  none
        """,
        table);
  }

  @Test
  void aLineMustFillTheColumns() {
    TextTable table = new TextTable("a", "b");
    var e = assertThrows(IllegalArgumentException.class, () -> table.add("1"));
    assertEquals("1 cells in a table of 2 columns", e.getMessage());
  }

  @Test
  void numbersAreRoundedForReading() {
    assertEquals("1.333", TextTable.number(4 / 3., 3));
    assertEquals("2", TextTable.number(1.5, 0));
    assertEquals("–", TextTable.number(Double.NaN, 3));
    assertEquals("–", TextTable.number(null, 3));
  }

  @Test
  void columnsWithoutAValueAreLeftOut() {
    String untimed = TextTable.of(List.of(Rows.of("t.jsonl", 4, 4 / 3., null))).toString();
    assertTrue(untimed.contains("speedup") && untimed.contains("1.333"), untimed);
    assertFalse(untimed.contains("ms/token"), untimed);
    String timed =
        TextTable.of(List.of(Rows.of("t.jsonl", 4, 1.5, null), Rows.of("u.jsonl", null, 2, 7.25)))
            .on(new Screen(120, false));
    assertTrue(timed.contains("ms/token") && timed.contains("7.250"), timed);
  }

  @Test
  void theColumnsOfAReplayAreAligned() {
    String[] lines =
        TextTable.of(List.of(Rows.of("t.jsonl", 4, 1.5, 2.), Rows.of("longer.jsonl", 12, 12, 3.)))
            .on(new Screen(120, false))
            .split("\n");
    assertEquals("domain all, draft small, rule token, policy fixed, overlap 0.750", lines[0]);
    assertEquals(5, lines.length);
    assertEquals(lines[2].indexOf("K"), lines[3].indexOf(" 4 ") + 1);
    assertEquals(lines[2].length(), lines[3].length()); // a number ends every line
    assertEquals(lines[2].length(), lines[4].length());
  }
}
