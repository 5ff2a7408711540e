package redraft.model.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import redraft.json.CheckedObject;

/** Pairs that can be pulled, as data: the shipped catalogue, or a file of the same form. */
public record PairCatalogue(List<Pair> pairs) {

  /**
   * A target, its drafts, and the tokenizer that they share.
   *
   * @param licence SPDX name, or SPDX names joined by AND, of the weights
   * @param confidence how sure the figures and file names are, and where they come from
   * @param tokenizer that of the target's repository unless given
   */
  public record Pair(
      String name,
      String description,
      String licence,
      String confidence,
      TokenizerSource tokenizer,
      ModelSource target,
      List<ModelSource> drafts) {

    public Pair {
      drafts = drafts == null ? List.of() : List.copyOf(drafts);
      if (tokenizer == null && target != null) {
        tokenizer = new TokenizerSource(target.repository, target.revision, null, null);
      }
    }

    /** The target, then the drafts. */
    public List<ModelSource> models() {
      List<ModelSource> models = new ArrayList<>(drafts);
      models.add(0, target);
      return models;
    }

    /** Bytes of the weights as the catalogue expects them; 0 where it does not say. */
    public long bytes() {
      boolean known = models().stream().allMatch(model -> model.bytes > 0);
      return known ? models().stream().mapToLong(ModelSource::bytes).sum() : 0;
    }
  }

  /**
   * Where a tokenizer is.
   *
   * @param revision branch, tag or commit; {@code main} unless given
   * @param file {@code tokenizer.json} unless given
   * @param config {@code tokenizer_config.json} unless given; passed over if the repository has
   *     none, as is {@code chat_template.jinja} beside it
   */
  public record TokenizerSource(String repository, String revision, String file, String config) {
    public TokenizerSource {
      revision = given(revision, "main");
      file = given(file, "tokenizer.json");
      config = given(config, "tokenizer_config.json");
    }
  }

  /**
   * Where a model is.
   *
   * @param revision branch, tag or commit; {@code main} unless given
   * @param onnx the export; weights that it keeps outside itself are {@code ONNX_data} beside it
   * @param config {@code config.json} unless given
   * @param generationConfig {@code generation_config.json} unless given; passed over if the
   *     repository has none
   * @param parameters number of trained parameters; 0 if not known
   * @param bytes of the weights, about; 0 if not known
   */
  public record ModelSource(
      String name,
      String repository,
      String revision,
      String onnx,
      String config,
      String generationConfig,
      long parameters,
      long bytes) {

    public ModelSource {
      revision = given(revision, "main");
      config = given(config, "config.json");
      generationConfig = given(generationConfig, "generation_config.json");
    }
  }

  private static String given(String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  /** The catalogue that comes with the program. */
  public static PairCatalogue shipped() throws IOException {
    try (InputStream in = PairCatalogue.class.getResourceAsStream("catalogue.json")) {
      return parse("catalogue.json", in);
    }
  }

  /**
   * A catalogue of the reader's own.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public static PairCatalogue read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(file.toString(), in);
    }
  }

  /**
   * The pair of that name.
   *
   * @throws IllegalArgumentException naming those there are, if there is none
   */
  public Pair named(String name) {
    return pairs.stream()
        .filter(pair -> pair.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no pair '" + name + "' in the catalogue; it has " + names()));
  }

  /** All names, for reading. */
  public String names() {
    return String.join(", ", pairs.stream().map(Pair::name).toList());
  }

  private static PairCatalogue parse(String name, InputStream in) throws IOException {
    CheckedObject file = CheckedObject.read(name, in);
    Set<String> names = new HashSet<>();
    List<Pair> pairs = file.children("pairs").stream().map(fields -> pair(fields, names)).toList();
    if (pairs.isEmpty() && file.has("pairs")) {
      file.problem("pairs", "not a list of at least one pair");
    }
    file.finish();
    return new PairCatalogue(pairs);
  }

  private static Pair pair(CheckedObject fields, Set<String> others) {
    String name = name(fields, others);
    Set<String> names = new HashSet<>();
    return new Pair(
        name,
        optional(fields, "description"),
        optional(fields, "licence"),
        optional(fields, "confidence"),
        fields.given("tokenizer") ? tokenizer(fields.child("tokenizer")) : null,
        model(fields.child("target"), names),
        fields.given("drafts")
            ? fields.children("drafts").stream().map(draft -> model(draft, names)).toList()
            : null);
  }

  private static TokenizerSource tokenizer(CheckedObject fields) {
    return new TokenizerSource(
        repository(fields),
        optional(fields, "revision"),
        optionalPath(fields, "file"),
        optionalPath(fields, "config"));
  }

  private static ModelSource model(CheckedObject fields, Set<String> others) {
    return new ModelSource(
        name(fields, others),
        repository(fields),
        optional(fields, "revision"),
        path(fields, "onnx"),
        optionalPath(fields, "config"),
        optionalPath(fields, "generationConfig"),
        fields.given("parameters") ? fields.wholeNumber("parameters", 0, Long.MAX_VALUE) : 0,
        fields.given("bytes") ? fields.wholeNumber("bytes", 0, Long.MAX_VALUE) : 0);
  }

  private static String optional(CheckedObject fields, String field) {
    return fields.given(field) ? fields.text(field) : null;
  }

  private static String repository(CheckedObject fields) {
    String repository = fields.text("repository");
    // OWNER/NAME; a few old repositories have no owner
    if (repository != null && !repository.matches("[\\w.-]+(/[\\w.-]+)?")) {
      fields.problem("repository", "not OWNER/NAME");
    }
    return repository;
  }

  private static String optionalPath(CheckedObject fields, String field) {
    return fields.given(field) ? path(fields, field) : null;
  }

  private static String path(CheckedObject fields, String field) {
    String path = fields.text(field);
    if (path != null && !Stream.of(path.split("/", -1)).allMatch(PairCatalogue::isFileName)) {
      fields.problem(field, "not the path of a file in the repository");
    }
    return path;
  }

  /** Names become files and folders of the model directory: none may lead out of it. */
  private static String name(CheckedObject fields, Set<String> others) {
    String name = fields.text("name");
    if (name != null && !isFileName(name)) {
      fields.problem(
          "name", "which must be letters, digits, '.', '_' or '-', as a file is named after it");
    } else if (name != null && !others.add(name)) {
      fields.problem("name", "which another one beside it has; names must differ");
    }
    return name;
  }

  private static boolean isFileName(String name) {
    return name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*");
  }
}
