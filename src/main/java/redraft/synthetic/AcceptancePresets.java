package redraft.synthetic;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.CheckedObject;
import redraft.json.ResultFiles;
import redraft.trace.ReservedNames;

/** Acceptance presets as data: those shipped, by name, and files of the same form. */
public final class AcceptancePresets {
  /** The names of those shipped. */
  public static final List<String> NAMES =
      List.of(
          "constant-0.8",
          "t5-translation",
          "vllm-length-2.6",
          "vllm-rates",
          "vllm-decay",
          "llama.cpp-length-3.4",
          "tiny-maths",
          "tiny-dialogue",
          "tiny-drama",
          "tiny-code");

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private AcceptancePresets() {}

  /** All that are shipped. */
  public static List<Preset> shipped() throws IOException {
    return loadAll(NAMES);
  }

  /**
   * The preset of that name, or else of that file.
   *
   * @throws IllegalArgumentException if there is neither, or if it is malformed
   */
  public static Preset load(String nameOrFile) throws IOException {
    boolean shipped = NAMES.contains(nameOrFile);
    if (!shipped && !Files.isRegularFile(Path.of(nameOrFile))) {
      throw new IllegalArgumentException(
          "no acceptance preset and no file is called '"
              + nameOrFile
              + "'; the presets are "
              + String.join(", ", NAMES));
    }
    try (InputStream in =
        shipped
            ? AcceptancePresets.class.getResourceAsStream(nameOrFile + ".json")
            : Files.newInputStream(Path.of(nameOrFile))) {
      return parse(CheckedObject.read(nameOrFile, in));
    }
  }

  /** As {@link #load}, of each. */
  public static List<Preset> loadAll(List<String> namesOrFiles) throws IOException {
    List<Preset> presets = new ArrayList<>();
    for (String one : namesOrFiles) {
      presets.add(load(one));
    }
    return presets;
  }

  /** Writes a preset file that {@link #load} reads. */
  public static void write(Path file, Preset preset) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", preset.name());
    json.put("description", preset.description());
    json.put("schedule", preset.schedule().name());
    if (preset.schedule() instanceof Schedule.Constant constant) {
      json.put("acceptance", constant.acceptance());
    } else if (preset.schedule() instanceof Schedule.PerPosition perPosition) {
      perPosition.acceptance().forEach(json.putArray("acceptance")::add);
    } else if (preset.schedule() instanceof Schedule.Geometric geometric) {
      json.put("acceptance", geometric.acceptance()).put("decay", geometric.decay());
    } else if (preset.schedule() instanceof Schedule.MinimumVariance minimum) {
      json.put("tokensPerStep", minimum.tokensPerStep());
    } else if (preset.schedule() instanceof Schedule.ConstantConditional conditional) {
      json.put("tokensPerStep", conditional.tokensPerStep());
      json.put("draftLength", conditional.draftLength());
    }
    json.put("source", preset.source());
    json.put("confidence", preset.confidence());
    json.put("sequences", preset.sequences());
    json.put("promptTokens", preset.promptTokens());
    json.put("tokens", preset.tokens());
    ResultFiles.write(file, MAPPER.writeValueAsString(json) + "\n");
  }

  private static Preset parse(CheckedObject fields) {
    fields.unknownFields("is no field of this schedule");
    String name = fields.text("name");
    if (name != null && !name.matches("[\\p{L}\\p{N}._-]+")) {
      fields.problem("name", "not letters, digits, '.', '_' or '-'");
    } else if (name != null && ReservedNames.isReservedDraft(name)) {
      fields.problem("name", "a word that stands for something else in comparisons");
    }
    Preset preset =
        new Preset(
            name,
            fields.text("description"),
            schedule(fields),
            fields.text("source"),
            fields.text("confidence"),
            fields.count("sequences", Preset.SEQUENCES),
            fields.count("promptTokens", Preset.PROMPT_TOKENS),
            fields.count("tokens", Preset.TOKENS));
    fields.finish();
    return preset;
  }

  /** Null where the schedule cannot be told. */
  private static Schedule schedule(CheckedObject fields) {
    String schedule = fields.text("schedule");
    if (schedule == null) {
      fields.ignoreUnknown();
      return null;
    }
    switch (schedule) {
      case Schedule.Constant.NAME:
        return new Schedule.Constant(fields.number("acceptance", 0, 1));
      case Schedule.PerPosition.NAME:
        return new Schedule.PerPosition(fields.numbers("acceptance", 0, 1));
      case Schedule.Geometric.NAME:
        return new Schedule.Geometric(
            fields.number("acceptance", 0, 1), fields.number("decay", 0, 1));
      case Schedule.MinimumVariance.NAME:
        return new Schedule.MinimumVariance(fields.number("tokensPerStep", 1, CheckedObject.MOST));
      case Schedule.ConstantConditional.NAME:
        int draftLength = fields.count("draftLength", null);
        return new Schedule.ConstantConditional(
            fields.number("tokensPerStep", 1, draftLength + 1.0), draftLength);
      default:
        fields.problem(
            "schedule",
            "not "
                + String.join(
                    ", ",
                    Schedule.Constant.NAME,
                    Schedule.PerPosition.NAME,
                    Schedule.Geometric.NAME,
                    Schedule.MinimumVariance.NAME)
                + " or "
                + Schedule.ConstantConditional.NAME);
        fields.ignoreUnknown();
        return null;
    }
  }
}
