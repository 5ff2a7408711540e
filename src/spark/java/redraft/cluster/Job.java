package redraft.cluster;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What executors have to know: the command, which they plan as the driver does, and which of its
 * questions is asked of their files.
 *
 * @param arguments of the command
 * @param contents of the files that options name, by what the arguments call them
 * @param leads the first files of each archive that was asked so far, as {@code name, path, bytes}
 *     each
 * @param answers of the questions before this one, as {@link
 *     redraft.study.ArchiveParts#write} wrote them
 */
record Job(
    String[] arguments,
    Map<String, byte[]> contents,
    Map<String, List<String[]>> leads,
    List<byte[]> answers)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /**
   * What a part of the files says.
   *
   * @param parts compressed; null where the command ended before it had read them
   * @param failure what it said then
   */
  record Answer(byte[] parts, int exit, String failure) implements Serializable {
    private static final long serialVersionUID = 1;
  }
}
