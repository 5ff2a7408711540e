package redraft.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How messages put what a parser stands at, and what stopped it. */
final class Wording {
  // of the parser's messages
  private static final Pattern TWICE = Pattern.compile("^Duplicate field '(.*)'", Pattern.DOTALL);
  private static final Pattern FOUND =
      Pattern.compile(
          "^(?:Unexpected character \\(|Unexpected close marker |Unrecognized token |Non-standard token )'([^'\\n]+)'");

  private Wording() {}

  /**
   * Why a line or a file could not be parsed.
   *
   * @param whole "line" or "file"
   */
  static String syntaxProblem(IOException e, String whole) {
    if (e instanceof JsonEOFException) {
      return "not valid JSON: the " + whole + " ends within the object";
    }
    if (e instanceof StreamConstraintsException) {
      return tooLarge(e.getMessage().contains("depth"));
    }
    if (e instanceof JsonProcessingException syntax) {
      return syntaxProblem(syntax);
    }
    return "not valid JSON: " + e.getMessage();
  }

  private static String syntaxProblem(JsonProcessingException e) {
    Matcher twice = TWICE.matcher(e.getOriginalMessage());
    if (twice.find()) {
      return TextNode.valueOf(twice.group(1)) + " comes twice";
    }
    JsonLocation location = e.getLocation(); // none where a file has more than its object
    Matcher found = FOUND.matcher(e.getOriginalMessage());
    return "not valid JSON"
        + (location == null ? "" : " at byte " + location.getColumnNr())
        + (found.find() ? ": '" + found.group(1) + "' cannot stand there" : "");
  }

  /** What passes a limit of the parser. */
  private static String tooLarge(boolean depth) {
    StreamReadConstraints limits = StreamReadConstraints.defaults();
    return depth
        ? "nested deeper than " + limits.getMaxNestingDepth() + " levels"
        : String.format(
            Locale.ROOT,
            "a text longer than %,d characters, a field's name longer than %,d or a number of more"
                + " than %,d digits",
            limits.getMaxStringLength(),
            limits.getMaxNameLength(),
            limits.getMaxNumberLength());
  }

  /** The current value as a message shows it. */
  static String value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "\"" + shortened(json.getText()) + "\"";
      default -> shortened(json.getText());
    };
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  /** Where the current value stands in its line, as in drafts[0].rank[5]. */
  static String path(JsonParser json) {
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
