package redraft.trace.importing;

import java.util.List;

/** The formats that can be imported. */
public final class TraceImporters {
  private static final List<TraceImporter> ALL = List.of(new AcceptLengthImporter());

  private TraceImporters() {}

  public static List<TraceImporter> all() {
    return ALL;
  }

  public static TraceImporter named(String name) {
    return ALL.stream()
        .filter(importer -> importer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "format '"
                        + name
                        + "' cannot be imported; known: "
                        + String.join(", ", ALL.stream().map(TraceImporter::name).toList())));
  }
}
