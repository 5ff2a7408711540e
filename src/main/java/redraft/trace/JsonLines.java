package redraft.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file of JSON Lines, plain or gzip by its name, read line by line in memory that does not grow
 * with the file. What is wrong with a value is reported with the file, the line and the value's
 * path within the line.
 */
final class JsonLines implements Closeable {
  private static final int LONGEST_LINE = 1 << 30; // bytes
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();

  private final String file;
  private final InputStream in;

  private byte[] buffer = new byte[1 << 16];
  private int filled; // bytes of the buffer that were read
  private int lineStart;
  private int lineEnd; // excludes the newline
  private int nextLine;
  private boolean ended;
  private boolean cut;
  private long lineNumber;
  private JsonParser json;

  JsonLines(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + " is a directory, not a file");
    }
    file = path.getFileName().toString();
    InputStream raw = Files.newInputStream(path);
    try {
      in = file.endsWith(".gz") ? gunzip(raw) : raw;
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private InputStream gunzip(InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, 1 << 16);
    } catch (EOFException e) { // cut in its first bytes
      raw.close();
      cut = true;
      return InputStream.nullInputStream();
    } catch (ZipException e) {
      throw new TraceFormatException(file, 1, "not a gzip file, although its name ends in .gz");
    }
  }

  // ---- lines

  /** Moves to the next line; false at the end of the file. */
  boolean advance() throws IOException {
    lineNumber++;
    lineStart = nextLine;
    for (int i = lineStart; ; i++) {
      if (i == filled) {
        i -= makeRoom();
        int count = read();
        if (count == -1) {
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
    } else if (buffer.length < LONGEST_LINE) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    } else {
      throw error("a line longer than " + LONGEST_LINE + " bytes, which is the most that is read");
    }
    return moved;
  }

  /** Reads at least one byte behind the filled ones; -1 at the end, which a gzip cut short is. */
  private int read() throws IOException {
    try {
      return in.read(buffer, filled, buffer.length - filled);
    } catch (EOFException e) {
      cut = true;
      return -1;
    } catch (ZipException e) {
      throw error("the compressed data is damaged: " + e.getMessage());
    }
  }

  /** Whether the current line ends in a newline; if not, the file ends there. */
  boolean ended() {
    return ended;
  }

  /** Whether the file ended before its compressed data did. */
  boolean cut() {
    return cut;
  }

  boolean blank() {
    for (int i = lineStart; i < lineEnd; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /** The bytes of the current line, without its newline. */
  byte[] bytes() {
    return Arrays.copyOfRange(buffer, lineStart, lineEnd);
  }

  /** Feeds the current line and its newline to a digest. */
  void digest(MessageDigest digest) {
    digest.update(buffer, lineStart, nextLine - lineStart);
  }

  boolean startsWithGzipMagic() {
    return lineEnd - lineStart >= 2
        && buffer[lineStart] == (byte) GZIPInputStream.GZIP_MAGIC
        && buffer[lineStart + 1] == (byte) (GZIPInputStream.GZIP_MAGIC >> 8);
  }

  TraceFormatException error(String problem) {
    return new TraceFormatException(file, lineNumber, problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  // ---- objects

  /** Reads what the parser stands at. */
  interface Reading<T> {
    T read() throws IOException;
  }

  /** Parses the current line, which must be one object and nothing else. */
  <T> T parse(Reading<T> reading) {
    try (JsonParser opened = open()) {
      T value = reading.read();
      if (opened.nextToken() != null) {
        throw error("text after the object");
      }
      return value;
    } catch (IOException e) {
      throw error(syntaxProblem(e));
    }
  }

  /** The name of the first field of the current line; null if there is none. */
  String firstField() {
    try (JsonParser opened = open()) {
      return opened.nextFieldName();
    } catch (IOException e) {
      return null;
    }
  }

  private JsonParser open() throws IOException {
    for (int i = lineStart; i < Math.min(lineStart + 4, lineEnd); i++) {
      if (buffer[i] == 0 || buffer[i] == (byte) 0xFE || buffer[i] == (byte) 0xFF) {
        throw error("not UTF-8 text"); // the parser would take it for UTF-16 or UTF-32
      }
    }
    json = FACTORY.createParser(buffer, lineStart, lineEnd - lineStart);
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw error("the line is not a JSON object");
    }
    return json;
  }

  private static String syntaxProblem(IOException e) {
    if (e instanceof JsonEOFException) {
      return "not valid JSON: the line ends within the object";
    }
    if (e instanceof JsonProcessingException syntax) {
      String message =
          syntax
              .getOriginalMessage()
              .lines()
              .findFirst()
              .orElse("")
              .replaceAll("(, from|: enable) `[^`]*`( to allow)?", ""); // the parser's own options
      JsonLocation location = syntax.getLocation(); // none where a limit of the parser is passed
      return "not valid JSON"
          + (location == null ? "" : " at byte " + location.getColumnNr())
          + ": "
          + message;
    }
    return "not valid JSON: " + e.getMessage();
  }

  /** The fields of the object at which the parser stands, in the order of the file. */
  final class Fields {
    private final String prefix; // of the names in messages
    private final Set<String> seen = new HashSet<>();

    Fields() {
      requireToken(JsonToken.START_OBJECT, "an object");
      String path = path();
      prefix = path.isEmpty() ? "" : path + ".";
    }

    /** The next field's name, with the parser at its value; null at the end of the object. */
    String next() throws IOException {
      String name = json.nextFieldName();
      if (name != null) {
        json.nextToken();
        if (!seen.add(name)) {
          throw error("\"" + prefix + name + "\" comes twice");
        }
      }
      return name;
    }

    boolean hasAny(String... names) {
      return Arrays.stream(names).anyMatch(seen::contains);
    }

    void forbid(String beside, String... names) {
      for (String name : names) {
        if (seen.contains(name)) {
          throw error("\"" + prefix + name + "\" may not stand beside \"" + prefix + beside + "\"");
        }
      }
    }

    void require(String... names) {
      for (String name : names) {
        if (!seen.contains(name)) {
          throw error("\"" + prefix + name + "\" is missing");
        }
      }
    }
  }

  // ---- values

  void skip() throws IOException {
    json.skipChildren();
  }

  String string() throws IOException {
    requireToken(JsonToken.VALUE_STRING, "a string");
    return json.getText();
  }

  long wholeNumber() throws IOException {
    return wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  int integer() throws IOException {
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

  double number() throws IOException {
    requireNumber();
    return json.getDoubleValue();
  }

  int[] integers() throws IOException {
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
  double[] numbers() throws IOException {
    double[] values = new double[64];
    int count = 0;
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count] =
          json.currentToken() == JsonToken.VALUE_NULL ? Double.NEGATIVE_INFINITY : number();
    }
    return Arrays.copyOf(values, count);
  }

  /** Numbers of single precision, null standing for −∞. */
  float[] singles() throws IOException {
    float[] values = new float[64];
    int count = 0;
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      if (json.currentToken() == JsonToken.VALUE_NULL) {
        values[count] = Float.NEGATIVE_INFINITY;
      } else {
        requireNumber();
        values[count] = json.getFloatValue();
      }
    }
    return Arrays.copyOf(values, count);
  }

  <T> List<T> list(Reading<T> entry) throws IOException {
    List<T> values = new ArrayList<>();
    for (startList(); json.nextToken() != JsonToken.END_ARRAY; ) {
      values.add(entry.read());
    }
    return values;
  }

  private void startList() {
    requireToken(JsonToken.START_ARRAY, "a list");
  }

  private void requireNumber() {
    if (!json.currentToken().isNumeric()) {
      requireToken(JsonToken.VALUE_NUMBER_FLOAT, "a number");
    }
  }

  private void requireToken(JsonToken wanted, String words) {
    if (json.currentToken() != wanted) {
      throw wrongValue("not " + words);
    }
  }

  /** What is wrong with the current value: its path, the value, and the rule. */
  TraceFormatException wrongValue(String rule) {
    return error("\"" + path() + "\" is " + value() + ", " + rule);
  }

  /** The current value as a message shows it. */
  private String value() {
    try {
      return switch (json.currentToken()) {
        case START_OBJECT -> "an object";
        case START_ARRAY -> "a list";
        case VALUE_STRING -> quoted(json.getText());
        default -> shortened(json.getText());
      };
    } catch (IOException e) {
      throw error(syntaxProblem(e));
    }
  }

  /** A text as a message shows it. */
  static String quoted(String text) {
    return "\"" + shortened(text) + "\"";
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  /** Where the current value stands in its line, as in drafts[0].rank[5]. */
  private String path() {
    JsonStreamContext context = json.getParsingContext();
    return path(json.currentToken().isStructStart() ? context.getParent() : context);
  }

  private static String path(JsonStreamContext context) {
    if (context.inRoot()) {
      return "";
    }
    String parent = path(context.getParent());
    if (context.inArray()) {
      return parent + "[" + context.getCurrentIndex() + "]";
    }
    return parent.isEmpty() ? context.getCurrentName() : parent + "." + context.getCurrentName();
  }
}
