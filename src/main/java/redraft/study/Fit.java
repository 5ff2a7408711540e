package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redraft.metrics.ExactSum;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplaySequence;
import redraft.synthetic.Schedule;

/**
 * The acceptance by place that recorded laws have on average, at one draft length.
 *
 * <p>With u_t the probability that a step starts at t, a_i = Σ_t u_t S_i(t) / Σ_t u_t S_{i−1}(t)
 * over the starts whose block reaches place i; blocks that the end of a text cuts short do not
 * count beyond their own length. The product a_1 ⋯ a_k is then the share of whole blocks that
 * accept at least k tokens. At another draft length other positions start steps, so that the fit is
 * of this one.
 */
final class Fit {
  private final int draftLength;
  private final ExactSum[] reached; // [K + 1], from 1: expected steps that evaluate place i
  private final ExactSum[] accepted; // [K + 1], from 1: expected steps that accept place i

  Fit(int draftLength) {
    this.draftLength = draftLength;
    reached = ExactSum.array(draftLength + 1);
    accepted = ExactSum.array(draftLength + 1);
  }

  int draftLength() {
    return draftLength;
  }

  void add(ReplaySequence course) {
    AcceptanceLaw law = course.law();
    double[] start = new double[law.length() + draftLength + 1]; // u_t, and what goes past the end
    double[] survival = new double[draftLength + 1];
    start[0] = 1;
    for (int t = 0; t < law.length(); t++) {
      int places = Math.min(draftLength, Math.min(law.available(t), law.known(t)));
      law.survival(t, places, survival);
      for (int k = 0; k <= places; k++) {
        double next = k < places ? survival[k + 1] : 0;
        start[t + k + 1] += start[t] * (survival[k] - next);
        if (k < places) {
          reached[k + 1].add(start[t] * survival[k]);
          accepted[k + 1].add(start[t] * survival[k + 1]);
        }
      }
    }
  }

  void write(DataOutput out) throws IOException {
    for (int i = 1; i <= draftLength; i++) {
      reached[i].write(out);
      accepted[i].write(out);
    }
  }

  void addFrom(DataInput in) throws IOException {
    for (int i = 1; i <= draftLength; i++) {
      reached[i].addFrom(in);
      accepted[i].addFrom(in);
    }
  }

  /** As far as any block gets. */
  Schedule.PerPosition schedule() {
    List<Double> acceptance = new ArrayList<>();
    for (int i = 1; i <= draftLength && reached[i].value() > 0; i++) {
      acceptance.add(Math.min(1, accepted[i].value() / reached[i].value()));
    }
    if (acceptance.isEmpty()) {
      throw new IllegalArgumentException(
          "no step of the trace evaluates a drafted token, so nothing can be fitted");
    }
    return new Schedule.PerPosition(acceptance);
  }
}
