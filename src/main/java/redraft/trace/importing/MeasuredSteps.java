package redraft.trace.importing;

import java.util.Arrays;
import java.util.List;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;

/**
 * The steps of one text, as a program that measured itself kept them.
 *
 * @param prompt its tokens
 * @param prefilled tokens that the prefill had produced when the first step began
 * @param tokens of the text, those of the prefill included
 */
record MeasuredSteps(
    TraceSequence.Label label, int prompt, int prefilled, int tokens, Coins coins) {
  /** Tokens that no step is known to have committed. */
  int elsewhere() {
    return (int) Math.max(0, tokens - prefilled - coins.committed());
  }

  /** As a trace has it, without the steps that the text did not reach. */
  TraceSequence sequence() {
    int length = (int) Math.min(tokens, prefilled + coins.committed());
    int steps = 0;
    for (int reached = prefilled; reached < length; steps++) {
      reached += coins.accepted()[steps] + 1;
    }
    Coins used =
        new Coins(Arrays.copyOf(coins.accepted(), steps), Arrays.copyOf(coins.drafted(), steps));
    return new TraceSequence(
        label,
        new Prefix("", TraceSequence.unknown(prompt)),
        new CommittedPath(TraceSequence.unknown(length), prefilled, Finish.LENGTH),
        Target.UNKNOWN,
        List.of(Draft.ofCoins(used)));
  }
}
