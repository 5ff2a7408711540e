package redraft.latency;

import java.util.ArrayList;
import java.util.List;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.ModelShape;

/**
 * Replicas that share the experts of their layers (expert parallelism beside data parallelism, as
 * in vLLM): each holds a part of the experts and reads the rows of all for these, so that all make
 * their passes in step. Where the largest CUDA graph holds the rows of all, each has as many as the
 * one that has most, as vLLM pads them; with more, each its own, and rows below are their mean.
 * Before the experts of a layer each gathers the rows of all, with what the router says of them,
 * and after them the results are summed and scattered again:
 *
 * <pre>
 * layer's experts = experts(rows, distinct(ranks · rows) / ranks)
 *                 + rows · (hidden + experts) · 2 bytes / link + latency     (all-gather)
 *                 + rows · hidden · 2 bytes / link + latency                 (reduce-scatter)
 * </pre>
 *
 * <p>The link is as fast as each rank sends; with R ranks a collective moves (R − 1) times as much.
 */
public final class ExpertParallel implements LatencyModel {
  private static final int ACTIVATION_BYTES = 2;
  private static final int LARGEST_GRAPH = 512; // rows, of vLLM 0.19
  private static final int MOST_RANKS = 10_000;

  private final LayerLatency profile;
  private final int ranks;
  private final int hidden;
  private final double linkGBps;
  private final double linkUs;
  private final int captured; // rows of the largest CUDA graph

  /**
   * @param profile of layers with experts; the width of its model's hidden states is that of the
   *     known model of its name
   * @param ranks that share the experts
   * @param linkGBps that each rank sends, 10⁹ bytes a second
   * @param linkUs of each collective, microseconds
   * @param maxSequences that a replica runs at once, of which vLLM makes the size of its graphs
   * @throws IllegalArgumentException if the profile has no experts, or its model is not known
   */
  public ExpertParallel(
      LayerLatency profile, int ranks, double linkGBps, double linkUs, int maxSequences) {
    this.profile = profile;
    this.ranks = ranks;
    this.linkGBps = linkGBps;
    this.linkUs = linkUs;
    captured = Math.min(LARGEST_GRAPH, 2 * maxSequences);
    if (!profile.target().hasExperts()) {
      throw new IllegalArgumentException(
          "'" + profile.name() + "' has no experts that replicas could share");
    }
    if (ranks < 1 || ranks > MOST_RANKS) {
      throw new IllegalArgumentException(
          "replicas " + ranks + " that share experts must be from 1 to " + MOST_RANKS);
    }
    if (!(linkGBps > 0 && linkGBps < 1e6 && linkUs >= 0 && linkUs < 1e9)) {
      throw new IllegalArgumentException(
          "a link of "
              + linkGBps
              + " GB/s and "
              + linkUs
              + " µs between replicas must be faster than 0 and late by at least 0");
    }
    String model = profile.targetModel();
    ModelShape shape = HardwareCatalogue.knownModel(model.replaceFirst(".*/", ""));
    if (shape == null) {
      throw new IllegalArgumentException(
          "nothing says how wide the hidden states of '"
              + model
              + "' are, which is no known model");
    }
    hidden = shape.layers().hidden();
  }

  @Override
  public String name() {
    return profile.name() + "x" + ranks;
  }

  @Override
  public Unit unit() {
    return profile.unit();
  }

  @Override
  public String targetModel() {
    return profile.targetModel();
  }

  @Override
  public String draftModel() {
    return profile.draftModel();
  }

  @Override
  public double targetPass(int batch, int rows, int contextTokens) {
    return mixedPass(Load.decoding(batch, rows, contextTokens));
  }

  @Override
  public double draftPass(int batch, int rows, int contextTokens) {
    return profile.draftPass(batch, rows, contextTokens);
  }

  @Override
  public boolean knowsMixedPasses() {
    return true;
  }

  /** Of replicas that all have the same to do. */
  @Override
  public double mixedPass(Load load) {
    return mixedSteps(List.of(load), false);
  }

  @Override
  public double draftMixedPass(Load load) {
    return profile.draftMixedPass(load);
  }

  @Override
  public boolean inStep() {
    return true;
  }

  @Override
  public double mixedSteps(List<Load> loads, boolean speculates) {
    int most = loads.stream().mapToInt(Load::allRows).max().orElse(0);
    if (most == 0) {
      return 0;
    }
    long all = loads.stream().mapToLong(Load::allRows).sum();
    int rows = most <= captured ? most : (int) ((all + loads.size() - 1) / loads.size());
    LayerTimes times = profile.target();
    double apart = 0;
    for (Load load : loads) {
      apart =
          Math.max(
              apart,
              times.sampledMs(load.rows() + load.prompts())
                  + (load.allRows() == 0 ? 0 : times.attentionMs(load)));
    }
    ModelShape.Experts router = times.columns().router();
    double activated = router.distinct((double) ranks * rows) / ranks;
    return times.denseMs(most)
        + apart
        + times.expertsMs(rows, activated)
        + profile.layers()
            * (collectiveMs(rows, hidden + router.count()) + collectiveMs(rows, hidden));
  }

  private double collectiveMs(int rows, int width) {
    return ranks == 1
        ? 0
        : (ranks - 1.0) * rows * width * ACTIVATION_BYTES / (linkGBps * 1e6) + linkUs / 1e3;
  }

  @Override
  public double stepOverhead(int batch) {
    return profile.stepOverhead(batch);
  }

  @Override
  public double prefill(int batch, int promptTokens) {
    int tokens = batch * promptTokens;
    return mixedPass(
        new Load(0, 0, 0, batch, tokens, 0, (long) tokens * (promptTokens + 1) / 2, batch));
  }

  @Override
  public List<String> caveats() {
    List<String> caveats = new ArrayList<>(profile.caveats());
    caveats.add(
        "replicas share the experts of their layers over links of "
            + linkGBps
            + " GB/s and "
            + linkUs
            + " µs, as stated: times follow them where passes are short");
    return caveats;
  }
}
