package redraft.cli;

import java.util.List;
import redraft.decode.Continuation;
import redraft.json.Visible;
import redraft.model.Tokenizer;
import redraft.steps.Step;

/**
 * Generated text with each token shown as accepted, recovered or bonus: by colour, or by brackets
 * where there is none.
 */
final class MarkedText {
  private static final String ACCEPTED = "\u001b[32m"; // green
  private static final String RECOVERED = "\u001b[1;31m"; // bold red
  private static final String BONUS = "\u001b[1;34m"; // bold blue
  private static final String RESET = "\u001b[0m";

  private MarkedText() {}

  static String legend() {
    return colour()
        ? ACCEPTED
            + "accepted"
            + RESET
            + "  "
            + RECOVERED
            + "recovered"
            + RESET
            + "  "
            + BONUS
            + "bonus"
            + RESET
        : "accepted  [recovered]  {bonus}";
  }

  /** The first {@code most} generated tokens. */
  static String of(Continuation run, Tokenizer tokenizer, int most) {
    StringBuilder marked = new StringBuilder();
    List<Step> steps = run.steps();
    int count = Math.min(most, run.tokens().length);
    List<String> pieces = TokenTexts.pieces(tokenizer, run.tokens(), count);
    for (Step step : steps) {
      for (int i = step.position();
          i < Math.min(count, step.position() + step.emittedCount());
          i++) {
        boolean last = i == step.position() + step.acceptedCount();
        marked.append(
            mark(Visible.lines(pieces.get(i)), !last, step.acceptedCount() == step.draftLength()));
      }
    }
    return marked + (count < run.tokens().length ? " …" : "");
  }

  private static String mark(String text, boolean accepted, boolean wholeBlock) {
    if (colour()) {
      return (accepted ? ACCEPTED : wholeBlock ? BONUS : RECOVERED) + text + RESET;
    }
    return accepted ? text : wholeBlock ? "{" + text + "}" : "[" + text + "]";
  }

  private static boolean colour() {
    return Terminal.screen().colours();
  }
}
