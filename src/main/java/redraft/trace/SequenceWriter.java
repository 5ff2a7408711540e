package redraft.trace;

import java.io.Closeable;
import java.io.IOException;

/** Where sequences of one recording are written to, one after the other. */
public interface SequenceWriter extends Closeable {
  /**
   * Appends one sequence.
   *
   * @throws redraft.json.LineException if it could not be read again; nothing is written then
   */
  void write(TraceSequence sequence) throws IOException;

  /**
   * Appends one sequence as it stands in another trace.
   *
   * @param line of the sequence, its newline included
   * @throws redraft.json.LineException if it could not be read again; nothing is written then
   */
  void copy(TraceSequence sequence, byte[] line) throws IOException;

  /** Sequences written so far. */
  long sequences();

  /** Positions written so far: their generated tokens. */
  long positions();

  /** Says that all is written: what was written is complete. */
  void finish() throws IOException;

  /** Waits until what was written is on the disk. */
  void force() throws IOException;
}
