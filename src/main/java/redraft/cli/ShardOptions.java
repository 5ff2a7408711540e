package redraft.cli;

import java.io.IOException;
import redraft.trace.archive.Shards;

/** What to do with shards that exist already. */
final class ShardOptions {
  private ShardOptions() {}

  /** Refuses shards that exist where nothing was said of them. */
  static void refuseExisting(Shards shards, boolean force) throws IOException {
    if (!force && !(shards.finished().isEmpty() && shards.begun().isEmpty())) {
      throw new IllegalArgumentException(
          shards.folder()
              + " has shards of "
              + shards.name()
              + " already; name another folder, or replace them with --force");
    }
  }
}
