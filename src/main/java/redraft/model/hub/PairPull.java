package redraft.model.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import redraft.json.FileClaim;
import redraft.model.ModelException;
import redraft.model.hub.HuggingFaceHub.RemoteFile;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.Origin;

/**
 * Makes a model directory out of a pair of the catalogue: the tokenizer, a folder for each model,
 * and the {@code pair.json} that pins them.
 *
 * <p>Files arrive in {@code .NAME.pulling} beside the directory and stay there when a pull breaks
 * off; the next one goes on with them. Only when all are checked is that folder renamed to the
 * directory, in one step. A pull holds {@code .NAME.lock}, beside them, until then.
 */
public final class PairPull {
  private final HuggingFaceHub hub;
  private final Progress progress;

  /** Told how far a pull is. */
  public interface Progress {
    /** Sizes are known; counts begin with what an earlier pull left. */
    void planned(long bytes);

    void arrived(long bytes);
  }

  /**
   * What a pull did.
   *
   * @param arrived false where everything was there already
   */
  public record Result(PairManifest manifest, boolean arrived) {
    public long bytes() {
      return manifest.origins().stream().mapToLong(Origin::bytes).sum();
    }
  }

  public PairPull(HuggingFaceHub hub, Progress progress) {
    this.hub = hub;
    this.progress = progress;
  }

  /**
   * Pulls a pair; does nothing, without asking the hub, where the directory holds it already.
   *
   * @param force whether to pull what the catalogue names now, in place of what is there
   * @throws ModelException if the hub refuses, something else was sent, or the directory holds
   *     something else or was changed
   */
  public Result pull(Pair pair, Path directory, boolean force) throws IOException {
    Path to = directory.toAbsolutePath().normalize();
    if (to.getFileName() == null) {
      throw new ModelException(directory + " is no place for a pair; name a folder with --to");
    }
    Optional<Result> there = there(pair, to, directory, force);
    if (there.isPresent()) {
      return there.get();
    }
    Path staging = to.resolveSibling("." + to.getFileName() + ".pulling");
    Files.createDirectories(to.getParent());
    FileClaim claim =
        FileClaim.tryTake(to)
            .orElseThrow(
                () ->
                    new ModelException(
                        "another pull is writing "
                            + staging
                            + "; wait for it, or name another directory with --to"));
    try (claim) {
      there = there(pair, to, directory, force); // what a pull before this one put in place
      if (there.isPresent()) {
        return there.get();
      }
      return new Result(pull(pair, staging, to), true);
    }
  }

  private Optional<Result> there(Pair pair, Path to, Path directory, boolean force)
      throws IOException {
    if (!Files.exists(to) || isEmpty(to)) {
      return Optional.empty();
    }
    if (!holdsPair(to)) {
      throw new ModelException(
          directory
              + " is there and holds no pair.json; name another directory with --to, or move it away");
    }
    if (force) {
      requireNothingElse(pair, to, directory);
      return Optional.empty();
    }
    return Optional.of(new Result(existing(pair, to, directory), false));
  }

  /** What is replaced is thrown away: it may hold files of a pair alone. */
  private static void requireNothingElse(Pair pair, Path to, Path directory) throws IOException {
    Set<Path> known = new HashSet<>(Set.of(to.resolve(PairManifest.FILE)));
    WantedFile.of(pair).forEach(file -> known.add(to.resolve(file.local())));
    try {
      PairManifest.readUnchecked(to)
          .files()
          .forEach(file -> known.add(to.resolve(file.file()).normalize()));
    } catch (ModelException e) {
      // a broken pair.json, which is to be replaced, tells of none
    }
    try (Stream<Path> files = Files.walk(to)) {
      List<Path> others =
          files
              .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
              .filter(file -> !known.contains(file))
              .sorted()
              .toList();
      if (!others.isEmpty()) {
        throw new ModelException(
            directory
                + " holds "
                + to.relativize(others.get(0))
                + (others.size() > 1 ? " and " + (others.size() - 1) + " more" : "")
                + " besides its pair, which --force would delete; move "
                + (others.size() > 1 ? "them" : "it")
                + " away, or name another directory with --to");
      }
    }
  }

  private PairManifest pull(Pair pair, Path staging, Path to) throws IOException {
    if (Files.isSymbolicLink(staging)) {
      throw new ModelException(
          staging + " is a link, not the folder of an earlier pull; remove it");
    }
    Files.createDirectories(staging);
    try {
      fill(pair, staging);
    } catch (IOException | RuntimeException e) {
      if (bytesIn(staging) == 0) {
        removeAll(staging); // nothing to resume
      }
      throw e;
    }
    PairManifest manifest = PairManifest.read(staging);
    moveIntoPlace(staging, to);
    return manifest;
  }

  private static boolean holdsPair(Path directory) {
    return Files.exists(directory.resolve("pair.json"));
  }

