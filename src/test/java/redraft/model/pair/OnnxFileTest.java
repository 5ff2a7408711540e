package redraft.model.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;
import redraft.model.onnx.Exports;

class OnnxFileTest {
  @TempDir Path folder;

  /** A field of a message: its number, and bytes of that length. */
  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeNumber(out, number << 3 | 2);
    writeNumber(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static void writeNumber(ByteArrayOutputStream out, long value) {
    for (long rest = value; ; rest >>>= 7) {
      if (rest < 128) {
        out.write((int) rest);
        return;
      }
      out.write((int) (rest & 127 | 128));
    }
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(out::writeBytes);
    return out.toByteArray();
  }

  /** TensorProto: raw_data = 9, external_data = 13. */
  private static byte[] tensor(String location) {
    return join(
        field(9, new byte[300_000]),
        field(13, join(text(1, "location"), text(2, location))),
        field(13, join(text(1, "offset"), text(2, "4096"))));
  }

  private Path model(byte[] graph) throws IOException {
    byte[] node = field(1, text(4, "MatMul"));
    return Files.write(
        folder.resolve("model.onnx"),
        join(new byte[] {8, 10}, text(2, "pytorch"), field(7, join(node, graph))));
  }

  private static Path fixture(String name) {
    return Exports.DIRECTORY.resolve(name).resolve("model.onnx");
  }

  // The fixtures' parameters, as their exporter counts them, and constants: 8 frequencies of rotary
  // positions, once in each branch of a merged decoder.
  @ParameterizedTest
  @CsvSource({
    "llama, 13072, 8",
    "gpt2, 11920, 8",
    "qwen2, 8520, 8",
    "external, 11920, 8",
    "merged, 13072, 16",
    "fp16, 13072, 8",
    "int8, 13072, 8"
  })
  void weightsAreCountedWithoutLoadingThem(String name, long parameters, long constants) {
    assertEquals(parameters + constants, OnnxFile.read(fixture(name)).parameters());
  }

  // 4 bits each, two to a byte: what is counted is the matrix, not its bytes and scales. The
  // cosines
  // and sines of 64 positions of 4 angles stand in the file too.
  @Test
  void packedWeightsCountAsWhatTheyStandFor() {
    assertEquals(18224 + 544, OnnxFile.read(fixture("gqa-int4")).parameters());
  }

  @Test
  void weightsOutsideTheFileAreNamed() throws Exception {
    OnnxFile file = OnnxFile.read(fixture("external"));
    assertEquals(Set.of("model.onnx_data"), file.dataFiles());
    assertEquals(
        Files.size(fixture("external"))
            + Files.size(fixture("external").resolveSibling("model.onnx_data")),
        file.bytes(fixture("external")));
    assertEquals(Set.of(), OnnxFile.read(fixture("gpt2")).dataFiles());
  }

  // 1.9 times what stands in the file, 1.3 times what stands beside it.
  @Test
  void whatLoadingTakesGoesByWhereWeightsAre() throws Exception {
    OnnxFile file = OnnxFile.read(fixture("external"));
    long own = Files.size(fixture("external"));
    long beside = file.bytes(fixture("external")) - own;
    assertTrue(beside > 40_000); // 11,920 parameters in fp32, those of 256 bytes and more
    assertEquals(1.9 * own + 1.3 * beside, file.memory(fixture("external")), 1);
  }

  @Test
  void quantisationInEachPassIsTold() {
    assertTrue(OnnxFile.read(fixture("int8")).quantisesByPass());
    assertFalse(OnnxFile.read(fixture("gqa-int4")).quantisesByPass());
    assertFalse(OnnxFile.read(fixture("llama")).quantisesByPass());
  }

  /**
   * GraphProto: node = 1, initializer = 5; NodeProto: attribute = 5; AttributeProto: t = 5, g = 6.
   */
  @Test
  void everyPlaceOfATensorIsLookedAt() throws IOException {
    byte[] constant = field(1, field(5, field(5, tensor("of-a-constant"))));
    byte[] branch = field(1, field(5, field(6, field(5, tensor("of-a-branch")))));
    byte[] sparse = field(15, field(1, tensor("of-a-sparse-one")));
    assertEquals(
        Set.of("w.bin", "of-a-constant", "of-a-branch", "of-a-sparse-one"),
        OnnxFile.read(
                model(
                    join(
                        field(5, tensor("w.bin")),
                        field(5, tensor("w.bin")),
                        constant,
                        branch,
                        sparse)))
            .dataFiles());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/etc/passwd", "../model.onnx_data", "a/../../b", "", "C:b", "*/_ORT_MEM_ADDR_/*"})
  void aFileOutsideOfTheModelsFolderIsRefused(String location) throws IOException {
    Path model = model(field(5, tensor(location)));
    String message = assertThrows(ModelException.class, () -> OnnxFile.read(model)).getMessage();
    assertTrue(
        message.startsWith(
            "model file "
                + model
                + " keeps weights in '"
                + location
                + "', which is no name within"),
        message);
  }

  // Cut anywhere: never taken for a whole file, never more than a line.
  @Test
  void aFileThatWasCutIsRefused() throws Exception {
    byte[] bytes = Files.readAllBytes(fixture("gpt2"));
    for (int length = 0; length < bytes.length; length += 1 + bytes.length / 199) {
      Path cut = folder.resolve("cut.onnx");
      Files.write(cut, Arrays.copyOf(bytes, length));
      String message =
          assertThrows(ModelException.class, () -> OnnxFile.read(cut), "of " + length).getMessage();
      assertTrue(message.startsWith("model file " + cut + " is no ONNX file"), message);
    }
  }

  @Test
  void bytesThatAreNoModelAreRefusedOrNameNothing() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    byte[] good = Files.readAllBytes(Exports.DIRECTORY.resolve("external/model.onnx"));
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      for (int change = 0; change < 20; change++) {
        bad[random.nextInt(2000)] = (byte) random.nextInt();
      }
      Path model =
          Files.write(folder.resolve("bad.onnx"), Arrays.copyOf(bad, random.nextInt(bad.length)));
      try {
        OnnxFile.read(model);
      } catch (ModelException e) {
        assertEquals(1, e.getMessage().lines().count());
        refused++;
      }
    }
    assertTrue(refused > 100, "only " + refused);
  }

  @Test
  void nestingHasAnEnd() throws IOException {
    byte[] graph = field(5, tensor("w"));
    for (int i = 0; i < 60; i++) { // a node with a graph in it, and so on
      graph = field(1, field(5, field(6, graph)));
    }
    Path model = model(graph);
    String message = assertThrows(ModelException.class, () -> OnnxFile.read(model)).getMessage();
    assertTrue(message.contains(" is no ONNX file, or was cut"), message);
    assertFalse(message.contains("\n"));
  }
}
