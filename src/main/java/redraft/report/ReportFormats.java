package redraft.report;

import java.util.List;
import redraft.json.Registry;

/** The formats that can be named; a new one is one file and one line here. */
public final class ReportFormats {
  public static final Registry<ReportFormat> REGISTRY =
      new Registry<>(
          "report format",
          ReportFormat::name,
          List.of(
              new HtmlFormat(),
              new MarkdownFormat(),
              new CsvFormat(),
              new JsonFormat(),
              new PngFormat()));

  private ReportFormats() {}

  /** In the order in which they are listed. */
  public static List<ReportFormat> all() {
    return REGISTRY.all();
  }

  /** The format of that name. */
  public static ReportFormat named(String name) {
    return REGISTRY.named(name);
  }
}
