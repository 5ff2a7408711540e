package redraft.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.metrics.Interval;
import redraft.metrics.Quartiles;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.study.HistogramRow;
import redraft.validation.ValidationRow;

class ChartsTest {
  @TempDir Path folder;

  private static List<HistogramRow> histogram(String source, double... shares) {
    List<HistogramRow> rows = new ArrayList<>();
    for (int j = 0; j < shares.length; j++) {
      rows.add(
          new HistogramRow(
              new HistogramRow.Key("t", "all", "small", "token"),
              source,
              shares.length - 1,
              j,
              shares[j]));
    }
    return rows;
  }

  // shares .5 .3 .2: P(≥ 1) = .5, P(≥ 2) = .2, P(≥ 2 | ≥ 1) = .4
  @Test
  void acceptanceByPositionIsTheTailOfTheHistogram() {
    List<HistogramRow> rows = new ArrayList<>(histogram("trace", .5, .3, .2));
    rows.addAll(histogram("formula", .5, .25, .25));
    Chart joint = AcceptanceCharts.jointAcceptance(rows, "s");
    assertArrayEquals(new double[] {1, 2}, joint.series().get(0).x());
    assertArrayEquals(new double[] {.5, .2}, joint.series().get(0).y(), 1e-12);
    Chart conditional = AcceptanceCharts.conditionalAcceptance(rows, "s");
    assertArrayEquals(new double[] {.5, .4}, conditional.series().get(0).y(), 1e-12);
    assertArrayEquals(new double[] {.5, .5}, conditional.series().get(1).y(), 1e-12);
    assertEquals(Chart.INK, joint.series().get(0).color());
    assertEquals(Style.DASHED, joint.series().get(1).style());
  }

  @Test
  void whatIsNeverReachedHasNoConditionalAcceptance() {
    Chart chart =
        AcceptanceCharts.conditionalAcceptance(histogram("vllm-length", .4, .6, 0, 0), "s");
    assertArrayEquals(new double[] {.6, 0}, chart.series().get(0).y(), 1e-12);
  }

  @Test
  void predictedAgainstMeasuredHasAPointForEachRowAndTheDiagonal() {
    Chart chart =
        Charts.predictedAgainstMeasured(
            List.of(
                new Measured("code", 1.5, 1.4),
                new Measured("code", 1.7, 1.8, 1.6, 2.0),
                new Measured("maths", 2, 2.1)),
            "speedup (×)",
            "s");
    Series code = chart.series().get(0);
    assertArrayEquals(new double[] {1.5, 1.7}, code.x());
    assertArrayEquals(new double[] {1.4, 1.8}, code.y());
    assertArrayEquals(new double[] {1.4, 1.6}, code.low());
    assertEquals("maths", chart.series().get(1).name());
    Series equal = chart.series().get(2);
    assertEquals(Style.REFERENCE, equal.style());
    assertArrayEquals(equal.x(), equal.y());
    assertArrayEquals(new double[] {1.33, 2.17}, equal.x(), 1e-9); // a tenth of 0.7 beyond
    assertEquals("predicted speedup (×)", chart.xTitle());
  }

  @Test
  void listsOfDifferentLengthsAreNoSeries() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Series("s", Style.LINE, 0, new double[1], new double[2]));
  }

  @Test
  void picturesAreOfOneSize() throws IOException {
    for (Chart chart :
        List.of(
            AcceptanceCharts.acceptedCounts(histogram("trace", .5, .3, .2), "s"),
            AcceptanceCharts.jointAcceptance(histogram("trace", .5, .3, .2), "s"),
            Charts.predictedAgainstMeasured(List.of(new Measured("m", 1, 1)), "x", "s"))) {
      ChartImages.writePng(chart, folder);
      BufferedImage image = ImageIO.read(folder.resolve(chart.name() + ".png").toFile());
      assertEquals(1600, image.getWidth()); // 800 × 500 points, two pixels each
      assertEquals(1000, image.getHeight());
    }
  }

  @Test
  void liveRunsAreChartedByDomain() {
    List<ValidationRow> rows =
        List.of(validated("chat", 1.5, 1.4, 1.3, 1.6), validated("maths", 1.2, 1.3, 1.1, 1.4));
    Chart chart = Charts.validation(rows);
    assertEquals(
        List.of("chat", "maths", "equal"), chart.series().stream().map(Series::name).toList());
    assertArrayEquals(new double[] {1.5}, chart.series().get(0).x());
    assertArrayEquals(new double[] {1.4}, chart.series().get(0).y());
  }

  private static ValidationRow validated(
      String domain, double predicted, double measured, double low, double high) {
    return new ValidationRow(
        new ValidationRow.Cell(domain, 1, "token", 2),
        9,
        new ValidationRow.TokensPerStep(2, 2, new Interval(0, 0)),
        new ValidationRow.Speedup(
            predicted, measured, new Interval(low, high), new Quartiles(low, measured, high)));
  }
}
