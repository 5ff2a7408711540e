package redraft.model.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.json.Utf8;

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

  private static PairCatalogue parse(String file, InputStream in) throws IOException {
    PairCatalogue catalogue;
    try {
      catalogue =
          JsonMapper.builder()
              .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
              .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .build()
              .readValue(Utf8.json(file, in), PairCatalogue.class);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new IllegalArgumentException(
          file + ":" + line + ": " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    }
    List<String> problems = new ArrayList<>();
    if (catalogue == null || catalogue.pairs == null || catalogue.pairs.isEmpty()) {
      problems.add("\"pairs\" is missing or empty");
    } else {
      catalogue.pairs.forEach(pair -> check(problems, pair));
      if (new HashSet<>(catalogue.pairs.stream().map(Pair::name).toList()).size()
          < catalogue.pairs.size()) {
        problems.add("two pairs have the same name");
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(file + ": " + String.join("; ", problems));
    }
    return catalogue;
  }

  private static void check(List<String> problems, Pair pair) {
    if (pair == null || !isFileName(pair.name)) {
      problems.add("a pair's \"name\" is " + (pair == null ? null : pair.name) + NO_FILE_NAME);
      return;
    }
    String where = "pair '" + pair.name + "': ";
    if (pair.target == null) {
      problems.add(where + "\"target\" is missing");
      return;
    }
    Set<String> names = new HashSet<>();
    for (ModelSource model : pair.models()) {
      if (model == null || !isFileName(model.name)) {
        problems.add(
            where + "a model's \"name\" is " + (model == null ? null : model.name) + NO_FILE_NAME);
        continue;
      }
      String which = where + "model '" + model.name + "': ";
      if (!names.add(model.name)) {
        problems.add(which + "the name comes twice");
      }
      checkSource(problems, which, model.repository, model.revision);
      checkPath(problems, which + "\"onnx\"", model.onnx);
      checkPath(problems, which + "\"config\"", model.config);
      checkPath(problems, which + "\"generationConfig\"", model.generationConfig);
      if (model.parameters < 0 || model.bytes < 0) {
        problems.add(which + "\"parameters\" and \"bytes\" must be at least 0");
      }
    }
    checkSource(
        problems, where + "tokenizer: ", pair.tokenizer.repository, pair.tokenizer.revision);
    checkPath(problems, where + "tokenizer: \"file\"", pair.tokenizer.file);
    checkPath(problems, where + "tokenizer: \"config\"", pair.tokenizer.config);
  }

  private static void checkSource(
      List<String> problems, String where, String repository, String revision) {
    // OWNER/NAME; a few old repositories have no owner
    if (repository == null || !repository.matches("[\\w.-]+(/[\\w.-]+)?")) {
      problems.add(where + "\"repository\" is " + repository + ", not OWNER/NAME");
    }
    if (revision.isBlank()) {
      problems.add(where + "\"revision\" is blank");
    }
  }

  private static void checkPath(List<String> problems, String what, String path) {
    boolean fine = path != null && !path.endsWith("/");
    for (String part : fine ? path.split("/") : new String[0]) {
      fine &= isFileName(part);
    }
    if (!fine) {
      problems.add(what + " is " + path + ", not the path of a file in the repository");
    }
  }

  private static final String NO_FILE_NAME =
      ", which must be letters, digits, '.', '_' or '-', as a file is named after it";

  /** Names become files and folders of the model directory: none may lead out of it. */
  private static boolean isFileName(String name) {
    return name != null && name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*");
  }
}
