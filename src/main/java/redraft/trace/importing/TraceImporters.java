package redraft.trace.importing;

import java.util.List;
import redraft.json.Registry;

/** The formats that can be imported; a new one is one file and one line here. */
public final class TraceImporters {
  public static final Registry<TraceImporter> REGISTRY =
      new Registry<>("import format", TraceImporter::name, List.of(new AcceptLengthImporter()));

  private TraceImporters() {}

  /** In the order in which they are listed. */
  public static List<TraceImporter> all() {
    return REGISTRY.all();
  }

  /** The importer of that format. */
  public static TraceImporter named(String name) {
    return REGISTRY.named(name);
  }
}
