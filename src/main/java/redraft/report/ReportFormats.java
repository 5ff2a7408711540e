package redraft.report;

import java.util.List;
import java.util.stream.Collectors;

/** The formats that can be named; a new one is one file and one line here. */
public final class ReportFormats {
  public static final List<ReportFormat> ALL =
      List.of(
          new HtmlFormat(),
          new MarkdownFormat(),
          new CsvFormat(),
          new JsonFormat(),
          new PngFormat());

  private ReportFormats() {}

  /** Their names, by comma. */
  public static String names() {
    return ALL.stream().map(ReportFormat::name).collect(Collectors.joining(", "));
  }

  /** The format of that name. */
  public static ReportFormat named(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown report format '" + name + "'; one of " + names()));
  }
}
