package redraft.model.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.ModelException;

/** Templates in the styles of models, and templates that nobody should have to wait for. */
class ChatTemplateTest {
  private static ChatTemplate template(String text) {
    return new ChatTemplate(
        text, Path.of("t.jinja"), Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }

  private static String applied(String text) {
    return template(text).apply("Hi {{ 1 }}", Duration.ofSeconds(60));
  }

  /** What is said after "cannot be applied to one user message: ". */
  private static String refusal(String text) {
    String message = assertThrows(ModelException.class, () -> applied(text)).getMessage();
    assertEquals(1, message.lines().count());
    String before = "the chat template in t.jinja cannot be applied to one user message: ";
    String after = "; write the prompt as the model wants it and leave out --chat";
    assertTrue(message.startsWith(before) && message.endsWith(after), message);
    return message.substring(before.length(), message.length() - after.length());
  }

  @Test
  void headersAroundEachMessage() { // as Llama 3 has them
    assertEquals(
        "<s><|head|>user<|end|>\n\nHi {{ 1 }}<|eot|><|head|>assistant<|end|>\n\n",
        applied(
            "{% set turns = messages %}{% for turn in turns %}{% set text = '<|head|>' + turn['role'] + '<|end|>\n\n'"
                + "+ turn['content'] | trim + '<|eot|>' %}{% if loop.index0 == 0 %}{% set text = bos_token + text %}"
                + "{% endif %}{{ text }}{% endfor %}{% if add_generation_prompt %}{{ '<|head|>assistant<|end|>\n\n' }}{% endif %}"));
  }

  @Test
  void aSystemMessageOfItsOwnAndTools() { // as Qwen2.5 has them
    assertEquals(
        "<|im|>system\nBe kind.</im>\n<|im|>user\nHi {{ 1 }}</im>\n<|im|>assistant\n",
        applied(
            """
            {%- if tools %}
                {{- '<|im|>system\\n' }}
                {%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
            {%- else %}
                {%- if messages[0]['role'] == 'system' %}
                    {{- '<|im|>system\\n' + messages[0]['content'] + '</im>\\n' }}
                {%- else %}
                    {{- '<|im|>system\\nBe kind.</im>\\n' }}
                {%- endif %}
            {%- endif %}
            {%- for message in messages %}
                {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
                    {{- '<|im|>' + message.role + '\\n' + message.content + '</im>' + '\\n' }}
                {%- elif message.role == "tool" %}
                    {{- message.arguments | items }}
                {%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im|>assistant\\n' }}
            {%- endif %}
            """));
  }

  @Test
  void aFirstMessageThatIsLookedAtInsideOfTheLoop() { // as SmolLM2 does
    assertEquals(
        "<|im|>system\nYou are small.</im>\n<|im|>user\nHi {{ 1 }}</im>\n<|im|>assistant\n",
        applied(
            "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                + "{{ '<|im|>system\nYou are small.</im>\n' }}{% endif %}"
                + "{{'<|im|>' + message['role'] + '\n' + message['content'] + '</im>' + '\n'}}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im|>assistant\n' }}{% endif %}"));
  }

  @Test
  void turnsThatMustAlternateAndARoleThatIsRenamed() { // as Gemma does
    assertEquals(
        "<s><turn>user\nHi {{ 1 }}<end>\n<turn>model\n",
        applied(
            "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
                + "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
                + "{{ raise_exception('turns alternate') }}{% endif %}{% if (m['role'] == 'assistant') %}"
                + "{% set role = 'model' %}{% else %}{% set role = m['role'] %}{% endif %}"
                + "{{ '<turn>' + role + '\n' + m['content'] | trim + '<end>\n' }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<turn>model\n' }}{% endif %}"));
  }

  @Test
  void aMacroMayCallItself() {
    assertEquals(
        "321",
        applied(
            "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{{ [1, 2] | random }}             # it uses 'random', which is refused",
        "{{ [1, 2] | shuffle }}            # it uses 'shuffle', which is refused",
        "{{ today() }}                     # it uses 'today', which is refused",
        "{{ unixtimestamp() }}             # it uses 'unixtimestamp', which is refused",
        "{{ none | datetimeformat }}       # it asks for the time of day",
        "{{ none | unixtimestamp }}        # it asks for the time of day",
        "{{ strftime_now('%d') }}          # Could not resolve function 'strftime_now'",
        "{% include '/etc/hostname' %}     # it uses 'include', which is refused",
        "{% import 'a.jinja' as a %}       # it uses 'import', which is refused",
        "{{ messages | pprint }}           # it uses 'pprint', which is refused",
        "{{ 'a' | nosuch }}                # Redraft knows no filter 'nosuch'",
        "{% if 1 is nosuch %}a{% endif %}  # Redraft knows no test 'is nosuch'",
        "{% for m in messages if m.role == 'user' %}a{% endfor %} # Redraft knows no loop with a condition",
        "{{ range(1000000000) | length }}  # a range has 100000 numbers or more"
      })
  void whatIsNotTheSameEachTimeOrNotKnownIsRefusedByName(String text, String said) {
    assertTrue(refusal(text).startsWith(said), refusal(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{{ range(2000)|length }}", "{% if false %}{{ 1|nosuch }}{% endif %}2000"})
  void whatIsNotCutAndWhatIsNotComeToIsFine(String text) {
    assertEquals("2000", applied(text));
  }

  @Test
  void aTextInBracketsIsNoConditionOfALoop() {
    assertEquals(
        "ab", applied("{% for x in (['a', 'b'] if true else [' if ']) %}{{ x }}{% endfor %}"));
  }

  @Test
  void aTextThatDoublesIsRefusedBeforeMemoryIsFull() {
    String doubling =
        "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}";
    assertTrue(refusal(doubling).contains("over limit of 16777216 bytes"), refusal(doubling));
    String list = doubling.replace("'ab'", "[1]");
    assertTrue(refusal(list).contains("greater than the maximum size of 100000"), refusal(list));
  }

  @Test
  void loopsInLoopsEndAfterSoManySteps() {
    String nested = "{% for a in range(1000) %}".repeat(4) + "{{ a }}" + "{% endfor %}".repeat(4);
    assertEquals("it takes more than 200000 steps", refusal(nested));
  }

  @Test
  void whatTakesTooLongIsLeftBehind() {
    String slow = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
    String message =
        assertThrows(ModelException.class, () -> template(slow).apply("Hi", Duration.ofMillis(200)))
            .getMessage();
    assertTrue(message.contains(": it takes longer than 0.2 s; write the prompt"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{% if true %}|x|{% endif %}", "{{ |[|] }}", "{% for a in [1] %}|x|{% endfor %}"})
  void deepNestingIsRefused(String parts) {
    String[] part = parts.split("\\|", -1);
    boolean expression = parts.startsWith("{{");
    String deep =
        expression
            ? part[0] + "[".repeat(20_000) + "]".repeat(20_000) + " }}"
            : part[0].repeat(20_000) + part[1] + part[2].repeat(20_000);
    assertEquals("it is nested too deep", refusal(deep));
  }

  @Test
  void aMacroThatCallsItselfWithoutEndIsRefused() {
    assertEquals(
        "Macro tag cycle for 'f'", refusal("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"));
  }

  @Test
  void aTemplateOfAMegabyteIsNone() {
    assertEquals("it is longer than 1048576 characters", refusal("x".repeat((1 << 20) + 1)));
  }
}
