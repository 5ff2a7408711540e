package redraft.export;

/** An engine that settings are written for; one file each, what its releases take is data. */
public interface EngineExport {
  ReleasedEngine engine();

  /** The name of the engine. */
  default String name() {
    return engine().name();
  }

  /**
   * The settings of a choice.
   *
   * @throws IllegalArgumentException if the release would refuse them, naming releases that do not
   */
  Printed speculative(Choice choice, Names names);

  /** The settings of plain decoding. */
  Printed plain(Names names);

  /**
   * What the models are called where the engine runs.
   *
   * @param target a name of the Hugging Face hub or a path
   */
  record Names(String target, String draft) {}
}
