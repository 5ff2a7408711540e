package redraft.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The fields of a JSON object that a person wrote, such as a preset. Reading goes on past mistakes,
 * so that {@link #finish} can report all of them at once.
 */
public final class CheckedObject {
  /** The largest of every count. */
  public static final int MOST = 1_000_000;

  private static final int LONGEST_FILE = 16 << 20; // bytes
  private static final int LONGEST_VALUE = 80; // characters of a value in a message

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String file;
  private final String path; // "" or "target."
  private final JsonNode json;
  private final List<String> problems; // shared with the fields of inner objects
  private final Set<String> known = new HashSet<>();
  private final List<CheckedObject> inner = new ArrayList<>();
  private String unknown = "is no field of this file"; // null once unknown fields do not matter

  /**
   * Reads a file that holds one JSON object.
   *
   * @param file the name in messages
   * @throws IllegalArgumentException if it is no JSON, no object, or too large to be meant
   * @throws LineException if it is no UTF-8
   */
  public static CheckedObject read(String file, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(LONGEST_FILE + 1);
    if (bytes.length > LONGEST_FILE) {
      throw new IllegalArgumentException(
          file + ": larger than " + (LONGEST_FILE >> 20) + " MiB, which no file of this kind is");
    }
    try {
      JsonNode json = MAPPER.readTree(Utf8.json(file, new ByteArrayInputStream(bytes)));
      if (!json.isObject()) {
        throw new IllegalArgumentException(file + ": not a JSON object");
      }
      return new CheckedObject(file, "", json, new ArrayList<>());
    } catch (JsonProcessingException e) {
      throw noJson(file, e);
    }
  }

  /** Says in one line where a file is no JSON. */
  public static IllegalArgumentException noJson(String file, JsonProcessingException e) {
    int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
    return new IllegalArgumentException(
        file + ":" + line + ": " + Wording.syntaxProblem(e, "file"), e);
  }

  private CheckedObject(String file, String path, JsonNode json, List<String> problems) {
    this.file = file;
    this.path = path;
    this.json = json;
    this.problems = problems;
  }

  /** What is wrong with a field that is not known, such as "is no field of this schedule". */
  public void unknownFields(String problem) {
    unknown = problem;
  }

  /** Once it cannot be told which fields there should be. */
  public void ignoreUnknown() {
    unknown = null;
  }

  public boolean has(String field) {
    return json.has(field);
  }

  /** Whether a field that may be absent has a value; null is none. */
  public boolean given(String field) {
    known.add(field);
    return json.hasNonNull(field);
  }

  /** Adds what is wrong with the value of a field. */
  public void problem(String field, String problem) {
    problem(field, json.get(field), problem);
  }

  private void problem(String field, JsonNode value, String problem) {
    String text = String.valueOf(value);
    String shown = text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "…" : text;
    problems.add(quoted(field) + " is " + shown + ", " + problem);
  }

  /** The path of a field, in quotes and on one line whatever its name. */
  private String quoted(String field) {
    return TextNode.valueOf(path + field).toString();
  }

  /** Null, and a problem, where the field is missing. */
  private JsonNode require(String field) {
    known.add(field);
    if (!json.has(field)) {
      problems.add("\"" + path + field + "\" is missing");
    }
    return json.get(field);
  }

  /** Null, and a problem, where there is no text of one line that is more than blanks. */
  public String text(String field) {
    JsonNode value = require(field);
    if (value == null) {
      return null;
    }
    if (value.isTextual() && value.textValue().isBlank()) {
      problem(field, "not a text");
      return null;
    }
    return line(field);
  }

  /** A text of one line, which may be empty. */
  public String line(String field) {
    JsonNode value = require(field);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      problem(field, "not a text");
      return null;
    }
    if (value.textValue().chars().anyMatch(Character::isISOControl)) {
      problem(field, "not a text of one line");
      return null;
    }
    return value.textValue();
  }

  /** One of these words; the first of them, and a problem, otherwise. */
  public String word(String field, String... words) {
    String value = text(field);
    if (value != null && !List.of(words).contains(value)) {
      problem(field, "not " + String.join(" or ", words));
    }
    return value == null || !List.of(words).contains(value) ? words[0] : value;
  }

  /** A list of texts; empty where the field is missing. */
  public List<String> texts(String field) {
    known.add(field);
    List<String> texts = new ArrayList<>();
    JsonNode list = json.get(field);
    if (list != null) {
      list.forEach(value -> texts.add(value.asText()));
      if (!list.isArray()
          || !StreamSupport.stream(list.spliterator(), false).allMatch(JsonNode::isTextual)) {
        problem(field, "not a list of texts");
      }
    }
    return texts;
  }

  public boolean flag(String field) {
    JsonNode value = require(field);
    if (value != null && !value.isBoolean()) {
      problem(field, "not true or false");
    }
    return value != null && value.booleanValue();
  }

  public double number(String field, double least, double most) {
    JsonNode value = require(field);
    if (value != null && !isNumber(value, least, most)) {
      problem(field, notANumber(least, most));
    }
    return value == null ? least : value.doubleValue();
  }

  /** Never empty: one number, and a problem, where there is no good list. */
  public List<Double> numbers(String field, double least, double most) {
    JsonNode list = require(field);
    List<Double> numbers = new ArrayList<>();
    if (list != null && list.isArray()) {
      list.forEach(
          value -> {
            if (isNumber(value, least, most)) {
              numbers.add(value.doubleValue());
            }
          });
    }
    if (list != null && (numbers.isEmpty() || numbers.size() < list.size())) {
      problem(field, "not a list of numbers" + range(least, most));
    }
    return numbers.isEmpty() ? List.of(least) : numbers;
  }

  private static boolean isNumber(JsonNode value, double least, double most) {
    return value.isNumber()
        && Double.isFinite(value.doubleValue())
        && value.doubleValue() >= least
        && value.doubleValue() <= most;
  }

  private static String notANumber(double least, double most) {
    return "not a number" + range(least, most);
  }

  private static String range(double least, double most) {
    return most == Double.MAX_VALUE
        ? " of at least " + plain(least)
        : " from " + plain(least) + " to " + plain(most);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /**
   * A whole number from 1 to {@link #MOST}.
   *
   * @param absent where the field is not there; null if it must be
   */
  public int count(String field, Integer absent) {
    known.add(field);
    return absent != null && !json.has(field) ? absent : (int) wholeNumber(field, 1, MOST);
  }

  /** The most, which limits no other, and a problem, where there is no such number. */
  public long wholeNumber(String field, long least, long most) {
    JsonNode value = require(field);
    if (value != null && !isWhole(value, least, most)) {
      problem(field, "not a whole number from " + least + " to " + most);
      return most;
    }
    return value == null ? most : value.longValue();
  }

  /** A list of whole numbers, which may be empty. */
  public List<Integer> wholeNumbers(String field, int least, int most) {
    return wholeNumbers(field, list(field), least, most);
  }

  /** Lists of whole numbers, each of which may be empty. */
  public List<List<Integer>> wholeNumberLists(String field, int least, int most) {
    List<List<Integer>> lists = new ArrayList<>();
    JsonNode list = list(field);
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).isArray()) {
        lists.add(wholeNumbers(field + "[" + i + "]", list.get(i), least, most));
      } else {
        problem(field + "[" + i + "]", list.get(i), "not a list");
      }
    }
    return lists;
  }

  private List<Integer> wholeNumbers(String field, JsonNode list, int least, int most) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode value = list.get(i);
      if (isWhole(value, least, most)) {
        numbers.add(value.intValue());
      } else {
        problem(field + "[" + i + "]", value, "not a whole number from " + least + " to " + most);
      }
    }
    return numbers;
  }

  private static boolean isWhole(JsonNode value, long least, long most) {
    return value.isIntegralNumber()
        && value.canConvertToLong()
        && value.longValue() >= least
        && value.longValue() <= most;
  }

  /** The fields of an inner object; of an empty one, and a problem, where there is none. */
  public CheckedObject child(String field) {
    JsonNode value = require(field);
    if (value != null && !value.isObject()) {
      problem(field, "not an object");
    }
    boolean object = value != null && value.isObject();
    CheckedObject child =
        inner(path + field + ".", object ? value : JsonNodeFactory.instance.objectNode());
    return object ? child : child.silent();
  }

  /** The fields of the objects in a list. */
  public List<CheckedObject> children(String field) {
    List<CheckedObject> children = new ArrayList<>();
    JsonNode list = list(field);
    for (int i = 0; i < list.size(); i++) {
      String place = field + "[" + i + "]";
      if (list.get(i).isObject()) {
        children.add(inner(path + place + ".", list.get(i)));
      } else {
        problem(place, list.get(i), "not an object");
      }
    }
    return children;
  }

  /** An empty list, and a problem, where there is none. */
  private JsonNode list(String field) {
    JsonNode value = require(field);
    if (value != null && !value.isArray()) {
      problem(field, "not a list");
    }
    return value != null && value.isArray() ? value : JsonNodeFactory.instance.arrayNode();
  }

  private CheckedObject inner(String innerPath, JsonNode value) {
    CheckedObject fields = new CheckedObject(file, innerPath, value, problems);
    inner.add(fields);
    return fields;
  }

  /** That an object is missing is one problem, not one for each of its fields. */
  private CheckedObject silent() {
    return new CheckedObject(file, path, json, new ArrayList<>());
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException naming every problem, fields that nobody asked for included
   */
  public void finish() {
    addUnknown();
    if (!problems.isEmpty()) {
      throw error(String.join("; ", problems));
    }
  }

  /** What is wrong with the file once its fields are fine each by itself. */
  public IllegalArgumentException error(String problem) {
    return new IllegalArgumentException(file + ": " + problem);
  }

  private void addUnknown() {
    if (unknown != null) {
      json.fieldNames()
          .forEachRemaining(
              field -> {
                if (!known.contains(field)) {
                  problems.add(quoted(field) + " " + unknown);
                }
              });
      inner.forEach(CheckedObject::addUnknown);
    }
  }
}
