package redraft.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import redraft.trace.JsonLines.Fields;
import redraft.trace.TraceSequence.TopLogits;

/**
 * Reads a trace of version 1, one sequence at a time, in memory that does not grow with the file.
 * Every value is checked; fields that version 1 does not name are passed over.
 */
public final class TraceReader implements Closeable {
  private static final Set<String> FOOTER_FIELDS = Set.of("sequences", "positions", "sha256");

  private final JsonLines lines;
  private final MessageDigest digest = TraceWriter.sha256();
  private final TraceHeader header;
  private final TraceRules rules;

  private long sequences;
  private long positions;
  private boolean finished;
  private boolean complete;

  /**
   * Opens a trace and reads its header.
   *
   * @throws TraceFormatException if the file is not a trace of version 1
   */
  public TraceReader(Path path) throws IOException {
    lines = new JsonLines(path);
    try {
      if (!lines.advance()) {
        throw lines.error("no header: the file is empty");
      }
      if (lines.startsWithGzipMagic()) {
        throw lines.error("the file is compressed by gzip, so its name must end in .gz");
      }
      if (!lines.ended()) {
        throw lines.error("no header: the file ends within its first line");
      }
      lines.parse(this::checkVersion);
      header = lines.parse(this::parseHeader);
      rules = new TraceRules(path.getFileName().toString(), header);
      lines.digest(digest);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Whether a file ends within the given header: a recording that was cut before its first line was
   * written out.
   */
  public static boolean isCutWithin(TraceHeader header, Path path) throws IOException {
    try (JsonLines lines = new JsonLines(path)) {
      if (!lines.advance()) {
        return true;
      }
      byte[] whole = TraceWriter.line(header);
      byte[] part = lines.bytes();
      return !lines.ended()
          && part.length < whole.length
          && Arrays.equals(part, Arrays.copyOf(whole, part.length));
    }
  }

  public TraceHeader header() {
    return header;
  }

  /** Sequences read so far. */
  public long sequences() {
    return sequences;
  }

  /** Positions read so far: the generated tokens of all sequences. */
  public long positions() {
    return positions;
  }

  /**
   * Whether the whole of the file was there, down to its footer. False after the last sequence
   * means that the recording was cut.
   */
  public boolean complete() {
    return complete;
  }

  /**
   * The next sequence, or null after the last complete one.
   *
   * @throws TraceFormatException if a complete line breaks the format, or the footer does not match
   *     the file
   */
  public TraceSequence next() throws IOException {
    if (finished || !lines.advance() || !lines.ended()) { // a last line without its newline is cut
      finished = true;
      return null;
    }
    String first = lines.firstField();
    if (first != null && FOOTER_FIELDS.contains(first)) {
      finished = true;
      lines.parse(this::checkFooter);
      if (lines.advance()) {
        throw lines.error("text after the footer");
      }
      complete = !lines.cut();
      return null;
    }
    TraceSequence sequence = lines.parse(this::parseSequence);
    rules.check(sequence);
    lines.digest(digest);
    sequences++;
    positions += sequence.length();
    return sequence;
  }

  // ---- header and footer

  private Void checkVersion() throws IOException {
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "format" -> {
          String format = lines.string();
          if (!format.equals(TraceHeader.FORMAT)) {
            throw lines.wrongValue("not \"" + TraceHeader.FORMAT + "\"");
          }
        }
        case "version" -> {
          long version = lines.wholeNumber();
          if (version != TraceHeader.VERSION) {
            throw lines.error(
                "\"version\" is "
                    + version
                    + ", not "
                    + TraceHeader.VERSION
                    + ", the only one that this program reads");
          }
        }
        default -> lines.skip();
      }
    }
    if (!fields.hasAny("format")) {
      throw lines.error("no trace: the first line must say \"format\":\"redraft-trace\"");
    }
    fields.require("version");
    return null;
  }

