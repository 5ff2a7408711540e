package redraft.trace;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.json.LineException;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceSequence.TopLogits;

/**
 * What the values of a trace must fulfil, one sequence after the other. Reader and writer both hold
 * every record against it, so that nothing is written that could not be read.
 */
final class TraceRules {
  static final double ROUNDING = 1e-6; // of probabilities in single precision

  private final String file;
  private final TraceHeader header;
  private long line = 1; // of the record under check
  private final PossibleNumbers possible;
  private final DraftRules draftRules;
  private final SeenIds ids = new SeenIds();
  private String previousId; // null before the first sequence
  private int previousSample;
  private boolean previousProbabilities;

  /**
   * @throws LineException if the header breaks a rule
   */
  TraceRules(String file, TraceHeader header) {
    this.file = file;
    this.header = header;
    draftRules = new DraftRules(this, header);
    require(
        header.tokenizer().vocabularySize() >= 1,
        "tokenizer.vocabularySize",
        header.tokenizer().vocabularySize(),
        "at least 1");
    checkModel("target", header.target().name(), header.target().parameters());
    Set<String> names = new HashSet<>();
    for (int i = 0; i < header.drafts().size(); i++) {
      DraftInfo draft = header.drafts().get(i);
      checkModel("drafts[" + i + "]", draft.name(), draft.parameters());
      if (ReservedNames.isReservedDraft(draft.name())) {
        throw error(
            "\"drafts["
                + i
                + "].name\" is \""
                + draft.name()
                + "\", which results use for something else; name it otherwise");
      }
      if (!names.add(draft.name())) {
        throw error("two drafts are named \"" + draft.name() + "\"; names must differ");
      }
      draftRules.check("drafts[" + i + "]", draft);
    }
    if (header.grade() == Grade.GIVEN_TEXT && header.logits() == LogitDetail.NONE) {
      throw error(
          "\"logits\" is \"none\", which does not go with grade \"given-text\": expectations need them");
    }
    TraceHeader.Sampling sampling = header.sampling();
    require(
        sampling.temperature() >= 0 && sampling.temperature() <= Double.MAX_VALUE,
        "sampling.temperature",
        sampling.temperature(),
        "a finite number from 0 on");
    require(sampling.topK() >= 0, "sampling.topK", sampling.topK(), "at least 0");
    require(
        sampling.topP() > 0 && sampling.topP() <= 1,
        "sampling.topP",
        sampling.topP(),
        "above 0 and at most 1");
    if (header.grade() == Grade.GIVEN_TEXT && (sampling.topK() > 0 || sampling.topP() < 1)) {
      throw error("grade \"given-text\" goes with top-k 0 and top-p 1: its logits are not cut off");
    }
    possible = new PossibleNumbers(header);
  }

  private void checkModel(String field, String name, long parameters) {
    requireText(field + ".name", name);
    require(parameters >= 0, field + ".parameters", parameters, "at least 0");
  }

  /**
   * Checks the next sequence of the trace.
   *
   * @throws LineException if it breaks a rule
   */
  void check(TraceSequence sequence) {
    line++;
    requireText("id", sequence.id());
    requireText("domain", sequence.domain());
    if (sequence.domain().equals(ReservedNames.ALL_DOMAINS)) {
      throw error(
          "\"domain\" is \"all\", which results use for all domains together; name it otherwise");
    }
    checkOrder(sequence);
    checkTokens("promptTokens", sequence.promptTokens());
    checkTokens("tokens", sequence.tokens());
    if (sequence.decodeFrom() < 0 || sequence.decodeFrom() > sequence.length()) {
      throw error(
          "\"decodeFrom\" is "
              + sequence.decodeFrom()
              + ", not from 0 to the "
              + sequence.length()
              + " entries of \"tokens\"");
    }
    List<Draft> drafts = sequence.drafts();
    if (drafts.size() != header.drafts().size()) {
      throw error(
          "\"drafts\" has "
              + entries(drafts.size())
              + ", the header names "
              + header.drafts().size());
    }
    boolean probabilities = sequence.target().hasProbabilities();
    for (int i = 0; i < drafts.size(); i++) {
      if (drafts.get(i).hasProbabilities() != probabilities) {
        throw error(
            probabilities
                ? "\"drafts[" + i + "]\" has no probabilities, so \"target\" must be {}"
                : "\"target\" is {}, so \"drafts[" + i + "]\" must have accept lengths only");
      }
    }
    if (previousId != null && previousProbabilities != probabilities) {
      throw error(
          "the sequences above have "
              + (probabilities ? "accept lengths" : "probabilities")
              + ", this one has "
              + (probabilities ? "probabilities" : "accept lengths")
              + "; a trace has one or the other");
    }
    if (probabilities) {
      checkTarget(sequence.target(), sequence.length());
    } else {
      checkTop("target", null, sequence.length());
    }
    for (int i = 0; i < drafts.size(); i++) {
      draftRules.check("drafts[" + i + "]", header.drafts().get(i), drafts.get(i), sequence);
    }
    String impossible = probabilities ? possible.problem(sequence) : null;
    if (impossible != null) {
      throw error(impossible);
    }
    ids.add(sequence.id());
    previousId = sequence.id();
    previousSample = sequence.sample();
    previousProbabilities = probabilities;
  }

