package redraft.model.onnx;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import redraft.model.ModelException;
import redraft.model.Tokenizer;

/** A Hugging Face {@code tokenizer.json}, run by the tokenizers library through DJL. */
public final class DjlTokenizer implements Tokenizer {
  private final HuggingFaceTokenizer tokenizer;

  /**
   * Loads a tokenizer.
   *
   * @throws ModelException if the file is missing or is no tokenizer
   */
  public DjlTokenizer(Path file) {
    System.setProperty("ai.djl.offline", "true"); // or loading asks the network
    if (!Files.isRegularFile(file)) {
      throw new ModelException("tokenizer file " + file + " does not exist");
    }
    try {
      tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optTruncation(false) // or input is cut to 512 tokens
              .optPadding(false)
              .build();
    } catch (IOException | RuntimeException e) {
      throw new ModelException(
          "tokenizer file " + file + " cannot be loaded: " + ModelException.firstLine(e), e);
    }
  }

  @Override
  public int[] encode(String text) {
    return encode(text, true);
  }

  /** The same tokenizer for texts that a chat template wrote, special tokens and all. */
  Tokenizer withoutAddedTokens() {
    return new Tokenizer() {
      @Override
      public int[] encode(String text) {
        return DjlTokenizer.this.encode(text, false);
      }

      @Override
      public String decode(int[] tokens) {
        return DjlTokenizer.this.decode(tokens);
      }

      @Override
      public void close() {}
    };
  }

  private int[] encode(String text, boolean addSpecialTokens) {
    long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int[] tokens) {
    long[] ids = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      ids[i] = tokens[i];
    }
    return tokenizer.decode(ids, true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
