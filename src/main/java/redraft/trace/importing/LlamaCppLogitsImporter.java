package redraft.trace.importing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import redraft.json.LineSource;

/**
 * Imports what llama.cpp's {@code llama-perplexity --save-all-logits} writes of one text with
 * target and drafts: {@code _logits_}, n_ctx, n_vocab and n_chunk, the tokens, and of each chunk
 * the rows of its second half, 16 bits a logit ({@code tools/perplexity/perplexity.cpp}).
 *
 * <p>A row is a scale, a least log-probability and a 16-bit number u for each token: ln p = scale ·
 * u + least. What is more than 16 below the largest is raised to that, so rows are normalised
 * again. Every chunk is a context of its own, its first half and the token after it the prompt.
 */
final class LlamaCppLogitsImporter implements TraceImporter {
  private static final String MAGIC = "_logits_";
  private static final int CLAMP = 16; // nats below the largest
  private static final int STEPS = 65535;
  private static final double ROUNDING = 1e-3; // of the mass of a row
  private static final int ROW_HEAD = 8; // bytes: scale and least
  private static final long MOST_TOKENS = 1 << 28; // of a text

  @Override
  public String name() {
    return "llama.cpp-logits";
  }

  @Override
  public String description() {
    return "What llama-perplexity --save-all-logits writes of one text, with the target and with each draft: "
        + "log-probabilities at temperature 1 of every token. The text is taken for a given one unless --sampled says "
        + "that it is the target's own.";
  }

  @Override
  public boolean apart() {
    return true;
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.startsWith(MAGIC);
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    List<LogitFile> drafts = new ArrayList<>();
    try (LogitFile target = new LogitFile(inputs.target())) {
      for (LineSource source : inputs.drafts().values()) {
        LogitFile draft = new LogitFile(source);
        drafts.add(draft);
        draft.requireLike(target);
      }
      try (RowTrace rows =
          new RowTrace(trace, name(), target.vocabulary, inputs.drafts().keySet(), settings)) {
        for (int chunk = 0; chunk < target.chunks; chunk++) {
          int start = chunk * target.context;
          int middle = start + target.context / 2 + 1;
          rows.write(
              "chunk-" + (chunk + 1),
              Arrays.copyOfRange(target.tokens, start, middle),
              Arrays.copyOfRange(target.tokens, middle, start + target.context),
              target,
              List.copyOf(drafts));
        }
        rows.finish();
        target.in.requireEnd();
        for (LogitFile draft : drafts) {
          draft.in.requireEnd();
        }
        List<String> notes = rows.notes();
        notes.addAll(target.notes(drafts));
        return notes;
      }
    } finally {
      for (LogitFile draft : drafts) {
        draft.close();
      }
    }
  }

  /** A file, of which tokens are read at once and rows one after the other. */
  private static final class LogitFile implements RowTrace.Rows, Closeable {
    private final LineSource source;
    private final BinaryInput in;
    private final int context;
    private final int vocabulary;
    private final int chunks;
    private final int[] tokens;
    private final ByteBuffer row;
    private long rows;
    private double raised; // most mass that clamping can have added to a row

