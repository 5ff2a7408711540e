package redraft.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a trace of version 1, one sequence at a time, in memory that does not grow with the file.
 * Every value is checked as it is read; fields that version 1 does not name are passed over.
 */
public final class TraceReader implements Closeable {
  private final String file;
  private final InputStream in;
  private final JsonFactory factory =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private final MessageDigest digest = Sha256OutputStream.sha256();
  private final TraceHeader header;

  private byte[] line = new byte[1 << 16]; // the current line, without its newline
  private int lineLength;
  private boolean lineEnded; // with a newline
  private long lineNumber;
  private JsonParser json;

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
    file = path.getFileName().toString();
    InputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    try {
      in =
          file.endsWith(".gz")
              ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16)
              : raw;
      if (!readLine() || !lineEnded) {
        throw error("no header: the file is empty or cut in its first line");
      }
      header = parse(this::parseHeader);
      digestLine();
    } catch (ZipException | EOFException e) {
      raw.close();
      throw new TraceFormatException(file, 1, "not a gzip file (" + e.getMessage() + ")");
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
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

  /** Whether the footer was met. False after the last sequence means that the recording was cut. */
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
    if (finished) {
      return null;
    }
    if (!readLine()) {
      finished = true;
      return null;
    }
    boolean footer = startsWith("{\"sequences\"");
    if (!lineEnded && !footer) { // cut within a sequence
      finished = true;
      return null;
    }
    if (footer) {
      readFooter();
      return null;
    }
    TraceSequence sequence = parse(this::parseSequence);
    digestLine();
    sequences++;
    positions += sequence.length();
    return sequence;
  }

  private void readFooter() throws IOException {
    finished = true;
    if (!lineEnded && line[lineLength - 1] != '}') { // cut within the footer
      return;
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    parse(
        () -> {
          Fields fields = new Fields("sequences", "positions", "sha256");
          for (String field; (field = nextField()) != null; ) {
            switch (fields.seen(field)) {
              case "sequences" -> requireEqual("sequences", longValue(field), sequences);
              case "positions" -> requireEqual("positions", longValue(field), positions);
              case "sha256" -> {
                if (!stringValue(field).equals(sha256)) {
                  throw error(
                      "the footer's sha256 does not match the lines above: the file was changed");
                }
              }
              default -> json.skipChildren();
            }
          }
          fields.requireAll();
          return null;
        });
    if (readLine()) {
      throw error("text after the footer");
    }
    complete = true;
  }

  private void requireEqual(String field, long stated, long read) {
    if (stated != read) {
      throw error("the footer states " + stated + " " + field + ", the file holds " + read);
    }
  }

  // ---- header

  private TraceHeader parseHeader() throws IOException {
    TraceHeader.TokenizerInfo tokenizer = null;
    TraceHeader.ModelInfo target = null;
    List<TraceHeader.ModelInfo> drafts = new ArrayList<>();
    TraceHeader.Sampling sampling = null;
    LogitDetail logits = null;
    Fields fields =
        new Fields("format", "version", "tokenizer", "target", "drafts", "sampling", "logits");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "format" -> {
          if (!stringValue(field).equals(TraceHeader.FORMAT)) {
            throw error(
                "\"format\" is \"" + json.getText() + "\", not \"" + TraceHeader.FORMAT + "\"");
          }
        }
        case "version" -> {
          if (longValue(field) != TraceHeader.VERSION) {
            throw error(
                "version "
                    + json.getText()
                    + " is not known; this program reads version "
                    + TraceHeader.VERSION);
          }
        }
        case "tokenizer" -> tokenizer = parseTokenizer();
        case "target" -> target = parseModel(field);
        case "drafts" -> {
          requireToken(field, JsonToken.START_ARRAY, "a list");
          while (json.nextToken() != JsonToken.END_ARRAY) {
            drafts.add(parseModel(field));
          }
        }
        case "sampling" -> sampling = parseSampling();
        case "logits" -> {
          String word = stringValue(field);
          logits =
              Arrays.stream(LogitDetail.values())
                  .filter(detail -> detail.word().equals(word))
                  .findFirst()
                  .orElseThrow(
                      () -> error("\"logits\" is \"" + word + "\", not one of none, top, all"));
        }
        default -> json.skipChildren();
      }
    }
    fields.requireAll();
    return new TraceHeader(tokenizer, target, List.copyOf(drafts), sampling, logits);
  }

  private TraceHeader.TokenizerInfo parseTokenizer() throws IOException {
    requireToken("tokenizer", JsonToken.START_OBJECT, "an object");
    String sha256 = null;
    long size = 0;
    Fields fields = new Fields("sha256", "vocabularySize");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "sha256" -> sha256 = stringValue(field);
        case "vocabularySize" -> size = requireRange(field, longValue(field), 1, Integer.MAX_VALUE);
        default -> json.skipChildren();
      }
    }
    fields.requireAll();
    return new TraceHeader.TokenizerInfo(sha256, (int) size);
  }

  private TraceHeader.ModelInfo parseModel(String name) throws IOException {
    requireToken(name, JsonToken.START_OBJECT, "an object");
    String model = null;
    String sha256 = null;
    long parameters = 0;
    Fields fields = new Fields("name", "sha256", "parameters");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "name" -> model = stringValue(field);
        case "sha256" -> sha256 = stringValue(field);
        case "parameters" -> parameters = requireRange(field, longValue(field), 0, Long.MAX_VALUE);
        default -> json.skipChildren();
      }
    }
    fields.requireAll();
    return new TraceHeader.ModelInfo(model, sha256, parameters);
  }

  private TraceHeader.Sampling parseSampling() throws IOException {
    requireToken("sampling", JsonToken.START_OBJECT, "an object");
    double temperature = 0;
    long topK = 0;
    double topP = 0;
    long seed = 0;
    Fields fields = new Fields("temperature", "topK", "topP", "seed");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "temperature" ->
            temperature = requireRange(field, doubleValue(field), 0, Double.MAX_VALUE);
        case "topK" -> topK = requireRange(field, longValue(field), 0, Integer.MAX_VALUE);
        case "topP" -> topP = requireRange(field, doubleValue(field), Double.MIN_VALUE, 1);
        case "seed" -> seed = longValue(field);
        default -> json.skipChildren();
      }
    }
    fields.requireAll();
    return new TraceHeader.Sampling(temperature, (int) topK, topP, seed);
  }

  // ---- sequence

  private TraceSequence parseSequence() throws IOException {
    String id = null;
    long sample = 0;
    String domain = null;
    String prompt = null;
    int[] promptTokens = null;
    int[] tokens = null;
    TraceSequence.Finish finish = null;
    TraceSequence.Target target = null;
    List<TraceSequence.Draft> drafts = new ArrayList<>();
    Fields fields =
        new Fields(
            "id",
            "sample",
            "domain",
            "prompt",
            "promptTokens",
            "tokens",
            "finish",
            "target",
            "drafts");
    int vocabulary = header.tokenizer().vocabularySize();
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "id" -> id = stringValue(field);
        case "sample" -> sample = requireRange(field, longValue(field), 0, Integer.MAX_VALUE);
        case "domain" -> domain = stringValue(field);
        case "prompt" -> prompt = stringValue(field);
        case "promptTokens" -> promptTokens = ints(field, 0, vocabulary - 1);
        case "tokens" -> tokens = ints(field, 0, vocabulary - 1);
        case "finish" ->
            finish =
                switch (stringValue(field)) {
                  case "eos" -> TraceSequence.Finish.EOS;
                  case "length" -> TraceSequence.Finish.LENGTH;
                  default ->
                      throw error(
                          "\"finish\" is \"" + json.getText() + "\", not \"eos\" or \"length\"");
                };
        case "target" -> target = parseTarget();
        case "drafts" -> {
          requireToken(field, JsonToken.START_ARRAY, "a list");
          while (json.nextToken() != JsonToken.END_ARRAY) {
            drafts.add(parseDraft(vocabulary));
          }
        }
        default -> json.skipChildren();
      }
    }
    fields.requireAll();
    if (promptTokens.length == 0 || tokens.length == 0) {
      throw error("\"promptTokens\" and \"tokens\" must not be empty");
    }
    requireLength("target.logprob", target.logprob().length, tokens.length);
    requireLength("target.entropy", target.entropy().length, tokens.length);
    requireLength("target.margin", target.margin().length, tokens.length);
    requireTopLength("target", target.top(), tokens.length);
    if (drafts.size() != header.drafts().size()) {
      throw error(
          "\"drafts\" has "
              + drafts.size()
              + " entries, the header names "
              + header.drafts().size());
    }
    for (TraceSequence.Draft draft : drafts) {
      requireLength("drafts.logprob", draft.logprob().length, tokens.length);
      requireLength("drafts.rank", draft.rank().length, tokens.length);
      requireLength("drafts.overlap", draft.overlap().length, tokens.length);
      requireTopLength("drafts", draft.top(), tokens.length);
    }
    return new TraceSequence(
        id,
        (int) sample,
        domain,
        prompt,
        promptTokens,
        tokens,
        finish,
        target,
        List.copyOf(drafts));
  }

  private TraceSequence.Target parseTarget() throws IOException {
    requireToken("target", JsonToken.START_OBJECT, "an object");
    double[] logprob = null;
    double[] entropy = null;
    double[] margin = null;
    Top top = new Top();
    Fields fields = new Fields("logprob", "entropy", "margin");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "logprob" ->
            logprob = doubles("target.logprob", -Double.MAX_VALUE, LARGEST_LOGPROB, false);
        case "entropy" -> entropy = doubles("target.entropy", 0, Double.MAX_VALUE, false);
        case "margin" -> margin = doubles("target.margin", 0, Double.MAX_VALUE, false);
        default -> top.accept(field);
      }
    }
    fields.requireAll();
    return new TraceSequence.Target(logprob, entropy, margin, top.logits());
  }

  private TraceSequence.Draft parseDraft(int vocabulary) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw error("\"drafts\" must be a list of objects");
    }
    double[] logprob = null;
    int[] rank = null;
    double[] overlap = null;
    Top top = new Top();
    Fields fields = new Fields("logprob", "rank", "overlap");
    for (String field; (field = nextField()) != null; ) {
      switch (fields.seen(field)) {
        case "logprob" ->
            logprob = doubles("drafts.logprob", -Double.MAX_VALUE, LARGEST_LOGPROB, true);
        case "rank" -> rank = ints("drafts.rank", 1, vocabulary);
        case "overlap" -> overlap = doubles("drafts.overlap", 0, 1 + ROUNDING, false);
        default -> top.accept(field);
      }
    }
    fields.requireAll();
    return new TraceSequence.Draft(logprob, rank, overlap, top.logits());
  }

  /** The "top" and "tail" fields of a model, present together or not at all. */
  private final class Top {
    private int[][] tokens;
    private float[][] logits;
    private double[] tail;

    void accept(String field) throws IOException {
      switch (field) {
        case "top" -> {
          requireToken(field, JsonToken.START_OBJECT, "an object");
          Fields fields = new Fields("tokens", "logits");
          for (String inner; (inner = nextField()) != null; ) {
            switch (fields.seen(inner)) {
              case "tokens" -> {
                List<int[]> rows = new ArrayList<>();
                forEachRow(
                    inner,
                    () -> rows.add(ints("top.tokens", 0, header.tokenizer().vocabularySize() - 1)));
                tokens = rows.toArray(int[][]::new);
              }
              case "logits" -> {
                List<float[]> rows = new ArrayList<>();
                forEachRow(
                    inner,
                    () ->
                        rows.add(
                            floats(
                                doubles("top.logits", -Float.MAX_VALUE, Float.MAX_VALUE, true))));
                logits = rows.toArray(float[][]::new);
              }
              default -> json.skipChildren();
            }
          }
          fields.requireAll();
        }
        case "tail" -> tail = doubles(field, -Double.MAX_VALUE, ROUNDING, true);
        default -> json.skipChildren();
      }
    }

    private void forEachRow(String field, LineParser<Boolean> row) throws IOException {
      requireToken(field, JsonToken.START_ARRAY, "a list of lists");
      while (json.nextToken() == JsonToken.START_ARRAY) {
        row.parse();
      }
      if (json.currentToken() != JsonToken.END_ARRAY) {
        throw error("\"" + field + "\" must be a list of lists");
      }
    }

    private static float[] floats(double[] values) {
      float[] result = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        result[i] = (float) values[i];
      }
      return result;
    }

    TraceSequence.TopLogits logits() {
      if (tokens == null && tail == null) {
        return null;
      }
      if (tokens == null || tail == null) {
        throw error("\"top\" and \"tail\" must stand together");
      }
      requireLength("top.logits", logits.length, tokens.length);
      for (int i = 0; i < tokens.length; i++) {
        requireLength("top.logits[" + i + "]", logits[i].length, tokens[i].length);
      }
      return new TraceSequence.TopLogits(tokens, logits, tail);
    }
  }

  private void requireTopLength(String field, TraceSequence.TopLogits top, int expected) {
    if ((header.logits() == LogitDetail.NONE) != (top == null)) {
      throw error(
          "\""
              + field
              + "\" "
              + (top == null ? "lacks" : "has")
              + " \"top\", the header says logits \""
              + header.logits().word()
              + "\"");
    }
    if (top != null) {
      requireLength(field + ".top.tokens", top.tokens().length, expected);
      requireLength(field + ".tail", top.tail().length, expected);
    }
  }

  private void requireLength(String field, int length, int expected) {
    if (length != expected) {
      throw error("\"" + field + "\" has " + length + " entries, \"tokens\" has " + expected);
    }
  }

  // ---- values

  private static final double ROUNDING = 1e-9; // sums of probabilities may pass 1 by rounding
  private static final double LARGEST_LOGPROB = ROUNDING;

  private void requireToken(String field, JsonToken wanted, String word) {
    if (json.currentToken() != wanted) {
      throw error("\"" + field + "\" must be " + word);
    }
  }

  private String stringValue(String field) throws IOException {
    requireToken(field, JsonToken.VALUE_STRING, "a string");
    return json.getText();
  }

  private long longValue(String field) throws IOException {
    requireToken(field, JsonToken.VALUE_NUMBER_INT, "a whole number");
    return json.getLongValue();
  }

  private double doubleValue(String field) throws IOException {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw error("\"" + field + "\" must be a number");
    }
    return json.getDoubleValue();
  }

  private long requireRange(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw error("\"" + field + "\" is " + value + ", not from " + least + " to " + most);
    }
    return value;
  }

  private double requireRange(String field, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw error("\"" + field + "\" is " + value + ", not from " + least + " to " + most);
    }
    return value;
  }

  private int[] ints(String field, int least, int most) throws IOException {
    requireToken(field, JsonToken.START_ARRAY, "a list");
    int[] values = new int[64];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = (int) requireRange(field, longValue(field), least, most);
    }
    return Arrays.copyOf(values, count);
  }

  /** A list of numbers; null stands for −∞ where allowed. */
  private double[] doubles(String field, double least, double most, boolean nullAllowed)
      throws IOException {
    requireToken(field, JsonToken.START_ARRAY, "a list");
    double[] values = new double[64];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] =
          nullAllowed && json.currentToken() == JsonToken.VALUE_NULL
              ? Double.NEGATIVE_INFINITY
              : requireRange(field, doubleValue(field), least, most);
    }
    return Arrays.copyOf(values, count);
  }

  /**
   * The next field of the current object with the parser at its value, or null at the object's end.
   */
  private String nextField() throws IOException {
    String name = json.nextFieldName();
    if (name != null) {
      json.nextToken();
    }
    return name;
  }

  /** The fields that an object must have. */
  private final class Fields {
    private final List<String> missing;

    Fields(String... required) {
      missing = new ArrayList<>(List.of(required));
    }

    String seen(String field) {
      missing.remove(field);
      return field;
    }

    void requireAll() {
      if (!missing.isEmpty()) {
        throw error("\"" + missing.get(0) + "\" is missing");
      }
    }
  }

  // ---- lines

  private interface LineParser<T> {
    T parse() throws IOException;
  }

  /** Parses the current line, which must be one object and nothing else. */
  private <T> T parse(LineParser<T> parser) throws IOException {
    try (JsonParser opened = factory.createParser(line, 0, lineLength)) {
      json = opened;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw error("not a JSON object");
      }
      T value = parser.parse();
      if (json.nextToken() != null) {
        throw error("text after the object");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw error("not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
  }

  private boolean startsWith(String text) {
    return lineLength >= text.length()
        && new String(line, 0, text.length(), java.nio.charset.StandardCharsets.UTF_8).equals(text);
  }

  private void digestLine() {
    digest.update(line, 0, lineLength);
    digest.update((byte) '\n');
  }

  /**
   * Reads up to the next newline or the end; false at the end. A gzip stream cut in the middle ends
   * there.
   */
  private boolean readLine() throws IOException {
    lineNumber++;
    lineLength = 0;
    lineEnded = false;
    while (true) {
      int b;
      try {
        b = in.read();
      } catch (EOFException e) {
        b = -1;
      } catch (ZipException e) {
        throw error("the compressed data is damaged (" + e.getMessage() + ")");
      }
      if (b == -1) {
        return lineLength > 0;
      }
      if (b == '\n') {
        lineEnded = true;
        return true;
      }
      if (lineLength == line.length) {
        line = Arrays.copyOf(line, 2 * lineLength);
      }
      line[lineLength++] = (byte) b;
    }
  }

  private TraceFormatException error(String problem) {
    return new TraceFormatException(file, lineNumber, problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
