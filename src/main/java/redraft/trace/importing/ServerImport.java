package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.LineException;
import redraft.json.LineReader;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.SeenIds;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceWriter;
import redraft.trace.importing.Scores.Reply;
import redraft.trace.importing.TraceImporter.Inputs;
import redraft.trace.importing.TraceImporter.Settings;

/**
 * Joins what a server said of texts that its target wrote with what servers said of the same texts
 * with drafts. Texts are joined by their tokens; every file is read twice, because the header comes
 * first and says how large the vocabulary is.
 */
final class ServerImport {
  private static final double MOST_OTHERS = 0.05; // of greedy tokens that a tie outranks

  /** Reads the current line of a file. */
  interface Parser {
    /** One reply a choice; none where the request failed. */
    List<Reply> replies(LineReader lines) throws IOException;
  }

  /**
   * A server.
   *
   * @param name of the format
   * @param otherwise how to get probabilities of given tokens at other temperatures
   * @param ranks how to get ranks
   */
  record Server(String name, Parser parser, String otherwise, String ranks) {}

  /** What a file holds altogether. */
  private static final class Survey {
    private int vocabulary = 1;
    private boolean ranks = true; // of all tokens
    private boolean first = true; // known of all tokens whether they are
    private boolean possible; // some token is less than certain
    private long scored; // tokens
    private long outranked; // of the generated tokens
    private long texts;
    private long failed; // lines without a reply
    private long firstFailed;
    private boolean scorings; // of the target's own texts
  }

  private final Server server;
  private final Inputs inputs;
  private final Settings settings;
  private final Sampling sampling;
  private final List<String> notes = new ArrayList<>();

  ServerImport(Server server, Inputs inputs, Settings settings) {
    this.server = server;
    this.inputs = inputs;
    this.settings = settings;
    if (settings.sampling().temperature() == null) {
      throw new IllegalArgumentException(
          "responses do not say at which temperature their text was drawn; say --temperature, with"
              + " --top-k and --top-p where these were not 0 and 1");
    }
    if (settings.models().kind() == DraftKind.DEPTH) {
      throw new IllegalArgumentException(
          "what a server says of given tokens depends on the text before them alone; drafts of kind"
              + " 'depth' also depend on the place in the block, so import what their steps"
              + " accepted");
    }
    sampling = settings.sampling().or(1, 0, 1);
  }

  private boolean greedy() {
    return sampling.temperature() == 0;
  }

  /** Whether probabilities at temperature 1, over all tokens, are those of the text. */
  private boolean plain() {
    return sampling.temperature() == 1 && sampling.topK() == 0 && sampling.topP() == 1;
  }

