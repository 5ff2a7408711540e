package redraft.model;

/** Text to tokens and back. */
public interface Tokenizer extends AutoCloseable {
  /**
   * Special tokens written out in the text, such as {@code <|end|>}, become the tokens they name.
   */
  int[] encode(String text);

  /**
   * Decodes a whole sequence: one character may be spread over several tokens. Special tokens are
   * left out.
   */
  String decode(int[] tokens);

  @Override
  void close();
}