  private void checkOrder(TraceSequence sequence) {
    boolean sameId = sequence.id().equals(previousId);
    if (!sameId && ids.contains(sequence.id())) {
      throw error("\"id\" is \"" + sequence.id() + "\" " + SeenIds.AGAIN);
    }
    int expected = sameId ? previousSample + 1 : 0;
    if (sequence.sample() != expected) {
      throw error(
          "\"sample\" is "
              + sequence.sample()
              + ", not "
              + expected
              + ": the samples of \""
              + sequence.id()
              + "\" must stand together and count from 0");
    }
  }

  private void checkTokens(String field, int[] tokens) {
    if (tokens.length == 0) {
      throw error("\"" + field + "\" is empty");
    }
    if (TraceSequence.known(tokens)) {
      checkRange(field, tokens, 0, header.tokenizer().vocabularySize() - 1);
    } else if (header.grade() != Grade.COINS && header.grade() != Grade.HISTOGRAM) {
      throw error(
          "\""
              + field
              + "\" is missing, which only grades \"coins\" and \"histogram\" can do without");
    }
  }

  private void checkTarget(Target target, int length) {
    requireLength("target.logprob", target.logprob().length, length);
    checkRange(
        "target.logprob", target.logprob(), -Double.MAX_VALUE, ROUNDING, "finite, at most 0");
    requireRecorded("target.entropy", target.entropy() != null);
    if (target.entropy() != null) {
      requireLength("target.entropy", target.entropy().length, length);
      checkRange(
          "target.entropy", target.entropy(), -ROUNDING, Double.MAX_VALUE, "finite, at least 0");
    }
    requireRecorded("target.margin", target.margin() != null);
    if (target.margin() != null) {
      requireLength("target.margin", target.margin().length, length);
      checkRange("target.margin", target.margin(), 0, Double.MAX_VALUE, "finite, at least 0");
    }
    checkTop("target", target.top(), length);
  }

  void checkTop(String field, TopLogits top, int length) {
    if ((top == null) != (header.logits() == LogitDetail.NONE)) {
      throw error(
          "\""
              + field
              + "\" "
              + (top == null ? "lacks" : "has")
              + " \"top\", the header says logits \""
              + header.logits().word()
              + "\"");
    }
    if (top == null) {
      return;
    }
    requireLength(field + ".top.tokens", top.tokens().length, length);
    requireLength(field + ".top.logits", top.logits().length, length);
    requireLength(field + ".tail", top.tail().length, length);
    int vocabulary = header.tokenizer().vocabularySize();
    for (int t = 0; t < length; t++) {
      String row = "[" + t + "]";
      int[] tokens = top.tokens()[t];
      float[] logits = top.logits()[t];
      if (tokens.length < 1
          || tokens.length > vocabulary
          || (header.logits() == LogitDetail.ALL && tokens.length != vocabulary)) {
        throw error(
            "\""
                + field
                + ".top.tokens"
                + row
                + "\" has "
                + entries(tokens.length)
                + ", not "
                + (header.logits() == LogitDetail.ALL ? "all " : "from 1 to ")
                + vocabulary);
      }
      if (logits.length != tokens.length) {
        throw error(
            "\""
                + field
                + ".top.logits"
                + row
                + "\" has "
                + entries(logits.length)
                + ", \"tokens\" there has "
                + tokens.length);
      }
      checkRange(field + ".top.tokens" + row, tokens, 0, vocabulary - 1);
      for (int i = 0; i < logits.length; i++) {
        float most = i == 0 ? Float.MAX_VALUE : logits[i - 1];
        if (!(logits[i] <= most) || logits[0] == Float.NEGATIVE_INFINITY) {
          throw error(
              "\""
                  + field
                  + ".top.logits"
                  + row
                  + "["
                  + i
                  + "]\" is "
                  + logits[i]
                  + ", not finite and at most the logit before it");
        }
      }
    }
    checkRange(
        field + ".tail",
        top.tail(),
        Double.NEGATIVE_INFINITY,
        ROUNDING,
        "at most 0, null when all is listed");
  }

  // ---- values

  void checkRange(String field, int[] values, int least, int most) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] < least || values[i] > most) {
        throw error(
            "\"" + field + "[" + i + "]\" is " + values[i] + ", not from " + least + " to " + most);
      }
    }
  }

  void checkRange(String field, double[] values, double least, double most, String rule) {
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= least && values[i] <= most)) { // NaN fails too
        String value = values[i] == Double.NEGATIVE_INFINITY ? "null" : "" + values[i];
        throw error("\"" + field + "[" + i + "]\" is " + value + ", not " + rule);
      }
    }
  }

  /** What a recording always says, and other programs do not. */
  void requireRecorded(String field, boolean there) {
    if (!there && header.source().isEmpty()) {
      throw error(
          "\"" + field + "\" is missing, which only a trace with a \"source\" can do without");
    }
  }

  void requireLength(String field, int length, int expected) {
    if (length != expected) {
      throw error("\"" + field + "\" has " + entries(length) + ", \"tokens\" has " + expected);
    }
  }

  private void requireText(String field, String text) {
    if (text.isEmpty()) {
      throw error("\"" + field + "\" is empty");
    }
  }

  void require(boolean fulfilled, String field, Object value, String rule) {
    if (!fulfilled) {
      throw error("\"" + field + "\" is " + value + ", not " + rule);
    }
  }

  static String entries(int count) {
    return count == 1 ? "1 entry" : count + " entries";
  }

  LineException error(String problem) {
    return new LineException(file, line, problem);
  }
}
