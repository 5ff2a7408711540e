package redraft.model.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;
import redraft.model.onnx.Exports;

/** What is hashed again at a start, and what is not. */
class FileHashesTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2024-05-06T07:08:09Z"));

  @TempDir Path folder;
  private Path weights;
  private String hash;

  @BeforeEach
  void write() throws IOException {
    weights = Files.write(folder.resolve("weights"), new byte[3_000_000]);
    Files.setLastModifiedTime(weights, LONG_AGO);
    hash = DigestUtils.sha256Hex(new byte[3_000_000]);
  }

  private Path cache() {
    return folder.resolve("cache");
  }

  /** A start of the program: what it had to read, and what it found. */
  private FileHashes start() {
    FileHashes hashes = FileHashes.remembered(Map.of("REDRAFT_CACHE", cache().toString()));
    hashes.otherThan(hash, weights);
    hashes.save();
    return hashes;
  }

  @Test
  void aSecondStartReadsNoByteOfAFileThatIsTheSame() {
    assertEquals(3_000_000, start().bytesRead());
    assertEquals(0, start().bytesRead());
  }

  @Test
  void aPairIsHashedAtItsFirstLoadOnly() throws IOException {
    Path pair = Exports.copy("external", folder.resolve("pair"));
    long bytes = 0;
    try (Stream<Path> files = Files.walk(pair)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, LONG_AGO);
        boolean named = file.toString().matches(".*(\\.onnx|_data|tokenizer\\.json)");
        bytes += named ? Files.size(file) : 0;
      }
    }
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", cache().toString());
    for (long wanted : new long[] {bytes, 0, 0}) {
      FileHashes hashes = FileHashes.remembered(environment);
      PairFiles files = new PairFiles(pair, hashes);
      assertEquals("external", files.manifest().name());
      assertEquals(wanted, hashes.bytesRead());
    }
    assertTrue(Files.exists(cache().resolve("redraft/checked-files.json")));
    Files.write(pair.resolve("model.onnx_data"), new byte[47360]);
    String message =
        assertThrows(
                ModelException.class, () -> new PairFiles(pair, FileHashes.remembered(environment)))
            .getMessage();
    assertTrue(message.contains("model.onnx_data is not the file that pair.json names"), message);
  }

  /** The same size and the same time of modification, written over or put in its place. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFileThatLooksTheSameByItsSizeAndTimeIsStillFound(boolean replaced) throws IOException {
    start();
    byte[] other = new byte[3_000_000];
    other[7] = 1;
    if (replaced) {
      Files.move(
          Files.write(folder.resolve("new"), other),
          weights,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.write(weights, other);
    }
    Files.setLastModifiedTime(weights, LONG_AGO);
    FileHashes hashes = FileHashes.remembered(Map.of("REDRAFT_CACHE", cache().toString()));
    assertEquals(Optional.of(DigestUtils.sha256Hex(other)), hashes.otherThan(hash, weights));
  }

  @Test
  void aFileThatWasTouchedIsHashedAgain() throws IOException {
    start();
    Files.setLastModifiedTime(weights, FileTime.from(LONG_AGO.toInstant().plusNanos(1000)));
    assertEquals(3_000_000, start().bytesRead());
    assertEquals(0, start().bytesRead());
  }

  @Test
  void aFileThatWasWrittenJustNowIsNotRemembered() throws IOException {
    Files.setLastModifiedTime(weights, FileTime.from(Instant.now()));
    start();
    assertEquals(3_000_000, start().bytesRead());
  }

  @Test
  void anotherHashThanTheRememberedOneIsNotTaken() {
    start();
    FileHashes hashes = FileHashes.remembered(Map.of("REDRAFT_CACHE", cache().toString()));
    assertEquals(Optional.of(hash), hashes.otherThan("0".repeat(64), weights));
    assertEquals(3_000_000, hashes.bytesRead());
  }

  @Test
  void freshHashesRememberNothing() {
    start();
    FileHashes hashes = FileHashes.fresh();
    assertEquals(Optional.empty(), hashes.otherThan(hash, weights));
    assertEquals(3_000_000, hashes.bytesRead());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "{\"WEIGHTS\": null}",
        "{\"WEIGHTS\": {\"size\": \"x\"}}",
        "{\"\\u0000\": {\"size\": 1}}"
      })
  void aFileOfHashesThatIsBrokenIsNone(String text) throws IOException {
    Files.createDirectories(cache());
    Files.writeString(
        cache().resolve("checked-files.json"), text.replace("WEIGHTS", weights.toString()));
    assertEquals(3_000_000, start().bytesRead());
    assertEquals(0, start().bytesRead());
  }

  @Test
  void withoutAFolderToWriteToEveryStartHashes() throws IOException {
    Files.writeString(cache(), "a file is in the way");
    assertEquals(3_000_000, start().bytesRead());
    assertEquals(3_000_000, start().bytesRead());
    assertEquals("a file is in the way", Files.readString(cache()));
  }

  @Test
  void severalThatWriteAtOnceLeaveAFileThatIsWhole() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<FileHashes>> starts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      starts.add(threads.submit(this::start));
    }
    for (Future<FileHashes> each : starts) {
      each.get();
    }
    threads.shutdown();
    assertEquals(0, start().bytesRead());
    try (Stream<Path> left = Files.list(cache())) {
      assertEquals(List.of(cache().resolve("checked-files.json")), left.toList());
    }
  }

  @Test
  void filesThatAreGoneAreForgotten() throws IOException {
    start();
    Path old = weights;
    weights = Files.move(weights, folder.resolve("moved"));
    start();
    String text = Files.readString(cache().resolve("checked-files.json"));
    assertTrue(!text.contains(old.toString() + '"') && text.contains("moved"), text);
  }
}
