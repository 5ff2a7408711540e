package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineException;
import redraft.json.LineSource;
import redraft.trace.TraceSummary;

/** Measurements of other programs in which bytes were changed, dropped and doubled. */
class MutatedMeasurementsTest {
  private static final int MUTATIONS = 400;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "vllm-metrics, vllm/responses.jsonl",
    "aiperf, aiperf/profile_export.jsonl",
    "sglang-metrics, sglang/responses.jsonl",
    "prometheus, vllm/after.prom",
    "prometheus, llama.cpp/metrics.prom",
    "engine-log, vllm/server.log",
    "engine-log, llama.cpp/server.log",
    "vllm-bench, vllm/bench.json",
  })
  void giveATraceThatCanBeReadOrOneLine(String format, String fixture) throws IOException {
    byte[] whole = Files.readAllBytes(MeasuredImports.fixture(fixture));
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      Path file = folder.resolve("m.txt");
      Files.write(file, mutated(whole, random));
      try {
        MeasuredImports.convert(format, MeasuredImports.settings(), folder, file);
        TraceSummary.of(LineSource.of(folder.resolve("trace.jsonl")));
      } catch (LineException | IllegalArgumentException e) {
        refused++;
        assertTrue(e.getMessage().length() < 1000, e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        assertFalse(
            e.getMessage().contains("trace.jsonl"), e.getMessage()); // what is being written
      }
    }
    assertTrue(refused > 0 && refused < MUTATIONS, refused + " refused");
  }

  private static byte[] mutated(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) "0123456789-.,:{}[]\"en \n".charAt(random.nextInt(23));
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        default -> {
          int length = Math.min(1 + random.nextInt(20), bytes.length - at);
          int to = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, at, bytes, to, length);
        }
      }
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
