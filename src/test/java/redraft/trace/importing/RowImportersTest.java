package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.cli.Cli;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.TraceSequence;

/**
 * Rows of logits of llama.cpp, safetensors and NumPy, each held by the recording of the same texts.
 */
class RowImportersTest {
  private static final int V = 2048; // tokens of the shipped pair
  private static final int ROW = 8 + 2 * V; // bytes of a row of llama.cpp
  private static final int HEAD = 20 + 4 * 80; // bytes before the rows there

  @TempDir Path folder;
  private Path trace;

  @BeforeEach
  void nameTheTrace() {
    trace = folder.resolve("trace.jsonl.gz");
  }

  private static String names(String format, Path target, Path draft) {
    return "--from " + format + " --target " + target + " --draft small=" + draft;
  }

  private static String fixture(String format, String folder, String prefix, String ending) {
    Path files = Imports.FIXTURES.resolve(folder);
    return names(
        format,
        files.resolve(prefix + "target" + ending),
        files.resolve(prefix + "draft" + ending));
  }

  private static String llama() {
    return fixture("llama.cpp-logits", "llama.cpp", "", ".bin.gz");
  }

  private static String tensors(String prefix) {
    return fixture("safetensors", "safetensors", prefix, ".safetensors");
  }

  private static String arrays() {
    return fixture("npy", "npy", "", ".npy");
  }

  private void replays(String options) {
    Cli.fine("replay " + trace + " --draft-length 3 --cost-ratio 0.1 " + options);
  }

  // ---- what is imported

  @Test
  void llamaCppSaysWhatTheRecordingSaysOfATextOfTheTarget() throws IOException {
    Imports imports = Imports.of(trace, llama() + " --sampled --temperature 1 --top-logits 8");
    assertEquals(Grade.EXACT, imports.header().grade());
    assertEquals("llama.cpp-logits", imports.header().source());
    assertEquals(V, imports.header().tokenizer().vocabularySize());
    assertEquals(2, imports.sequences().size());
    for (int sample = 0; sample < 2; sample++) {
      TraceSequence recorded = Imports.recorded(1, "dialogue-02", sample);
      TraceSequence chunk = imports.sequences().get(sample);
      assertArrayEquals(recorded.promptTokens(), chunk.promptTokens());
      // 16 bits a logit over 16 nats: 1.2e-4, and what was clamped
      Imports.assertRecorded(recorded, chunk, 0, 5e-4);
      assertEquals(8, chunk.target().top().tokens()[0].length);
      assertEquals(8, chunk.drafts().get(0).top().tokens()[0].length);
    }
    assertTrue(
        imports.notes().contains("raised to that, by at most 0.00023 of the mass of a row"),
        imports.notes());
    replays("--rule token,block,greedy-draft,exact-match");
    replays("--temperature 0.5");
  }

  @Test
  void aTextThatNobodySaysIsDrawnIsGiven() throws IOException {
    for (String line :
        new String[] {
          llama(), tensors("") + " --top-logits 2048", arrays() + " --temperature 0.8"
        }) {
      Imports imports = Imports.of(trace, line);
      assertEquals(Grade.GIVEN_TEXT, imports.header().grade());
      assertEquals(LogitDetail.TOP, imports.header().logits());
      assertTrue(imports.notes().contains("--sampled says that it did"), imports.notes());
      replays("--rule token,greedy-draft");
      assertEquals(
          "a text that the target did not draw has probability 0 at temperature 0; import it at 1 and replay it with"
              + " --temperature 0, or say --sampled if the target drew it",
          Imports.refused(trace, line.replace(" --temperature 0.8", "") + " --temperature 0"));
    }
  }

  @Test
  void safetensorsOfSeveralTextsSayWhatTheRecordingSays() throws IOException {
    Imports imports = Imports.of(trace, tensors("") + " --sampled");
    assertEquals("safetensors", imports.header().source());
    assertEquals(2, imports.sequences().size());
    for (int sample = 0; sample < 2; sample++) {
      TraceSequence recorded = Imports.recorded(1, "dialogue-02", sample);
      TraceSequence text = imports.sequences().get(sample);
      assertEquals(sample == 0 ? "one" : "two", text.id());
      assertArrayEquals(recorded.promptTokens(), text.promptTokens());
      // The draft's logits, up to 20 in size, are in half precision: 20 / 2048 at most
      Imports.assertRecorded(recorded, text, 0, 1e-2);
      assertArrayEquals(
          Arrays.copyOf(recorded.target().logprob(), text.length()), text.target().logprob(), 1e-4);
      assertEquals(64, text.target().top().tokens()[0].length);
    }
    assertTrue(imports.notes().contains("taken to be drawn at temperature 1"), imports.notes());
    replays("--rule token,block");
  }

