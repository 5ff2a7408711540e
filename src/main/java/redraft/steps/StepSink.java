package redraft.steps;

/**
 * What is told of the steps that decode a text: what happens, never what it costs. The weight of an
 * event is the number of times that it happens: 1 in a run, its probability in an expectation.
 */
public interface StepSink {
  /**
   * A step starts.
   *
   * @param position 0-based index of its first token among the committed ones
   */
  void start(int position, double weight);

  /** The passes of a step that starts at this position, where they are of this shape. */
  void passes(StepShape shape, int position, double weight);

  /** A step whose shape is known when it starts. */
  default void step(StepShape shape, int position, double weight) {
    start(position, weight);
    passes(shape, position, weight);
  }

  /**
   * The first draft pass of the step at this position also takes in the last token that the draft
   * proposed before, because the block was accepted whole.
   */
  void catchUp(int position, double weight);

  /** A step that keeps this many of its drafted tokens. */
  void accepted(int count, double weight);

  /**
   * The step at this position kept this many of its drafted tokens and rejected the next, and the
   * text goes on. Told where outcomes are told, as {@link #accepted} is.
   */
  default void rejected(int accepted, int position, double weight) {}

  /** Further events belong to another run over the same text. */
  default void nextRun() {}
}
