package redraft.traffic;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.policy.BatchTable;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.Policies;
import redraft.policy.SglangAdaptive;

/**
 * Policies by name: those of {@link Policies} that need nothing of a block but its outcome, and
 * those that go by the load of a server.
 */
final class LoadPolicies {
  private static final Pattern OFF_ABOVE = Pattern.compile("off-above:(\\d{1,7})");
  private static final String GOODPUT = "goodput";

  /**
   * Candidates by the batch that they hold from: SGLang 0.5.23, {@code DEFAULT_ADAPTIVE_CONFIG}.
   */
  private static final Map<Integer, String> SGLANG_TIERS =
      Map.of(1, SglangAdaptive.NAME, 8, tier("0,1,3"), 32, tier("0,1"), 64, tier("0"));

  private LoadPolicies() {}

  private static String tier(String candidates) {
    return SglangAdaptive.NAME + ":" + candidates;
  }

  /**
   * What a setting is called once it has a draft length.
   *
   * @throws IllegalArgumentException where there is no such policy, or none that a server can
   *     follow here
   */
  static void check(String name, int draftLength) {
    of(name, draftLength, null);
  }

  /**
   * @param prices that goodput goes by
   */
  static LoadPolicy of(String name, int draftLength, IterationPrices prices) {
    if (name.equals(AdaptiveVerification.NAME)) {
      return new AdaptiveVerification(draftLength, prices);
    }
    if (name.equals(GOODPUT)) {
      return new Goodput(draftLength, prices);
    }
    Matcher offAbove = OFF_ABOVE.matcher(name);
    if (offAbove.matches()) {
      int batch = Integer.parseInt(offAbove.group(1));
      return new ByBatch(running -> running > batch ? 0 : draftLength);
    }
    if (name.startsWith("off-above")) {
      throw new IllegalArgumentException(
          "policy '" + name + "' is not off-above:BATCH, such as off-above:32");
    }
    if (BatchTable.isNamed(name)) {
      Policies.named(name, draftLength, 1); // says what is wrong with it
      Map<Integer, Integer> known = new TreeMap<>();
      return new ByBatch(
          running ->
              known.computeIfAbsent(
                  Math.max(1, running),
                  batch -> Policies.named(name, draftLength, batch).initialLength()));
    }
    if (name.equals(SglangAdaptive.NAME)) {
      return new Tiers();
    }
    DraftLengthPolicy policy = Policies.named(name, draftLength);
    if (policy.foresees() || policy.stopping() != null) {
      throw new IllegalArgumentException(
          "policy '"
              + name
              + "' "
              + (policy.foresees()
                  ? "knows what will be accepted, which no server does"
                  : "ends blocks by how sure the draft is, which traffic does not follow")
              + "; take fixed, heuristic, bandit, trt-threshold, sglang-adaptive, batch-table, off-above or goodput");
    }
    return policy.fixed() ? new ByBatch(running -> policy.initialLength()) : new ByRequest(policy);
  }

  /** The same length for all requests of an iteration. */
  private static final class ByBatch implements LoadPolicy {
    private final IntUnaryOperator lengths;
    private int length;

    ByBatch(IntUnaryOperator lengths) {
      this.lengths = lengths;
    }

    @Override
    public void iteration(List<Request> running, long cachedTokens) {
      length = lengths.applyAsInt(running.size());
    }

    @Override
    public int length(Request request) {
      return length;
    }
  }

  /** Each request by its own steps. */
  private record ByRequest(DraftLengthPolicy policy) implements LoadPolicy {
    @Override
    public int length(Request request) {
      if (request.memory == null) {
        request.memory = policy.start();
      }
      return request.memory.length();
    }

    @Override
    public void verified(Request request, int drafted, int accepted) {
      request.memory = request.memory.after(drafted, accepted);
    }
  }

  /** SGLang's: a memory for every size of batch, which learns from the mean of its batches. */
  private static final class Tiers implements LoadPolicy {
    private final TreeMap<Integer, DraftLengthPolicy.Memory> memories = new TreeMap<>();
    private int tier;
    private int drafted;
    private long accepted;
    private int verified;

    Tiers() {
      SGLANG_TIERS.forEach((batch, name) -> memories.put(batch, Policies.named(name, 1).start()));
    }

    @Override
    public void iteration(List<Request> running, long cachedTokens) {
      if (verified > 0) {
        DraftLengthPolicy.Memory memory = memories.get(tier);
        memories.put(tier, memory.afterMean(drafted, (double) accepted / verified));
      }
      tier = memories.floorKey(Math.max(1, running.size()));
      drafted = 0;
      accepted = 0;
      verified = 0;
    }

    @Override
    public int length(Request request) {
      return memories.get(tier).length();
    }

    @Override
    public void verified(Request request, int drafted, int accepted) {
      this.drafted = Math.max(this.drafted, drafted);
      this.accepted += accepted;
      verified++;
    }
  }

  /**
   * The length that promises the most tokens for its time: accepted tokens a draft position from a
   * moving average over the server, times from the latency model (Liu et al. 2024,
   * arXiv:2406.14066, goodput-guided lengths). It is decided every few iterations.
   */
  private static final class Goodput implements LoadPolicy {
    private static final int INTERVAL = 8; // iterations
    private static final double NEWEST = 0.02; // weight of a verification in the average
    private static final double BEFORE =
        0.7; // acceptance after acceptance, before anything is known

    private final IterationPrices prices;
    private final double[] chain; // [longest]: P(token k accepted | those before it were)
    private int length;
    private int iterations;

    Goodput(int longest, IterationPrices prices) {
      this.prices = prices;
      chain = new double[longest];
      Arrays.fill(chain, BEFORE);
    }

    @Override
    public void iteration(List<Request> running, long cachedTokens) {
      int decoding = running.size();
      if (decoding == 0 || iterations++ % INTERVAL != 0) {
        return;
      }
      double best = 0;
      double tokens = 1;
      double survival = 1;
      for (int k = 0; k <= chain.length; k++) {
        if (k > 0) {
          survival *= chain[k - 1];
          tokens += survival;
        }
        double goodput = tokens / prices.decoding(decoding, k, cachedTokens);
        if (goodput > best) {
          best = goodput;
          length = k;
        }
      }
    }

    @Override
    public int length(Request request) {
      return length;
    }

    @Override
    public void verified(Request request, int drafted, int accepted) {
      for (int k = 0; k < drafted && k <= accepted; k++) {
        chain[k] += NEWEST * ((k < accepted ? 1 : 0) - chain[k]);
      }
    }
  }
}
