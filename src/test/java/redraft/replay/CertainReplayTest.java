package redraft.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.PromptLookup;
import redraft.latency.ConstantRatio;
import redraft.latency.LatencyModel;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.FixedLength;
import redraft.policy.Heuristic;
import redraft.sampling.RandomStreams;

/** Where drafts are certain nothing is random: replay is one walk through the text. */
class CertainReplayTest {
  private static final LatencyModel LATENCY = new ConstantRatio(0.25);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLookupsReplayIsTheOneRunThereIs(boolean endKnown) {
    SplittableRandom random = new SplittableRandom(8);
    int accepted = 0;
    int runDry = 0; // steps that had fewer tokens to draft than were asked for
    for (int trial = 0; trial < 30; trial++) {
      int[] prompt = random.ints(10, 0, 3).toArray();
      int[] tokens = random.ints(1 + random.nextInt(60), 0, 3).toArray();
      PromptLookup.Replay lookup = PromptLookup.replay(prompt, tokens);
      ReplaySequence course =
          new ReplaySequence(
              "text",
              new CertainLaw(lookup.matched(), lookup.available()),
              prompt.length,
              endKnown);
      for (DraftLengthPolicy policy :
          new DraftLengthPolicy[] {new FixedLength(4), new Heuristic(), new Heuristic(1)}) {
        int steps = 0;
        int drafted = 0;
        int length = policy.initialLength();
        for (int t = 0; t < tokens.length; ) {
          int left = tokens.length - t - 1;
          int count = Math.min(length, lookup.available()[t]);
          count = endKnown ? Math.min(count, left) : count;
          int kept = Math.min(Math.min(count, lookup.matched()[t]), left);
          steps++;
          drafted += count;
          accepted += kept;
          runDry += count < length ? 1 : 0;
          length = policy.nextLength(length, count, kept);
          t += kept + 1;
        }
        Costed exact = Costed.exact(policy, LATENCY, 1, true, course);
        assertEquals(steps, exact.steps());
        assertEquals(drafted, exact.drafted());
        Costed sampled = Costed.sampled(policy, LATENCY, 1, 3, new RandomStreams(1), course);
        assertEquals(steps, sampled.steps());
        assertEquals(exact.time(), sampled.time(), 1e-9);
      }
    }
    assertTrue(accepted > 100 && runDry > 50, accepted + " accepted, " + runDry + " short steps");
  }
}
