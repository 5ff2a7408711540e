package redraft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.model.Tokenizer;
import redraft.model.onnx.DjlTokenizer;
import redraft.model.pair.PairManifest;
import redraft.trace.TraceHeader;

/** The text that each token stands for. */
final class TokenTexts {
  private static final char REPLACEMENT = '\ufffd'; // for bytes that are no whole character yet

  /** Tokens before the next one that are decoded with it: what it reads like depends on them. */
  private static final int CONTEXT = 4;

  /** Where so many tokens make no whole character, none is coming: what there is counts. */
  private static final int LONGEST_WINDOW = 64;

  private TokenTexts() {}

  /**
   * What each token adds to the text before it; nothing for a token that is a part of a character,
   * whose last part adds it, and for special tokens. Each token is decoded with the few before it,
   * so the work is linear in their number.
   *
   * @param count how many of the tokens
   */
  static List<String> pieces(Tokenizer tokenizer, int[] tokens, int count) {
    List<String> pieces = new ArrayList<>(count);
    int start = 0; // of the window that is decoded
    int given = 0; // characters of the window's text that stand in pieces already
    for (int i = 0; i < count; i++) {
      String text = tokenizer.decode(Arrays.copyOfRange(tokens, start, i + 1));
      boolean full = i + 1 - start >= LONGEST_WINDOW;
      int end = text.length();
      while (i < count - 1 && !full && end > given && text.charAt(end - 1) == REPLACEMENT) {
        end--;
      }
      pieces.add(text.substring(Math.min(given, end), end));
      given = end;
      if (end == text.length() && i + 1 - start > CONTEXT) {
        String context = tokenizer.decode(Arrays.copyOfRange(tokens, i + 1 - CONTEXT, i + 1));
        if (full || !context.isEmpty()) { // else the next token would read like the first
          start = i + 1 - CONTEXT;
          given = context.length();
        }
      }
    }
    return pieces;
  }

  /** The tokenizer of a model directory if a trace was recorded with it, else null. */
  static Tokenizer of(Path models, TraceHeader header) {
    PairManifest manifest = PairManifest.read(models);
    return manifest.tokenizer().sha256().equals(header.tokenizer().sha256())
        ? new DjlTokenizer(models.resolve(manifest.tokenizer().file()))
        : null;
  }
}
