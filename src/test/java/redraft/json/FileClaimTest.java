package redraft.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileClaimTest {
  @TempDir Path folder;

  /** Claims a file, says so, and holds the claim until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      FileClaim claim = FileClaim.take(Path.of(arguments[0]));
      try (claim) {
        System.out.println("claimed");
        Thread.sleep(Long.MAX_VALUE);
      }
    }
  }

  @Test
  void aProcessHoldsItsClaimAgainstOthersUntilItIsKilled() throws Exception {
    Path file = folder.resolve("t.jsonl");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals("claimed", holder.inputReader().readLine());
      assertTrue(FileClaim.tryTake(file).isEmpty());
      assertTrue(FileClaim.tryTake(file).isEmpty(), "asking once took it away");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertTrue(Files.exists(folder.resolve(".t.jsonl.lock")), "killed before it could remove it");
    FileClaim.take(file).close();
    assertFalse(Files.exists(folder.resolve(".t.jsonl.lock")));
  }

  @Test
  void oneProcessClaimsAFileOnceUnderAllItsNames() throws IOException {
    Path file = Files.createFile(folder.resolve("t.jsonl"));
    Path link = Files.createSymbolicLink(folder.resolve("latest"), file);
    FileClaim claim = FileClaim.take(file);
    try (claim) {
      assertEquals(
          link + ": another run is writing it; wait for that to end, or name another file",
          assertThrows(FileSystemException.class, () -> FileClaim.take(link)).getMessage());
    }
    FileClaim.take(link).close();
  }

  @Test
  void aLinkInThePlaceOfTheLockIsNotFollowed() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    Path lock = Files.createSymbolicLink(folder.resolve(".t.jsonl.lock"), victim);
    assertEquals(
        lock + ": is a link, not a lock; remove it",
        assertThrows(FileSystemException.class, () -> FileClaim.take(folder.resolve("t.jsonl")))
            .getMessage());
    assertEquals("mine", Files.readString(victim));
  }
}
