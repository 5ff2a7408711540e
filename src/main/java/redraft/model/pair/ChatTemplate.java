package redraft.model.pair;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.nio.file.Path;
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

  /** The prompt as one message of a user, with the beginning of the answer. */
  public String apply(String prompt) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", "user");
    message.put("content", prompt);
    Map<String, Object> context = new HashMap<>(specialTokens);
    context.put("messages", List.of(message));
    context.put("add_generation_prompt", true);
    RenderResult result = jinjava().renderForResult(javaIdioms(template), context);
    for (TemplateError error : result.getErrors()) {
      if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
        throw new ModelException(
            "the chat template in "
                + source
                + " cannot be applied to one user message: "
                + reason(error)
                + "; write the prompt as the model wants it and leave out --chat");
      }
    }
    return result.getOutput();
  }

  /** What the template itself said with raise_exception, or Jinjava of the template. */
  private static String reason(TemplateError error) {
    Throwable cause = error.getException();
    while (cause != null && !(cause instanceof IllegalArgumentException)) {
      cause = cause.getCause();
    }
    String message = cause == null ? error.getMessage() : cause.getMessage();
    return String.valueOf(message).lines().findFirst().orElse("");
  }

  private static Jinjava jinjava() {
    Jinjava jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withNestedInterpretationEnabled(false) // a prompt that holds {{ }} is text
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
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "raise", String.class));
    return jinjava;
  }

  /** What templates say of conversations that they do not take. */
  public static String raise(String message) {
    throw new IllegalArgumentException(message);
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
