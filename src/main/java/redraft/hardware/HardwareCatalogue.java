package redraft.hardware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.CheckedObject;

/**
 * Hardware, model sizes and the pairs of them that people use, as data: those shipped, by name, and
 * files with one object of the same form.
 */
public final class HardwareCatalogue {
  private static final Pattern SEVERAL = Pattern.compile("(?<name>.+)x(?<devices>[1-9][0-9]{0,3})");
  private static final Pattern TUNED = Pattern.compile("(?<name>.+)-(instruct|chat|it|base|hf)");

  private static final HardwareCatalogue SHIPPED = new HardwareCatalogue();

  private final List<HardwareProfile> hardware = new ArrayList<>();
  private final List<ModelShape> models = new ArrayList<>();
  private final List<Pair> pairs = new ArrayList<>();

  /**
   * A combination worth a name.
   *
   * @param name target+draft@hardware, the hardware as {@code h100-sxm} or {@code h100-sxmx4}
   */
  public record Pair(String name, String why) {}

  /** Hardware and how many of it share a model. */
  public record Devices(HardwareProfile hardware, int count) {}

  private HardwareCatalogue() {
    CheckedObject file = shipped("hardware.json");
    CheckedObject achieved = file.child("achieved");
    for (CheckedObject entry : file.children("hardware")) {
      hardware.add(HardwareProfile.read(entry, achieved));
    }
    file.finish();
    file = shipped("models.json");
    for (CheckedObject entry : file.children("models")) {
      models.add(ModelShape.read(entry));
    }
    file.finish();
    file = shipped("pairs.json");
    for (CheckedObject entry : file.children("pairs")) {
      pairs.add(new Pair(entry.text("name"), entry.text("why")));
    }
    file.finish();
  }

  private static CheckedObject shipped(String resource) {
    try (InputStream in = HardwareCatalogue.class.getResourceAsStream(resource)) {
      return CheckedObject.read(resource, in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In the order in which they are listed. */
  public static List<HardwareProfile> hardware() {
    return List.copyOf(SHIPPED.hardware);
  }

  /** In the order in which they are listed. */
  public static List<ModelShape> models() {
    return List.copyOf(SHIPPED.models);
  }

  /** In the order in which they are listed. */
  public static List<Pair> pairs() {
    return List.copyOf(SHIPPED.pairs);
  }

  /**
   * The model size of that name or alias, in capitals or not, with or without {@code -instruct} and
   * the like at its end, or the head of such a model ({@link DraftHeads}), listed or derived:
   * {@code eagle3-llama-3.1-8b}. Null where there is none.
   */
  public static ModelShape knownModel(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    for (ModelShape model : SHIPPED.models) {
      if (model.name().equals(wanted) || model.aliases().contains(wanted)) {
        return model;
      }
    }
    Matcher tuned = TUNED.matcher(wanted);
    if (tuned.matches()) {
      return knownModel(tuned.group("name"));
    }
    ModelShape.Head.Kind kind = DraftHeads.kind(wanted);
    ModelShape target = kind == null ? null : knownModel(DraftHeads.targetName(wanted));
    if (target == null) {
      return null;
    }
    String head = DraftHeads.name(kind, target);
    return head.equals(wanted) || knownModel(head) == null
        ? DraftHeads.derive(kind, target)
        : knownModel(head);
  }

  /**
   * The model size of that name ({@link #knownModel}) or of that file, or the head for a target in
   * a file: {@code eagle3-mine.json}.
   *
   * @throws IllegalArgumentException if there is none, or if it is malformed
   */
  public static ModelShape model(String nameOrFile) throws IOException {
    ModelShape known = knownModel(nameOrFile);
    if (known != null) {
      return known;
    }
    ModelShape.Head.Kind kind = DraftHeads.kind(nameOrFile);
    if (kind != null && !Files.isRegularFile(Path.of(nameOrFile))) {
      String target = DraftHeads.targetName(nameOrFile);
      if (Files.isRegularFile(Path.of(target))) {
        return DraftHeads.derive(kind, modelFile(target));
      }
    }
    return modelFile(nameOrFile);
  }

  private static ModelShape modelFile(String file) throws IOException {
    return file("model size", file, SHIPPED.models, ModelShape::name, ModelShape::read);
  }

  /**
   * The hardware of that name, alias or file; with {@code x4} at its end, four of it.
   *
   * @throws IllegalArgumentException if there is none, or if it is malformed
   */
  public static Devices devices(String nameOrFile) throws IOException {
    HardwareProfile one = named(nameOrFile);
    if (one != null) {
      return new Devices(one, 1);
    }
    Matcher several = SEVERAL.matcher(nameOrFile);
    if (several.matches() && !Files.isRegularFile(Path.of(nameOrFile))) {
      one = named(several.group("name"));
      if (one != null || Files.isRegularFile(Path.of(several.group("name")))) {
        return new Devices(
            one == null ? hardwareFile(several.group("name")) : one,
            Integer.parseInt(several.group("devices")));
      }
    }
    return new Devices(hardwareFile(nameOrFile), 1);
  }

  private static HardwareProfile named(String name) {
    return SHIPPED.hardware.stream()
        .filter(each -> each.name().equals(name) || each.aliases().contains(name))
        .findFirst()
        .orElse(null);
  }

  private static HardwareProfile hardwareFile(String file) throws IOException {
    return file(
        "hardware",
        file,
        SHIPPED.hardware,
        HardwareProfile::name,
        fields -> HardwareProfile.read(fields, shipped("hardware.json").child("achieved")));
  }

  private static <T> T file(
      String kind,
      String nameOrFile,
      List<T> shipped,
      Function<T, String> name,
      Function<CheckedObject, T> reader)
      throws IOException {
    if (!Files.isRegularFile(Path.of(nameOrFile))) {
      throw new IllegalArgumentException(
          "no "
              + kind
              + " and no file is called '"
              + nameOrFile
              + "'; known are "
              + String.join(", ", shipped.stream().map(name).toList()));
    }
    try (InputStream in = Files.newInputStream(Path.of(nameOrFile))) {
      CheckedObject fields = CheckedObject.read(nameOrFile, in);
      T read = reader.apply(fields);
      fields.finish();
      return read;
    }
  }
}
