package redraft.traffic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * vLLM's adaptive verification ({@code vllm/v1/worker/gpu/spec_decode/adaptive_verification.py},
 * read 2026-11): every request drafts the same number of tokens, and the batch verifies those that
 * are likeliest to be accepted. A drafted token's score is its survival, the product of how sure
 * the draft was of it and of those before it. How many are verified is decided by the scores of the
 * step before, which are there in time: the number b of the highest
 *
 * <pre>(requests + Σ of the b highest scores) / (draft passes + a pass of requests + b rows)</pre>
 *
 * <p>and which they are by the scores of this step. A request's scores are certain before it has
 * drafted.
 *
 * <p>How sure a draft is, is its largest probability by a logistic curve of its logit, whose slope
 * and intercept are those that vLLM's estimator begins with; vLLM refits them, and this does not.
 * The largest probability is that along the recorded text, also after a token that is rejected,
 * where a draft would go its own way: so which tokens are verified is an estimate, and what is
 * accepted of them is exact.
 */
final class AdaptiveVerification implements LoadPolicy {
  static final String NAME = "adaptive-verification";
  private static final double SLOPE = 0.5;
  private static final double INTERCEPT = -0.2;

  private final int drafted;
  private final IterationPrices prices;
  private final Map<Request, Integer> admitted = new HashMap<>();

  /** A drafted token of a request and how likely it and those before it are accepted. */
  private record Slot(Request request, double score) {}

  AdaptiveVerification(int drafted, IterationPrices prices) {
    this.drafted = drafted;
    this.prices = prices;
  }

  @Override
  public void iteration(List<Request> running, long cachedTokens) {
    admitted.clear();
    List<Slot> now = new ArrayList<>();
    List<Double> before = new ArrayList<>();
    int requests = 0;
    long cached = 0;
    for (Request request : running) {
      if (request.reached() - request.computed != 1) {
        continue; // it reads its prompt
      }
      requests++;
      cached += request.computed;
      admitted.put(request, 0);
      int left = request.outputTokens - request.emitted;
      int count = request.text.drafted(request.emitted, drafted, left);
      double[] scores = scores(request, count);
      for (int i = 0; i < count; i++) {
        now.add(new Slot(request, scores[i]));
        before.add(
            request.sureBefore == null || i >= request.sureBefore.length
                ? 1
                : request.sureBefore[i]);
      }
      request.sureBefore = scores;
    }
    if (requests == 0) {
      return;
    }
    before.sort(Comparator.reverseOrder());
    int budget = budget(requests, cached, before);
    now.sort(Comparator.comparingDouble(Slot::score).reversed());
    now.subList(0, budget).forEach(slot -> admitted.merge(slot.request, 1, Integer::sum));
  }

  /** Survival of each drafted token. */
  private static double[] scores(Request request, int count) {
    double[] scores = new double[count];
    double survival = 1;
    for (int i = 0; i < count; i++) {
      survival *= sure(request.text.largest(request.emitted, i));
      scores[i] = survival;
    }
    return scores;
  }

  private static double sure(double largest) {
    double logit = Math.log(largest) - Math.log1p(-largest);
    return 1 / (1 + Math.exp(-(SLOPE * logit + INTERCEPT)));
  }

  private int budget(int requests, long cached, List<Double> scores) {
    int budget = 0;
    double most = 0;
    double tokens = requests;
    for (int b = 0; b <= scores.size(); b++) {
      if (b > 0) {
        tokens += scores.get(b - 1);
      }
      double goodput = tokens / prices.verifying(requests, drafted, requests + b, cached);
      if (goodput > most) {
        most = goodput;
        budget = b;
      }
    }
    return budget;
  }

  @Override
  public int length(Request request) {
    return drafted;
  }

  @Override
  public boolean trims() {
    return true;
  }

  @Override
  public int admitted(Request request, int count) {
    return Math.min(count, admitted.getOrDefault(request, 0));
  }
}
