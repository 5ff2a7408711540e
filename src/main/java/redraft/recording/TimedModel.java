package redraft.recording;

import java.util.List;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;

/**
 * A model that notes when each of its passes begins; those that read a prompt are not noted. It
 * leaves the model open when it is closed.
 */
record TimedModel(LanguageModel model, boolean draft, List<Pass> passes) implements LanguageModel {
  /**
   * One pass.
   *
   * @param draft whether it is the draft's
   * @param context tokens in the cache before it
   * @param nanos when it began, as {@link System#nanoTime}
   */
  record Pass(boolean draft, int rows, int context, long nanos) {
    double msUntil(Pass later) {
      return (later.nanos - nanos) / 1e6;
    }
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public int vocabularySize() {
    return model.vocabularySize();
  }

  @Override
  public int contextLength() {
    return model.contextLength();
  }

  @Override
  public int heads() {
    return model.heads();
  }

  @Override
  public String draftOnly() {
    return model.draftOnly();
  }

  @Override
  public ModelSession open() {
    return new TimedSession(model.open());
  }

  @Override
  public void close() {}

  private final class TimedSession implements ModelSession {
    private final ModelSession session;

    TimedSession(ModelSession session) {
      this.session = session;
    }

    @Override
    public int length() {
      return session.length();
    }

    @Override
    public Logits forward(int[] tokens, int from, int to) {
      passes.add(new Pass(draft, to - from, session.length(), System.nanoTime()));
      return session.forward(tokens, from, to);
    }

    @Override
    public void rollback(int length) {
      session.rollback(length);
    }

    @Override
    public void prefill(int[] tokens, int from, int to) {
      session.prefill(tokens, from, to);
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
