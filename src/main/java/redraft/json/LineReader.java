package redraft.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.Closeable;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipException;

/**
 * JSON Lines, plain or compressed by gzip or zstd, which their first bytes tell whatever the file's
 * name, read line by line in memory that does not grow with the file. What is wrong with a value is
 * reported with the file, the line and the value's path within the line.
 *
 * <p>{@link #advance} moves from line to line; {@link #parse} reads one, in which {@link #fields}
 * and the methods for values follow the parser through the object.
 */
public final class LineReader implements Closeable {
  /** Bytes: all logits of a text of 128 tokens, over a vocabulary of 150,000, fill ¾ of it. */
  private static final int LONGEST_LINE = 1 << 30;

  /** Bytes; what is read of a line takes about as much again, and as much is left to others. */
  private static final int LONGEST_LINE_HERE =
      (int) Math.min(LONGEST_LINE, Runtime.getRuntime().maxMemory() / 4);

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();

  private final String file;
  private final Decompression in;
  private final boolean maybeCut;

  private byte[] buffer = new byte[1 << 16];
  private int filled; // bytes of the buffer that were read
  private int lineStart;
  private int lineEnd; // excludes the newline
  private int nextLine;
  private boolean ended;
  private long lineNumber;
  private JsonParser json;

  /** Reads a source of which everything has to be there. */
  public LineReader(LineSource source) throws IOException {
    this(source, false);
  }

  /**
   * @param maybeCut whether lines are read of a source that was {@link #cut} too
   */
  public LineReader(LineSource source, boolean maybeCut) throws IOException {
    file = source.name();
    in = new Decompression(source.open());
    this.maybeCut = maybeCut;
  }

  // ---- lines

  /** Moves to the next line; false at the end of the file. */
  public boolean advance() throws IOException {
    lineNumber++;
    lineStart = nextLine;
    for (int i = lineStart; ; i++) {
      if (i == filled) {
        i -= makeRoom();
        int count = read();
        if (count == -1) {
          if (cut() && !maybeCut) {
            throw error("the file was cut, or ends in zeros: it is not all there; copy it again");
          }
          ended = false;
          lineEnd = filled;
          nextLine = filled;
          return lineEnd > lineStart;
        }
        filled += count;
      }
      if (buffer[i] == '\n') {
        ended = true;
        lineEnd = i;
        nextLine = i + 1;
        return true;
      }
    }
  }

