package redraft.model;

/**
 * A model or tokenizer that cannot be loaded or run, or a text that it cannot take; the message
 * says which and why.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The first line of what a library says of its failure: messages here are one line. */
  public static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
