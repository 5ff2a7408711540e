package redraft.model.pair;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorReason;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.fn.Functions;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One rendering of a template that somebody else wrote: by Jinjava, with the whitespace rules of
 * Transformers, without a clock, chance or other files, and within bounds of time and size. What
 * Jinjava would pass over in silence is refused where the rendering comes to it.
 */
final class BoundedJinja {
  private static final int MOST_CHARACTERS = 16 << 20; // of every text, the result too
  private static final int MOST_ENTRIES = 100_000; // of every list and map
  private static final int MOST_STEPS = 200_000; // parts of the template, each time it comes to one
  private static final int DEEPEST_CALL = 20; // of a macro by itself

  private static final Map<Library, Set<String>> OUTSIDE =
      Map.of(
          Library.FILTER, Set.of("random", "shuffle", "render", "pprint"),
          Library.FUNCTION, Set.of(":today", ":unixtimestamp", ":datetimeformat"),
          Library.TAG, Set.of("include", "import", "from", "extends"));

  private static final Pattern FILTER = Pattern.compile("\\|\\s*([A-Za-z_]\\w*)");
  private static final Pattern TEST = Pattern.compile("\\bis\\s+(?:not\\s+)?([A-Za-z_]\\w*)");

  private final Duration longest;
  private int steps;
  private volatile boolean stopped;
  private String refused; // the first thing, in words; null for nothing

  BoundedJinja(Duration longest) {
    this.longest = longest;
  }

  /**
   * @throws IllegalArgumentException saying why it is not rendered
   */
  String render(String template, Map<String, ?> values) {
    FutureTask<RenderResult> rendering =
        new FutureTask<>(() -> jinjava(template).renderForResult(template, values));
    Thread thread = new Thread(rendering, "redraft-template");
    thread.setDaemon(true); // one that does not end is left behind
    thread.start();
    try {
      RenderResult result = rendering.get(longest.toMillis(), TimeUnit.MILLISECONDS);
      for (TemplateError error : result.getErrors()) {
        if (error.getReason() != ErrorReason.UNKNOWN) { // a property that is not there is empty
          throw new IllegalArgumentException(refused == null ? reason(error) : refused);
        }
      }
      return result.getOutput();
    } catch (TimeoutException e) {
      stopped = true;
      throw new IllegalArgumentException(tooLong(), e);
    } catch (ExecutionException e) {
      throw new IllegalArgumentException(refused == null ? reason(e.getCause()) : refused, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("interrupted", e);
    }
  }

  private Jinjava jinjava(String template) {
    Jinjava jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withNestedInterpretationEnabled(false) // a prompt that holds {{ }} is text
                .withEnableRecursiveMacroCalls(true)
                .withMaxMacroRecursionDepth(DEEPEST_CALL)
                .withMaxOutputSize(MOST_CHARACTERS)
                .withMaxStringLength(MOST_CHARACTERS)
                .withMaxListSize(MOST_ENTRIES)
                .withMaxMapSize(MOST_ENTRIES)
                .withRangeLimit(MOST_ENTRIES)
                .withDisabled(OUTSIDE)
                .withDateTimeProvider(
                    () -> {
                      throw refuse("it asks for the time of day");
                    })
                .withProcessors(
                    JinjavaProcessors.newBuilder().withNodePreProcessor(this::step).build())
                .withLegacyOverrides(
                    LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .withUsePyishObjectMapper(true)
                        .withUseSnakeCasePropertyNaming(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withUseTrimmingForNotesAndExpressions(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .build());
    Context context = jinjava.getGlobalContext();
    function(context, "raise_exception", "raise", String.class);
    function(context, "range", "range", Object.class, Object[].class);
    refuseUnknown(context, template);
    return jinjava;
  }

  private static void function(Context context, String name, String method, Class<?>... types) {
    context.registerFunction(new ELFunctionDefinition("", name, BoundedJinja.class, method, types));
  }

  /** What templates say of conversations that they do not take. */
  public static String raise(String message) {
    throw new IllegalArgumentException(message);
  }

  /** Jinjava's own, which cuts a long list in silence. */
  public static List<Integer> range(Object first, Object... others) {
    List<Integer> numbers = Functions.range(first, others);
    if (numbers.size() >= MOST_ENTRIES) {
      throw new IllegalArgumentException("a range has " + MOST_ENTRIES + " numbers or more");
    }
    return numbers;
  }

  /** Jinjava takes a filter that it does not know for nothing, and a test for false. */
  private void refuseUnknown(Context context, String template) {
    for (Matcher names = FILTER.matcher(template); names.find(); ) {
      String name = names.group(1);
      if (!OUTSIDE.get(Library.FILTER).contains(name) && context.getFilter(name) == null) {
        context.registerFilter(new UnknownFilter(name));
      }
    }
    for (Matcher names = TEST.matcher(template); names.find(); ) {
      if (context.getExpTest(names.group(1)) == null) {
        context.registerExpTest(new UnknownTest(names.group(1)));
      }
    }
  }

  private final class UnknownFilter implements Filter {
    private final String name;

    UnknownFilter(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      throw refuse("Redraft knows no filter '" + name + "'");
    }
  }

  private final class UnknownTest implements ExpTest {
    private final String name;

    UnknownTest(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean evaluate(Object value, JinjavaInterpreter interpreter, Object... arguments) {
      throw refuse("Redraft knows no test 'is " + name + "'");
    }
  }

  /** Before each part of the template. */
  private void step(Node node, JinjavaInterpreter interpreter) {
    if (stopped) {
      throw refuse(tooLong());
    }
    if (++steps > MOST_STEPS) {
      throw refuse("it takes more than " + MOST_STEPS + " steps");
    }
    if (node instanceof TagNode tag && tag.getName().equals("for") && hasCondition(tag)) {
      throw refuse("Redraft knows no loop with a condition ('for … in … if …')");
    }
  }

  /** An "if" of its own, not one in brackets or in a text. */
  private static boolean hasCondition(TagNode tag) {
    String loop = tag.getHelpers().replaceAll("'[^']*'|\"[^\"]*\"", "");
    for (String before = ""; !before.equals(loop); ) {
      before = loop;
      loop = loop.replaceAll("[(\\[][^()\\[\\]]*[)\\]]", "");
    }
    return loop.matches("(?s).*\\sif\\s.*");
  }

  private String tooLong() {
    return "it takes longer than " + longest.toMillis() / 1e3 + " s";
  }

  private IllegalArgumentException refuse(String why) {
    refused = refused == null ? why : refused;
    return new IllegalArgumentException(why);
  }

  private static String reason(TemplateError error) {
    if (error.getReason() == ErrorReason.DISABLED) {
      return "it uses '"
          + error.getMessage().replaceFirst("^':?([^']*)'.*", "$1")
          + "', which is refused: chance, the time of day and other files are not given to a template";
    }
    return error.getException() == null
        ? firstLine(error.getMessage())
        : reason(error.getException());
  }

  /** What the template itself said with raise_exception, or Jinjava of the template. */
  private static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StackOverflowError) {
        return "it is nested too deep";
      }
      if (cause instanceof OutOfMemoryError
          || String.valueOf(cause.getMessage()).contains("OutOfMemoryError")) {
        return "it takes more memory than there is";
      }
      if (cause instanceof IllegalArgumentException) {
        return firstLine(cause.getMessage());
      }
    }
    return firstLine(failure.getMessage());
  }

  private static String firstLine(String message) {
    return String.valueOf(message).lines().findFirst().orElse("");
  }
}
