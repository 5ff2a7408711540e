package redraft.verify;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.sampling.Distribution;

/**
 * Which ladder to record of each position, such as {@code iid:4}.
 *
 * @param candidates of a node, from 1 to 64
 */
public record Ladder(SampledCandidates rule, int candidates) {
  private static final Pattern NAME = Pattern.compile("([a-z-]+):(\\d{1,3})");
  private static final int MOST = 64;

  /**
   * @throws IllegalArgumentException naming what there is, if the name is not one of a rule whose
   *     candidates are drawn and a number of them
   */
  public static Ladder named(String name) {
    Matcher matcher = NAME.matcher(name);
    List<String> rules = VerificationRules.sampled().stream().map(VerificationRule::name).toList();
    if (!matcher.matches() || !rules.contains(matcher.group(1))) {
      throw new IllegalArgumentException(
          "ladder '"
              + name
              + "' is not a rule of "
              + String.join(", ", rules)
              + " and a number of candidates, such as iid:4");
    }
    int candidates = Integer.parseInt(matcher.group(2));
    if (candidates < 1 || candidates > MOST) {
      throw new IllegalArgumentException(
          "ladder '" + name + "' must have from 1 to " + MOST + " candidates");
    }
    return new Ladder((SampledCandidates) VerificationRules.named(matcher.group(1)), candidates);
  }

  /** A_i(token) / p(token) of each candidate, as {@link SampledCandidates#ladder}. */
  public double[] of(Distribution p, Distribution q, int token, RandomGenerator random) {
    return rule.ladder(p, q, token, candidates, random);
  }

  /**
   * How much more often any lossless rule accepts one of the first i candidates at most than this
   * one does.
   *
   * @param limits of the same distributions, by {@link TransportLimit}, of as many candidates or
   *     more
   * @return [candidates], not below 0
   */
  public double[] headroom(Distribution p, Distribution q, double[] limits) {
    double[] accepted = rule.accepted(p, q, candidates);
    double[] headroom = new double[candidates];
    for (int i = 0; i < candidates; i++) {
      headroom[i] = Math.max(0, limits[i] - accepted[i]);
    }
    return headroom;
  }

  /** As traces name it. */
  public String name() {
    return rule.name() + ":" + candidates;
  }
}
