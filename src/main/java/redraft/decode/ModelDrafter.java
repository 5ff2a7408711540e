package redraft.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Drafter;
import redraft.draft.Proposal;
import redraft.draft.Stopping;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * Drafts by sampling from a small language model, one pass a token, or from the heads of one, all
 * tokens in one pass. The first pass of a step takes in what was committed since the last one: one
 * token, or two after a block that was accepted whole; with heads, all that the last step emitted.
 */
public final class ModelDrafter implements Drafter {
  private final String name;
  private final int heads;
  private final ModelSession session;
  private final boolean ownsSession;
  private final SamplingParameters sampling;
  private RandomGenerator random;
  private final int[]
      cached; // [contextLength]; the first session.length() are in the session's cache

  public ModelDrafter(LanguageModel model, SamplingParameters sampling) {
    this(model, model.open(), true, sampling);
  }

  /**
   * A drafter in a session of the model that others may use between texts; it stays the caller's to
   * close.
   */
  public ModelDrafter(LanguageModel model, ModelSession session, SamplingParameters sampling) {
    this(model, session, false, sampling);
  }

  private ModelDrafter(
      LanguageModel model, ModelSession session, boolean ownsSession, SamplingParameters sampling) {
    name = model.name();
    heads = model.heads();
    this.session = session;
    this.ownsSession = ownsSession;
    cached = new int[model.contextLength()];
    this.sampling = sampling;
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * @throws ModelException if the prompt leaves no room in the draft's context; where a text
   *     outgrows that later, nothing more is drafted
   */
  @Override
  public void begin(int[] prompt, RandomGenerator random) {
    if (prompt.length >= cached.length) {
      throw new ModelException(
          "the prompt has "
              + prompt.length
              + " tokens; the context of draft '"
              + name
              + "' is "
              + cached.length
              + " and must leave room for at least one more; shorten the prompt, or name another draft");
    }
    this.random = random;
    session.rollback(0);
    session.prefill(prompt, 0, prompt.length - 1);
    System.arraycopy(prompt, 0, cached, 0, session.length());
  }

  @Override
  public String stoppingRefusal() {
    return heads == 1
        ? null
        : "draft '"
            + name
            + "' has "
            + heads
            + " heads, which draft a block in one pass: nothing is saved by stopping within it; name another draft, or another policy";
  }

  @Override
  public Proposal propose(int[] text, int length, int draftLength) {
    return propose(text, length, draftLength, null);
  }

  /**
   * @param stopping null for nothing that ends a block early
   */
  @Override
  public Proposal propose(int[] text, int length, int draftLength, Stopping stopping) {
    int count =
        Math.min(draftLength, cached.length - length); // none beyond the draft's own context
    if (count < 1) {
      return Proposal.EMPTY;
    }
    int mismatch = Arrays.mismatch(cached, 0, session.length(), text, 0, length - 1);
    session.rollback(mismatch == -1 ? session.length() : mismatch);
    return heads > 1
        ? parallel(text, length, Math.min(heads, count))
        : chain(text, length, count, stopping);
  }

  private Proposal chain(int[] text, int length, int count, Stopping stopping) {
    int[] tokens = new int[count];
    List<Distribution> distributions = new ArrayList<>(count);
    int[] input = text;
    int from = session.length();
    int to = length;
    double known = stopping == null ? 0 : stopping.atFirst();
    for (int i = 0; i < count; i++) {
      Logits logits = read(input, from, to);
      int row = to - from - 1;
      Distribution q = logits.distribution(row, sampling);
      if (stopping != null && stopping.signal().beforeDrawing()) {
        known = then(stopping, known, logits, row, -1);
        if (stopping.stops(known)) {
          break;
        }
      }
      tokens[i] = q.sample(random);
      distributions.add(q);
      if (stopping != null && !stopping.signal().beforeDrawing()) {
        known = then(stopping, known, logits, row, tokens[i]);
        if (stopping.stops(known)) {
          break;
        }
      }
      input = tokens;
      from = i;
      to = i + 1;
    }
    return new Proposal(Arrays.copyOf(tokens, distributions.size()), distributions);
  }

  /** What is known of a block at a place, before a token is drawn or after it. */
  private static double then(Stopping stopping, double before, Logits logits, int row, int token) {
    float[] values = new float[logits.vocabularySize()];
    logits.row(row).get(0, values);
    return stopping.then(before, stopping.signal().of(values, token));
  }

  /** Head i's token, drawn from what the last committed token says of it. */
  private Proposal parallel(int[] text, int length, int count) {
    int from = session.length();
    Logits logits = read(text, from, length);
    int[] tokens = new int[count];
    List<Distribution> distributions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Distribution q = logits.head(i).distribution(length - from - 1, sampling);
      tokens[i] = q.sample(random);
      distributions.add(q);
    }
    return new Proposal(tokens, distributions);
  }

  private Logits read(int[] tokens, int from, int to) {
    System.arraycopy(tokens, from, cached, session.length(), to - from);
    return session.forward(tokens, from, to);
  }

  @Override
  public void close() {
    if (ownsSession) {
      session.close();
    }
  }
}
