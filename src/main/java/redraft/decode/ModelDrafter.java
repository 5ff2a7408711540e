package redraft.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import redraft.draft.Drafter;
import redraft.draft.Proposal;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * Drafts by sampling from a small language model, one pass a token. The first pass of a step takes
 * in what was committed since the last one: one token, or two after a block that was accepted
 * whole.
 */
public final class ModelDrafter implements Drafter {
  private final String name;
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
  public Proposal propose(int[] text, int length, int draftLength) {
    int count =
        Math.min(draftLength, cached.length - length); // none beyond the draft's own context
    if (count < 1) {
      return Proposal.EMPTY;
    }
    int mismatch = Arrays.mismatch(cached, 0, session.length(), text, 0, length - 1);
    session.rollback(mismatch == -1 ? session.length() : mismatch);
    int[] tokens = new int[count];
    List<Distribution> distributions = new ArrayList<>(count);
    int[] input = text;
    int from = session.length();
    int to = length;
    for (int i = 0; i < count; i++) {
      System.arraycopy(input, from, cached, session.length(), to - from);
      Distribution q = session.forward(input, from, to).distribution(to - from - 1, sampling);
      tokens[i] = q.sample(random);
      distributions.add(q);
      input = tokens;
      from = i;
      to = i + 1;
    }
    return new Proposal(tokens, distributions);
  }

  @Override
  public void close() {
    if (ownsSession) {
      session.close();
    }
  }
}
