package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import redraft.trace.importing.TraceImporter.Settings;

/** Writes a trace of tensors of logits, of which row t predicts token t of its text. */
final class TensorImport {
  /**
   * A text, as one model saw it.
   *
   * @param prompt null where it was not kept
   * @param tokens null where another file has them
   */
  record Text(String id, Tensor logits, Tensor tokens, Tensor prompt) {}

  /** A text, as target and drafts saw it. */
  record Texts(Text target, List<Text> drafts) {}

  private TensorImport() {}

  static List<String> convert(
      String format, List<Texts> texts, Set<String> drafts, Settings settings, Path trace)
      throws IOException {
    int vocabulary = texts.get(0).target.logits.vocabulary();
    long without = 0;
    try (RowTrace rows = new RowTrace(trace, format, vocabulary, drafts, settings)) {
      for (Texts both : texts) {
        Text target = both.target;
        if (target.tokens == null) {
          throw target.logits.error("has no token ids beside it");
        }
        int[] tokens = target.tokens.tokens(vocabulary);
        requireShape(target.logits, tokens.length, vocabulary, target);
        List<RowTrace.Rows> draftRows = new ArrayList<>();
        for (Text draft : both.drafts) {
          requireShape(draft.logits, tokens.length, vocabulary, target);
          requireSame(draft.tokens, tokens, target.tokens, vocabulary);
          draftRows.add(draft.logits.rows());
        }
        int[] prompt = target.prompt == null ? null : target.prompt.tokens(vocabulary);
        RowTrace.Rows targetRows = target.logits.rows();
        if (prompt == null) {
          if (tokens.length == 1) {
            throw target.logits.error("is of one token, without a prompt: nothing is left of it");
          }
          float[] passed = new float[vocabulary];
          targetRows.next(passed);
          for (RowTrace.Rows draft : draftRows) {
            draft.next(passed);
          }
          prompt = Arrays.copyOf(tokens, 1);
          tokens = Arrays.copyOfRange(tokens, 1, tokens.length);
          without++;
        }
        rows.write(target.id, prompt, tokens, targetRows, draftRows);
      }
      rows.finish();
      List<String> notes = rows.notes();
      if (without > 0) {
        notes.add(
            "the first token stands for the prompt, which was not kept, and its row is passed over, in "
                + without
                + " of "
                + texts.size()
                + (texts.size() == 1 ? " text" : " texts"));
      }
      return notes;
    }
  }

  private static void requireShape(Tensor logits, int tokens, int vocabulary, Text target) {
    if (logits.vocabulary() != vocabulary || logits.shape()[0] != tokens) {
      throw logits.error(
          "has shape "
              + Arrays.toString(logits.shape())
              + ", not ["
              + tokens
              + ", "
              + vocabulary
              + "], a row for each token of "
              + target.tokens.place()
              + " over the target's vocabulary");
    }
  }

  private static void requireSame(Tensor draft, int[] tokens, Tensor target, int vocabulary)
      throws IOException {
    int[] own = draft == null ? tokens : draft.tokens(vocabulary);
    int same = Arrays.mismatch(own, tokens);
    if (same >= 0) {
      throw draft.error(
          (same < Math.min(own.length, tokens.length)
                  ? "token " + same + " is " + own[same] + ", " + tokens[same]
                  : "there are " + own.length + " tokens, " + tokens.length)
              + " in "
              + target.place()
              + "; both must be of one text");
    }
  }
}
