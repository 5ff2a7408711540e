package redraft.trace.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;
import redraft.json.LineWriter;

/** The index of an archive: JSON Lines, an {@link IndexEntry} for each file. */
public final class ArchiveIndex implements Closeable {
  /** Its name in the folder of an archive. */
  public static final String FILE = "index.jsonl";

  private final LineWriter lines;

  /** Begins to write one, in place of a file of that name. */
  public ArchiveIndex(Path file) throws IOException {
    lines = new LineWriter(file);
  }

  public void write(IndexEntry entry) throws IOException {
    lines.write(entry.line());
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /**
   * The SHA-256 of each file by its path.
   *
   * @throws redraft.json.LineException if the file is no index
   */
  public static Map<String, String> digests(Path file) throws IOException {
    Map<String, String> digests = new LinkedHashMap<>();
    try (LineReader lines = new LineReader(LineSource.of(file))) {
      while (lines.advance()) {
        String[] entry = lines.parse(() -> entry(lines));
        if (digests.put(entry[0], entry[1]) != null) {
          throw lines.error("\"path\" is \"" + entry[0] + "\" again");
        }
      }
    }
    return digests;
  }

  private static String[] entry(LineReader lines) throws IOException {
    String[] entry = new String[2];
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "path" -> entry[0] = lines.string();
        case "sha256" -> entry[1] = lines.string();
        default -> lines.skip();
      }
    }
    fields.require("path", "sha256");
    return entry;
  }
}
