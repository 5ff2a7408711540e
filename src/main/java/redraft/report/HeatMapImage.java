package redraft.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import redraft.report.Chart.Series;

/** Draws heat maps of factors: cells with their numbers, and a line between above 1 and below. */
final class HeatMapImage {
  private static final double DEEPEST = 0.6; // share of the colour in the cell farthest from 1
  private static final double NARROWEST = 1.25; // factor that has the deepest colour, at the least

  private HeatMapImage() {}

  static XYChart of(Chart chart, int height) {
    int columns = chart.categories().size();
    List<Series> rows = chart.series();
    List<String> names = distinct(rows.stream().map(Series::name).toList());
    List<String> categories = distinct(chart.categories());
    XYChart picture =
        new XYChartBuilder()
            .width(ChartImages.WIDTH)
            .height(height)
            .title(chart.title())
            .xAxisTitle(chart.xTitle())
            .yAxisTitle("")
            .build();
    ChartImages.style(picture.getStyler(), chart.title());
    picture.getStyler().setLegendVisible(false);
    picture.getStyler().setPlotGridLinesVisible(false);
    picture.getStyler().setXAxisMin(-0.5).setXAxisMax(columns - 0.5);
    picture.getStyler().setYAxisMin(-0.5).setYAxisMax(rows.size() - 0.5);
    picture.getStyler().setxAxisTickLabelsFormattingFunction(x -> name(categories, x));
    picture.getStyler().setyAxisTickLabelsFormattingFunction(y -> name(names, y));
    picture.getStyler().setXAxisTickMarkSpacingHint(Math.max(8, 480 / columns));
    picture.getStyler().setYAxisTickMarkSpacingHint(Math.max(8, 330 / rows.size()));
    double farthest = farthest(chart);
    int size = Math.max(8, Math.min(15, 250 / columns));
    picture.getStyler().setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
    picture.getStyler().setAnnotationTextFontColor(ChartImages.INK);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        double value = rows.get(row).y()[column];
        if (Double.isFinite(value)) {
          cell(picture, column, row, color(value, farthest));
          picture.addAnnotation(new AnnotationText(words(value), column, row, false));
        }
      }
    }
    border(picture, rows, columns);
    return picture;
  }

  private static String words(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static List<String> distinct(List<String> names) {
    List<String> distinct = new ArrayList<>();
    for (String name : names) {
      String other = name;
      while (distinct.contains(other)) {
        other += " ";
      }
      distinct.add(other);
    }
    return distinct;
  }

  /**
   * What stands at a place. XChart asks for places on both sides too, and makes its steps larger
   * until no two names are alike.
   */
  private static String name(List<String> names, double place) {
    int index = (int) Math.round(place);
    if (index < 0 || index >= names.size()) {
      return " ".repeat(2 + Math.abs(2 * index + 1)); // as many as nowhere else
    }
    return index == place ? names.get(index) : " ";
  }

  /** The largest factor by which a cell is above or below 1. */
  private static double farthest(Chart chart) {
    return chart.series().stream()
        .flatMapToDouble(series -> Arrays.stream(series.y()))
        .filter(value -> value > 0)
        .map(value -> Math.max(value, 1 / value))
        .reduce(NARROWEST, Math::max);
  }

  /** Blue above 1, orange below, white at 1. */
  static Color color(double value, double farthest) {
    Color full = ChartImages.PALETTE[value >= 1 ? 0 : 1];
    double share = DEEPEST * Math.min(1, Math.abs(Math.log(value)) / Math.log(farthest));
    return new Color(
        mixed(full.getRed(), share), mixed(full.getGreen(), share), mixed(full.getBlue(), share));
  }

  private static int mixed(int colour, double share) {
    return (int) Math.round(255 + (colour - 255) * share);
  }

  /**
   * XChart puts ticks at the numbers of series that are evenly spaced, so two corners more are not.
   */
  private static void cell(XYChart picture, int column, int row, Color color) {
    double[] x = {
      column - 0.5, column - 0.2, column + 0.5, column + 0.5, column - 0.5, column - 0.5
    };
    double[] y = {row - 0.5, row - 0.5, row - 0.5, row + 0.5, row + 0.5, row - 0.2};
    XYSeries cell = picture.addSeries("cell " + column + " " + row, x, y);
    cell.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    cell.setFillColor(color);
    cell.setLineColor(color);
    cell.setLineStyle(new BasicStroke(1f));
    cell.setMarker(SeriesMarkers.NONE);
  }

  private static void border(XYChart picture, List<Series> rows, int columns) {
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        boolean above = rows.get(row).y()[column] > 1;
        if (column + 1 < columns && above != rows.get(row).y()[column + 1] > 1) {
          line(picture, column + 0.5, row - 0.5, column + 0.5, row + 0.5);
        }
        if (row + 1 < rows.size() && above != rows.get(row + 1).y()[column] > 1) {
          line(picture, column - 0.5, row + 0.5, column + 0.5, row + 0.5);
        }
      }
    }
  }

  private static void line(XYChart picture, double x, double y, double toX, double toY) {
    XYSeries line =
        picture.addSeries(
            "line " + x + " " + y + " " + toX, new double[] {x, toX}, new double[] {y, toY});
    line.setLineColor(ChartImages.INK);
    line.setLineStyle(new BasicStroke(3f, BasicStroke.CAP_SQUARE, BasicStroke.JOIN_MITER));
    line.setMarker(SeriesMarkers.NONE);
  }
}
