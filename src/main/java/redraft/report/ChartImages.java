package redraft.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import redraft.json.ResultFiles;
import redraft.report.Chart.Scale;
import redraft.report.Chart.Series;
import redraft.report.Chart.Style;

/** Draws charts into files: the same chart, the same bytes. */
public final class ChartImages {
  /**
   * Okabe and Ito's palette, told apart with any colour vision; without its yellow, too pale on
   * white.
   */
  static final Color[] PALETTE = {
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
  static final Color INK = new Color(0x222222);
  private static final Color FAINT = new Color(0xDDDDDD);
  private static final double MOST_DECADES = 1.9; // of which all digits are labels
  private static final int BAND_ALPHA = 28;
  private static final int MOST_MARKERS = 64; // of a line; the page's script has the same number
  private static final int TITLE_WIDTH = 950; // font size × characters that fit
  static final int WIDTH = 800;
  static final int HEIGHT = 500;
  private static final int FINDING_HEIGHT = 28; // above the picture
  private static final int SCALE = 2; // pixels by point

  private ChartImages() {}

  /** As PNG, {@code chart.name()} and its suffix in that folder. */
  public static void writePng(Chart chart, Path folder) throws IOException {
    BufferedImage image = image(chart);
    ResultFiles.write(
        folder.resolve(chart.name() + ".png"), out -> ImageIO.write(image, "png", out));
  }

  /** At twice the resolution; above the setting stands what the chart shows. */
  private static BufferedImage image(Chart chart) {
    String[] title = chart.title().split("\n", 2);
    int above = title.length > 1 ? FINDING_HEIGHT : 0;
    var picture = drawn(chart.titled(title[title.length - 1]), HEIGHT - above, above > 0);
    BufferedImage image =
        new BufferedImage(SCALE * WIDTH, SCALE * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(SCALE, SCALE);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    if (above > 0) {
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(INK);
      Font font = new Font(Font.SANS_SERIF, Font.BOLD, 18);
      int wide = graphics.getFontMetrics(font).stringWidth(title[0]);
      graphics.setFont(wide <= WIDTH - 20 ? font : font.deriveFont(18f * (WIDTH - 20) / wide));
      int left = (WIDTH - Math.min(wide, WIDTH - 20)) / 2;
      graphics.drawString(title[0], left, FINDING_HEIGHT - 6);
    }
    graphics.translate(0, above);
    picture.paint(graphics, WIDTH, HEIGHT - above);
    graphics.dispose();
    return image;
  }

  private static org.knowm.xchart.internal.chartpart.Chart<?, ?> drawn(
      Chart chart, int height, boolean below) {
    var picture = drawn(chart, height);
    if (below) {
      AxesChartStyler styler = (AxesChartStyler) picture.getStyler();
      styler.setChartTitleFont(styler.getChartTitleFont().deriveFont(Font.PLAIN, 12f));
    }
    return picture;
  }

  private static org.knowm.xchart.internal.chartpart.Chart<?, ?> drawn(Chart chart, int height) {
    return chart.has(Style.BARS)
        ? bars(chart, height)
        : chart.has(Style.CELLS) ? HeatMapImage.of(chart, height) : lines(chart, height);
  }

  private static XYChart lines(Chart chart, int height) {
    XYChart picture =
        new XYChartBuilder()
            .width(WIDTH)
            .height(height)
            .title(chart.title())
            .xAxisTitle(chart.xTitle())
            .yAxisTitle(chart.yTitle())
            .build();
    style(picture.getStyler(), chart.title());
    picture.getStyler().setMarkerSize(9);
    if (chart.scale() != null) {
      picture
          .getStyler()
          .setXAxisLogarithmic(true)
          .setXAxisLogarithmicDecadeOnly(wide(chart, Series::x));
    }
    if (chart.scale() == Scale.LOG_BOTH) {
      picture
          .getStyler()
          .setYAxisLogarithmic(true)
          .setYAxisLogarithmicDecadeOnly(wide(chart, Series::y));
      picture.getStyler().setYAxisDecimalPattern("0.##");
      picture.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    }
    if (chart.categories() != null) {
      picture.getStyler().setxAxisTickLabelsFormattingFunction(x -> category(chart, x));
    }
    if (chart.scale() == null && chart.fromZero()) {
      picture.getStyler().setYAxisMin(0.0);
    }
    long bands = chart.series().stream().filter(ChartImages::banded).count();
    for (Series series : chart.series()) {
      if (banded(series)) {
        if (bands == 1 || series.color() == Chart.INK) { // bands upon bands mix to grey
          band(picture, series);
        }
      } else if (series.low() != null) {
        bars(picture, series);
      }
    }
    for (Series series : chart.series()) {
      XYSeries line = picture.addSeries(series.name(), series.x(), series.y());
      boolean plain = series.color() == Chart.INK || series.style() == Style.REFERENCE;
      line.setLineColor(color(series));
      line.setMarkerColor(color(series));
      line.setMarker(
          plain && series.style() != Style.POINTS
                  || series.style() == Style.DASHED
                  || series.y().length > MOST_MARKERS
              ? SeriesMarkers.NONE
              : series.color() == Chart.INK
                  ? SeriesMarkers.CROSS
                  : MARKERS[series.color() % MARKERS.length]);
      line.setLineStyle(stroke(series));
      if (series.style() == Style.POINTS) {
        line.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
      }
    }
    return picture;
  }

  /** Whether powers of ten are labels enough: others would be too many. */
  private static boolean wide(Chart chart, Function<Series, double[]> numbers) {
    double[] all =
        chart.series().stream().flatMapToDouble(one -> Arrays.stream(numbers.apply(one))).toArray();
    double least = Math.log10(Arrays.stream(all).min().orElse(1));
    double most = Math.log10(Arrays.stream(all).max().orElse(1));
    return Math.floor(most) - Math.ceil(least) >= 1 && most - least > MOST_DECADES;
  }

  /** What stands below a place; nothing between two. */
  private static String category(Chart chart, double place) {
    int index = (int) Math.round(place);
    return index == place && index >= 0 && index < chart.categories().size()
        ? chart.categories().get(index)
        : " ";
  }

  private static boolean banded(Series series) {
    return series.low() != null && series.style() == Style.LINE && series.y().length > 1;
  }

  /** Upper ends from left to right, lower ends back. */
  private static void band(XYChart picture, Series series) {
    int count = series.y().length;
    double[] x = new double[2 * count];
    double[] y = new double[2 * count];
    for (int i = 0; i < count; i++) {
      x[i] = x[2 * count - 1 - i] = series.x()[i];
      y[i] = series.high()[i];
      y[2 * count - 1 - i] = series.low()[i];
    }
    XYSeries band = picture.addSeries(series.name() + " interval", x, y);
    Color color = color(series);
    band.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    band.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND_ALPHA));
    band.setLineColor(new Color(0, 0, 0, 0));
    band.setMarker(SeriesMarkers.NONE);
    band.setShowInLegend(false);
  }

