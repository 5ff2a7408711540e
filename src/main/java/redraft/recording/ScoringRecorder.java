package redraft.recording;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import redraft.model.ModelException;
import redraft.model.server.ScoringModel;
import redraft.model.server.ScoringModel.Generated;
import redraft.model.server.ScoringModel.Scores;
import redraft.sampling.RandomStreams;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;

/**
 * Records through servers that score a text at once: the target's writes it, the drafts' read it.
 * What is recorded of a token is its probability and its rank; entropy, margin and overlap would
 * take the whole distribution, which such servers keep. Several threads may record at once.
 */
public final class ScoringRecorder implements Recording.Source {
  /**
   * Largest mean difference of ln q between two readings of one text by one model. Batches and
   * kernels move it by a hundredth or two in half precision, another model by tenths.
   */
  private static final double SAME_MODEL = 0.1;

  private static final long SEEDS = 1L << 53; // whole numbers that every JSON reader keeps

  /**
   * What is asked for.
   *
   * @param greedy temperature 0 in place of 1
   * @param special whether prompts begin with what the tokenizer adds
   * @param stopWhenFull ends a text where a draft's context does, in place of refusing it
   * @param scoreTarget reads the target's texts with the target too
   */
  public record Settings(
      boolean greedy,
      int maxNewTokens,
      boolean special,
      boolean stopWhenFull,
      boolean scoreTarget,
      long seed) {}

  private final ScoringModel target;
  private final List<ScoringModel> drafts;
  private final Settings settings;
  private final RandomStreams streams;
  private final int textLimit; // most tokens of a text, prompt included
  private final Map<String, int[]> promptTokens = new ConcurrentHashMap<>(); // by text
  private final DoubleAdder differences = new DoubleAdder();
  private final LongAdder compared = new LongAdder();

  public ScoringRecorder(ScoringModel target, List<ScoringModel> drafts, Settings settings) {
    this.target = target;
    this.drafts = List.copyOf(drafts);
    this.settings = settings;
    streams = new RandomStreams(settings.seed);
    int limit = target.contextLength();
    for (ScoringModel reader : readers()) {
      if (settings.stopWhenFull || reader == target) {
        limit = Math.min(limit, reader.contextLength() - 1); // it writes a token after the text
      }
    }
    textLimit = limit;
  }

  /** Those that score a text, in the order of its scores. */
  private List<ScoringModel> readers() {
    return Stream.concat(drafts.stream(), settings.scoreTarget ? Stream.of(target) : Stream.empty())
        .toList();
  }

  /** The header of what this records. */
  public TraceHeader header() {
    int vocabulary =
        Stream.concat(Stream.of(target), drafts.stream())
            .mapToInt(ScoringModel::vocabularySize)
            .max() // some are padded
            .orElseThrow();
    return new TraceHeader(
        new TraceHeader.TokenizerInfo("", vocabulary),
        new TraceHeader.ModelInfo(target.name(), "", 0),
        drafts.stream().map(draft -> new TraceHeader.DraftInfo(draft.name(), "", 0)).toList(),
        new TraceHeader.Sampling(settings.greedy ? 0 : 1, 0, 1, settings.seed),
        LogitDetail.NONE,
        Grade.EXACT,
        target.program());
  }

  /**
   * Checks that a prompt can be recorded.
   *
   * @throws ModelException naming the prompt, if it is empty, means other tokens to a draft, leaves
   *     no room in a context, or may become a text that a draft cannot score to its end
   */
  public void requireRoom(Prompt prompt) {
    int[] tokens = tokens(prompt);
    String name = "prompt '" + prompt.id() + "'";
    if (tokens.length == 0) {
      throw new ModelException(name + " has no tokens; write something in it");
    }
    Map<String, Integer> longest = new LinkedHashMap<>(); // texts, by model
    longest.put(
        "target '" + target.name() + "'", target.contextLength() - (settings.scoreTarget ? 1 : 0));
    for (ScoringModel draft : drafts) {
      String called = "draft '" + draft.name() + "'";
      longest.put(called, draft.contextLength() - 1);
      if (!Arrays.equals(tokens, draft.tokens(prompt.prompt(), settings.special))) {
        throw new ModelException(
            name
                + " has other tokens to "
                + called
                + " than to target '"
                + target.name()
                + "'; serve a draft that shares the target's tokenizer");
      }
    }
    longest.forEach(
        (model, most) -> {
          if (tokens.length >= most) {
            throw new ModelException(
                name
                    + " has "
                    + tokens.length
                    + " tokens; "
                    + model
                    + " takes texts of "
                    + most
                    + " and must leave room for at least one more; shorten the prompt");
          }
          if (tokens.length + maxTokens(tokens) > most) {
            throw new ModelException(
                name
                    + " has "
                    + tokens.length
                    + " tokens and may become a text of "
                    + (tokens.length + maxTokens(tokens))
                    + "; "
                    + model
                    + " takes texts of "
                    + most
                    + "; lower --max-new-tokens to "
                    + (most - tokens.length)
                    + ", or let record end texts there with --when-draft-is-full stop");
          }
        });
  }

