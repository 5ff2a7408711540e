package redraft.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where lines are read from: a file, or a stream such as standard input. */
public final class LineSource {
  /** The path that stands for standard input. */
  public static final String STANDARD_INPUT = "-";

  private final String name;
  private final Path file; // null for a stream
  private final InputStream stream; // null for a file
  private boolean streamTaken;

  private LineSource(String name, Path file, InputStream stream) {
    this.name = name;
    this.file = file;
    this.stream = stream;
  }

  /** A file, which messages call by its name without its folders. */
  public static LineSource of(Path file) {
    return new LineSource(ResultFiles.name(file), file, null);
  }

  /**
   * What an argument names.
   *
   * @param argument a path, or {@link #STANDARD_INPUT}
   * @param standardInput is not closed
   * @throws IllegalArgumentException if it is the address of something else
   */
  public static LineSource of(String argument, InputStream standardInput) {
    if (argument.equals(STANDARD_INPUT)) {
      return new LineSource("standard input", null, standardInput);
    }
    if (argument.matches("\\p{Alpha}[\\p{Alnum}+.-]+://.*")) {
      throw new IllegalArgumentException(
          argument
              + " cannot be read: only files are, and standard input as '-'; download it, or pipe it"
              + " in");
    }
    return of(Path.of(argument));
  }

  /**
   * What lies elsewhere than in files, and is read once.
   *
   * @param stream is closed by its reader
   */
  public static LineSource ofStream(String name, InputStream stream) {
    return new LineSource(name, null, stream);
  }

  /** The same under another name. */
  public LineSource called(String other) {
    return new LineSource(other, file, stream);
  }

  /** A file of that name in the folder of this one; null where there is none. */
  public LineSource beside(String other) {
    Path sibling = file == null ? null : file.resolveSibling(other);
    return sibling == null || !Files.isRegularFile(sibling) ? null : of(sibling);
  }

  /** As messages call it. */
  public String name() {
    return name;
  }

  /**
   * This source where it can be read any number of times, otherwise a copy that can; messages call
   * it by the same name.
   *
   * @param copy the file to copy it to
   */
  public LineSource repeatable(Path copy) throws IOException {
    if (file != null && (Files.isRegularFile(file) || !Files.exists(file))) {
      return this;
    }
    try (InputStream in = open()) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return new LineSource(name, copy, null);
  }

  /**
   * The bytes, decompressed where they begin as gzip or zstd; what was cut ends where it was, and
   * zeros at the end of what is not compressed are there.
   */
  public InputStream decompressed() throws IOException {
    return new Decompression(open()).stream();
  }

  /** How many they are, compressed or not; -1 where that is known only at the end. */
  public long bytes() throws IOException {
    return file != null && Files.isRegularFile(file) ? Files.size(file) : -1;
  }

  /** The bytes as they are, compressed or not. */
  InputStream open() throws IOException {
    if (file == null) {
      if (streamTaken) {
        throw new IllegalStateException(name + " can be read only once");
      }
      streamTaken = true;
      return stream;
    }
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory, not a file");
    }
    return Files.newInputStream(file);
  }
}
