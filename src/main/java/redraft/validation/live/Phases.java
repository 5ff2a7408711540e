package redraft.validation.live;

/** Who is told how far live work is: it has phases, and each of them has steps of a length. */
public interface Phases {
  /** A phase begins, and the one before it is over. */
  void begin(String phase, long steps);

  /** A step of the phase is done. */
  void step();
}
