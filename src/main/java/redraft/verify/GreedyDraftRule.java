package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;

/**
 * The token rule for a draft that always proposes its most probable token: q counts as one-hot, so
 * that a drafted token is accepted with its target probability. What vLLM does unless told
 * otherwise.
 */
public final class GreedyDraftRule implements CandidateRule {
  @Override
  public String name() {
    return "greedy-draft";
  }

  @Override
  public SamplingParameters draftSampling(SamplingParameters target) {
    return SamplingParameters.GREEDY;
  }

  /** By rank, which no temperature and no filter changes. */
  @Override
  public SamplingParameters candidateSampling(SamplingParameters target) {
    return SamplingParameters.temperature(1);
  }

  /** The likeliest. */
  @Override
  public int[] candidates(Distribution q, int count, RandomGenerator random) {
    return q.likeliest(count);
  }

  /** The target draws, and the candidate that it drew is accepted. */
  @Override
  public Choice choose(Distribution p, Distribution q, int[] candidates, RandomGenerator random) {
    int token = p.sample(random);
    return new Choice(
        IntStream.range(0, candidates.length)
            .filter(i -> candidates[i] == token)
            .findFirst()
            .orElse(-1),
        token);
  }

  @Override
  public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
    for (int i = 0; i < proposal.length(); i++) {
      int token = proposal.tokens()[i];
      Distribution p = target.get(i);
      boolean accepted = random.nextDouble() < p.probability(token);
      if (!accepted) {
        Distribution q = Distribution.oneHot(token, p.vocabularySize());
        return new Verdict(i, p.residual(q).sample(random));
      }
    }
    return new Verdict(proposal.length(), target.get(proposal.length()).sample(random));
  }

  /**
   * S_k = ∏_{i=1..k} 1[x_i = argmax q_i]: a path token that is the draft's choice came out
   * accepted, since the residual leaves that token out; any other came out recovered.
   */
  @Override
  public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
    survival[0] = 1;
    for (int k = 1; k <= draftLength; k++) {
      survival[k] = path.draftArgmax()[start + k - 1] ? survival[k - 1] : 0;
    }
  }

  @Override
  public boolean independent() {
    return true;
  }

  @Override
  public boolean asksForChoice() {
    return true;
  }

  @Override
  public ContextAcceptance contextAcceptance() {
    return ContextAcceptance.CHOICE;
  }

  @Override
  public String source() {
    return "what vLLM, SGLang, TensorRT-LLM and llama.cpp do unless told otherwise";
  }
}
