package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.verify.RuleLaws.World;

/** The enumeration that the laws of rules are tested by can fail. */
class RuleLawsTest {
  /** Recovers from the target instead of the residual: the mistake that losslessness forbids. */
  private static final class RecoversFromTheTarget implements VerificationRule {
    private final VerificationRule token = new TokenRule();

    @Override
    public String name() {
      return "lossy";
    }

    @Override
    public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
      int accepted = token.verify(proposal, target, random).acceptedCount();
      return new Verdict(accepted, target.get(accepted).sample(random));
    }

    @Override
    public String source() {
      return "nobody's";
    }

    @Override
    public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
      token.survival(path, start, draftLength, survival);
    }
  }

  // p = (1/3, 2/3), q = (2/3, 1/3): token 0 comes out accepted with 1/3 and, after a rejection, of
  // probability 1/3, recovered from p with another 1/3 · 1/3: a ninth too much.
  @Test
  void theEnumerationSeesARuleThatIsNotLossless() {
    World world = World.constant(Distribution.of(1 / 3., 2 / 3.), Distribution.of(2 / 3., 1 / 3.));
    double[] first = new double[2];
    RuleLaws.live(new RecoversFromTheTarget(), world, List.of(), 1)
        .forEach((path, counts) -> first[path.get(0)] += DoubleStream.of(counts).sum());
    assertEquals(1 / 3. + 1 / 9., first[0], 1e-12);
    assertEquals(2 / 3. - 1 / 9., first[1], 1e-12);
  }
}
