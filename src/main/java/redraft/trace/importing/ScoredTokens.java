package redraft.trace.importing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;

/**
 * Reads what responses say of one token after the other.
 *
 * @param place where it stands in the line, for messages
 * @param positions an entry each: what is said of tokens that can stand there; empty where nothing
 *     is
 */
record ScoredTokens(String place, List<List<Entry>> positions) {
  /** What vLLM sends in place of −∞, which JSON cannot say. */
  static final double MINUS_INFINITY = -9999;

  /**
   * @param token −1 where its id is not said
   * @param rank 0 where it is not said
   */
  record Entry(int token, double logprob, int rank) {}

  int size() {
    return positions.size();
  }

  /** The first token named at each position. */
  int[] tokens() {
    return positions.stream().mapToInt(entries -> entries.get(0).token).toArray();
  }

  /**
   * What is said of the tokens of a text.
   *
   * @param tokens of all of it
   * @param offset index of the token of the text that the first position here is of
   * @param first index of the first token that is asked for
   * @throws redraft.json.LineException if nothing is said of one
   */
  Scores of(LineReader lines, int[] tokens, int offset, int first) {
    double[] logprob = new double[tokens.length - first];
    int[] rank = new int[tokens.length - first];
    boolean ranks = true;
    for (int i = first; i < tokens.length; i++) {
      List<Entry> here = positions.get(i - offset);
      Entry own = null;
      for (Entry entry : here) {
        if (own == null && (entry.token == tokens[i] || entry.token < 0)) {
          own = entry;
        }
      }
      if (own == null || Double.isNaN(own.logprob)) {
        throw lines.error(
            "\"" + place + "[" + (i - offset) + "]\" says nothing of token " + tokens[i]);
      }
      logprob[i - first] = own.logprob;
      rank[i - first] = own.rank == Scores.NOT_FIRST ? own.rank : own.rank - tiesBehind(own, here);
      ranks &= own.rank > 0;
    }
    return new Scores(tokens, first, logprob, ranks ? rank : null);
  }

  /**
   * Servers count the tokens that are no less probable; of equal ones the lower id comes first
   * here, so those of higher ids are none before it, as far as they are listed.
   */
  private static int tiesBehind(Entry own, List<Entry> here) {
    int behind = 0;
    for (Entry entry : here) {
      behind += entry.logprob == own.logprob && entry.token > own.token ? 1 : 0;
    }
    return Math.min(behind, Math.max(0, own.rank - 1));
  }

  // ---- reading

  /** A log-probability; NaN where it is null. */
  static double logprob(LineReader lines) throws IOException {
    if (lines.isNull()) {
      return Double.NaN;
    }
    double value = lines.number();
    if (!(value <= Scores.ROUNDING)) {
      throw lines.wrongValue("not at most 0");
    }
    return value <= MINUS_INFINITY ? Double.NEGATIVE_INFINITY : value;
  }

  /** A token id. */
  static int token(LineReader lines) throws IOException {
    int token = lines.integer();
    if (token < 0 || token == Integer.MAX_VALUE) {
      throw lines.wrongValue("not from 0 to " + (Integer.MAX_VALUE - 1));
    }
    return token;
  }

  /** A rank; 0 where it is null. */
  static int rank(LineReader lines) throws IOException {
    if (lines.isNull()) {
      return 0;
    }
    int rank = lines.integer();
    if (rank < 1) {
      throw lines.wrongValue("not at least 1");
    }
    return rank;
  }

  /** Token ids; null where there are none. */
  static int[] tokens(LineReader lines) throws IOException {
    if (lines.isNull()) {
      return null;
    }
    List<Integer> tokens = lines.list(() -> token(lines));
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** A list of maps of token ids, each with logprob and rank, and null where nothing is said. */
  static ScoredTokens maps(LineReader lines, String place) throws IOException {
    return new ScoredTokens(place, lines.list(() -> map(lines)));
  }

  private static List<Entry> map(LineReader lines) throws IOException {
    List<Entry> entries = new ArrayList<>(1);
    if (lines.isNull()) {
      return entries;
    }
    Fields tokens = lines.fields();
    for (String id; (id = tokens.next()) != null; ) {
      if (!id.matches("\\d{1,10}") || Long.parseLong(id) >= Integer.MAX_VALUE) {
        throw lines.wrongValue("under \"" + id + "\", which is no token id");
      }
      entries.add(entry(lines, Integer.parseInt(id)));
    }
    return entries;
  }

  /** A list of objects, each of a token with its logprob, and null where nothing is said. */
  static ScoredTokens objects(LineReader lines, String place) throws IOException {
    return new ScoredTokens(place, lines.list(() -> List.of(entry(lines, -1))));
  }

  private static Entry entry(LineReader lines, int known) throws IOException {
    int token = known;
    double logprob = Double.NaN;
    int rank = 0;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = logprob(lines);
        case "rank" -> rank = rank(lines);
        case "token_id", "id" -> token = token(lines);
        case "token" ->
            token = token < 0 && !lines.isNull() ? spelt(lines.string()) : skip(lines, token);
        default -> lines.skip();
      }
    }
    fields.require("logprob");
    return new Entry(token, logprob, rank);
  }

  private static int skip(LineReader lines, int token) throws IOException {
    lines.skip();
    return token;
  }

  /** The id in a token's name where the request asked for ids; −1 otherwise. */
  static int spelt(String name) {
    return name.matches("token_id:\\d{1,9}") ? Integer.parseInt(name.substring(9)) : -1;
  }

  /** Names and log-probabilities in two lists. */
  static ScoredTokens lists(LineReader lines, String place, List<String> names, double[] logprobs) {
    if (names.size() != logprobs.length) {
      throw lines.error(
          "\""
              + place
              + "\" has "
              + logprobs.length
              + " log-probabilities of "
              + names.size()
              + " tokens");
    }
    List<List<Entry>> positions = new ArrayList<>();
    for (int i = 0; i < logprobs.length; i++) {
      positions.add(List.of(new Entry(spelt(names.get(i)), logprobs[i], 0)));
    }
    return new ScoredTokens(place, positions);
  }

  /** Whether no token is less than certain. */
  boolean certain() {
    return positions.stream().flatMap(List::stream).allMatch(entry -> entry.logprob == 0);
  }

  /** The positions from that one on. */
  ScoredTokens from(int start) {
    return new ScoredTokens(place, positions.subList(start, size()));
  }

  /** Two texts, one after the other. */
  static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
