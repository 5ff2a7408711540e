package redraft.model.pair;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.model.ModelException;

/**
 * SHA-256 of files, which may be remembered from one start of the program to the next.
 *
 * <p>A hash is remembered with the path, size, times and key (inode) of its file, and forgotten
 * when one of them is another. What is trusted thereby is that nobody changes a file and keeps all
 * of them, and that nobody else writes the user's cache folder. Safe for use by several threads,
 * and its file by several processes: it is replaced whole, and one that cannot be read is none.
 */
public final class FileHashes {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int BUFFER = 1 << 20; // bytes

  /** A file that is written again so soon may have the same time, as file systems round it. */
  private static final Duration ROUNDING = Duration.ofSeconds(2);

  /**
   * What tells that a file is still the one that was hashed.
   *
   * @param changed when its inode was, where the system knows: a change of the content that puts
   *     the time of modification back is told by it
   */
  record Seen(long size, String modified, String changed, String key, String sha256) {}

  private final Optional<Path> file;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>(); // by real path
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile boolean changed;

  private FileHashes(Optional<Path> file) {
    this.file = file;
    file.ifPresent(there -> seen.putAll(read(there)));
  }

  /** Hashes of what the files hold now, whatever was remembered. */
  public static FileHashes fresh() {
    return new FileHashes(Optional.empty());
  }

  /**
   * Hashes that are remembered in a folder: {@code REDRAFT_CACHE}, {@code redraft} in {@code
   * XDG_CACHE_HOME}, or {@code .cache/redraft} of the user's home; fresh ones where it cannot be
   * read or written.
   */
  public static FileHashes remembered(Map<String, String> environment) {
    String given = environment.getOrDefault("REDRAFT_CACHE", "");
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        !given.isEmpty()
            ? Path.of(given)
            : caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "redraft")
                : Path.of(caches, "redraft");
    return new FileHashes(Optional.of(folder.resolve("checked-files.json")));
  }

  /**
   * SHA-256 of what a file holds now, lower-case hex.
   *
   * @throws ModelException if it cannot be read
   */
  public static String of(Path file) {
    try {
      return fresh().hash(file);
    } catch (IOException e) {
      throw new ModelException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Whether a file has that hash.
   *
   * @return its hash where it is another
   * @throws ModelException if it cannot be read
   */
  Optional<String> otherThan(String sha256, Path path) {
    try {
      Path real = path.toRealPath();
      Seen now = seenNow(real, sha256);
      if (file.isPresent() && now.equals(seen.get(real.toString()))) {
        return Optional.empty();
      }
      String actual = hash(real);
      if (!actual.equalsIgnoreCase(sha256)) {
        return Optional.of(actual);
      }
      boolean settled =
          Instant.parse(now.modified).plus(ROUNDING).isBefore(Instant.now())
              && now.equals(seenNow(real, sha256));
      if (file.isPresent() && settled) {
        seen.put(real.toString(), now);
        changed = true;
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new ModelException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Seen seenNow(Path file, String sha256) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return new Seen(
        now.size(),
        now.lastModifiedTime().toInstant().toString(),
        changed(file),
        String.valueOf(now.fileKey()),
        sha256);
  }

  private static String changed(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:ctime").toString();
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return "";
    }
  }

  private String hash(Path file) throws IOException {
    MessageDigest digest = DigestUtils.getSha256Digest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count; (count = in.read(buffer)) != -1; ) {
        digest.update(buffer, 0, count);
        bytesRead.addAndGet(count);
      }
    }
    return Hex.encodeHexString(digest.digest());
  }

  /** Bytes that were read to be hashed. */
  long bytesRead() {
    return bytesRead.get();
  }

  /** Writes what is new to remember; does without where it cannot be written. */
  void save() {
    if (!changed || file.isEmpty()) {
      return;
    }
    Map<String, Seen> all = new TreeMap<>(read(file.get())); // other processes write it too
    all.putAll(seen);
    all.keySet().removeIf(path -> !Files.exists(Path.of(path)));
    try {
      Path folder = Files.createDirectories(file.get().toAbsolutePath().getParent());
      Path written = Files.createTempFile(folder, "checked-files", ".tmp");
      try {
        MAPPER.writerWithDefaultPrettyPrinter().writeValue(written.toFile(), all);
        Files.move(
            written,
            file.get(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(written);
      }
      changed = false;
    } catch (IOException e) {
      // hashed again at the next start
    }
  }

  private static Map<String, Seen> read(Path file) {
    try {
      Map<String, Seen> read =
          MAPPER.readValue(file.toFile(), new TypeReference<Map<String, Seen>>() {});
      if (read == null || read.containsValue(null)) {
        return Map.of();
      }
      read.keySet().forEach(Path::of); // or it is no name of a file
      return read;
    } catch (IOException | InvalidPathException e) {
      return Map.of();
    }
  }
}
