package redraft.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Changes to inputs, drawn at random. */
public final class Mutation {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String[] SPLICES = {
    "null",
    "NaN",
    "-",
    "0",
    "1",
    "-7",
    "0.5",
    "1e999",
    "-1e999",
    "9".repeat(30),
    "4294967297",
    "\"",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\n",
    "{}",
    "[]",
    "true",
    "\u0000",
    "[".repeat(2000),
    ",\"later\":[{}]"
  };

  /** Values for any other, as they stand in a document. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "1",
          "2",
          "-1",
          "0.5",
          "-0.0",
          "1e-320",
          "1e308",
          "-1e308",
          "1e999",
          "NaN",
          "2147483647",
          "2147483648",
          "-9223372036854775808",
          "9223372036854775807",
          "9".repeat(30),
          "7".repeat(1001),
          "0." + "3".repeat(400),
          "[]",
          "{}",
          "[null]",
          "{\"a\":1,\"a\":2}",
          "[".repeat(1001) + "]".repeat(1001),
          "\"\"",
          "\" \"",
          "\"all\"",
          "\"" + "x".repeat(5000) + "\"",
          "\"\\u001b[31mred\\u0007\"",
          "\"\\u202e\\u0000\\n\\r\"",
          "\"\\ud800\"",
          "\"../../../../etc/passwd\"",
          "\"/etc/passwd\"",
          "\"a\\\\b:c*?\"",
          "\"=1+1\"",
          "\"%s%n{0}\"",
          "\"${sys:user.home}\"",
          "\"" + "0a".repeat(32) + "\"",
          "\"http://127.0.0.1:1/\"",
          "\"model.onnx\"");

  private Mutation() {}

  static <T> T any(List<T> all, Random random) {
    return all.get(random.nextInt(all.size()));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** One to three changes of bytes at random places. */
  public static byte[] bytes(byte[] original, Random random) {
    byte[] bytes = original;
    for (int change = 1 + random.nextInt(3); change > 0 && bytes.length > 0; change--) {
      int at = random.nextInt(bytes.length);
      int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 3 : 300));
      switch (random.nextInt(6)) {
        case 0 -> { // flip a bit
          bytes = bytes.clone();
          bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
        case 1 -> bytes = spliced(bytes, at, end, new byte[0]);
        case 2 -> bytes = spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
        case 3 -> bytes = spliced(bytes, at, at, utf8(SPLICES[random.nextInt(SPLICES.length)]));
        case 4 -> { // a value for another, where the file is text
          int start = at;
          while (start > 0 && bytes[start - 1] != ',' && bytes[start - 1] != '[') {
            start--;
          }
          int stop = at;
          while (stop < bytes.length && bytes[stop] != ',' && bytes[stop] != ']') {
            stop++;
          }
          bytes = spliced(bytes, start, stop, utf8(SPLICES[random.nextInt(SPLICES.length)]));
        }
        default -> bytes = Arrays.copyOf(bytes, Math.max(at, bytes.length - 200)); // no footer
      }
    }
    return bytes;
  }

  /** One to three changes that lines are made of: gone, twice, cut, in another order, or bytes. */
  static byte[] lines(byte[] original, Random random) {
    List<String> lines =
        new ArrayList<>(
            List.of(new String(original, StandardCharsets.ISO_8859_1).split("(?<=\n)")));
    for (int change = 1 + random.nextInt(3); change > 0 && !lines.isEmpty(); change--) {
      int at = random.nextInt(lines.size());
      String line = lines.get(at);
      switch (random.nextInt(6)) {
        case 0 -> lines.remove(at);
        case 1 -> lines.add(random.nextInt(lines.size() + 1), line);
        case 2 -> lines.set(at, line.substring(0, random.nextInt(line.length() + 1)));
        case 3 -> Collections.swap(lines, at, random.nextInt(lines.size()));
        case 4 -> lines.add(at, any(List.of("\n", " \n", "{}\n", "null\n", "\ufeff\n"), random));
        default ->
            lines.set(at, latin(json(line.getBytes(StandardCharsets.ISO_8859_1), random)) + "\n");
      }
    }
    return String.join("", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** One or two changes of the values of a JSON document; of its bytes where it is none. */
  static byte[] json(byte[] original, Random random) {
    try {
      JsonNode document = JSON.readTree(new String(original, StandardCharsets.UTF_8));
      for (int change = 1 + random.nextInt(2); change > 0; change--) {
        change(document, random);
      }
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      return bytes(original, random);
    }
  }

  private static void change(JsonNode document, Random random) {
    List<JsonNode> holders = new ArrayList<>();
    collect(document, holders);
    if (holders.isEmpty()) {
      return;
    }
    RawValue value = new RawValue(any(VALUES, random));
    JsonNode holder = any(holders, random);
    if (holder instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = any(names, random);
      switch (random.nextInt(6)) {
        case 0 -> object.remove(name);
        case 1 ->
            object.set(
                name + any(List.of(" ", "\u0000", "s", "\u001b[2J"), random), object.get(name));
        case 2 -> object.putRawValue(any(names, random), new RawValue(object.get(name).toString()));
        default -> object.putRawValue(name, value);
      }
    } else {
      ArrayNode list = (ArrayNode) holder;
      int at = random.nextInt(list.size());
      switch (random.nextInt(5)) {
        case 0 -> list.remove(at);
        case 1 -> list.insert(at, list.get(at).deepCopy());
        case 2 -> list.removeAll();
        default -> {
          list.remove(at);
          list.insertRawValue(at, value);
        }
      }
    }
  }

  /** Objects and lists that hold something, the document's own first. */
  private static void collect(JsonNode node, List<JsonNode> holders) {
    if (node.isContainerNode() && !node.isEmpty()) {
      holders.add(node);
      node.forEach(child -> collect(child, holders));
    }
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] inserted) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.writeBytes(inserted);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }
}
