package redraft.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.binary.Base64;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A page that needs nothing else: a template with the common style, scripts and data in it. What
 * comes from outside enters as JSON and is shown as text; the page's policy runs no script but its
 * own.
 */
final class Page {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)\\}\\}");

  private Page() {}

  /**
   * @param template with places for its parts
   * @param scripts each uses those before it
   * @param parts what else is filled in, as HTML
   * @param json the page's data
   */
  static String of(
      String template, String title, List<String> scripts, Map<String, String> parts, String json)
      throws IOException {
    String style = resource("report.css");
    List<String> sources = new ArrayList<>();
    for (String name : scripts) {
      sources.add(resource(name));
    }
    Map<String, String> all = new HashMap<>(parts);
    all.put("title", escaped(title));
    all.put("style", style);
    all.put("style-hash", hash(style));
    all.put(
        "scripts",
        sources.stream()
            .map(script -> "<script>" + script + "</script>")
            .collect(Collectors.joining("\n")));
    all.put("script-hashes", sources.stream().map(Page::hash).collect(Collectors.joining(" ")));
    all.put("data", inScript(json));
    // One pass: what is filled in is not looked at again.
    return PLACE
        .matcher(resource(template))
        .replaceAll(place -> Matcher.quoteReplacement(all.get(place.group(1))));
  }

  /** JSON that a script element can hold: nothing in it ends the element or a line. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** As a content security policy names an inline script or style. */
  static String hash(String text) {
    return "'sha256-" + Base64.encodeBase64String(DigestUtils.sha256(text)) + "'";
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
