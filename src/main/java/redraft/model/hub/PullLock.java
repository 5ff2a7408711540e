package redraft.model.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/** One pull's claim to a directory: a locked file beside it, which goes when the claim ends. */
final class PullLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private PullLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The lock, or nothing where another pull, of this process or another, holds it. */
  static Optional<PullLock> tryTake(Path file) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean taken = false;
      try {
        if (!tryLock(channel)) {
          return Optional.empty();
        }
        // Opened before another pull ended and removed it, this file is no longer the one of that
        // name, and a third pull may hold that. Its content tells.
        String own = UUID.randomUUID().toString();
        channel.truncate(0).write(ByteBuffer.wrap(own.getBytes(StandardCharsets.UTF_8)));
        if (contentOf(file).equals(own)) {
          taken = true;
          return Optional.of(new PullLock(file, channel));
        }
      } finally {
        if (!taken) {
          channel.close();
        }
      }
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      // beyond the content, which a lock would keep others from reading on some systems
      return channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this very process
    }
  }

  private static String contentOf(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Removes the file while it is still locked, then lets go of it. */
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(file);
    }
  }
}
