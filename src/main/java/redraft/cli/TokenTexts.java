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

  private TokenTexts() {}

  /**
   * What each token adds to the text before it; nothing for a token that is a part of a character,
   * whose last part adds it, and for special tokens.
   *
   * @param count how many of the tokens
   */
  static List<String> pieces(Tokenizer tokenizer, int[] tokens, int count) {
    List<String> pieces = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < count; i++) {
      String text = tokenizer.decode(Arrays.copyOf(tokens, i + 1));
      int end = text.length();
      while (i < count - 1 && end > before && text.charAt(end - 1) == REPLACEMENT) {
        end--;
      }
      pieces.add(text.substring(Math.min(before, end), end));
      before = end;
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
