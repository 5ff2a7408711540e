package redraft.decode;

import redraft.sampling.RandomStreams;

/** Decoding that drafts and verifies: one text at a time. */
public interface Speculation extends AutoCloseable {
  /**
   * Continues one prompt.
   *
   * @param streams give "draft", which draws the drafted tokens, and "verify", which decides
   *     acceptance and draws the recovered and bonus tokens
   * @param text names the text within the streams
   */
  Continuation run(int[] prompt, RandomStreams streams, String text);

  @Override
  void close();
}
