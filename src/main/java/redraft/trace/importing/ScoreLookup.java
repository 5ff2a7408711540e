package redraft.trace.importing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import redraft.json.LineException;
import redraft.json.LineReader;
import redraft.json.LineSource;
import redraft.trace.importing.Scores.Reply;

/**
 * The scores of a file by the text that they are of. Texts are asked for in about the order of the
 * file: what comes before its turn waits in memory, which bounds how far the orders may differ.
 */
final class ScoreLookup implements Closeable {
  private static final int MOST_WAITING = 10_000_000; // tokens, of 16 bytes each

  private final LineSource source;
  private final LineReader lines;
  private final ServerImport.Parser parser;
  private final Predicate<Reply> wanted;
  private final Map<IntBuffer, Deque<Reply>> waiting = new LinkedHashMap<>();
  private final Deque<Reply> read = new ArrayDeque<>(); // of the current line
  private long tokensWaiting;

  ScoreLookup(LineSource source, ServerImport.Parser parser, Predicate<Reply> wanted)
      throws IOException {
    this.source = source;
    this.parser = parser;
    this.wanted = wanted;
    lines = new LineReader(source);
  }

  LineSource source() {
    return source;
  }

  /** What is said of a text from that token on; null where nothing is. */
  Scores find(int[] tokens, int start) throws IOException {
    IntBuffer key = IntBuffer.wrap(tokens);
    Deque<Reply> here = waiting.get(key);
    if (here != null) {
      Reply reply = here.pop();
      tokensWaiting -= tokens.length;
      if (here.isEmpty()) {
        waiting.remove(key);
      }
      return usable(reply, start);
    }
    for (Reply reply; (reply = next()) != null; ) {
      Scores scores = reply.ofAnother();
      if (IntBuffer.wrap(scores.tokens()).equals(key)) {
        return usable(reply, start);
      }
      tokensWaiting += scores.tokens().length;
      if (tokensWaiting > MOST_WAITING) {
        throw lines.error(
            "more than "
                + MOST_WAITING
                + " tokens of texts whose turn has not come: bring the files of target and drafts into the same order");
      }
      waiting
          .computeIfAbsent(IntBuffer.wrap(scores.tokens()), text -> new ArrayDeque<>())
          .add(reply);
    }
    return null;
  }

  private Scores usable(Reply reply, int start) {
    Scores scores = reply.ofAnother();
    if (scores.first() > start) {
      throw new LineException(
          source.name(),
          reply.line(),
          "scores begin at token "
              + scores.first()
              + " of the text, the target's at "
              + start
              + "; score all generated tokens");
    }
    return scores;
  }

  private Reply next() throws IOException {
    while (read.isEmpty()) {
      if (!lines.advance()) {
        return null;
      }
      for (Reply reply : lines.parse(() -> parser.replies(lines))) {
        if (wanted.test(reply)) {
          read.add(reply);
        }
      }
    }
    return read.pop();
  }

  /** What stands under that id in place of a text that was not found; empty where nothing does. */
  String insteadOf(String id, int[] tokens) {
    for (Deque<Reply> texts : waiting.values()) {
      for (Reply reply : texts) {
        if (reply.id().equals(id)) {
          return ": line " + reply.line() + ", of that id, is of " + difference(reply, tokens);
        }
      }
    }
    return "";
  }

  private static String difference(Reply reply, int[] tokens) {
    int[] other = reply.ofAnother().tokens();
    int same = IntBuffer.wrap(other).mismatch(IntBuffer.wrap(tokens));
    return same < Math.min(other.length, tokens.length)
        ? "another text: its token " + same + " is " + other[same] + ", not " + tokens[same]
        : other.length + " tokens, not " + tokens.length;
  }

  /** Replies that nobody asked for, once all texts were. */
  long left() throws IOException {
    long left = waiting.values().stream().mapToLong(Deque::size).sum();
    while (next() != null) {
      left++;
    }
    return left;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