  List<String> convert(Path trace) throws IOException {
    Survey target = survey(inputs.target(), true);
    if (greedy() && target.outranked > MOST_OTHERS * target.scored) {
      throw new IllegalArgumentException(
          inputs.target().name()
              + ": "
              + target.outranked
              + " of "
              + target.scored
              + " generated tokens are not of rank 1, so they were not drawn at temperature 0");
    }
    int vocabulary = target.vocabulary;
    List<Survey> surveys = new ArrayList<>();
    for (LineSource draft : inputs.drafts().values()) {
      Survey survey = survey(draft, false);
      if (greedy() && !survey.first) {
        throw new IllegalArgumentException(
            draft.name()
                + " does not say of every token whether it is the most probable one, which is all that matters at temperature 0; "
                + server.ranks);
      }
      vocabulary = Math.max(vocabulary, survey.vocabulary);
      surveys.add(survey);
    }
    if (settings.vocabularySize() != null) {
      if (vocabulary > settings.vocabularySize()) {
        throw new IllegalArgumentException(
            "the files name tokens or ranks of a vocabulary of at least "
                + vocabulary
                + " tokens, not of the "
                + settings.vocabularySize()
                + " that were given");
      }
      vocabulary = settings.vocabularySize();
    }
    List<DraftInfo> drafts =
        inputs.drafts().keySet().stream()
            .map(name -> new DraftInfo(name, "", 0, settings.models().kind()))
            .toList();
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", vocabulary),
            new TraceHeader.ModelInfo(settings.models().target(), "", 0),
            drafts,
            sampling,
            LogitDetail.NONE,
            Grade.EXACT,
            server.name);
    write(trace, header, target, surveys);
    if (!plain() && !greedy()) {
      notes.add(
          "probabilities are taken to be those after temperature, top-k and top-p, of target and"
              + " drafts alike; nothing in the files says so");
    }
    return notes;
  }

  // ---- first reading

  private Survey survey(LineSource source, boolean target) throws IOException {
    Survey survey = new Survey();
    try (LineReader lines = new LineReader(source)) {
      while (lines.advance()) {
        List<Reply> replies = lines.parse(() -> server.parser.replies(lines));
        if (replies.isEmpty()) {
          survey.firstFailed = survey.failed++ == 0 ? lines.lineNumber() : survey.firstFailed;
        }
        for (Reply reply : replies) {
          if (target && reply.scoring()) {
            survey.scorings = true;
          } else {
            survey(survey, lines, reply, target);
          }
        }
      }
    }
    if (survey.texts == 0) {
      throw new IllegalArgumentException(
          source.name()
              + (target
                  ? " has no response with generated tokens and their probabilities"
                  : " has no response that scores a text"));
    }
    if (!survey.possible && !greedy()) {
      throw new IllegalArgumentException(source.name() + ": " + NOT_COMPUTED);
    }
    if (survey.failed > 0) {
      notes.add(
          source.name()
              + ": "
              + survey.failed
              + " lines have no answer and are left out, the first of them line "
              + survey.firstFailed);
    }
    return survey;
  }

  /** What is wrong where no token is less than certain. */
  static final String NOT_COMPUTED =
      "every log-probability is 0, as llama-server writes under speculation, where it computes"
          + " none; generate without speculation";

  private void survey(Survey survey, LineReader lines, Reply reply, boolean target) {
    Scores scores = target ? reply.drawn() : reply.ofAnother();
    if (scores == null) {
      throw lines.error("the response says nothing of the probabilities of its tokens");
    }
    if (!target && reply.given() != null && !plain() && !greedy()) {
      throw lines.error(
          "probabilities of a prompt's tokens are those at temperature 1 without top-k and top-p,"
              + " whatever was asked for, and the text was drawn otherwise; "
              + server.otherwise);
    }
    survey.texts++;
    survey.vocabulary = Math.max(survey.vocabulary, scores.leastVocabulary());
    survey.ranks &= scores.ranked();
    survey.first &= scores.rank() != null;
    survey.scored += scores.logprob().length;
    for (int i = 0; i < scores.logprob().length; i++) {
      survey.possible |= scores.logprob()[i] < 0;
      survey.outranked += scores.rank() != null && scores.rank()[i] > 1 ? 1 : 0;
      if (target && scores.logprob()[i] == Double.NEGATIVE_INFINITY && !greedy()) {
        throw lines.error(
            "token "
                + (scores.first() + i)
                + " was generated with probability 0: these are not the probabilities that it was"
                + " drawn from");
      }
    }
  }

  // ---- second reading

  private void write(Path trace, TraceHeader header, Survey surveyed, List<Survey> surveys)
      throws IOException {
    List<ScoreLookup> lookups = new ArrayList<>();
    ScoreLookup own = null;
    Map<ScoreLookup, Long> missing = new LinkedHashMap<>();
    Map<ScoreLookup, String> firstMissing = new LinkedHashMap<>();
    NoiseFloor noise = new NoiseFloor();
    SeenIds ids = new SeenIds();
    try (LineReader lines = new LineReader(inputs.target());
        TraceWriter writer = new TraceWriter(trace, header)) {
      for (LineSource draft : inputs.drafts().values()) {
        lookups.add(new ScoreLookup(draft, server.parser, reply -> true));
      }
      own =
          surveyed.scorings && plain()
              ? new ScoreLookup(inputs.target(), server.parser, Reply::scoring)
              : null;
      String previousId = null;
      int sample = 0;
      while (lines.advance()) {
        for (Reply reply : lines.parse(() -> server.parser.replies(lines))) {
          if (reply.scoring()) {
            continue;
          }
          Scores drawn = reply.drawn();
          List<Draft> drafts = new ArrayList<>();
          for (ScoreLookup lookup : lookups) {
            Scores scores = lookup.find(drawn.tokens(), drawn.first());
            if (scores == null) {
              missing.merge(lookup, 1L, Long::sum);
              firstMissing.putIfAbsent(
                  lookup, "'" + reply.id() + "'" + lookup.insteadOf(reply.id(), drawn.tokens()));
            } else {
              boolean ranks = surveys.get(lookups.indexOf(lookup)).ranks;
              drafts.add(draft(scores, drawn.first(), ranks));
            }
          }
          if (own != null) {
            noise.add(drawn, own.find(drawn.tokens(), drawn.first()));
          }
          if (drafts.size() < lookups.size()) {
            continue;
          }
          sample = reply.id().equals(previousId) ? sample + 1 : 0;
          if (sample == 0 && !ids.add(reply.id())) {
            throw lines.error("\"" + reply.id() + "\" " + SeenIds.AGAIN);
          }
          previousId = reply.id();
          write(writer, sequence(reply, sample, drafts), lines);
        }
      }
      for (ScoreLookup lookup : lookups) {
        noteLeft(lookup, missing.getOrDefault(lookup, 0L), firstMissing.get(lookup), writer);
      }
      writer.finish();
    } finally {
      for (ScoreLookup lookup : lookups) {
        lookup.close();
      }
      if (own != null) {
        own.close();
      }
    }
    noise.note(notes);
  }

  private void noteLeft(ScoreLookup lookup, long missing, String first, TraceWriter writer)
      throws IOException {
    String name = lookup.source().name();
    if (missing > 0 && writer.sequences() == 0) {
      throw new IllegalArgumentException(
          name
              + " scores none of the texts of "
              + inputs.target().name()
              + ": its prompts must be the tokens of prompt and answer together, no more and no"
              + " fewer, as of "
              + first);
    }
    if (missing > 0) {
      notes.add(
          missing + " texts are not scored in " + name + " and are left out, the first: " + first);
    }
    long left = lookup.left();
    if (left > 0) {
      notes.add(
          name
              + " scores "
              + left
              + " texts that are none of "
              + inputs.target().name()
              + "; they are left out");
    }
  }

  private Draft draft(Scores scores, int start, boolean ranks) {
    double[] logprob = clamped(scores.logprobFrom(start));
    int[] rank = scores.rank() == null ? null : scores.rankFrom(start);
    for (int i = 0; greedy() && i < logprob.length; i++) {
      logprob[i] = rank[i] == 1 ? 0 : Double.NEGATIVE_INFINITY;
    }
    return new Draft(logprob, ranks ? rank : null, null, null);
  }

  private TraceSequence sequence(Reply reply, int sample, List<Draft> drafts) {
    Scores drawn = reply.drawn();
    int[] tokens = drawn.tokens();
    double[] logprob =
        greedy() ? new double[drawn.logprob().length] : clamped(drawn.logprob().clone());
    return new TraceSequence(
        new TraceSequence.Label(reply.id(), sample, settings.domain()),
        new TraceSequence.Prefix("", Arrays.copyOf(tokens, drawn.first())),
        new TraceSequence.CommittedPath(
            Arrays.copyOfRange(tokens, drawn.first(), tokens.length), reply.finish()),
        new Target(logprob, null, null, null),
        drafts);
  }

  private static double[] clamped(double[] logprob) {
    for (int i = 0; i < logprob.length; i++) {
      logprob[i] = Math.min(0, logprob[i]);
    }
    return logprob;
  }

  /** Writes a sequence; what is wrong with it is wrong with the line that it comes of. */
  private static void write(TraceWriter writer, TraceSequence sequence, LineReader lines)
      throws IOException {
    try {
      writer.write(sequence);
    } catch (LineException e) {
      throw lines.error(
          "the trace of this response would be wrong: "
              + e.getMessage().replaceFirst("^.*?:\\d+: ", ""));
    }
  }
}
