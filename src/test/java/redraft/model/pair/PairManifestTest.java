package redraft.model.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.ModelException;

/**
 * Manifests that are broken, or that lead out of their folder, of a folder of files of one byte.
 */
class PairManifestTest {
  private static final String HASH = DigestUtils.sha256Hex("x");
  private static final String GOOD =
      """
      {
        "name": "p",
        "tokenizer": {"file": "t.json", "sha256": "H", "vocabularySize": 9},
        "target": {"name": "big", "file": "big.onnx", "sha256": "H", "contextLength": 64},
        "drafts": [{"name": "small", "file": "small.onnx", "sha256": "H", "contextLength": 64}],
        "otherFiles": [{"file": "more", "sha256": "H"}]
      }
      """
          .replace("H", HASH);

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void fill() throws IOException {
    folder = Files.createDirectories(temporary.resolve("pair"));
    for (String file : List.of("t.json", "big.onnx", "small.onnx", "more")) {
      Files.writeString(folder.resolve(file), "x");
    }
  }

  private PairManifest read(String text) throws IOException {
    Files.writeString(folder.resolve("pair.json"), text);
    return PairManifest.read(folder);
  }

  private String refusal(String text) {
    String message = assertThrows(ModelException.class, () -> read(text)).getMessage();
    assertEquals(1, message.lines().count(), message);
    assertFalse(message.matches("(?s).*(Cannot|`|com\\.fasterxml|was expecting).*"), message);
    return message;
  }

  @Test
  void whatNobodyKnowsMayBeLeftOut() throws IOException {
    PairManifest manifest = read(GOOD);
    assertEquals(0, manifest.target().parameters());
    assertEquals(null, manifest.licence());
    assertEquals(List.of(), manifest.origins());
    manifest.write(folder);
    assertEquals(manifest, PairManifest.read(folder));
  }

