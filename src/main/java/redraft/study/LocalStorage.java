package redraft.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import redraft.json.LineSource;

/** Archives that are folders of this machine, read on all of its processors. */
public final class LocalStorage implements Storage {
  @Override
  public List<ArchiveFile> files(String trace) throws IOException {
    Path folder = Path.of(trace);
    if (!Files.isDirectory(folder) || folder.toAbsolutePath().normalize().getParent() == null) {
      return null; // the root is a whole machine, and no archive
    }
    List<ArchiveFile> files = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = folder.relativize(path).toString().replace('\\', '/');
        if (Archive.isTrace(name) && Files.isRegularFile(path)) {
          files.add(new ArchiveFile(name, path.toString(), Files.size(path)));
        }
      }
    }
    files.sort(Comparator.comparing(ArchiveFile::name));
    return files;
  }

  @Override
  public LineSource open(String path) {
    return LineSource.of(Path.of(path));
  }

  @Override
  public boolean inOrder() {
    return true;
  }

  @Override
  public void read(Archive archive, ArchiveParts parts, LongConsumer progress) throws IOException {
    archive.read(archive.files(), parts, progress);
  }
}
