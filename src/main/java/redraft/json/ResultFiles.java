package redraft.json;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that results go into: folders are made where they are missing, failures name the file. */
public final class ResultFiles {
  private ResultFiles() {}

  /** What goes into a file. */
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /**
   * Writes a file, over one of that name.
   *
   * @throws FileSystemException if it cannot be written, such as on a full disk
   */
  public static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      content.write(out);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /** The same with text, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** A failure of writing with the name of the file, which the platform's messages leave out. */
  private static FileSystemException named(Path file, IOException failure) {
    Throwable reason = failure.getCause() instanceof IOException cause ? cause : failure;
    FileSystemException named = new FileSystemException(file.toString(), null, reason.getMessage());
    named.initCause(failure);
    return named;
  }
}
