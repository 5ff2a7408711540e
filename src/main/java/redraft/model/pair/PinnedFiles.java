package redraft.model.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import redraft.model.ModelException;
import redraft.model.pair.PairManifest.FileEntry;
import redraft.model.pair.PairManifest.Origin;

/** The files that a manifest names: each within the directory, of its size and of its hash. */
final class PinnedFiles {
  private final Path directory;
  private final PairManifest manifest;

  PinnedFiles(Path directory, PairManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Looks at where files are, then at their sizes, then at what is in them.
   *
   * @throws ModelException naming the first that is not the file of the manifest
   */
  void check(FileHashes hashes) {
    try {
      Path home = directory.toRealPath();
      for (FileEntry entry : manifest.files()) {
        checkPlace(home, entry.file());
      }
      Set<String> named = new HashSet<>(manifest.files().stream().map(FileEntry::file).toList());
      for (Origin origin : manifest.origins()) {
        checkSize(origin, named);
      }
    } catch (IOException e) {
      throw new ModelException(directory + " cannot be read: " + e.getMessage(), e);
    }
    manifest.files().stream()
        .distinct()
        .parallel()
        .map(entry -> problem(entry, hashes))
        .toList() // in the order of the manifest
        .stream()
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(
            problem -> {
              throw new ModelException(problem);
            });
    hashes.save();
  }

  private void checkPlace(Path home, String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(file + " does not exist, although pair.json names it");
    }
    requireWithin(home, file);
  }

  /**
   * Refuses a link out of a model directory.
   *
   * @param home real path of the directory
   * @param file that exists
   */
  static void requireWithin(Path home, Path file) throws IOException {
    Path real = file.toRealPath();
    if (!real.startsWith(home)) {
      throw new ModelException(
          file
              + " is a link to "
              + real
              + ", which is outside of the model directory; put a copy of the file in its place");
    }
  }

  /** A file that was cut short is told before anything is hashed. */
  private void checkSize(Origin origin, Set<String> named) throws IOException {
    if (!named.contains(origin.file())) {
      throw new ModelException(
          directory.resolve(PairManifest.FILE)
              + ": \"origins\" has "
              + origin.file()
              + ", which no other entry names; pull the pair again, or take it out");
    }
    Path local = directory.resolve(origin.file());
    if (Files.size(local) != origin.bytes()) {
      throw new ModelException(
          local
              + " has "
              + Files.size(local)
              + " bytes, not the "
              + origin.bytes()
              + " that pair.json pins; pull the pair again with --force");
    }
  }

  private Optional<String> problem(FileEntry entry, FileHashes hashes) {
    Path file = directory.resolve(entry.file());
    return hashes
        .otherThan(entry.sha256(), file)
        .map(
            actual ->
                file
                    + " is not the file that pair.json names: its SHA-256 is "
                    + actual
                    + ", not "
                    + entry.sha256()
                    + "; fetch it again, or correct pair.json if the change is meant");
  }
}
