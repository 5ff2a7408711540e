package redraft.model.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;
import redraft.model.onnx.Exports;

/** Tokens, tokenizers and templates of a model directory. */
class PairFilesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  @TempDir Path folder;
  @TempDir Path elsewhere;
  private ObjectNode manifest;

  /** A directory of its own, as a pull makes it: tokenizer at the top, a folder for each model. */
  @BeforeEach
  void copy() throws Exception {
    Path draft = Exports.DIRECTORY.resolve("draft");
    for (String file :
        new String[] {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}) {
      Files.copy(draft.resolve(file), folder.resolve(file));
    }
    for (String name : new String[] {"llama", "draft"}) {
      Files.createDirectories(folder.resolve(name));
      Files.copy(
          Exports.DIRECTORY.resolve(name).resolve("model.onnx"),
          folder.resolve(name).resolve("model.onnx"));
    }
    Files.copy(
        draft.resolve("generation_config.json"), folder.resolve("llama/generation_config.json"));
    manifest = (ObjectNode) MAPPER.readTree(Exports.DIRECTORY.resolve("llama/pair.json").toFile());
    ((ObjectNode) manifest.get("tokenizer")).put("file", "tokenizer.json");
    ((ObjectNode) manifest.get("target")).put("file", "llama/model.onnx");
    ((ObjectNode) manifest.get("drafts").get(0)).put("file", "draft/model.onnx");
  }

  private PairFiles read() throws Exception {
    MAPPER.writeValue(folder.resolve("pair.json").toFile(), manifest);
    return new PairFiles(folder);
  }

  private void giveTheDraftATokenizer(UnaryOperator<String> change) throws Exception {
    String text = change.apply(Files.readString(folder.resolve("tokenizer.json")));
    Path file = Files.writeString(folder.resolve("draft/tokenizer.json"), text);
    ((ObjectNode) manifest.get("drafts").get(0))
        .putObject("tokenizer")
        .put("file", "draft/tokenizer.json")
        .put("sha256", DigestUtils.sha256Hex(Files.readAllBytes(file)))
        .put("vocabularySize", 288);
  }

  @Test
  void endTokensAreThoseOfTheGenerationConfiguration() throws Exception {
    assertEquals(Set.of(0, 2), read().endTokens());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pair.json", "llama/generation_config.json", "chat_template.jinja"})
  void aFileThatIsNotUtf8IsRefusedWithItsLine(String file) throws Exception {
    read();
    byte[] overlong = {'{', '\n', '"', (byte) 0xc0, (byte) 0x80, '"', '}'};
    Files.write(folder.resolve(file), overlong);
    ModelException e =
        assertThrows(ModelException.class, () -> new PairFiles(folder).chatTemplate());
    assertEquals(
        folder.resolve(file) + ":2: not UTF-8 text: byte 2 is 0xc0, which is part of no character",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "llama/generation_config.json, {}",
    "llama/config.json, {}",
    "tokenizer_config.json, {}",
    "special_tokens_map.json, {}",
    "chat_template.jinja, secret"
  })
  void aConfigurationThatIsALinkOutOfTheFolderIsNotRead(String file, String secret)
      throws Exception {
    Files.deleteIfExists(folder.resolve("llama/generation_config.json"));
    Files.deleteIfExists(folder.resolve(file));
    Path outside = Files.writeString(elsewhere.resolve("outside"), secret);
    Files.createSymbolicLink(folder.resolve(file), outside);
    assertEquals(
        folder.resolve(file)
            + " is a link to "
            + outside.toRealPath()
            + ", which is outside of the model directory; put a copy of the file in its place",
        assertThrows(ModelException.class, () -> read().chatTemplate()).getMessage());
  }

  @Test
  void aConfigurationMayBeALinkWithinTheFolder() throws Exception {
    Files.move(folder.resolve("llama/generation_config.json"), folder.resolve("g.json"));
    Files.createSymbolicLink(
        folder.resolve("llama/generation_config.json"), folder.resolve("g.json"));
    assertEquals(Set.of(0, 2), read().endTokens());
  }

  @Test
  void endTokensOfPairJsonComeFirst() throws Exception {
    manifest.putArray("endTokens").add(7);
    assertEquals(Set.of(7), read().endTokens());
  }

  @Test
  void withoutAGenerationConfigurationTheTokenizerNamesItsEnd() throws Exception {
    Files.delete(folder.resolve("llama/generation_config.json"));
    PairFiles files = read();
    assertEquals(Set.of(0), files.endTokens());
    assertEquals("0 <|end|>", files.token(0));
  }

  @Test
  void nothingThatEndsATextIsRefused() throws Exception {
    Files.delete(folder.resolve("llama/generation_config.json"));
    Files.delete(folder.resolve("tokenizer_config.json"));
    String message = assertThrows(ModelException.class, this::read).getMessage();
    assertTrue(message.contains("has no endTokens") && message.contains("add"), message);
  }

  @Test
  void tokenizersThatDifferAreRefusedWithTheFirstDifference() throws Exception {
    giveTheDraftATokenizer(text -> text.replace("\"<|im_start|>\"", "\"<|begin|>\""));
    assertEquals(
        "model 'draft' has another tokenizer than the pair: token 1 is '<|im_start|>' in tokenizer.json"
            + " and '<|begin|>' in draft/tokenizer.json; target and drafts must share their tokens",
        assertThrows(ModelException.class, this::read).getMessage());
  }

  @Test
  void tokensThatOnlyOneTokenizerHasArePadding() throws Exception {
    giveTheDraftATokenizer(
        text ->
            text.replaceFirst(
                "\"added_tokens\": \\[",
                "\"added_tokens\": [{\"id\": 400, \"content\": \"<|extra|>\", \"single_word\": false,"
                    + " \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true},"));
    assertEquals(288, read().vocabularySize());
  }

  @Test
  void aVocabularySizeThatIsNotTheTokenizersIsRefused() throws Exception {
    ((ObjectNode) manifest.get("tokenizer")).put("vocabularySize", 290);
    String message = assertThrows(ModelException.class, this::read).getMessage();
    assertTrue(message.contains("a vocabularySize of 290, tokenizer.json has 288"), message);
  }

  @Test
  void aFurtherFileThatWasChangedIsRefused() throws Exception {
    manifest
        .putArray("otherFiles")
        .addObject()
        .put("file", "tokenizer_config.json")
        .put("sha256", "0".repeat(64));
    String message = assertThrows(ModelException.class, this::read).getMessage();
    assertTrue(
        message.contains("tokenizer_config.json is not the file that pair.json names"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "llama/generation_config.json | {\"eos_token_id\": 0,, | :1: not valid JSON at byte 20: ',' cannot stand there",
        "llama/generation_config.json | {\"eos_token_id\": [    | :1: not valid JSON: the file ends within the object",
        "llama/generation_config.json | {x}                     | :1: not valid JSON at byte 2: 'x' cannot stand there",
        "tokenizer.json               | {\"model\": {\"vocab\"    | :1: not valid JSON: the file ends within the object",
        "tokenizer.json               | {\"model\": {\"vocab\": {\"a\": \"b\"}}} | token 'a' has no id that is a whole number from 0 on",
        "tokenizer.json               | {\"added_tokens\": [{\"id\": 1.5e99, \"content\": \"a\"}]} | token 'a' has no id",
        "tokenizer.json               | {\"model\": {\"vocab\": [[null, 1]]}} | vocabularySize of 288",
        "tokenizer.json               | []                      | it names no tokens"
      })
  void aBrokenFileBesideTheModelsIsNamedWithItsLine(String name, String text, String said)
      throws Exception {
    Path file = Files.writeString(folder.resolve(name), text);
    if (name.equals("tokenizer.json")) {
      ((ObjectNode) manifest.get("tokenizer")).put("sha256", DigestUtils.sha256Hex(text));
    }
    String message = assertThrows(ModelException.class, this::read).getMessage();
    assertTrue(message.contains(said), message);
    assertTrue(message.contains(file.getFileName().toString()), message);
    assertEquals(1, message.lines().count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"marked", "lines", "backwards", "turns"})
  void templatesAreRenderedAsTransformersDoes(String name) throws Exception {
    Path source = Exports.DIRECTORY.resolve("chat").resolve(name + ".jinja");
    ChatTemplate template =
        new ChatTemplate(
            Files.readString(source), source, Map.of("bos_token", "<s>", "eos_token", "</s>"));
    assertEquals(
        Files.readString(source.resolveSibling(name + ".txt")),
        template.apply(" What is {{ 1 + 1 }}?\n"));
  }

  @Test
  void whatATemplateRefusesIsToldInItsWords() {
    ChatTemplate template =
        new ChatTemplate("{{ raise_exception('tools only') }}", Path.of("t.jinja"), Map.of());
    String message = assertThrows(ModelException.class, () -> template.apply("Hi")).getMessage();
    assertTrue(
        message.startsWith(
            "the chat template in t.jinja cannot be applied to one user message: tools only"),
        message);
  }

  @Test
  void aTemplateThatCannotBeRenderedIsRefused() {
    ChatTemplate template = new ChatTemplate("{% for %}", Path.of("t.jinja"), Map.of());
    String message = assertThrows(ModelException.class, () -> template.apply("Hi")).getMessage();
    assertTrue(message.startsWith("the chat template in t.jinja cannot be applied"), message);
    assertEquals(1, message.lines().count());
  }
}
