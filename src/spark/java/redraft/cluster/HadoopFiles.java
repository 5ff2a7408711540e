package redraft.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import redraft.json.LineSource;
import redraft.study.Archive;
import redraft.study.Storage.ArchiveFile;

/** Files of any file system that Hadoop knows: {@code file}, {@code hdfs}, {@code s3a}, … */
final class HadoopFiles {
  private HadoopFiles() {}

  /**
   * The files of an archive in the order of their names: of a folder all traces in it and in its
   * folders, of a pattern all that it matches.
   *
   * @param trace such as {@code s3a://traces/llama-70b/2026-*}
   * @throws IOException if there is nothing of that name
   */
  static List<ArchiveFile> list(String trace, Configuration hadoop) throws IOException {
    Path pattern = new Path(trace);
    FileSystem files = pattern.getFileSystem(hadoop);
    FileStatus[] matched = files.globStatus(pattern);
    if (matched == null || matched.length == 0) {
      throw new IOException(trace + " does not exist, or matches nothing");
    }
    List<ArchiveFile> found = new ArrayList<>();
    for (FileStatus one : matched) {
      if (one.isFile()) {
        // A trace that was named itself has no name within an archive.
        String name = matched.length == 1 ? "" : one.getPath().getName();
        found.add(new ArchiveFile(name, one.getPath().toString(), one.getLen()));
        continue;
      }
      String folder = one.getPath().toUri().getPath();
      String prefix = matched.length == 1 ? "" : one.getPath().getName() + "/";
      RemoteIterator<LocatedFileStatus> within = files.listFiles(one.getPath(), true);
      while (within.hasNext()) {
        LocatedFileStatus file = within.next();
        String path = file.getPath().toUri().getPath();
        String name = prefix + path.substring(folder.length()).replaceFirst("^/", "");
        if (Archive.isTrace(name)) {
          found.add(new ArchiveFile(name, file.getPath().toString(), file.getLen()));
        }
      }
    }
    found.sort(Comparator.comparing(ArchiveFile::name));
    return found;
  }

  static LineSource open(String path, Configuration hadoop) throws IOException {
    Path file = new Path(path);
    return LineSource.ofStream(file.getName(), file.getFileSystem(hadoop).open(file));
  }
}
