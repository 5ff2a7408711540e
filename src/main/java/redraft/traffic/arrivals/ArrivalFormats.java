package redraft.traffic.arrivals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import redraft.json.LineSource;
import redraft.json.Registry;

/** The formats of arrivals that can be read; a new one is one file and one line here. */
public final class ArrivalFormats {
  public static final Registry<ArrivalFormat> REGISTRY =
      new Registry<>(
          "arrivals format",
          ArrivalFormat::format,
          List.of(
              CsvArrivals.AZURE,
              CsvArrivals.BURSTGPT,
              new MooncakeArrivals(),
              new LlmServingSimArrivals(),
              new VllmBenchArrivals()));

  private static final int BEGINNING = 4096; // bytes

  private ArrivalFormats() {}

  /**
   * Opens a file.
   *
   * @param format by its name; null to go by how the file begins
   * @throws IllegalArgumentException if none or several take it for theirs
   */
  public static Arrivals open(Path file, String format) throws IOException {
    LineSource source = LineSource.of(file);
    return (format == null ? recognise(source) : REGISTRY.named(format)).open(source);
  }

  private static ArrivalFormat recognise(LineSource source) throws IOException {
    byte[] bytes;
    try (InputStream in = source.decompressed()) {
      bytes = in.readNBytes(BEGINNING);
    }
    String beginning = new String(bytes, StandardCharsets.ISO_8859_1);
    List<ArrivalFormat> found =
        REGISTRY.all().stream().filter(format -> format.recognises(beginning)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          source.name()
              + (found.isEmpty()
                  ? " begins like no file of arrivals that is known; name one of "
                      + String.join(", ", REGISTRY.names())
                  : " may be of "
                      + String.join(" or ", found.stream().map(ArrivalFormat::format).toList())
                      + "; name the one that it is")
              + " with --arrivals-format");
    }
    return found.get(0);
  }
}
