package redraft.model.pair;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.model.ModelException;

/**
 * How a model wants a conversation written: a Jinja template that comes with its tokenizer,
 * rendered by Jinjava with the whitespace rules of Transformers. The date is not given to it, so
 * that the same prompt is the same text tomorrow; templates that ask for one have a default.
 *
 * @param source for messages
 * @param specialTokens by the names that templates use
 */
public record ChatTemplate(String template, Path source, Map<String, String> specialTokens) {

  private static final int LONGEST = 1 << 20; // characters of a template
  private static final Duration LONGEST_RENDERING = Duration.ofSeconds(10);

  /**
   * The prompt as one message of a user, with the beginning of the answer.
   *
   * @throws ModelException if the template cannot be rendered, or does not end
   */
  public String apply(String prompt) {
    return apply(prompt, LONGEST_RENDERING);
  }

  String apply(String prompt, Duration longest) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "user");
    message.put("content", prompt);
    Map<String, Object> context = new HashMap<>(specialTokens);
    context.put("messages", List.of(message));
    context.put("add_generation_prompt", true);
    try {
      if (template.length() > LONGEST) {
        throw new IllegalArgumentException("it is longer than " + LONGEST + " characters");
      }
      return new BoundedJinja(longest).render(javaIdioms(template), context);
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "the chat template in "
              + source
              + " cannot be applied to one user message: "
              + e.getMessage()
              + "; write the prompt as the model wants it and leave out --chat",
          e);
    }
  }

  /** Python that Jinjava does not know, in the Java that it does. */
  private static String javaIdioms(String template) {
    return template
        .replaceFirst("\\n\\z", "") // as Jinja drops it
        .replace("[::-1]", "|reverse")
        .replace(".startswith(", ".startsWith(")
        .replace(".endswith(", ".endsWith(")
        .replace(".lstrip()", ".stripLeading()")
        .replace(".rstrip()", ".stripTrailing()")
        // f(x=list|length - 1): the filter binds closer than the minus
        .replaceAll("=\\s*([\\w.]+\\s*\\|\\s*\\w+\\s*[-+]\\s*\\d+)", "=($1)");
  }
}