  /** Intervals of single points. */
  private static void bars(XYChart picture, Series series) {
    for (int i = 0; i < series.y().length; i++) {
      XYSeries bar =
          picture.addSeries(
              series.name() + " interval " + i,
              new double[] {series.x()[i], series.x()[i]},
              new double[] {series.low()[i], series.high()[i]});
      bar.setLineColor(color(series));
      bar.setLineStyle(new BasicStroke(1.5f));
      bar.setMarker(SeriesMarkers.NONE);
      bar.setShowInLegend(false);
    }
  }

  private static CategoryChart bars(Chart chart, int height) {
    CategoryChart picture =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(height)
            .title(chart.title())
            .xAxisTitle(chart.xTitle())
            .yAxisTitle(chart.yTitle())
            .build();
    style(picture.getStyler(), chart.title());
    picture.getStyler().setAvailableSpaceFill(0.8);
    for (Series series : chart.series()) {
      var bars =
          picture.addSeries(
              series.name(),
              chart.categories(),
              DoubleStream.of(Arrays.copyOf(series.y(), chart.categories().size()))
                  .boxed()
                  .toList());
      bars.setFillColor(color(series));
    }
    return picture;
  }

  static void style(AxesChartStyler styler, String title) {
    styler.setLocale(Locale.ROOT);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(FAINT);
    int size = Math.max(10, Math.min(16, TITLE_WIDTH / Math.max(1, title.length())));
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, size));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setYAxisDecimalPattern("0.0#");
    styler.setXAxisDecimalPattern("0.##");
  }

  private static Color color(Series series) {
    return series.color() == Chart.INK ? INK : PALETTE[series.color() % PALETTE.length];
  }

  private static BasicStroke stroke(Series series) {
    float[] dashes =
        switch (series.style()) {
          case DASHED -> new float[] {8f, 5f};
          case REFERENCE -> new float[] {3f, 4f};
          default -> null;
        };
    boolean bold = series.style() == Style.LINE && series.color() == Chart.INK;
    float width = series.style() == Style.REFERENCE ? 1.5f : bold ? 3f : 2f;
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, dashes, 0f);
  }
}
