package redraft.json;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * The claim of one writer to a file or folder: a lock of the operating system on an empty file
 * beside it, {@code .NAME.lock}. The lock ends with its process, however that ends, and the file
 * with the claim.
 */
public final class FileClaim implements Closeable {
  private final Path lock; // null for a device, which everyone may write to
  private final FileChannel channel; // null with it

  private FileClaim(Path lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  /**
   * The claim, whose folder is there.
   *
   * @throws FileSystemException if another has it
   */
  public static FileClaim take(Path target) throws IOException {
    return tryTake(target)
        .orElseThrow(
            () ->
                new FileSystemException(
                    target.toString(),
                    null,
                    "another run is writing it; wait for that to end, or name another file"));
  }

  /** The claim, or nothing where another has it, of this process or another. */
  public static Optional<FileClaim> tryTake(Path target) throws IOException {
    Path real = ResultFiles.real(target);
    if (Files.exists(real) && !Files.isRegularFile(real) && !Files.isDirectory(real)) {
      return Optional.of(new FileClaim(null, null));
    }
    Path lock = real.resolveSibling("." + ResultFiles.name(real) + ".lock");
    while (true) {
      Object before = identity(lock);
      FileChannel channel = open(lock);
      boolean taken = false;
      try {
        if (!tryLock(channel)) {
          return Optional.empty();
        }
        // Another claim may have ended and removed its file between the two steps above; then this
        // is no longer the file of that name, and a third claim may have that. The file is not
        // opened a second time to see: closing that would end the lock (POSIX).
        Object after = identity(lock);
        if (after == null ? before == null : after.equals(before)) {
          taken = true;
          return Optional.of(new FileClaim(lock, channel));
        }
      } finally {
        if (!taken) {
          channel.close();
        }
      }
    }
  }

  private static FileChannel open(Path lock) throws IOException {
    try {
      return FileChannel.open(
          lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      if (Files.isSymbolicLink(lock)) {
        throw new FileSystemException(lock.toString(), null, "is a link, not a lock; remove it");
      }
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // of this very process
    }
  }

  /** Which file has the name now; null if none has, or where files have no keys (Windows). */
  private static Object identity(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Removes the file while it is still locked, then lets go of it. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (lock != null) {
        Files.deleteIfExists(lock);
      }
    }
  }
}
