package redraft.report;

import redraft.trace.archive.IndexEntry;

/** The columns of rows about archives, in CSV. */
public final class ArchiveColumns {
  private ArchiveColumns() {}

  /** {@code traces index}: the fields of the index in JSON Lines. */
  public static final Columns<IndexEntry> INDEX =
      new Columns<IndexEntry>()
          .add("path", IndexEntry::path)
          .add("sequences", row -> row.holds().sequences())
          .add("positions", row -> row.holds().positions())
          .add("domains", row -> row.holds().domains())
          .add("drafts", row -> row.holds().drafts())
          .add("grade", row -> row.holds().grade())
          .add("bytes", row -> row.bytes().size())
          .add("sha256", row -> row.bytes().sha256())
          .add("complete", row -> row.holds().complete());
}