  private static boolean isEmpty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  /** The manifest of what is there, if that is the pair. */
  private static PairManifest existing(Pair pair, Path to, Path directory) {
    PairManifest manifest;
    try {
      manifest = PairManifest.read(to);
    } catch (ModelException e) {
      throw new ModelException(e.getMessage() + "; or replace the directory with --force", e);
    }
    Map<String, Origin> origins = new HashMap<>();
    manifest.origins().forEach(origin -> origins.put(origin.file(), origin));
    for (WantedFile file : WantedFile.of(pair)) {
      Origin origin = origins.get(file.local());
      boolean same =
          origin == null
              ? file.optional()
              : file.repository().equals(origin.repository())
                  && file.revision().equals(origin.revision())
                  && file.path().equals(origin.path());
      if (!same || !manifest.name().equals(pair.name())) {
        throw new ModelException(
            directory
                + " holds "
                + (manifest.name().equals(pair.name())
                    ? "another '"
                        + pair.name()
                        + "': its pair.json does not pin "
                        + file.local()
                        + " to "
                        + file.path()
                        + " of "
                        + file.repository()
                        + " at "
                        + file.revision()
                    : "the pair '" + manifest.name() + "', not '" + pair.name() + "'")
                + "; name another directory with --to, or replace it with --force");
      }
    }
    return manifest;
  }

  /** Leaves exactly the files of the pair in the folder. */
  private void fill(Pair pair, Path staging) throws IOException {
    Map<WantedFile, RemoteFile> files = find(pair);
    long total = files.values().stream().mapToLong(RemoteFile::bytes).sum();
    keepOnly(staging, files);
    requireRoom(staging, total - bytesIn(staging));
    progress.planned(total);
    Map<String, String> hashes = new HashMap<>();
    long before = 0;
    for (Map.Entry<WantedFile, RemoteFile> entry : files.entrySet()) {
      RemoteFile remote = entry.getValue();
      Path local = staging.resolve(entry.getKey().local());
      Files.createDirectories(local.getParent());
      hashes.put(entry.getKey().local(), fetch(remote, local, before));
      before += remote.bytes();
      progress.arrived(before);
    }
    PulledManifest.of(pair, staging, files, hashes).write(staging);
  }

  /** One commit for each repository and revision, even if the branch moves meanwhile. */
  private Map<WantedFile, RemoteFile> find(Pair pair) {
    Map<WantedFile, RemoteFile> files = new LinkedHashMap<>();
    Map<String, String> commits = new HashMap<>();
    for (WantedFile file : WantedFile.of(pair)) {
      String revision = file.repository() + " " + file.revision();
      String at = commits.getOrDefault(revision, file.revision());
      Optional<RemoteFile> found =
          file.optional()
              ? hub.find(file.repository(), at, file.path())
              : Optional.of(hub.require(file.repository(), at, file.path()));
      found.ifPresent(
          remote -> {
            commits.putIfAbsent(revision, remote.commit());
            files.put(file, remote);
          });
    }
    return files;
  }

  /** Named after its hash, so that the beginning of another file is never taken for its own. */
  private static Path partial(Path local, RemoteFile remote) {
    return local.resolveSibling(
        local.getFileName() + "." + remote.hash().substring(0, 16) + ".part");
  }

  private String fetch(RemoteFile remote, Path local, long before) throws IOException {
    if (Files.exists(local)) {
      try {
        return HuggingFaceHub.verified(remote, local);
      } catch (ModelException e) {
        Files.delete(local); // the branch has moved since an earlier pull fetched it
      }
    }
    Path partial = partial(local, remote);
    String sha256 = hub.download(remote, partial, there -> progress.arrived(before + there));
    Files.move(partial, local, StandardCopyOption.ATOMIC_MOVE);
    return sha256;
  }

  /** Removes what no earlier pull of the same files left. */
  private static void keepOnly(Path staging, Map<WantedFile, RemoteFile> files) throws IOException {
    Set<Path> kept = new HashSet<>(Set.of(staging));
    for (Map.Entry<WantedFile, RemoteFile> entry : files.entrySet()) {
      Path local = staging.resolve(entry.getKey().local());
      kept.add(local);
      kept.add(partial(local, entry.getValue()));
    }
    try (Stream<Path> there = Files.walk(staging)) {
      for (Path path : there.sorted(Comparator.reverseOrder()).toList()) {
        if (Files.isSymbolicLink(path)
            || !kept.contains(path) && (Files.isRegularFile(path) || isEmpty(path))) {
          Files.delete(path);
        }
      }
    }
  }

  private static void requireRoom(Path staging, long bytes) throws IOException {
    long free = Files.getFileStore(staging).getUsableSpace();
    if (bytes > free) {
      throw new ModelException(
          String.format(
              Locale.ROOT,
              "%s needs %,d bytes more, its disk has %,d left; make room, or name another directory with --to",
              staging.getParent(),
              bytes,
              free));
    }
  }

  private static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(PairPull::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void moveIntoPlace(Path staging, Path to) throws IOException {
    Path old = to.resolveSibling("." + to.getFileName() + ".replaced");
    removeAll(old);
    if (Files.exists(to)) {
      Files.move(to, old, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(staging, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(old)) {
        Files.move(old, to, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    removeAll(old);
  }

  private static void removeAll(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
