package redraft.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Value;

/** The page's arithmetic without a browser: replay.js, and what a page holds as {@code report}. */
public final class PageScript implements AutoCloseable {
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>");

  private final Engine engine =
      Engine.newBuilder("js").option("engine.WarnInterpreterOnly", "false").build();
  private final Context context = Context.newBuilder("js").engine(engine).build();

  /** What a page's own script starts with. */
  public static PageScript of(Path page) throws IOException {
    Matcher data = DATA.matcher(Files.readString(page));
    if (!data.find()) {
      throw new AssertionError(page + " holds no data");
    }
    return new PageScript(data.group(1));
  }

  /**
   * @param json the page's data
   */
  PageScript(String json) throws IOException {
    try (InputStream in = HtmlFormat.class.getResourceAsStream("replay.js")) {
      context.eval("js", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    context.getBindings("js").putMember("json", json);
    context.eval("js", "const report = replay.unpack(JSON.parse(json));");
  }

  /** The value of a function of these arguments. */
  public Value call(String function, Object... arguments) {
    return context.eval("js", function).execute(arguments);
  }

  /** The same where it is a list of numbers. */
  public double[] numbers(String function, Object... arguments) {
    return call(function, arguments).as(double[].class);
  }

  @Override
  public void close() {
    context.close();
    engine.close();
  }
}