    LogitFile(LineSource source) throws IOException {
      this.source = source;
      in = new BinaryInput(source);
      try {
        ByteBuffer head = in.bytes(MAGIC.length() + 3L * Integer.BYTES, "its head");
        byte[] magic = new byte[MAGIC.length()];
        head.get(magic);
        if (!MAGIC.equals(new String(magic, StandardCharsets.ISO_8859_1))) {
          throw in.error(
              "does not begin with "
                  + MAGIC
                  + ", as files of llama-perplexity --save-all-logits do");
        }
        context = head.getInt();
        vocabulary = head.getInt();
        chunks = head.getInt();
        RowTrace.requireVocabulary(source.name(), vocabulary);
        if (context < 4 || chunks < 1 || (long) context * chunks > MOST_TOKENS) {
          throw in.error(
              "n_ctx "
                  + context
                  + " and n_chunk "
                  + chunks
                  + ", not at least 4 and 1 with a product of at most "
                  + MOST_TOKENS);
        }
        tokens = new int[context * chunks];
        IntBuffer read = in.bytes((long) tokens.length * Integer.BYTES, "its tokens").asIntBuffer();
        read.get(tokens);
        for (int i = 0; i < tokens.length; i++) {
          if (tokens[i] < 0 || tokens[i] >= vocabulary) {
            throw in.error(
                "token " + i + " is " + tokens[i] + ", not from 0 to " + (vocabulary - 1));
          }
        }
        int words = vocabulary + vocabulary % 2;
        row = ByteBuffer.allocate(ROW_HEAD + words * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      } catch (IOException | RuntimeException e) {
        in.close();
        throw e;
      }
    }

    /** Of the same text, in the same pieces. */
    void requireLike(LogitFile target) {
      if (vocabulary != target.vocabulary) {
        throw in.error(
            "n_vocab is "
                + vocabulary
                + ", "
                + target.vocabulary
                + " in "
                + target.source.name()
                + "; target and draft need one vocabulary");
      }
      if (context != target.context || chunks != target.chunks) {
        throw in.error(
            "n_ctx and n_chunk are "
                + context
                + " and "
                + chunks
                + ", "
                + target.context
                + " and "
                + target.chunks
                + " in "
                + target.source.name()
                + "; run both with the same -c and --chunks");
      }
      int same = Arrays.mismatch(tokens, target.tokens);
      if (same >= 0) {
        throw in.error(
            "token "
                + same
                + " is "
                + tokens[same]
                + ", "
                + target.tokens[same]
                + " in "
                + target.source.name()
                + "; both must be of one text and one tokenizer");
      }
    }

    @Override
    public void next(float[] logits) throws IOException {
      in.fill(row, "row " + rows);
      rows++;
      float scale = row.getFloat();
      float least = row.getFloat();
      if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY) || !Float.isFinite(least)) {
        throw in.error(
            "row "
                + (rows - 1)
                + " has scale "
                + scale
                + " and least log-probability "
                + least
                + ", which are no finite numbers, the first of them from 0 on");
      }
      int clamped = 0;
      double mass = 0;
      for (int token = 0; token < vocabulary; token++) {
        int u = Short.toUnsignedInt(row.getShort());
        logits[token] = scale * u + least;
        clamped += u == 0 ? 1 : 0;
        mass += Math.exp(logits[token]);
      }
      // Where the range is less than the clamp, nothing was raised.
      boolean full = (double) scale * STEPS > CLAMP - 0.01;
      double raisedHere = full ? clamped * Math.exp(least) : 0;
      if (!(mass > 1 - ROUNDING && mass < 1 + ROUNDING + raisedHere)) {
        throw in.error(
            "the probabilities of row "
                + (rows - 1)
                + " sum to "
                + mass
                + ", not to 1: the file is damaged, or of another layout");
      }
      raised = Math.max(raised, raisedHere);
    }

    @Override
    public String place() {
      return source.name() + ": row " + (rows - 1);
    }

    List<String> notes(List<LogitFile> drafts) {
      List<String> notes = new ArrayList<>();
      List<LogitFile> all = new ArrayList<>(List.of(this));
      all.addAll(drafts);
      for (LogitFile file : all) {
        notes.add(
            String.format(
                Locale.ROOT,
                "%s: tokens more than %d nats below the most probable one were raised to that, by at most %.2g of the"
                    + " mass of a row, and log-probabilities are rounded to %.1g; rows are normalised again",
                file.source.name(),
                CLAMP,
                file.raised,
                CLAMP / 2.0 / STEPS));
      }
      notes.add(
          "each of the "
              + chunks
              + " chunks of "
              + context
              + " tokens is a text of its own, with a prompt of "
              + (context / 2 + 1)
              + " tokens, whose first one the program replaced by the start token where the model has one");
      return notes;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
