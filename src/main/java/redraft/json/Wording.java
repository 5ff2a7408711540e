package redraft.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;

/** How messages put what a parser stands at, and what stopped it. */
final class Wording {
  private Wording() {}

  /** Why a line could not be parsed. */
  static String syntaxProblem(IOException e) {
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
