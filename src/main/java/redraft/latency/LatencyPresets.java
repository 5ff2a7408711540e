package redraft.latency;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Latency models by name: measured ones as files, those shipped among them, and rooflines of
 * target+draft@hardware.
 */
public final class LatencyPresets {
  /** The names of the files that are shipped. */
  public static final List<String> NAMES = List.of("llama-3.1-8b-eagle3-h100");

  private LatencyPresets() {}

  /**
   * The preset of that name, target+draft@hardware, or else the file.
   *
   * @throws IllegalArgumentException if there is none, or if it is malformed
   */
  public static LatencyModel load(String nameOrFile) throws IOException {
    boolean shipped = NAMES.contains(nameOrFile);
    if (!shipped && !Files.isRegularFile(Path.of(nameOrFile))) {
      Optional<RooflineLatency> pair = Catalogue.pair(nameOrFile);
      if (pair.isPresent()) {
        return pair.get();
      }
      throw new IllegalArgumentException(
          "no latency preset and no file is called '"
              + nameOrFile
              + "'; the presets are "
              + String.join(", ", NAMES)
              + " and target+draft@hardware, such as "
              + Catalogue.pairs().get(0).name());
    }
    try (InputStream in =
        shipped
            ? LatencyPresets.class.getResourceAsStream(nameOrFile + ".json")
            : Files.newInputStream(Path.of(nameOrFile))) {
      PresetFields fields = PresetFields.read(nameOrFile, in);
      fields.text("source");
      fields.text("date");
      fields.text("confidence");
      LatencyModel model =
          switch (fields.word("model", LinearLatency.MODEL, MeasuredProfile.MODEL)) {
            case MeasuredProfile.MODEL -> MeasuredProfile.read(fields);
            default -> LinearLatency.read(fields);
          };
      fields.finish();
      return model;
    }
  }
}
