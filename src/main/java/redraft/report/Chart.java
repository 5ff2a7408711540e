package redraft.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What a chart says, before anybody draws it: pictures and the page are drawn from the same
 * numbers.
 *
 * @param name of its files, and unique in a report
 * @param title the setting that it is of
 * @param xTitle with the unit; so too {@code yTitle}
 * @param categories what stands below the places 0, 1, 2, …; null where x is a number
 * @param caption what to look for, and what the numbers rest on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Chart(
    String name,
    String title,
    String xTitle,
    String yTitle,
    List<String> categories,
    List<Series> series,
    String caption) {
  /** The colour of what stands for everything, or for the recording itself. */
  public static final int INK = -1;

  /** How a series is drawn. */
  public enum Style {
    LINE,
    DASHED,
    POINTS,
    BARS,
    /** A thin dotted line to compare with. */
    REFERENCE
  }

  /** The same chart under a name that starts with that of its trace. */
  public Chart of(String trace) {
    return new Chart(trace + "-" + name, title, xTitle, yTitle, categories, series, caption);
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
