package redraft.replay;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import redraft.replay.TraceReplay.Outcome;

/**
 * What is kept of outcomes, so that files can be read apart: tallies of parts, added up in any
 * order, are the tally of the whole. A prompt ends with its file: samples of it in another count as
 * another prompt.
 */
public interface Tally extends Consumer<Outcome> {
  /** One of the same kind that was told of nothing yet. */
  Tally fresh();

  /**
   * Writes what {@link #addFrom} adds.
   *
   * @param settings that outcomes are of, in their order
   */
  void write(DataOutput out, List<Setting> settings) throws IOException;

  /**
   * Adds what another wrote, of settings that were made alike.
   *
   * @param settings in the same order as there
   */
  void addFrom(DataInput in, List<Setting> settings) throws IOException;

  /** Writes a text of any length. */
  static void writeText(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads what {@link #writeText} wrote. */
  static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
