package redraft.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Content;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;

/** What the values of the drafts of a trace must fulfil; part of {@link TraceRules}. */
final class DraftRules {
  private static final Pattern LADDER = Pattern.compile("[a-z-]+:([1-9]\\d?)");
  private final TraceRules rules;
  private final TraceHeader header;
  private final SignalRules signalRules;
  private final Map<String, Set<String>> ladderNames = new HashMap<>(); // of each draft's field

  DraftRules(TraceRules rules, TraceHeader header) {
    this.rules = rules;
    this.header = header;
    signalRules = new SignalRules(rules, header);
  }

  /** What a header says of a draft. */
  void check(String field, DraftInfo draft) {
    rules.require(draft.depth() >= 0, field + ".depth", draft.depth(), "at least 0");
    boolean measured = header.grade() == Grade.COINS || header.grade() == Grade.HISTOGRAM;
    boolean bounded =
        header.grade() == Grade.HISTOGRAM || (draft.kind() == DraftKind.DEPTH && !measured);
    if (bounded && draft.depth() == 0) {
      throw rules.error(
          "\"" + field + ".depth\" is missing: how many tokens of a block is something known of?");
    }
    if ((draft.rule() != null) != measured) {
      throw rules.error(
          measured
              ? "\"" + field + ".rule\" is missing: by which rule did the measured run verify?"
              : "\"" + field + ".rule\" goes with grade \"coins\" or \"histogram\"");
    }
    if (!Double.isNaN(draft.untested()) != (header.grade() == Grade.COINS)) {
      throw rules.error(
          "\""
              + field
              + ".untested\" "
              + (header.grade() == Grade.COINS
                  ? "is missing: which acceptance is assumed where no token was drafted?"
                  : "goes with grade \"coins\""));
    }
    if (header.grade() == Grade.COINS) {
      rules.require(
          draft.untested() >= 0 && draft.untested() <= 1,
          field + ".untested",
          draft.untested(),
          "from 0 to 1");
    }
  }

  /** What a sequence says of a draft. */
  void check(String field, DraftInfo info, Draft draft, TraceSequence sequence) {
    Content content = draft.content();
    boolean fits =
        switch (header.grade()) {
          case EXACT ->
              (content == Content.DEPTHS) == (info.kind() == DraftKind.DEPTH)
                  && content != Content.COINS
                  && content != Content.SURVIVAL;
          case COINS -> content == Content.COINS;
          case HISTOGRAM -> content == Content.SURVIVAL;
          case GIVEN_TEXT -> content == Content.PROBABILITIES;
        };
    if (!fits) {
      throw rules.error(
          "\""
              + field
              + "\" has "
              + word(content)
              + ", which does not go with grade \""
              + header.grade().word()
              + "\" and kind \""
              + info.kind().word()
              + "\" of the header");
    }
    switch (content) {
      case PROBABILITIES -> {
        probabilities(field, draft, sequence.length());
        signalRules.check(field, draft, sequence);
      }
      case DEPTHS -> depths(field + ".byDepth", info.depth(), draft.depths(), sequence.length());
      case ACCEPT_LENGTHS -> acceptLengths(field, draft.acceptLength(), sequence);
      case COINS -> coins(field + ".coins", draft.coins(), sequence);
      case SURVIVAL -> survival(field + ".survival", info.depth(), draft.survival());
    }
    rules.checkTop(field, content == Content.PROBABILITIES ? draft.top() : null, sequence.length());
  }

  private static String word(Content content) {
    return switch (content) {
      case PROBABILITIES -> "\"logprob\"";
      case DEPTHS -> "\"byDepth\"";
      case ACCEPT_LENGTHS -> "\"acceptLength\"";
      case COINS -> "\"coins\"";
      case SURVIVAL -> "\"survival\"";
    };
  }

  private void probabilities(String field, Draft draft, int length) {
    rules.requireLength(field + ".logprob", draft.logprob().length, length);
    logprobs(field + ".logprob", draft.logprob());
    rules.requireRecorded(field + ".rank", draft.rank() != null);
    if (draft.rank() != null) {
      rules.requireLength(field + ".rank", draft.rank().length, length);
      rules.checkRange(field + ".rank", draft.rank(), 1, header.tokenizer().vocabularySize());
    }
    rules.requireRecorded(field + ".overlap", draft.overlap() != null);
    if (draft.overlap() != null) {
      rules.requireLength(field + ".overlap", draft.overlap().length, length);
      rules.checkRange(
          field + ".overlap", draft.overlap(), 0, 1 + TraceRules.ROUNDING, "from 0 to 1");
    }
    requireNames(field + ".ladder", draft.ladders());
    draft
        .ladders()
        .forEach((name, rows) -> ladder(field + ".ladder." + name, name, rows, length, true));
    requireNames(field + ".headroom", draft.headroom());
    draft
        .headroom()
        .forEach(
            (name, rows) -> {
              if (!draft.ladders().containsKey(name)) {
                throw rules.error(
                    "\"" + field + ".headroom." + name + "\" is above a ladder that is missing");
              }
              ladder(field + ".headroom." + name, name, rows, length, false);
            });
  }

