package redraft.decode;

import java.util.List;
import java.util.random.RandomGenerator;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;

/** Autoregressive decoding, one pass of the target a token: the baseline of every speedup. */
public final class PlainDecoding implements AutoCloseable {
  private final LanguageModel target;
  private final ModelSession session;
  private final SamplingParameters sampling;
  private final Limits limits;

  /** Sees each generated token with what it was drawn from. */
  public interface Observer {
    /**
     * @param logits whose row 0 is the raw logits; valid during the call
     */
    void onToken(int token, Logits logits, Distribution p);
  }

  public PlainDecoding(LanguageModel target, SamplingParameters sampling, Limits limits) {
    this.target = target;
    this.session = target.open();
    this.sampling = sampling;
    this.limits = limits;
  }

  /**
   * Continues one prompt.
   *
   * @param streams give "target", which draws the tokens
   * @param name names the text within the streams
   */
  public Continuation run(int[] prompt, RandomStreams streams, String name) {
    return run(prompt, streams, name, (token, logits, p) -> {});
  }

  /** As {@link #run(int[], RandomStreams, String)}, each token shown to the observer. */
  public Continuation run(int[] prompt, RandomStreams streams, String name, Observer observer) {
    RandomGenerator random = streams.stream("target/" + name);
    Text text = new Text(target, prompt, limits);
    session.rollback(0);
    session.prefill(prompt, 0, prompt.length - 1);
    long started = System.nanoTime();
    while (text.open()) {
      Logits logits = session.forward(text.tokens, text.length - 1, text.length);
      Distribution p = logits.distribution(0, sampling);
      int token = p.sample(random);
      observer.onToken(token, logits, p);
      text.append(token);
    }
    return new Continuation(text.generated(), text.ended(), List.of(), System.nanoTime() - started);
  }

  /**
   * Checks that a prompt can be continued.
   *
   * @return the most tokens that its text may have, prompt included
   * @throws redraft.model.ModelException if it is empty or leaves no room in the context
   */
  public int requireRoom(int[] prompt) {
    return new Text(target, prompt, limits).limit();
  }

  @Override
  public void close() {
    session.close();
  }
}
