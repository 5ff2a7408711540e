package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void aLineSaysHowFarWorkIsAndHowMuchLongerItTakes() {
    assertEquals("record: 25%, 10 s, about 30 s left", Progress.line("record", 12, 48, 10));
    assertEquals("record: 0%, 10 s", Progress.line("record", 0, 48, 10));
    assertEquals("t1.jsonl: 500 so far, 20 s", Progress.line("t1.jsonl", 500, -1, 20));
    assertEquals("profile: 100%, 12 s, about 0 s left", Progress.line("profile", 8, 8, 12));
  }
}
