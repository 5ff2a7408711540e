package redraft.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The page of {@code explore}, which asks the engine that serves it. */
public final class ExplorePage {
  private static final JsonMapper JSON = new JsonMapper();

  private ExplorePage() {}

  /**
   * @param choices what can be chosen, as JSON has it
   */
  public static String of(Map<String, Object> choices) throws IOException {
    String style = Page.resource("explore.css");
    return Page.of(
        "explore.html",
        "Redraft: " + choices.get("folder"),
        List.of("charts.js", "explore.js"),
        Map.of("own-style", style, "own-style-hash", Page.hash(style)),
        JSON.writeValueAsString(choices));
  }
}
