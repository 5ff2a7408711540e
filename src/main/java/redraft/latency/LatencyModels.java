package redraft.latency;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.Precision;
import redraft.json.CheckedObject;
import redraft.json.Registry;

/**
 * Latency models by name: measured ones as files, those shipped among them, and rooflines of
 * target+draft@hardware.
 */
public final class LatencyModels {
  /** The names of the files that are shipped. */
  public static final List<String> NAMES = List.of("llama-3.1-8b-eagle3-h100");

  private static final Pattern PAIR =
      Pattern.compile("(?<target>[^+@]+)\\+(?<draft>[^+@]+)@(?<hardware>[^+@]+)");

  /**
   * The words for models in files, and what reads them; a new one is one file and one line here.
   */
  public static final Registry<Map.Entry<String, Function<CheckedObject, LatencyModel>>> FILES =
      new Registry<>(
          "latency model",
          Map.Entry::getKey,
          List.of(
              Map.entry(LinearLatency.MODEL, LinearLatency::read),
              Map.entry(MeasuredProfile.MODEL, MeasuredProfile::read),
              Map.entry(LayerLatency.MODEL, LayerLatency::read),
              Map.entry(MeasuredBatches.MODEL, MeasuredBatches::read),
              Map.entry(EngineFiles.MODEL, EngineFiles::read)));

  private LatencyModels() {}

  /**
   * The preset of that name, target+draft@hardware, or else the file.
   *
   * @throws IllegalArgumentException if there is none, or if it is malformed
   */
  public static LatencyModel load(String nameOrFile) throws IOException {
    boolean shipped = NAMES.contains(nameOrFile);
    if (!shipped && !Files.isRegularFile(Path.of(nameOrFile))) {
      Optional<RooflineLatency> pair = pair(nameOrFile);
      if (pair.isPresent()) {
        return pair.get();
      }
      throw new IllegalArgumentException(
          "no latency preset and no file is called '"
              + nameOrFile
              + "'; the presets are "
              + String.join(", ", NAMES)
              + " and target+draft@hardware, such as "
              + HardwareCatalogue.pairs().get(0).name());
    }
    try (InputStream in =
        shipped
            ? LatencyModels.class.getResourceAsStream(nameOrFile + ".json")
            : Files.newInputStream(Path.of(nameOrFile))) {
      CheckedObject fields = CheckedObject.read(nameOrFile, in);
      fields.text("source");
      fields.text("date");
      fields.text("confidence");
      String word = fields.word("model", FILES.names().toArray(String[]::new));
      LatencyModel model = FILES.named(word).getValue().apply(fields);
      fields.finish();
      return model;
    }
  }

  /**
   * The roofline of target+draft@hardware, each part a name or a file; empty where the text is not
   * of that form.
   *
   * @throws IllegalArgumentException if a part is not known
   */
  private static Optional<RooflineLatency> pair(String name) throws IOException {
    Matcher parts = PAIR.matcher(name);
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        RooflineLatency.named(
            parts.group("hardware"),
            parts.group("target"),
            parts.group("draft"),
            new RooflineLatency.Precisions(Precision.BF16, Precision.BF16)));
  }
}
