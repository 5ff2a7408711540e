package redraft.study;

import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;
import redraft.json.LineSource;

/** Where the files of archives lie, and who reads them. */
public interface Storage {
  /**
   * The files of an archive, in their order.
   *
   * @param trace as it was named
   * @return null where that names no archive
   */
  List<ArchiveFile> files(String trace) throws IOException;

  /**
   * @param path of a file of an archive
   */
  LineSource open(String path) throws IOException;

  /** Whether questions may be asked that are told of one text after the other. */
  boolean inOrder();

  /**
   * Reads all files of an archive by {@link Archive#read}, in any order and in any parts.
   *
   * @param parts told what they say
   * @param progress told from time to time how many sequences have been read
   */
  void read(Archive archive, ArchiveParts parts, LongConsumer progress) throws IOException;

  /**
   * A file of an archive.
   *
   * @param name within the archive; empty for a trace that was named itself
   */
  record ArchiveFile(String name, String path, long bytes) {}
}