  private TraceHeader parseHeader() throws IOException {
    TraceHeader.TokenizerInfo tokenizer = null;
    TraceHeader.ModelInfo target = null;
    List<TraceHeader.DraftInfo> drafts = null;
    TraceHeader.Sampling sampling = null;
    LogitDetail logits = null;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "tokenizer" -> tokenizer = parseTokenizer();
        case "target" -> target = parseModel();
        case "drafts" -> drafts = List.copyOf(lines.list(this::parseDraftInfo));
        case "sampling" -> sampling = parseSampling();
        case "logits" -> {
          String word = lines.string();
          logits =
              Arrays.stream(LogitDetail.values())
                  .filter(detail -> detail.word().equals(word))
                  .findFirst()
                  .orElseThrow(() -> lines.wrongValue("not \"none\", \"top\" or \"all\""));
        }
        default -> lines.skip();
      }
    }
    fields.require("tokenizer", "target", "drafts", "sampling", "logits");
    return new TraceHeader(tokenizer, target, drafts, sampling, logits);
  }

  private TraceHeader.TokenizerInfo parseTokenizer() throws IOException {
    String sha256 = null;
    int size = 0;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "sha256" -> sha256 = lines.string();
        case "vocabularySize" -> size = lines.integer();
        default -> lines.skip();
      }
    }
    fields.require("sha256", "vocabularySize");
    return new TraceHeader.TokenizerInfo(sha256, size);
  }

  private TraceHeader.ModelInfo parseModel() throws IOException {
    String name = null;
    String sha256 = null;
    long parameters = 0;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "name" -> name = lines.string();
        case "sha256" -> sha256 = lines.string();
        case "parameters" -> parameters = lines.wholeNumber();
        default -> lines.skip();
      }
    }
    fields.require("name", "sha256", "parameters");
    return new TraceHeader.ModelInfo(name, sha256, parameters);
  }

  private TraceHeader.DraftInfo parseDraftInfo() throws IOException {
    String name = null;
    String sha256 = null;
    long parameters = 0;
    DraftKind kind = DraftKind.PREFIX;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "name" -> name = lines.string();
        case "sha256" -> sha256 = lines.string();
        case "parameters" -> parameters = lines.wholeNumber();
        case "kind" -> kind = parseKind();
        default -> lines.skip();
      }
    }
    fields.require("name", "sha256", "parameters");
    return new TraceHeader.DraftInfo(name, sha256, parameters, kind);
  }

  private DraftKind parseKind() throws IOException {
    String word = lines.string();
    for (DraftKind kind : DraftKind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw lines.wrongValue(
        "not \"prefix\" or \"lookup\", the only kinds of draft that this program replays");
  }

  private TraceHeader.Sampling parseSampling() throws IOException {
    double temperature = 0;
    int topK = 0;
    double topP = 0;
    long seed = 0;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "temperature" -> temperature = lines.number();
        case "topK" -> topK = lines.integer();
        case "topP" -> topP = lines.number();
        case "seed" -> seed = lines.wholeNumber();
        default -> lines.skip();
      }
    }
    fields.require("temperature", "topK", "topP", "seed");
    return new TraceHeader.Sampling(temperature, topK, topP, seed);
  }

  private Void checkFooter() throws IOException {
    String actual = HexFormat.of().formatHex(digest.digest());
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "sequences" -> requireCount(field, lines.wholeNumber(), sequences);
        case "positions" -> requireCount(field, lines.wholeNumber(), positions);
        case "sha256" -> {
          if (!lines.string().equals(actual)) {
            throw lines.error(
                "\"sha256\" is not that of the lines above, "
                    + actual
                    + ": the file was changed after it was written");
          }
        }
        default -> lines.skip();
      }
    }
    fields.require("sequences", "positions", "sha256");
    return null;
  }

  private void requireCount(String field, long stated, long counted) {
    if (stated != counted) {
      throw lines.error("\"" + field + "\" is " + stated + ", the lines above hold " + counted);
    }
  }

  // ---- sequence

  private TraceSequence parseSequence() throws IOException {
    String id = null;
    int sample = 0;
    String domain = null;
    String prompt = null;
    int[] promptTokens = null;
    int[] tokens = null;
    int decodeFrom = 0;
    TraceSequence.Finish finish = null;
    TraceSequence.Target target = null;
    List<TraceSequence.Draft> drafts = null;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "id" -> id = lines.string();
        case "sample" -> sample = lines.integer();
        case "domain" -> domain = lines.string();
        case "prompt" -> prompt = lines.string();
        case "promptTokens" -> promptTokens = lines.integers();
        case "tokens" -> tokens = lines.integers();
        case "decodeFrom" -> decodeFrom = lines.integer();
        case "finish" -> {
          finish =
              switch (lines.string()) {
                case "eos" -> TraceSequence.Finish.EOS;
                case "length" -> TraceSequence.Finish.LENGTH;
                default -> throw lines.wrongValue("not \"eos\" or \"length\"");
              };
        }
        case "target" -> target = parseTarget();
        case "drafts" -> drafts = List.copyOf(lines.list(this::parseDraft));
        default -> lines.skip();
      }
    }
    fields.require(
        "id", "sample", "domain", "prompt", "promptTokens", "tokens", "finish", "target", "drafts");
    return new TraceSequence(
        id, sample, domain, prompt, promptTokens, tokens, decodeFrom, finish, target, drafts);
  }

  private TraceSequence.Target parseTarget() throws IOException {
    double[] logprob = null;
    double[] entropy = null;
    double[] margin = null;
    TopLogits top = null;
    double[] tail = null;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.numbers();
        case "entropy" -> entropy = lines.numbers();
        case "margin" -> margin = lines.numbers();
        case "top" -> top = parseTop();
        case "tail" -> tail = lines.numbers();
        default -> lines.skip();
      }
    }
    if (!fields.hasAny("logprob", "entropy", "margin", "top", "tail")) {
      return TraceSequence.Target.UNKNOWN;
    }
    fields.require("logprob", "entropy", "margin");
    return new TraceSequence.Target(logprob, entropy, margin, withTail(fields, top, tail));
  }

  private TraceSequence.Draft parseDraft() throws IOException {
    double[] logprob = null;
    int[] rank = null;
    double[] overlap = null;
    int[] acceptLength = null;
    TopLogits top = null;
    double[] tail = null;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "logprob" -> logprob = lines.numbers();
        case "rank" -> rank = lines.integers();
        case "overlap" -> overlap = lines.numbers();
        case "acceptLength" -> acceptLength = lines.integers();
        case "top" -> top = parseTop();
        case "tail" -> tail = lines.numbers();
        default -> lines.skip();
      }
    }
    if (acceptLength != null) {
      fields.forbid("acceptLength", "logprob", "rank", "overlap", "top", "tail");
      return TraceSequence.Draft.ofAcceptLengths(acceptLength);
    }
    fields.require("logprob", "rank", "overlap");
    return new TraceSequence.Draft(logprob, rank, overlap, withTail(fields, top, tail));
  }

  /** "top" alone; its tail is not known yet. */
  private TopLogits parseTop() throws IOException {
    int[][] tokens = null;
    float[][] logits = null;
    Fields fields = lines.new Fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "tokens" -> tokens = lines.list(lines::integers).toArray(int[][]::new);
        case "logits" -> logits = lines.list(lines::singles).toArray(float[][]::new);
        default -> lines.skip();
      }
    }
    fields.require("tokens", "logits");
    return new TopLogits(tokens, logits, null);
  }

  private static TopLogits withTail(Fields fields, TopLogits top, double[] tail) {
    if (top == null && tail == null) {
      return null;
    }
    fields.require("top", "tail");
    return new TopLogits(top.tokens(), top.logits(), tail);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
