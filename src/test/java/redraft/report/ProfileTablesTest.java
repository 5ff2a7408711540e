package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.latency.MeasuredProfile;
import redraft.latency.PassTimes;

class ProfileTablesTest {
  private static PassTimes.Curve curve(int rows, int[] contexts, double... ms) {
    return new PassTimes.Curve(rows, contexts, ms, ms, ms);
  }

  // as llama-bench -p 4 -n 32 -d 0,128 has it: generation is in the middle of its 32 tokens
  @Test
  void everyTimeStandsUnderItsOwnContext() {
    PassTimes times =
        new PassTimes(
            "m",
            List.of(
                curve(1, new int[] {16, 144}, 1, 2), curve(4, new int[] {0, 128, 144}, 3, 4, 5)),
            144,
            false);
    MeasuredProfile.Surroundings none = MeasuredProfile.Surroundings.NONE;
    List<String> lines =
        ProfileTables.text(
                new MeasuredProfile("p", times, times, times, none, none, 1),
                new Screen(120, false))
            .lines()
            .toList();
    assertEquals(
        List.of("m", "0", "16", "128", "144"), List.of(lines.get(2).strip().split(" {2,}")));
    assertEquals(
        List.of("1 row", "–", "1.000 (1.000–1.000)", "–", "2.000 (2.000–2.000)"),
        List.of(lines.get(3).strip().split(" {2,}")));
    assertEquals(
        List.of("4 rows", "3.000 (3.000–3.000)", "–", "4.000 (4.000–4.000)", "5.000 (5.000–5.000)"),
        List.of(lines.get(4).strip().split(" {2,}")));
  }
}
