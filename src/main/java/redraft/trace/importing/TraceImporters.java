package redraft.trace.importing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import redraft.json.LineSource;
import redraft.json.Registry;

/** The formats that can be imported; a new one is one file and one line here. */
public final class TraceImporters {
  public static final Registry<TraceImporter> REGISTRY =
      new Registry<>(
          "import format",
          TraceImporter::name,
          List.of(
              new AcceptLengthImporter(),
              new VllmImporter(),
              new SglangImporter(),
              new LlamaCppLogitsImporter(),
              new SafetensorsImporter(),
              new NpyImporter(),
              new SpecBenchImporter(),
              new VllmMetricsImporter(),
              new AiperfImporter(),
              new SglangMetricsImporter(),
              new PrometheusImporter(),
              new EngineLogImporter(),
              new VllmBenchImporter()));

  private static final int BEGINNING = 4096; // bytes

  private TraceImporters() {}

  /** In the order in which they are listed. */
  public static List<TraceImporter> all() {
    return REGISTRY.all();
  }

  /** The only file of a format that wants one. */
  static LineSource onlyFile(TraceImporter importer, TraceImporter.Inputs inputs) {
    if (inputs.files().size() != 1) {
      throw new IllegalArgumentException(
          "format '" + importer.name() + "' is of one file, not of " + inputs.files().size());
    }
    return inputs.files().get(0);
  }

  /**
   * The importer of a file whose format nobody named.
   *
   * @param apart whether drafts are in files of their own, which tells apart what responses hold
   * @throws IllegalArgumentException if none or several take it for theirs
   */
  public static TraceImporter recognise(LineSource source, boolean apart) throws IOException {
    byte[] bytes;
    try (InputStream in = source.decompressed()) {
      bytes = in.readNBytes(BEGINNING);
    }
    String beginning = new String(bytes, StandardCharsets.ISO_8859_1);
    List<TraceImporter> claims =
        all().stream().filter(importer -> importer.recognises(beginning)).toList();
    List<String> found =
        claims.stream()
            .filter(importer -> claims.size() == 1 || importer.apart() == apart)
            .map(TraceImporter::name)
            .toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          source.name()
              + (found.isEmpty()
                  ? " begins like no format that is known; name one of "
                      + String.join(", ", REGISTRY.names())
                  : " may be of " + String.join(" or ", found) + "; name the one that it is")
              + " with --from");
    }
    return named(found.get(0));
  }

  /** The importer of that format. */
  public static TraceImporter named(String name) {
    return REGISTRY.named(name);
  }
}