  @Test
  void ofATextWithoutAPromptTheFirstTokenStandsForIt() throws IOException {
    Imports imports = Imports.of(trace, tensors("greedy-") + " --sampled --temperature 0");
    TraceSequence recorded = Imports.recorded(0, "dialogue-02", 0);
    TraceSequence text = imports.sequences().get(0);
    assertArrayEquals(Arrays.copyOf(recorded.tokens(), 1), text.promptTokens());
    Imports.assertRecorded(recorded, text, 1, 0.1); // bf16: 8 bits, of logits up to 20
    assertTrue(imports.notes().contains("the first token stands for the prompt"), imports.notes());
  }

  @Test
  void arraysSayWhatTheRecordingSays() throws IOException {
    Imports imports = Imports.of(trace, arrays() + " --sampled --temperature 0");
    TraceSequence recorded = Imports.recorded(0, "dialogue-02", 0);
    assertEquals("target", imports.sequences().get(0).id());
    assertArrayEquals(recorded.promptTokens(), imports.sequences().get(0).promptTokens());
    Imports.assertRecorded(recorded, imports.sequences().get(0), 0, 1e-2);
    replays("--rule token");
  }

  @Test
  void formatsAreRecognised() throws IOException {
    for (String line : new String[] {llama(), tensors(""), arrays()}) {
      String format = line.split(" ")[1];
      Imports imports = Imports.of(trace, line.replaceFirst("--from \\S+ ", ""));
      assertEquals(format, imports.header().source());
    }
  }

