package redraft.json;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The writing of a file that takes its name once it is whole, and leaves nothing otherwise. */
public final class WholeFile {
  private WholeFile() {}

  /** What goes into a file. */
  public interface Content {
    /**
     * @param file that is there, empty, beside the one that is to be written
     */
    void write(Path file) throws IOException;
  }

  /**
   * Writes a file, whose folder is made where it is missing.
   *
   * @param force whether a file of that name may be there already, and is replaced
   * @throws IllegalArgumentException if there is one and may not, or there is something else
   */
  public static void write(Path file, boolean force, Content content) throws IOException {
    refuseExisting(file, force);
    ResultFiles.makeFolder(file);
    FileClaim claim = FileClaim.take(file);
    try (claim) {
      refuseExisting(file, force); // also what another run has put there meanwhile
      Path real = ResultFiles.real(file);
      Path written = ResultFiles.beside(real, "writing");
      try {
        content.write(written);
        Files.move(written, real, StandardCopyOption.REPLACE_EXISTING);
      } catch (FileSystemException e) {
        if (!written.toString().equals(e.getFile()) || e.getReason() == null) {
          throw e;
        }
        throw ResultFiles.named(file, new IOException(e.getReason(), e.getCause()));
      } finally {
        Files.deleteIfExists(written);
      }
    }
  }

  private static void refuseExisting(Path file, boolean force) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " is there and is no file; name another one");
    }
    if (Files.exists(file) && !force) {
      throw new IllegalArgumentException(
          file + " exists already; name another file, or overwrite it with --force");
    }
  }
}
