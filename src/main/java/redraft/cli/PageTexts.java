package redraft.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import redraft.model.Tokenizer;
import redraft.report.ReportBuilder;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/** The texts of recorded tokens, where the tokenizer that made them is at hand. */
final class PageTexts implements ReportBuilder.Pieces, AutoCloseable {
  private final Path models;
  private final Consumer<String> notes;
  private TraceHeader header; // that the tokenizer was looked for
  private Tokenizer tokenizer; // null where it is not at hand

  /**
   * @param models null for the shipped pair
   * @param notes told where the named tokenizer is another one
   */
  PageTexts(Path models, Consumer<String> notes) {
    this.models = models;
    this.notes = notes;
  }

  @Override
  public List<String> of(TraceHeader header, TraceSequence sequence) {
    look(header);
    return tokenizer == null
        ? null
        : TokenTexts.pieces(tokenizer, sequence.tokens(), sequence.length());
  }

  @Override
  public String after(TraceHeader header, int[] before, int[] tokens) {
    look(header);
    if (tokenizer == null) {
      return null;
    }
    int[] all = Arrays.copyOf(before, before.length + tokens.length);
    System.arraycopy(tokens, 0, all, before.length, tokens.length);
    List<String> pieces = TokenTexts.pieces(tokenizer, all, all.length);
    return String.join("", pieces.subList(before.length, all.length));
  }

  private void look(TraceHeader header) {
    if (header != this.header) {
      close();
      this.header = header;
      tokenizer = tokenizer(header);
    }
  }

  private Tokenizer tokenizer(TraceHeader header) {
    if (models != null) {
      Tokenizer named = TokenTexts.of(models, header);
      if (named == null) {
        notes.accept(
            "the tokenizer of "
                + models
                + " is not the one of the trace, so the page shows token ids");
      }
      return named;
    }
    Path shipped = Path.of(System.getProperty("redraft.home", "."), "models", "tiny");
    return Files.isRegularFile(shipped.resolve("pair.json"))
        ? TokenTexts.of(shipped, header)
        : null;
  }

  @Override
  public void close() {
    if (tokenizer != null) {
      tokenizer.close();
      tokenizer = null;
    }
  }
}