  @Test
  void compressedFilesAreReadAlike() throws IOException {
    Imports.of(trace, arrays() + " --sampled --temperature 0");
    byte[] plain = Files.readAllBytes(trace);
    for (String name : new String[] {"target", "target.tokens", "target.prompt", "draft"}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
        gzip.write(Files.readAllBytes(Imports.FIXTURES.resolve("npy/" + name + ".npy")));
      }
      Files.write(folder.resolve(name + ".npy.gz"), out.toByteArray());
    }
    Path target = folder.resolve("target.npy.gz");
    Imports.of(
        trace, names("npy", target, folder.resolve("draft.npy.gz")) + " --sampled --temperature 0");
    assertArrayEquals(plain, Files.readAllBytes(trace));
  }

  @Test
  void aTextThatIsNotTheMostProbableWasNotGreedy() {
    assertTrue(
        Imports.refused(trace, tensors("") + " --sampled --temperature 0")
            .matches(
                "target.safetensors: \"one.logits\", row \\d: token \\d+ has probability 0 there, because another one is"
                    + " more probable: the text was not drawn at temperature 0"));
  }

  @Test
  void theVocabularyIsThatOfTheRows() {
    assertEquals(
        "the rows have 2048 logits, so the vocabulary is not of the 9 tokens that were given",
        Imports.refused(trace, arrays() + " --vocabulary-size 9"));
  }

  // ---- what is refused

  private static byte[] plain(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(Imports.FIXTURES.resolve(file));
    if (!file.endsWith(".gz")) {
      return bytes;
    }
    try (GZIPInputStream in =
        new GZIPInputStream(Files.newInputStream(Imports.FIXTURES.resolve(file)))) {
      return in.readAllBytes();
    }
  }

  /** What is said of a draft's file of llama.cpp that was changed. */
  private String llama(int length, Consumer<ByteBuffer> change) throws IOException {
    byte[] bytes = Arrays.copyOf(plain("llama.cpp/draft.bin.gz"), length);
    change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    Path draft = Files.write(folder.resolve("d.bin"), bytes);
    return Imports.refused(
        trace,
        names("llama.cpp-logits", Imports.FIXTURES.resolve("llama.cpp/target.bin.gz"), draft));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8 | 39 | n_ctx and n_chunk are 39 and 2, 40 and 2 in target.bin.gz; run both with the same -c and --chunks",
        "8 | -40 | n_ctx -40 and n_chunk 2, not at least 4 and 1 with a product of at most 268435456",
        "8 | 2147483647 | n_ctx 2147483647 and n_chunk 2, not at least 4 and 1 with a product of at most 268435456",
        "8 | 100000000 | the file ends after 156292 bytes, within its tokens, which takes 800000000 bytes from byte 20 on; copy it again",
        "12 | 2147483647 | a vocabulary of 2147483647 tokens, not from 1 to 16777216",
        "12 | -1 | a vocabulary of -1 tokens, not from 1 to 16777216",
        "12 | 2049 | n_vocab is 2049, 2048 in target.bin.gz; target and draft need one vocabulary",
        "16 | 0 | n_ctx 40 and n_chunk 0, not at least 4 and 1 with a product of at most 268435456",
        "20 | 4000 | token 0 is 4000, not from 0 to 2047",
        "20 | 2047 | token 0 is 2047, 2 in target.bin.gz; both must be of one text and one tokenizer",
        "340 | -1 | row 0 has scale NaN and least log-probability",
        "344 | 0 | the probabilities of row 0 sum to",
      })
  void aWrongNumberOfLlamaCppIsNamed(int place, int value, String problem) throws IOException {
    String said = llama(HEAD + 38 * ROW, bytes -> bytes.putInt(place, value));
    assertTrue(said.startsWith("d.bin: " + problem), said);
  }

  @Test
  void cutAndForeignFilesOfLlamaCppAreNamed() throws IOException {
    assertEquals(
        "d.bin: the file ends after "
            + (HEAD + ROW + 10)
            + " bytes, within row 1, which takes "
            + ROW
            + " bytes from byte "
            + (HEAD + ROW)
            + " on; copy it again",
        llama(HEAD + ROW + 10, bytes -> bytes.put(HEAD + ROW + 9, (byte) 1)));
    assertEquals(
        "d.bin: there is more after byte " + (HEAD + 38 * ROW) + ", where the file should end",
        llama(HEAD + 38 * ROW + 1, bytes -> bytes.put(HEAD + 38 * ROW, (byte) 1)));
    assertEquals(
        "d.bin: does not begin with _logits_, as files of llama-perplexity --save-all-logits do",
        llama(HEAD, bytes -> bytes.put(0, (byte) 'x')));
    assertTrue(
        llama(3, bytes -> {}).startsWith("d.bin: the file ends after 3 bytes, within its head"));
  }

  /** What is said of a draft's file of safetensors whose header was changed. */
  private String tensors(String from, String to) throws IOException {
    byte[] bytes = plain("safetensors/draft.safetensors");
    int size = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, 8, size, StandardCharsets.UTF_8);
    assertTrue(header.contains(from), header);
    byte[] changed = header.replace(from, to).getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(bytes.length - size + changed.length);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length).put(changed);
    file.put(bytes, 8 + size, bytes.length - 8 - size);
    Path draft = Files.write(folder.resolve("d.safetensors"), file.array());
    return Imports.refused(
        trace,
        names("safetensors", Imports.FIXTURES.resolve("safetensors/target.safetensors"), draft));
  }

  @Test
  void wrongHeadersOfSafetensorsAreNamed() throws IOException {
    assertEquals(
        "d.safetensors: has no tensor \"two.logits\", which the target's file has",
        tensors("\"two.logits\"", "\"three.logits\""));
    assertTrue(
        tensors("\"shape\":[6,2048]", "\"shape\":[4000000000000000000,2048]")
            .contains("which do not hold F16 of shape [4000000000000000000, 2048]"));
    assertTrue(
        tensors("\"shape\":[6,2048]", "\"shape\":[-6,2048]")
            .contains("\"one.logits\".shape[0] is -6, not a whole number from 0 on"));
    assertTrue(
        tensors("\"shape\":[6,2048]", "\"shape\":[3,4096]")
            .contains(
                "\"one.logits\": has shape [3, 4096], not [6, 2048], a row for each token of"));
    assertTrue(
        tensors("\"dtype\":\"F16\"", "\"dtype\":\"F8_E4M3\"")
            .contains("has dtype \"F8_E4M3\", not one of [F16, BF16, F32, F64, I32, I64]"));
    assertTrue(tensors("{", "[").contains("its header is no JSON"));
    assertTrue(
        tensors("logits\"", "logitz\"")
            .contains("has no tensor \"logits\", nor one whose name ends in"));
  }

  @Test
  void hugeAndCutSafetensorsAreNamed() throws IOException {
    Path target = Imports.FIXTURES.resolve("safetensors/target.safetensors");
    byte[] bytes = plain("safetensors/draft.safetensors");
    Path draft = Files.write(folder.resolve("d.safetensors"), Arrays.copyOf(bytes, 30_000));
    assertTrue(
        Imports.refused(trace, names("safetensors", target, draft))
            .contains("the file ends after 30000 bytes"));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.MAX_VALUE);
    Files.write(draft, bytes);
    assertEquals(
        "d.safetensors: a header of 9223372036854775807 bytes, not from 2 to 100000000",
        Imports.refused(trace, names("safetensors", target, draft)));
  }

  /** What is said of a draft's array of which numbers were changed. */
  private String arrays(Consumer<ByteBuffer> change) throws IOException {
    byte[] bytes = plain("npy/draft.npy");
    change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    Path draft = Files.write(folder.resolve("d.npy"), bytes);
    return Imports.refused(trace, names("npy", Imports.FIXTURES.resolve("npy/target.npy"), draft));
  }

  private static void header(ByteBuffer bytes, String from, String to) {
    String header = new String(bytes.array(), 0, 128, StandardCharsets.ISO_8859_1);
    assertTrue(header.contains(from), header);
    bytes.put(0, header.replace(from, to).getBytes(StandardCharsets.ISO_8859_1), 0, 128);
  }

  @Test
  void wrongArraysAreNamed() throws IOException {
    assertEquals(
        "d.npy, row 2: the logit of token 5 is NaN",
        arrays(bytes -> bytes.putShort(128 + 2 * (2 * V + 5), (short) 0x7E00)));
    assertEquals(
        "d.npy: row 1 is all zeros: it was never written; copy it again",
        arrays(bytes -> bytes.put(128 + 2 * V, new byte[2 * V])));
    assertEquals(
        "d.npy: fortran_order is True; save numpy.ascontiguousarray of it",
        arrays(bytes -> header(bytes, "False", "True ")));
    assertTrue(
        arrays(bytes -> header(bytes, "<f2", "|O8"))
            .contains("descr is '|O8', not one of [<f2, <f4"));
    assertEquals(
        "d.npy: has shape [5, 2048], not [6, 2048], a row for each token of target.tokens.npy over the target's"
            + " vocabulary",
        arrays(bytes -> header(bytes, "(6,", "(5,")));
    assertEquals(
        "d.npy: does not begin as a file of numpy.save of version 1 to 3",
        arrays(bytes -> bytes.put(6, (byte) 9)));
  }

  @Test
  void tokensThatDifferOrAreMissingAreNamed() throws IOException {
    Path target = Imports.FIXTURES.resolve("npy/target.npy");
    Path draft = Files.write(folder.resolve("d.npy"), plain("npy/draft.npy"));
    byte[] tokens = plain("npy/draft.tokens.npy");
    int second = (int) ByteBuffer.wrap(tokens).order(ByteOrder.LITTLE_ENDIAN).getLong(136);
    ByteBuffer.wrap(tokens).order(ByteOrder.LITTLE_ENDIAN).putLong(136, 7);
    Files.write(folder.resolve("d.tokens.npy"), tokens);
    assertEquals(
        "d.tokens.npy: token 1 is 7, " + second + " in target.tokens.npy; both must be of one text",
        Imports.refused(trace, names("npy", target, draft)));
    Files.delete(folder.resolve("d.tokens.npy"));
    assertEquals(
        "d.npy has no token ids beside it; save them as d.tokens.npy",
        Imports.refused(trace, names("npy", draft, target)));
  }

  // 1 = 0x3C00, −2 = 0xC000, 65504 = 0x7BFF, 2⁻²⁴ = 0x0001, as IEEE 754 has them
  @Test
  void halfPrecisionIsRead() {
    assertEquals(1, Tensor.Type.half((short) 0x3C00));
    assertEquals(-2, Tensor.Type.half((short) 0xC000));
    assertEquals(65504, Tensor.Type.half((short) 0x7BFF));
    assertEquals(0x1p-24f, Tensor.Type.half((short) 1));
    assertEquals(Float.NEGATIVE_INFINITY, Tensor.Type.half((short) 0xFC00));
    assertTrue(Float.isNaN(Tensor.Type.half((short) 0x7C01)));
  }
}
