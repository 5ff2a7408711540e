package redraft.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import redraft.metrics.Metrics;
import redraft.metrics.ReplayRow;
import redraft.metrics.ReplayTable;

/** Pictures of a replay. */
public final class Charts {
  /**
   * Okabe and Ito's palette, told apart with any colour vision; without its yellow, too pale on
   * white.
   */
  private static final Color[] PALETTE = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9)
  };

  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE,
    SeriesMarkers.SQUARE,
    SeriesMarkers.DIAMOND,
    SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.TRIANGLE_DOWN,
    SeriesMarkers.CROSS
  };
  private static final Color INK = new Color(0x222222);
  private static final Color FAINT = new Color(0xDDDDDD);
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;

  private Charts() {}

  /**
   * Speedup against draft length, a line for each domain and one for all of them.
   *
   * @param rows of one draft under one rule
   * @param setting what the title says of them
   */
  public static void speedupByDraftLength(List<ReplayRow> rows, String setting, Path png)
      throws IOException {
    XYChart chart =
        chart(
            "Speedup by draft length: " + setting,
            "draft length K (tokens)",
            "speedup over plain decoding (×)");
    Map<String, List<ReplayRow>> byDomain = byDomain(rows);
    int color = 0;
    for (var entry : byDomain.entrySet()) {
      double[] x = entry.getValue().stream().mapToDouble(ReplayRow::draftLength).toArray();
      double[] y = entry.getValue().stream().mapToDouble(ReplayRow::speedup).toArray();
      XYSeries series = chart.addSeries(entry.getKey(), x, y);
      boolean all = entry.getKey().equals(ReplayTable.ALL_DOMAINS);
      style(
          series,
          all ? INK : PALETTE[color % PALETTE.length],
          all ? SeriesMarkers.NONE : MARKERS[color % MARKERS.length]);
      series.setLineStyle(all ? new BasicStroke(3f) : SeriesLines.SOLID);
      color += all ? 0 : 1;
    }
    double longest = rows.stream().mapToDouble(ReplayRow::draftLength).max().orElse(1);
    double shortest = rows.stream().mapToDouble(ReplayRow::draftLength).min().orElse(1);
    breakEven(chart, shortest, longest);
    save(chart, png);
  }

  /**
   * Speedup against overlap at one draft length: a point for each domain, beside the curve that
   * independent acceptance would give.
   *
   * @param rows of one draft under one rule at one draft length
   * @param costRatio of the curve: draft pass / target pass
   */
  public static void speedupByOverlap(
      List<ReplayRow> rows, double costRatio, String setting, Path png) throws IOException {
    XYChart chart =
        chart(
            "Acceptance and speedup: " + setting,
            "overlap Σ min(p, q), mean over positions",
            "speedup over plain decoding (×)");
    int draftLength = rows.get(0).draftLength();
    double least = Math.max(0, rows.stream().mapToDouble(ReplayRow::overlap).min().orElse(0) - 0.1);
    double[] x = new double[101];
    double[] y = new double[101];
    for (int i = 0; i <= 100; i++) {
      x[i] = least + (1 - least) * i / 100;
      y[i] = Metrics.independentSpeedup(x[i], draftLength, costRatio);
    }
    XYSeries curve = chart.addSeries(String.format("i.i.d. formula, c = %.2f", costRatio), x, y);
    style(curve, Color.GRAY, SeriesMarkers.NONE);
    curve.setLineStyle(
        new BasicStroke(
            2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {8f, 5f}, 0f));
    int color = 0;
    for (var entry : byDomain(rows).entrySet()) {
      boolean all = entry.getKey().equals(ReplayTable.ALL_DOMAINS);
      ReplayRow row = entry.getValue().get(0);
      XYSeries point =
          chart.addSeries(
              entry.getKey(), new double[] {row.overlap()}, new double[] {row.speedup()});
      style(
          point,
          all ? INK : PALETTE[color % PALETTE.length],
          all ? SeriesMarkers.CROSS : MARKERS[color % MARKERS.length]);
      point.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      color += all ? 0 : 1;
    }
    breakEven(chart, least, 1);
    save(chart, png);
  }

  private static Map<String, List<ReplayRow>> byDomain(List<ReplayRow> rows) {
    Map<String, List<ReplayRow>> groups = new LinkedHashMap<>();
    rows.forEach(row -> groups.computeIfAbsent(row.domain(), key -> new ArrayList<>()).add(row));
    return groups;
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    var styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(FAINT);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setMarkerSize(9);
    styler.setYAxisDecimalPattern("0.0");
    styler.setXAxisDecimalPattern("0.##");
    return chart;
  }

  private static void style(XYSeries series, Color color, Marker marker) {
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setMarker(marker);
  }

  /** A dashed line at speedup 1. */
  private static void breakEven(XYChart chart, double from, double to) {
    XYSeries line = chart.addSeries("plain decoding", new double[] {from, to}, new double[] {1, 1});
    style(line, INK, SeriesMarkers.NONE);
    line.setLineStyle(
        new BasicStroke(
            1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {3f, 4f}, 0f));
  }

  private static void save(XYChart chart, Path png) throws IOException {
    BitmapEncoder.saveBitmap(chart, png.toString(), BitmapFormat.PNG);
  }
}