  private int[] tokens(Prompt prompt) {
    return promptTokens.computeIfAbsent(
        prompt.prompt(), text -> target.tokens(text, settings.special));
  }

  private int maxTokens(int[] prompt) {
    return Math.min(settings.maxNewTokens, textLimit - prompt.length);
  }

  /** What the target draws a continuation's tokens by. */
  public static long seed(RandomStreams streams, String promptId, int sample) {
    return streams.stream("target/" + promptId + "/" + sample).nextLong(SEEDS);
  }

  @Override
  public TraceSequence record(Prompt prompt, int sample) {
    int[] begin = tokens(prompt);
    Generated text =
        target.generate(
            begin, maxTokens(begin), settings.greedy ? 0 : 1, seed(streams, prompt.id(), sample));
    List<Scores> scores = scores(begin, text.tokens());
    if (settings.scoreTarget) {
      double[] read = scores.get(drafts.size()).logprob();
      for (int i = 0; i < read.length; i++) {
        differences.add(Math.abs(read[i] - text.logprob()[i]));
      }
      compared.add(read.length);
    }
    List<TraceSequence.Draft> drafted = new ArrayList<>();
    for (Scores draft : scores.subList(0, drafts.size())) {
      drafted.add(
          new TraceSequence.Draft(
              settings.greedy ? greedy(draft.rank()) : draft.logprob(), draft.rank(), null, null));
    }
    return new TraceSequence(
        new TraceSequence.Label(prompt.id(), sample, prompt.domain()),
        new TraceSequence.Prefix(prompt.prompt(), begin),
        new TraceSequence.CommittedPath(
            text.tokens(), text.ended() ? TraceSequence.Finish.EOS : TraceSequence.Finish.LENGTH),
        new TraceSequence.Target(
            settings.greedy ? new double[text.tokens().length] : text.logprob(), null, null, null),
        drafted);
  }

  private List<Scores> scores(int[] prompt, int[] tokens) {
    int[] text = Arrays.copyOf(prompt, prompt.length + tokens.length);
    System.arraycopy(tokens, 0, text, prompt.length, tokens.length);
    return readers().stream().map(reader -> reader.score(text, prompt.length)).toList();
  }

  /** Greedy drafts are certain of their first. */
  private static double[] greedy(int[] rank) {
    return Arrays.stream(rank)
        .mapToDouble(place -> place == 1 ? 0 : Double.NEGATIVE_INFINITY)
        .toArray();
  }

  /**
   * What a server reads and writes is not the same to the last bit whenever it is asked, so a
   * recording is held by its prompt, by its length and by what the drafts think of it.
   */
  @Override
  public String difference(Prompt prompt, TraceSequence recorded) {
    int[] begin = tokens(prompt);
    if (!Arrays.equals(begin, recorded.promptTokens())) {
      return "has a prompt of other tokens now";
    }
    int most = maxTokens(begin);
    if (recorded.length() > most
        || (recorded.length() < most && recorded.finish() == TraceSequence.Finish.LENGTH)) {
      return "may have " + most + " tokens now";
    }
    List<Scores> scores = scores(begin, recorded.tokens());
    for (int i = 0; i < drafts.size(); i++) {
      TraceSequence.Draft draft = recorded.drafts().get(i);
      double[] now = settings.greedy ? greedy(scores.get(i).rank()) : scores.get(i).logprob();
      double off = 0; // of probabilities where one is 0, else of logarithms
      for (int t = 0; t < now.length; t++) {
        off +=
            settings.greedy || Double.isInfinite(now[t]) || Double.isInfinite(draft.logprob()[t])
                ? Math.abs(Math.exp(now[t]) - Math.exp(draft.logprob()[t]))
                : Math.abs(now[t] - draft.logprob()[t]);
      }
      if (off / now.length > SAME_MODEL) {
        return "has other probabilities to draft '" + drafts.get(i).name() + "' now";
      }
    }
    return null;
  }

  // ---- what it takes

  @Override
  public long mostTokens(Prompt prompt) {
    int[] begin = tokens(prompt);
    return cost(begin.length + maxTokens(begin));
  }

  @Override
  public long tokens(TraceSequence sequence) {
    return cost(sequence.promptTokens().length + sequence.length());
  }

  /** Of a text: written once, and read by each reader, which writes a token more. */
  private long cost(long length) {
    return length + readers().size() * (length + 1);
  }

  /** Mean |Δ ln p| between the target's writing and its reading; NaN where it read nothing. */
  public double noise() {
    return differences.sum() / compared.sum();
  }

  /** Positions that {@link #noise} is of. */
  public long compared() {
    return compared.sum();
  }
}