  /** Makes room behind the bytes read so far; returns by how much they moved to the front. */
  private int makeRoom() {
    if (filled < buffer.length) {
      return 0;
    }
    int moved = lineStart;
    if (moved > 0) {
      System.arraycopy(buffer, lineStart, buffer, 0, filled - lineStart);
      filled -= moved;
      lineStart = 0;
    } else if (buffer.length < LONGEST_LINE_HERE) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, LONGEST_LINE_HERE));
    } else {
      throw error(
          "a line longer than "
              + LONGEST_LINE_HERE
              + " bytes, which is the most that is read"
              + (LONGEST_LINE_HERE == LONGEST_LINE
                  ? ""
                  : " with this memory; give Java more with JAVA_TOOL_OPTIONS=-Xmx8g, say"));
    }
    return moved;
  }

  /** Reads at least one byte behind the filled ones; -1 at the end, also of data cut short. */
  private int read() throws IOException {
    try {
      return in.read(buffer, filled, buffer.length - filled);
    } catch (ZipException e) {
      throw error("the compressed data is damaged: " + e.getMessage());
    }
  }

  /** The number of the current line, from 1 on. */
  public long lineNumber() {
    return lineNumber;
  }

  /** Whether the current line ends in a newline; if not, the file ends there. */
  public boolean ended() {
    return ended;
  }

  /** At the end, whether the file ended before its compressed data did, or in zeros. */
  public boolean cut() {
    return in.cut();
  }

  /** Whether the current line holds nothing but blanks. */
  public boolean blank() {
    for (int i = lineStart; i < lineEnd; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /** The bytes of the current line, without its newline. */
  public byte[] bytes() {
    return Arrays.copyOfRange(buffer, lineStart, lineEnd);
  }

  /** Feeds the current line and its newline to a digest. */
  public void digest(MessageDigest digest) {
    digest.update(buffer, lineStart, nextLine - lineStart);
  }

  /** Bytes taken from the source so far, as they are there; at the end, its size. */
  public long bytesRead() {
    return in.bytesRead();
  }

  /** What is wrong with the current line. */
  public LineException error(String problem) {
    return new LineException(file, lineNumber, problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  // ---- objects

  /** Reads what the parser stands at. */
  public interface Reading<T> {
    T read() throws IOException;
  }

  /** Parses the current line, which must be one object and nothing else. */
  public <T> T parse(Reading<T> reading) {
    try (JsonParser opened = open()) {
      T value = reading.read();
      if (opened.nextToken() != null) {
        throw error("text after the object");
      }
      return value;
    } catch (IOException e) {
      throw error(Wording.syntaxProblem(e, "line"));
    }
  }

  /** The name of the first field of the current line; null if there is none. */
  public String firstField() {
    try (JsonParser opened = open()) {
      return opened.nextFieldName();
    } catch (IOException e) {
      return null;
    }
  }

  private JsonParser open() throws IOException {
    for (int i = lineStart; i < Math.min(lineStart + 4, lineEnd); i++) {
      if (buffer[i] == 0) {
        throw error("not UTF-8 text"); // the parser would take it for UTF-16 or UTF-32
      }
    }
    int malformed = Utf8.malformedAt(buffer, lineStart, lineEnd);
    if (malformed >= 0) {
      throw error(Utf8.problem(buffer, lineStart, malformed));
    }
    json = FACTORY.createParser(buffer, lineStart, lineEnd - lineStart);
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw error("the line is not a JSON object");
    }
    return json;
  }

  /** The object at which the parser stands. */
  public Fields fields() {
    return new Fields();
  }

  /** The fields of an object, in the order of the file. */
  public final class Fields {
    private final String prefix; // of the names in messages
    private final Set<String> seen = new HashSet<>();

    private Fields() {
      requireToken(JsonToken.START_OBJECT, "an object");
      String path = Wording.path(json);
      prefix = path.isEmpty() ? "" : path + ".";
    }

    /** The next field's name, with the parser at its value; null at the end of the object. */
    public String next() throws IOException {
      String name = json.nextFieldName();
      if (name != null) {
        json.nextToken();
        if (!seen.add(name)) {
          throw error("\"" + prefix + name + "\" comes twice");
        }
      }
      return name;
    }

    /** Whether one of these was read so far. */
    public boolean hasAny(String... names) {
      return Arrays.stream(names).anyMatch(seen::contains);
    }

    /**
     * @throws LineException if one of these was read so far, which another field rules out
     */
    public void forbid(String beside, String... names) {
      for (String name : names) {
        if (seen.contains(name)) {
          throw error("\"" + prefix + name + "\" may not stand beside \"" + prefix + beside + "\"");
        }
      }
    }

    /**
     * @throws LineException if one of these is missing, once all were read
     */
    public void require(String... names) {
      for (String name : names) {
        if (!seen.contains(name)) {
          throw error("\"" + prefix + name + "\" is missing");
        }
      }
    }
  }

  // ---- the current value; a LineException where it is of another type

  /** Passes over the current value. */
  public void skip() throws IOException {
    json.skipChildren();
  }

  /** Whether the current value is null. */
  public boolean isNull() {
    return json.currentToken() == JsonToken.VALUE_NULL;
  }

  /** Whether the current value is a string. */
  public boolean isText() {
    return json.currentToken() == JsonToken.VALUE_STRING;
  }

  public String string() throws IOException {
    requireToken(JsonToken.VALUE_STRING, "a string");
    String value = json.getText();
    if (!Utf8.whole(value)) {
      throw wrongValue("with " + Utf8.HALF);
    }
    return value;
  }

  public long wholeNumber() throws IOException {
    return wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  public int integer() throws IOException {
    return (int) wholeNumber(Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private long wholeNumber(long least, long most) throws IOException {
    requireToken(JsonToken.VALUE_NUMBER_INT, "a whole number");
    if (json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long value = json.getLongValue();
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw wrongValue("not from " + least + " to " + most);
  }

  public double number() throws IOException {
    return atNumber().getDoubleValue();
  }

  public int[] integers() throws IOException {
    int[] values = new int[64];
    int count = 0;
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count] = integer();
    }
    return Arrays.copyOf(values, count);
  }

  /** Numbers, null standing for −∞. */
  public double[] numbers() throws IOException {
    double[] values = new double[64];
    int count = 0;
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count] = isNull() ? Double.NEGATIVE_INFINITY : number();
    }
    return Arrays.copyOf(values, count);
  }

  /** Numbers of single precision, null standing for −∞. */
  public float[] singles() throws IOException {
    float[] values = new float[64];
    int count = 0;
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count] = isNull() ? Float.NEGATIVE_INFINITY : atNumber().getFloatValue();
    }
    return Arrays.copyOf(values, count);
  }

  public <T> List<T> list(Reading<T> entry) throws IOException {
    List<T> values = new ArrayList<>();
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; ) {
      values.add(entry.read());
    }
    return values;
  }

  private void startList() {
    requireToken(JsonToken.START_ARRAY, "a list");
  }

  private JsonParser atNumber() {
    if (!json.currentToken().isNumeric()) {
      requireToken(JsonToken.VALUE_NUMBER_FLOAT, "a number");
    }
    return json;
  }

  private void requireToken(JsonToken wanted, String words) {
    if (json.currentToken() != wanted) {
      throw wrongValue("not " + words);
    }
  }

  /** What is wrong with the current value: its path, the value, and the rule. */
  public LineException wrongValue(String rule) {
    try {
      return error("\"" + Wording.path(json) + "\" is " + Wording.value(json) + ", " + rule);
    } catch (IOException e) {
      return error(Wording.syntaxProblem(e, "line"));
    }
  }
}
