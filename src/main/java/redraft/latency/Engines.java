package redraft.latency;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import redraft.json.CheckedObject;
import redraft.json.Registry;

/** The serving engines that costs are known of, as data. */
public final class Engines {
  /** Every engine; a new one is an entry of engines.json. */
  public static final Registry<Engine> REGISTRY = new Registry<>("engine", Engine::name, shipped());

  private Engines() {}

  private static List<Engine> shipped() {
    try (InputStream in = Engines.class.getResourceAsStream("engines.json")) {
      CheckedObject file = CheckedObject.read("engines.json", in);
      List<Engine> engines = new ArrayList<>();
      for (CheckedObject fields : file.children("engines")) {
        engines.add(Engine.read(fields, engines));
      }
      file.finish();
      return engines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