  private void requireNames(String field, Map<String, double[][]> ladders) {
    Set<String> before = ladderNames.putIfAbsent(field, ladders.keySet());
    if (before != null && !before.equals(ladders.keySet())) {
      throw rules.error(
          "\""
              + field
              + "\" has "
              + ladders.keySet()
              + ", the sequences above have "
              + before
              + "; a trace has one or the other");
    }
  }

  /**
   * @param shares whether a row's entries are parts of one
   */
  private void ladder(String field, String name, double[][] rows, int length, boolean shares) {
    Matcher matcher = LADDER.matcher(name);
    if (!matcher.matches()) {
      throw rules.error("\"" + field + "\" is not named NAME:CANDIDATES, such as iid:4");
    }
    int candidates = Integer.parseInt(matcher.group(1));
    rules.requireLength(field, rows.length, length);
    for (int t = 0; t < length; t++) {
      String row = field + "[" + t + "]";
      requireEntries(row, rows[t].length, candidates);
      rules.checkRange(row, rows[t], 0, 1 + TraceRules.ROUNDING, "from 0 to 1");
      double sum = DoubleStream.of(rows[t]).sum();
      if (shares && sum > 1 + TraceRules.ROUNDING) {
        throw rules.error("\"" + row + "\" sums to " + sum + ", not to 1 or less");
      }
    }
  }

  private void logprobs(String field, double[] values) {
    rules.checkRange(
        field,
        values,
        Double.NEGATIVE_INFINITY,
        TraceRules.ROUNDING,
        "at most 0, null for probability 0");
  }

  private void depths(String field, int depth, Depths depths, int length) {
    rules.requireLength(field + ".logprob", depths.logprob().length, length);
    rules.requireLength(field + ".rank", depths.rank().length, length);
    for (int s = 0; s < length; s++) {
      String row = "[" + s + "]";
      int expected = Math.min(depth, length - s);
      requireEntries(field + ".logprob" + row, depths.logprob()[s].length, expected);
      requireEntries(field + ".rank" + row, depths.rank()[s].length, expected);
      logprobs(field + ".logprob" + row, depths.logprob()[s]);
      rules.checkRange(
          field + ".rank" + row, depths.rank()[s], 1, header.tokenizer().vocabularySize());
    }
  }

  private void acceptLengths(String field, int[] lengths, TraceSequence sequence) {
    int least = Math.max(1, sequence.decodeFrom());
    if (lengths.length < least) {
      throw rules.error(
          "\""
              + field
              + ".acceptLength\" has "
              + TraceRules.entries(lengths.length)
              + ", not at least "
              + least);
    }
    rules.checkRange(field + ".acceptLength", lengths, 1, Integer.MAX_VALUE);
  }

  private void coins(String field, Coins coins, TraceSequence sequence) {
    int steps = coins.accepted().length;
    requireEntries(field + ".drafted", coins.drafted().length, steps);
    rules.checkRange(field + ".drafted", coins.drafted(), 0, Integer.MAX_VALUE - 1);
    for (int i = 0; i < steps; i++) {
      if (coins.accepted()[i] < 0 || coins.accepted()[i] > coins.drafted()[i]) {
        throw rules.error(
            "\""
                + field
                + ".accepted["
                + i
                + "]\" is "
                + coins.accepted()[i]
                + ", not from 0 to the "
                + coins.drafted()[i]
                + " drafted");
      }
    }
    long tokens = sequence.length() - sequence.decodeFrom();
    long before = coins.committed() - (steps == 0 ? 0 : coins.accepted()[steps - 1] + 1);
    if (coins.committed() < tokens || (tokens > 0 && before >= tokens)) {
      throw rules.error(
          "\""
              + field
              + "\" has "
              + steps
              + " steps that committed "
              + coins.committed()
              + " tokens, the sequence decoded "
              + tokens);
    }
  }

  private void survival(String field, int depth, double[] survival) {
    requireEntries(field, survival.length, depth);
    rules.checkRange(field, survival, 0, 1, "from 0 to 1");
    for (int k = 1; k < survival.length; k++) {
      if (survival[k] > survival[k - 1]) {
        throw rules.error(
            "\"" + field + "[" + k + "]\" is " + survival[k] + ", more than the one before it");
      }
    }
  }

  private void requireEntries(String field, int count, int expected) {
    if (count != expected) {
      throw rules.error("\"" + field + "\" has " + TraceRules.entries(count) + ", not " + expected);
    }
  }
}
