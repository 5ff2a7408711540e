package redraft.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What a chart says, before anybody draws it: pictures and the page are drawn from the same
 * numbers.
 *
 * @param name of its files, and unique in a report
 * @param title the setting that it is of; on a line before it what the chart shows, where its
 *     numbers support a sentence
 * @param xTitle with the unit; so too {@code yTitle}
 * @param categories what stands below the places 0, 1, 2, …; null where x is a number
 * @param caption what to look for, and what the numbers rest on
 * @param scale null where equal steps are equally far apart
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Chart(
    String name,
    String title,
    String xTitle,
    String yTitle,
    List<String> categories,
    List<Series> series,
    String caption,
    Scale scale) {
  /** On straight axes. */
  public Chart(
      String name,
      String title,
      String xTitle,
      String yTitle,
      List<String> categories,
      List<Series> series,
      String caption) {
    this(name, title, xTitle, yTitle, categories, series, caption, null);
  }

  /** Axes on which equal factors are equally far apart; what they measure is above 0. */
  public enum Scale {
    LOG_X,
    LOG_BOTH
  }

  /** The colour of what stands for everything, or for the recording itself. */
  public static final int INK = -1;

  /** The colour of the i.i.d. formula. */
  public static final int FORMULA = 5;

  /** How a series is drawn. */
  public enum Style {
    LINE,
    DASHED,
    POINTS,
    BARS,
    /** A row of a heat map, over the categories: white at 1, one colour above and one below. */
    CELLS,
    /** A thin dotted line to compare with. */
    REFERENCE
  }

  /** The same chart under a name that starts with that of its trace. */
  public Chart of(String trace) {
    return new Chart(trace + "-" + name, title, xTitle, yTitle, categories, series, caption, scale);
  }

  /** The same chart under another title. */
  Chart titled(String other) {
    return new Chart(name, other, xTitle, yTitle, categories, series, caption, scale);
  }

  /** Whether its axis of y starts at 0: what it measures is an amount, and none is compared. */
  boolean fromZero() {
    return !has(Style.POINTS) || !xTitle.startsWith("predicted");
  }

  /** Whether any series is drawn so. */
  boolean has(Style style) {
    return series.stream().anyMatch(one -> one.style == style);
  }

  /**
   * @param color index in the palette, or {@link #INK}
   * @param x numbers, or places among the categories; null for all categories in turn
   * @param low lower ends of intervals; null, as {@code high}, where there are none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Series(
      String name, Style style, int color, double[] x, double[] y, double[] low, double[] high) {
    public Series {
      if (x != null && x.length != y.length
          || low != null && (low.length != y.length || high.length != y.length)) {
        throw new IllegalArgumentException("series '" + name + "' has lists of different lengths");
      }
    }

    Series(String name, Style style, int color, double[] x, double[] y) {
      this(name, style, color, x, y, null, null);
    }
  }
}
