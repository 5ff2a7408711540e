package redraft.json;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

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
    makeFolder(file);
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

  /** What goes into a folder. */
  public interface FolderContent {
    void write(Path folder) throws IOException;
  }

  /**
   * Writes the files of a folder, all of them or none: they take the place of others of their names
   * once they are whole. What else is there stays.
   */
  public static void writeFolder(Path folder, FolderContent content) throws IOException {
    boolean there = Files.isDirectory(folder);
    Path parent = there ? folder : Files.createDirectories(folder.toAbsolutePath().getParent());
    Path written = parent.resolve(".writing-" + ProcessHandle.current().pid());
    try {
      content.write(Files.createDirectory(written));
      if (there) {
        moveFiles(written, folder);
      } else {
        Files.move(written, folder);
      }
    } catch (FileSystemException e) {
      Path file = e.getFile() == null ? folder : Path.of(e.getFile());
      if (!file.startsWith(written)) {
        throw e;
      }
      Path wanted = folder.resolve(written.relativize(file));
      throw named(wanted, new IOException(e.getReason(), e.getCause()));
    } finally {
      delete(written);
    }
  }

  private static void moveFiles(Path from, Path to) throws IOException {
    List<Path> files = filesOf(from);
    for (Path file : files) {
      Files.createDirectories(to.resolve(from.relativize(file)).getParent());
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file));
      if (Files.exists(target) && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
        write(target, out -> Files.copy(file, out)); // where a link leads, say
      } else {
        Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> inner;
      try (Stream<Path> all = Files.walk(folder)) {
        inner = all.sorted(Comparator.reverseOrder()).toList(); // what is in a folder before it
      }
      for (Path one : inner) {
        Files.delete(one);
      }
    }
  }

  /** Makes the folder of a file that is to be written. */
  public static void makeFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
  }

  /** The last name of a path, as people call it: that of its folder for {@code .}. */
  public static String name(Path path) {
    Path last = path.getFileName();
    if (last == null || last.toString().matches("\\.{0,2}")) {
      last = path.toAbsolutePath().normalize().getFileName();
    }
    return last == null ? path.toString() : last.toString(); // the root has no name
  }

  /** The absolute path, without links, of what is there or would be. */
  public static Path real(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    if (Files.exists(absolute)) {
      return absolute.toRealPath();
    }
    Path folder = absolute.getParent();
    return folder == null ? absolute : real(folder).resolve(absolute.getFileName()).normalize();
  }

  /**
   * Makes an empty file beside another, {@code .PREFIX-NAME}, for what is not ready to take its
   * name. One that a killed run left is replaced; a link of that name is removed, not followed.
   */
  public static Path beside(Path file, String prefix) throws IOException {
    Path made = file.resolveSibling("." + prefix + "-" + name(file));
    Files.deleteIfExists(made);
    return Files.createFile(made);
  }

  /** A failure of writing with the name of the file, which the platform's messages leave out. */
  static FileSystemException named(Path file, IOException failure) {
    Throwable reason = failure.getCause() instanceof IOException cause ? cause : failure;
    FileSystemException named = new FileSystemException(file.toString(), null, reason.getMessage());
    named.initCause(failure);
    return named;
  }
}
