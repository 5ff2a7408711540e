package redraft.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence.Draft;

/** What must hold of how sure a draft was, and of its chains; part of {@link TraceRules}. */
final class SignalRules {
  private static final Set<String> DRAWN = Set.of(Signals.SAMPLED, Signals.GREEDY);
  private static final int LISTED = 10; // tokens over which the largest is renormalised
  private static final int LONGEST = 1024;
  private static final double SLACK = 3 * TraceRules.ROUNDING;

  private final TraceRules rules;
  private final TraceHeader header;
  private final int vocabulary;
  private final Map<String, Set<String>> before = new HashMap<>(); // what each draft said

  SignalRules(TraceRules rules, TraceHeader header) {
    this.rules = rules;
    this.header = header;
    vocabulary = header.tokenizer().vocabularySize();
  }

  void check(String field, Draft draft, TraceSequence sequence) {
    Signals signals = draft.signals();
    Set<String> said = signals == null ? Set.of("none") : signals.rollouts().keySet();
    Set<String> above = before.putIfAbsent(field, said);
    if (above != null && !above.equals(said)) {
      throw rules.error(
          "\""
              + field
              + ".signals\" or its rollouts are missing or new: a trace has the same in every sequence");
    }
    if (signals == null) {
      return;
    }
    int length = sequence.length();
    check(field + ".signals", signals.largest(), signals.entropy(), signals.confidence(), length);
    Sampling sampling = header.sampling();
    if (sampling.temperature() == 1 && sampling.topK() == 0 && sampling.topP() == 1) {
      for (int t = 0; t < length; t++) {
        double q = Math.exp(draft.logprob()[t]);
        rules.require(
            Math.abs(q - signals.confidence()[t]) <= SLACK,
            field + ".signals.confidence[" + t + "]",
            signals.confidence()[t],
            "the probability " + q + " that \"logprob\" gives the token at temperature 1");
      }
    }
    signals
        .rollouts()
        .forEach((name, rollouts) -> check(field + ".rollouts", name, rollouts, sequence));
  }

  private void check(
      String field, float[] largest, float[] entropy, float[] confidence, int length) {
    rules.requireLength(field + ".largest", largest.length, length);
    rules.requireLength(field + ".entropy", entropy.length, length);
    rules.requireLength(field + ".confidence", confidence.length, length);
    double least = 1.0 / Math.min(LISTED, vocabulary);
    double most = Math.log(vocabulary);
    for (int i = 0; i < length; i++) {
      range(field + ".largest", i, largest[i], least, 1);
      range(field + ".entropy", i, entropy[i], 0, most);
      range(field + ".confidence", i, confidence[i], 0, largest[i]);
    }
  }

  private void range(String field, int index, float value, double least, double most) {
    rules.require(
        value >= least - SLACK && value <= most + SLACK, // NaN fails too
        field + "[" + index + "]",
        value,
        "from " + least + " to " + most);
  }

  private void check(String field, String name, Signals.Rollouts rollouts, TraceSequence sequence) {
    rules.require(DRAWN.contains(name), field, "\"" + name + "\"", "\"sampled\" or \"greedy\"");
    String chains = field + "." + name;
    int most = rollouts.length();
    rules.require(most >= 1 && most <= LONGEST, chains + ".length", most, "from 1 to " + LONGEST);
    double fraction = rollouts.fraction();
    rules.require(
        fraction > 0 && fraction <= 1, chains + ".fraction", fraction, "above 0, at most 1");
    boolean beyond = sequence.finish() == TraceSequence.Finish.EOS;
    int rows = sequence.length() + (beyond ? 1 : 0);
    count(chains + ".tokens", rollouts.tokens().length, rows);
    count(chains + ".largest", rollouts.largest().length, rows);
    count(chains + ".entropy", rollouts.entropy().length, rows);
    count(chains + ".confidence", rollouts.confidence().length, rows);
    for (int t = 0; t < rows; t++) {
      int[] tokens = rollouts.tokens()[t];
      String row = "[" + t + "]";
      boolean follows =
          t < sequence.length() && tokens.length > 0 && tokens[0] == sequence.tokens()[t];
      int longest = follows ? 1 : most;
      rules.require(
          tokens.length >= 1 && tokens.length <= longest,
          chains + ".tokens" + row,
          "of " + TraceRules.entries(tokens.length),
          follows ? "of 1, after which it goes on as the next row" : "of 1 to " + longest);
      rules.checkRange(chains + ".tokens" + row, tokens, 0, vocabulary - 1);
      check(
          chains + row,
          rollouts.largest()[t],
          rollouts.entropy()[t],
          rollouts.confidence()[t],
          tokens.length);
    }
  }

  private void count(String field, int count, int expected) {
    rules.require(
        count == expected,
        field,
        "of " + TraceRules.entries(count),
        "of " + expected + ", one for each token and, after an end token, one more");
  }
}