  @Test
  void aTargetAloneIsAPair() throws IOException {
    String alone = GOOD.replaceFirst(" *\"drafts\": .*\n", "");
    assertEquals(List.of(), read(alone).drafts());
    assertEquals(1, read(alone).models().size());
    assertEquals(
        List.of(), read(GOOD.replaceFirst("\"drafts\": \\[.*\\]", "\"drafts\": []")).drafts());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"name\": \"p\",        | \"name\": null,               | \"name\" is null, not a text",
        "\"drafts\": [           | \"drafts\": [null,            | \"drafts[0]\" is null, not an object",
        "\"contextLength\": 64   | \"contextLength\": 64.5       | \"target.contextLength\" is 64.5, not a whole number from 1 to 2147483647",
        "\"contextLength\": 64   | \"contextLength\": -1         | \"target.contextLength\" is -1, not a whole number",
        "\"contextLength\": 64   | \"contextLength\": 64, \"parameters\": -5 | \"target.parameters\" is -5, not a whole number from 0",
        "\"vocabularySize\": 9   | \"vocabularySize\": null      | \"tokenizer.vocabularySize\" is null, not a whole number",
        "\"name\": \"small\"     | \"name\": \"big\"             | \"drafts[0].name\" is \"big\", which another model of the pair has; names must differ",
        "\"name\": \"small\"     | \"name\": \"a\\nb\"           | \"drafts[0].name\" is \"a\\nb\", not a text of one line",
        "\"name\": \"p\",        | \"name\": \"p\", \"name\": 1, | pair.json:2: \"name\" comes twice",
        "\"name\": \"p\",        | \"name\": \"p\", \"endTokens\": [0, -1], | \"endTokens[1]\" is -1, not a whole number from 0",
        "\"name\": \"p\",        | \"name\": \"p\", \"endTokens\": 0, | \"endTokens\" is 0, not a list",
        "\"name\": \"p\",        | \"name\": \"p\", \"origins\": {}, | \"origins\" is {}, not a list",
        "\"name\": \"p\",        | name: \"p\",                   | pair.json:2: not valid JSON at byte 3: 'n' cannot stand there",
        "\"otherFiles\": [{      | \"otherFiles\": [null, {       | \"otherFiles[0]\" is null, not an object",
      })
  void whatIsWrongIsToldWithItsPlaceAndTheRule(String good, String bad, String said) {
    assertTrue(GOOD.contains(good), good);
    int at = GOOD.indexOf(good);
    String message = refusal(GOOD.substring(0, at) + bad + GOOD.substring(at + good.length()));
    assertTrue(message.startsWith(folder.resolve("pair.json").toString()), message);
    assertTrue(message.contains(said), message);
  }

  @Test
  void aFileThatWasCutShortIsToldSo() {
    String message = refusal(GOOD.substring(0, GOOD.length() / 2));
    assertTrue(message.contains("pair.json:4: not valid JSON: the file ends within"), message);
  }

  @Test
  void allThatIsMissingIsNamedAtOnce() {
    assertEquals(
        folder.resolve("pair.json")
            + ": \"name\" is missing; \"tokenizer\" is missing; \"target.file\" is missing;"
            + " \"target.contextLength\" is missing",
        refusal("{\"target\": {\"name\": \"big\", \"sha256\": \"" + HASH + "\"}}"));
  }

  @ParameterizedTest
  @CsvSource({"/etc/hostname", "../outside", "a/../../outside", "..", "C:outside", "a\\\\..\\\\b"})
  void aNameOutsideOfTheFolderIsRefusedAndNeverOpened(String name) throws IOException {
    Files.writeString(temporary.resolve("outside"), "x");
    String message = refusal(GOOD.replace("\"more\"", "\"" + name + "\""));
    assertTrue(
        message.endsWith(
            "\"otherFiles[0].file\" is \""
                + name
                + "\", which is no name within the folder;"
                + " name a file of it, such as onnx/model.onnx"),
        message);
  }

  @Test
  void aLinkOutOfTheFolderIsRefusedAndOneWithinItIsNot() throws IOException {
    Path outside = Files.writeString(temporary.resolve("outside"), "x");
    Files.delete(folder.resolve("more"));
    Files.createSymbolicLink(folder.resolve("more"), folder.resolve("t.json"));
    read(GOOD);
    Files.delete(folder.resolve("more"));
    Files.createSymbolicLink(folder.resolve("more"), outside);
    assertEquals(
        folder.resolve("more")
            + " is a link to "
            + outside.toRealPath()
            + ", which is outside of the model directory; put a copy of the file in its place",
        refusal(GOOD));
  }

  @Test
  void aDirectoryMayItselfBeALink() throws IOException {
    read(GOOD);
    Path link = Files.createSymbolicLink(temporary.resolve("link"), folder);
    assertEquals("p", PairManifest.read(link).name());
  }

  @Test
  void aLicenceMayBeEmpty() throws IOException {
    assertEquals("", read(GOOD.replace("\"p\",", "\"p\", \"licence\": \"\",")).licence());
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(50_000) + "]".repeat(50_000);
    String message = refusal(GOOD.replace("\"name\": \"p\"", "\"name\": \"p\", \"x\": " + deep));
    assertTrue(message.contains("nested deeper than 1000 levels"), message);
  }

  @Test
  void aFileThatIsTooLargeToBeMeantIsNotReadToItsEnd() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("pair.json").toFile(), "rw")) {
      file.setLength(100_000_000); // without blocks on the disk
    }
    assertEquals(
        folder.resolve("pair.json") + ": larger than 16 MiB, which no file of this kind is",
        assertThrows(ModelException.class, () -> PairManifest.read(folder)).getMessage());
  }

  @Test
  void aFolderWithoutAManifestIsToldTheCommandThatMakesOne() {
    assertEquals(
        folder
            + " holds no pair.json; 'redraft models pair "
            + folder
            + " --target T [--draft D …]' makes one of the models in it",
        assertThrows(ModelException.class, () -> PairManifest.read(folder)).getMessage());
  }
}
