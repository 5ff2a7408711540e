package redraft.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Depths;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Drawn;
import redraft.trace.TraceSequence.Measured;
import redraft.trace.TraceSequence.TopLogits;

/** What a sequence says of a draft, as it stands in its line. */
final class DraftLine {
  /** What a draft has without probabilities, or with those of {@code byDepth} alone. */
  private static final String[] ALONE = {"byDepth", "acceptLength", "coins", "survival"};

  private final LineReader lines;
  private final SequenceLine sequence;

  DraftLine(LineReader lines, SequenceLine sequence) {
    this.lines = lines;
    this.sequence = sequence;
  }

  Draft parse() throws IOException {
    double[] logprob = null;
    int[] rank = null;
    double[] overlap = null;
    int[] acceptLength = null;
    TopLogits top = null;
    double[] tail = null;
    Map<String, double[][]> ladders = Map.of();
    Map<String, double[][]> headroom = Map.of();
    Signals signals = null;
    Map<String, Signals.Rollouts> rollouts = Map.of();
    Depths depths = null;
    Coins coins = null;
    double[] survival = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.numbers();
        case "rank" -> rank = lines.integers();
        case "overlap" -> overlap = lines.numbers();
        case "ladder" -> ladders = parseLadders();
        case "headroom" -> headroom = parseLadders();
        case "signals" -> signals = SignalsLine.parse(lines);
        case "rollouts" -> rollouts = SignalsLine.parseRollouts(lines);
        case "byDepth" -> depths = parseDepths();
        case "acceptLength" -> acceptLength = lines.integers();
        case "coins" -> coins = parseCoins();
        case "survival" -> survival = lines.numbers();
        case "top" -> top = sequence.parseTop();
        case "tail" -> tail = lines.numbers();
        default -> lines.skip();
      }
    }
    for (String alone : ALONE) {
      if (fields.hasAny(alone)) {
        fields.forbid(
            alone,
            "logprob",
            "rank",
            "overlap",
            "top",
            "tail",
            "ladder",
            "headroom",
            "signals",
            "rollouts");
        Arrays.stream(ALONE)
            .filter(other -> !other.equals(alone))
            .forEach(other -> fields.forbid(alone, other));
        return depths != null
            ? Draft.ofDepths(depths)
            : new Draft(
                null,
                null,
                null,
                null,
                Drawn.NONE,
                null,
                null,
                new Measured(acceptLength, coins, survival));
      }
    }
    fields.require("logprob");
    if (fields.hasAny("rollouts")) {
      fields.require("signals");
    }
    if (fields.hasAny("headroom")) {
      fields.require("ladder");
    }
    return new Draft(logprob, rank, overlap, SequenceLine.withTail(fields, top, tail))
        .with(new Drawn(ladders, headroom))
        .with(signals == null ? null : signals.with(rollouts));
  }

  private Depths parseDepths() throws IOException {
    double[][] logprob = null;
    int[][] rank = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.list(lines::numbers).toArray(double[][]::new);
        case "rank" -> rank = lines.list(lines::integers).toArray(int[][]::new);
        default -> lines.skip();
      }
    }
    fields.require("logprob", "rank");
    return new Depths(logprob, rank);
  }

  private Coins parseCoins() throws IOException {
    int[] accepted = null;
    int[] drafted = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "accepted" -> accepted = lines.integers();
        case "drafted" -> drafted = lines.integers();
        default -> lines.skip();
      }
    }
    fields.require("accepted", "drafted");
    return new Coins(accepted, drafted);
  }

  private Map<String, double[][]> parseLadders() throws IOException {
    Map<String, double[][]> ladders = new LinkedHashMap<>();
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      ladders.put(field, lines.list(lines::numbers).toArray(double[][]::new));
    }
    return ladders;
  }

  static void write(JsonGenerator json, Draft draft) throws IOException {
    switch (draft.content()) {
      case PROBABILITIES -> {
        SequenceLine.writeNumbers(json, "logprob", draft.logprob());
        if (draft.rank() != null) {
          SequenceLine.writeIntegers(json, "rank", draft.rank());
        }
        SequenceLine.writeKnown(json, "overlap", draft.overlap());
        SequenceLine.writeTop(json, draft.top());
        writeLadders(json, "ladder", draft.ladders());
        writeLadders(json, "headroom", draft.headroom());
        SignalsLine.write(json, draft.signals());
      }
      case DEPTHS -> {
        json.writeObjectFieldStart("byDepth");
        json.writeArrayFieldStart("logprob");
        for (double[] row : draft.depths().logprob()) {
          SequenceLine.writeArray(json, row);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("rank");
        for (int[] row : draft.depths().rank()) {
          json.writeArray(row, 0, row.length);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case ACCEPT_LENGTHS -> SequenceLine.writeIntegers(json, "acceptLength", draft.acceptLength());
      case COINS -> {
        json.writeObjectFieldStart("coins");
        SequenceLine.writeIntegers(json, "accepted", draft.coins().accepted());
        SequenceLine.writeIntegers(json, "drafted", draft.coins().drafted());
        json.writeEndObject();
      }
      case SURVIVAL -> SequenceLine.writeNumbers(json, "survival", draft.survival());
    }
  }

  private static void writeLadders(
      JsonGenerator json, String field, Map<String, double[][]> ladders) throws IOException {
    if (ladders.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, double[][]> ladder : ladders.entrySet()) {
      json.writeArrayFieldStart(ladder.getKey());
      for (double[] row : ladder.getValue()) {
        SequenceLine.writeArray(json, row);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
