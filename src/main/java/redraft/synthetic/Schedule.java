package redraft.synthetic;

import java.util.List;
import redraft.metrics.Metrics;

/**
 * How likely a drafted token is to be accepted, given only its place in the block: what a synthetic
 * acceptance model knows.
 */
public sealed interface Schedule {
  /** The name in preset files. */
  String name();

  /**
   * P(drafted token i accepted | those before it were).
   *
   * @param place i, from 1
   */
  double acceptance(int place);

  /** [longest + 1]: P(at least k drafted tokens accepted), for k = 0 … longest. */
  default double[] survival(int longest) {
    double[] survival = new double[longest + 1];
    survival[0] = 1;
    for (int k = 1; k <= longest; k++) {
      survival[k] = survival[k - 1] * acceptance(k);
    }
    return survival;
  }

  /**
   * The same probability at every place: the independence assumption of <a
   * href="https://arxiv.org/abs/2211.17192">Leviathan et al. 2023</a>, §3.1.
   */
  record Constant(double acceptance) implements Schedule {
    static final String NAME = "constant";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public double acceptance(int place) {
      return acceptance;
    }
  }

  /** A probability for each place, the last one repeated. */
  record PerPosition(List<Double> acceptance) implements Schedule {
    static final String NAME = "per-position";

    public PerPosition {
      acceptance = List.copyOf(acceptance);
      if (acceptance.isEmpty()) {
        throw new IllegalArgumentException("a schedule by position needs at least one probability");
      }
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public double acceptance(int place) {
      return acceptance.get(Math.min(place, acceptance.size()) - 1);
    }
  }

  /**
   * A probability that decays from place to place: {@code acceptance} · {@code decay}^(i − 1), as
   * in the first synthetic mode of vLLM (its pull request 38045).
   */
  record Geometric(double acceptance, double decay) implements Schedule {
    static final String NAME = "geometric";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public double acceptance(int place) {
      return acceptance * Math.pow(decay, place - 1);
    }
  }

  /**
   * The least variance that a mean leaves: the accepted count is one of the two integers around its
   * mean L − 1, as vLLM's {@code synthetic_acceptance_length} L has it (its pull request 40662).
   *
   * @param tokensPerStep L, of drafts that are long enough
   */
  record MinimumVariance(double tokensPerStep) implements Schedule {
    static final String NAME = "minimum-variance";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public double acceptance(int place) {
      return Math.max(0, Math.min(1, tokensPerStep - place));
    }
  }

  /**
   * The same probability p at every place, chosen to give a mean at one draft length: p + p² + … +
   * p^K = L − 1, as llama.cpp's {@code --spec-synth-len} L has it (its pull request 27711). There p
   * follows K; here it stays what it is at the stated K, as it would for one model.
   *
   * @param tokensPerStep L, from 1 to K + 1
   * @param draftLength K
   */
  record ConstantConditional(double tokensPerStep, int draftLength) implements Schedule {
    static final String NAME = "constant-conditional";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public double acceptance(int place) {
      double low = 0;
      double high = 1;
      for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (Metrics.independentTokensPerStep(middle, draftLength) < tokensPerStep) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return high;
    }

    @Override
    public double[] survival(int longest) {
      return new Constant(acceptance(1)).survival(longest);
    }
  }
}
