package redraft.model.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.ModelException;

class OnnxFileTest {
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

  @Test
  void quantisationInEachPassIsTold() {
    assertTrue(OnnxFile.read(fixture("int8")).quantisesByPass());
    assertFalse(OnnxFile.read(fixture("gqa-int4")).quantisesByPass());
    assertFalse(OnnxFile.read(fixture("llama")).quantisesByPass());
  }

  // Data that stands elsewhere is neither opened by us nor by ONNX Runtime.
  @ParameterizedTest
  @CsvSource({"/etc/passwd____", "../../elsewhere"})
  void weightsOutsideTheFolderAreRefused(String location, @TempDir Path folder) throws Exception {
    byte[] bytes = Files.readAllBytes(fixture("external"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Path file = folder.resolve("model.onnx");
    Files.write(
        file, text.replace("model.onnx_data", location).getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        "model file "
            + file
            + " keeps weights in '"
            + location
            + "', outside its folder, where nothing is read; move them beside it and export it again",
        assertThrows(
                ModelException.class,
                () -> new OnnxLanguageModel(file, "m", 64, new OnnxOptions(1, true)))
            .getMessage());
  }

  // Cut anywhere: never taken for a whole file, never more than a line.
  @Test
  void aFileThatWasCutIsRefused(@TempDir Path folder) throws Exception {
    byte[] bytes = Files.readAllBytes(fixture("gpt2"));
    for (int length = 0; length < bytes.length; length += 1 + bytes.length / 199) {
      Path cut = folder.resolve("cut.onnx");
      Files.write(cut, Arrays.copyOf(bytes, length));
      String message =
          assertThrows(ModelException.class, () -> OnnxFile.read(cut), "of " + length).getMessage();
      assertTrue(message.startsWith("model file " + cut + " is no ONNX file"), message);
    }
  }
}
