package redraft.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.latency.LinearLatency;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplayDraft;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;
import redraft.steps.StepShape;
import redraft.trace.TraceSequence;
import redraft.traffic.EngineLimits;
import redraft.traffic.OfferedLoad;
import redraft.traffic.Server;
import redraft.traffic.ServingSetting;
import redraft.traffic.Slo;
import redraft.traffic.TimeSeries;
import redraft.traffic.Times;
import redraft.traffic.TrafficResult;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

class TrafficChartsTest {
  private static final LinearLatency COSTS =
      new LinearLatency(
          "by hand",
          new LinearLatency.PassCost(10, 1, 0),
          new LinearLatency.PassCost(2, 0.5, 0),
          false,
          0,
          null);

  private static final ServingSetting PLAIN = ServingSetting.plain(List.of());

  @TempDir Path folder;

  private enum Draft implements ReplayDraft {
    SMALL;

    @Override
    public StepShape step(int drafted) {
      return StepShape.chain(drafted);
    }

    @Override
    public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
      throw new UnsupportedOperationException();
    }
  }

  private static ServingSetting drafting(String policy, int length) {
    return new ServingSetting(
        Draft.SMALL, VerificationRules.named("token"), policy, length, List.of());
  }

  private static OfferedLoad rate(double rate) {
    return new OfferedLoad(OfferedLoad.rate(rate), rate, null, null, false);
  }

  private static OfferedLoad users(int users) {
    return new OfferedLoad(users + " users", null, users, null, false);
  }

  /** One run in which all times are alike, and half of the requests above 2 s miss the SLO. */
  private static TrafficResult result(double latencyMs) {
    Times.Percentiles latency = new Times.Percentiles(latencyMs, latencyMs, latencyMs, latencyMs);
    Times.Percentiles first =
        new Times.Percentiles(latencyMs / 10, latencyMs / 10, latencyMs / 10, latencyMs / 10);
    return new TrafficResult(
        new TrafficResult.Requests(100, latencyMs > 2000 ? 50 : 100, 100, 100, 0),
        first,
        first,
        latency,
        new TrafficResult.Server(1e5, 1, 1, latencyMs / 1e3, 1, 0, 0, 0),
        new TrafficResult.Work(1, 1, 0, 0, 0, 0));
  }

  /**
   * @param latencies [loads][settings], in milliseconds
   */
  private static TrafficStudy study(
      Slo slo, List<OfferedLoad> loads, List<ServingSetting> settings, double[]... latencies) {
    Server server = new Server(COSTS, new EngineLimits(1, 1, Long.MAX_VALUE, 1), 1, slo);
    List<TrafficRow> rows = new ArrayList<>();
    List<TimeSeries> series = new ArrayList<>();
    for (int l = 0; l < loads.size(); l++) {
      List<TrafficResult> plain = List.of(result(latencies[l][0]));
      for (int s = 0; s < settings.size(); s++) {
        rows.add(
            new TrafficRow(
                loads.get(l),
                settings.get(s),
                server,
                List.of(result(latencies[l][s])),
                plain,
                Double.NaN));
        series.add(new TimeSeries());
      }
    }
    return new TrafficStudy(rows, series);
  }

  private static Chart named(String name, TrafficStudy study) {
    return TrafficCharts.of(study).stream()
        .filter(chart -> chart.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String words(String text) {
    return text.replace('\u00a0', ' ');
  }

  // Twice as soon at 1, half as soon at 4: as soon at 2, where plain decoding takes √(1 · 4) s.
  @Test
  void whereSpeculationStopsHelpingIsMarked() {
    TrafficStudy study =
        study(
            Slo.NONE,
            List.of(rate(1), rate(4)),
            List.of(PLAIN, drafting("fixed", 1)),
            new double[] {1000, 500},
            new double[] {4000, 8000});
    Chart chart = named("latency-by-load", study);
    assertEquals("Speculation helps up to 2 requests/s (K = 1)", words(chart.title()));
    assertEquals(Chart.Scale.LOG_BOTH, chart.scale());
    assertEquals("plain", chart.series().get(0).name());
    assertArrayEquals(new double[] {1, 4}, chart.series().get(0).y());
    Series stops = chart.series().get(2);
    assertEquals(Style.POINTS, stops.style());
    assertArrayEquals(new double[] {2}, stops.x(), 1e-12);
    assertArrayEquals(new double[] {2}, stops.y(), 1e-12);
  }

  @Test
  void titlesSayWhereSpeculationHelps() {
    List<ServingSetting> settings = List.of(PLAIN, drafting("fixed", 1), drafting("fixed", 2));
    List<OfferedLoad> rates = List.of(rate(1), rate(4));
    assertEquals(
        "Speculation helps at every rate here, up to 4 requests/s (K = 2)",
        title(rates, settings, new double[] {3, 2, 4}, new double[] {3, 2, 1}, true));
    assertEquals(
        "Speculation helps under none of these loads",
        title(rates, settings, new double[] {3, 4, 4}, new double[] {3, 4, 4}, false));
    assertEquals(
        "Speculation helps under 1 of 2 loads",
        title(rates, settings, new double[] {3, 4, 4}, new double[] {3, 2, 4}, false));
    assertEquals(
        "Speculation helps under all of these loads",
        title(
            List.of(users(1), users(4)),
            settings,
            new double[] {3, 2, 4},
            new double[] {3, 2, 1},
            false));
    assertEquals(
        "Speculation helps at 1 requests/s: requests end 1.50 times sooner with K = 1",
        words(
            TrafficCharts.headline(
                study(Slo.NONE, List.of(rate(1)), settings, new double[] {3, 2, 4}))));
    assertEquals(
        "Plain decoding: mean latency 3 ms at 1 requests/s, 5 ms at 4 requests/s",
        title(rates, List.of(PLAIN), new double[] {3}, new double[] {5}, false));
  }

  /**
   * @param allTheWay whether the second way to draft helps at the first load too
   */
  private static String title(
      List<OfferedLoad> loads,
      List<ServingSetting> settings,
      double[] first,
      double[] second,
      boolean allTheWay) {
    if (allTheWay) {
      first[2] = first[1];
    }
    return words(TrafficCharts.headline(study(Slo.NONE, loads, settings, first, second)));
  }

  @Test
  void theHeatMapHasARowForEachWayToDraft() {
    TrafficStudy study =
        study(
            Slo.NONE,
            List.of(rate(1), rate(4), rate(8)),
            List.of(PLAIN, drafting("fixed", 1), drafting("fixed", 2)),
            new double[] {1000, 800, 500},
            new double[] {4000, 2000, 8000},
            new double[] {4000, 5000, 8000});
    Chart chart = named("speedup-by-load", study);
    assertEquals(
        "Requests end soonest with K = 2 up to 1 requests/s, K = 1 up to 4/s, plain above",
        words(chart.title()));
    assertEquals(List.of("1", "4", "8"), chart.categories());
    assertEquals(2, chart.series().size());
    assertEquals(Style.CELLS, chart.series().get(1).style());
    assertArrayEquals(new double[] {1.25, 2, .8}, chart.series().get(0).y(), 1e-12);
    assertArrayEquals(new double[] {2, .5, .5}, chart.series().get(1).y(), 1e-12);
  }

  // p99 of the first token is a tenth of the latency: 100 and 400 ms plain, 50 and 300 with K = 1.
  @Test
  void boundsOfTheSloAreDrawnAndTitlesSayHowFarTheyAreMet() {
    TrafficStudy study =
        study(
            Slo.of("ttft=300ms"),
            List.of(rate(1), rate(4)),
            List.of(PLAIN, drafting("fixed", 1)),
            new double[] {1000, 500},
            new double[] {4000, 3000});
    Chart chart = named("ttft-by-load", study);
    assertEquals(
        "p99 time to first token is within 300 ms up to 4 requests/s with K = 1, plain up to 1 requests/s",
        words(chart.title()));
    Series slo = chart.series().get(2);
    assertEquals(Style.REFERENCE, slo.style());
    assertArrayEquals(new double[] {300, 300}, slo.y());
    assertEquals(
        "p99 time per output token at 4 requests/s: 400 ms plain, 300 ms with K = 1",
        words(named("tpot-by-load", study).title()));
    // 100 requests end in 100 s: half of them in time.
    Chart goodput = named("goodput-by-load", study);
    assertArrayEquals(new double[] {1, .5}, goodput.series().get(1).y(), 1e-12);
    assertEquals("all requests", goodput.series().get(2).name());
  }

  @Test
  void whatHasNoSloHasNoGoodputAndOneLoadNoAxis() {
    List<ServingSetting> settings = List.of(PLAIN, drafting("fixed", 1));
    List<Chart> charts =
        TrafficCharts.of(
            study(
                Slo.NONE,
                List.of(users(8), users(2)),
                settings,
                new double[] {2, 1},
                new double[] {4, 1}));
    assertEquals(
        List.of("latency-by-load", "speedup-by-load", "ttft-by-load", "tpot-by-load"),
        charts.stream().map(Chart::name).toList());
    assertArrayEquals(new double[] {2, 8}, charts.get(0).series().get(0).x());
    assertEquals(List.of("2", "8"), charts.get(1).categories());
    assertArrayEquals(new double[] {4, 2}, charts.get(1).series().get(0).y());
    assertEquals(
        List.of(),
        TrafficCharts.of(study(Slo.NONE, List.of(rate(1)), settings, new double[] {2, 1})));
  }

  @Test
  void aTableByBatchIsNamedShortlyWhereItIsAlone() {
    String one = "batch-table:1-4=5,5-32=2";
    List<ServingSetting> settings =
        List.of(PLAIN, drafting(one, 5), drafting("batch-table:1-32=3", 5));
    assertEquals("batch table", curve(settings.subList(0, 2)));
    assertEquals(one, curve(settings));
  }

  private static String curve(List<ServingSetting> settings) {
    double[] latencies = new double[settings.size()];
    Arrays.fill(latencies, 1000);
    return named(
            "latency-by-load",
            study(Slo.NONE, List.of(rate(1), rate(4)), settings, latencies, latencies))
        .series()
        .get(1)
        .name();
  }

  /** XChart looks for ticks until no two labels are alike. */
  @Test
  void heatMapsOfAnySizeAreDrawn() {
    for (int[] size : new int[][] {{1, 1}, {1, 2}, {2, 1}, {4, 11}, {20, 40}}) {
      List<Series> rows = new ArrayList<>();
      for (int row = 0; row < size[0]; row++) {
        double[] y = new double[size[1]];
        Arrays.setAll(y, i -> i == 1 ? Double.NaN : 0.5 + i);
        rows.add(new Series("K", Style.CELLS, Chart.INK, null, y));
      }
      List<String> columns = new ArrayList<>();
      for (int column = 0; column < size[1]; column++) {
        columns.add(Integer.toString(column / 2));
      }
      Chart chart = new Chart("heat", "t", "x", "y", columns, rows, "c");
      assertTimeoutPreemptively(
          Duration.ofSeconds(30), () -> ChartImages.writePng(chart, folder), size[0] + " rows");
    }
  }

  @Test
  void coloursSayHowFarFromOneAndLetInkBeRead() throws IOException {
    assertEquals(Color.WHITE, HeatMapImage.color(1, 2));
    assertEquals(HeatMapImage.color(4, 2), HeatMapImage.color(2, 2));
    for (double value : new double[] {2, .5}) {
      double[] luminance = {
        luminance(HeatMapImage.color(value, 2)), luminance(HeatMapImage.color(Math.sqrt(value), 2))
      };
      assertTrue(luminance[0] < luminance[1], value + " is no deeper than its root");
      double contrast = (luminance[0] + 0.05) / (luminance(ChartImages.INK) + 0.05);
      assertTrue(contrast > 4.5, "contrast " + contrast);
    }
    Chart chart =
        new Chart(
            "two",
            "t",
            "x",
            "y",
            List.of("a", "b"),
            List.of(new Series("K", Style.CELLS, Chart.INK, null, new double[] {2, .5})),
            "c");
    ChartImages.writePng(chart, folder);
    BufferedImage image = ImageIO.read(folder.resolve("two.png").toFile());
    assertTrue(has(image, HeatMapImage.color(2, 2)));
    assertTrue(has(image, HeatMapImage.color(.5, 2)));
  }

  private static boolean has(BufferedImage image, Color color) {
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (image.getRGB(x, y) == color.getRGB()) {
          return true;
        }
      }
    }
    return false;
  }

  /** WCAG 2.1. */
  private static double luminance(Color color) {
    return 0.2126 * linear(color.getRed())
        + 0.7152 * linear(color.getGreen())
        + 0.0722 * linear(color.getBlue());
  }

  private static double linear(int channel) {
    double part = channel / 255.;
    return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
  }
}
