package redraft.traffic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TimeSeriesTest {
  @Test
  void aPassCountsInEveryStretchThatItRunsThrough() {
    TimeSeries series = new TimeSeries();
    series.add(0, 50, 4, 0, .5);
    series.add(50, 150, 2, 1, 0);
    assertArrayEquals(new double[] {3, 2}, series.running(), 1e-12);
    assertArrayEquals(new double[] {.5, 1}, series.waiting(), 1e-12);
    assertArrayEquals(new double[] {.25, 0}, series.kv(), 1e-12);
  }

  @Test
  void stretchesDoubleAndKeepTheirSums() {
    TimeSeries series = new TimeSeries();
    for (int i = 0; i < 1_000_000; i++) {
      series.add(1.7 * i, 1.7, 3, 0, 0);
    }
    assertEquals(3 * 1.7e6, Arrays.stream(series.running()).sum() * series.widthMs(), 1);
    assertEquals(3, series.running()[7], 1e-9);
  }
}
