package redraft.fuzz;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import redraft.model.onnx.Exports;

/** Chat templates, in files of their own and in tokenizer_config.json. */
final class ChatFuzz extends Surface {
  private static final String LINE =
      "generate --models {in} --chat --max-new-tokens 1 --threads 1 --rounds 0 --prompt ";

  private static final List<String> PARTS =
      List.of(
          "{%",
          "%}",
          "{{",
          "}}",
          "{#",
          "#}",
          "{% if true %}",
          "{% endif %}",
          "{% for m in messages %}",
          "{% endfor %}",
          "{% for a in range(100000) %}{{ a }}{% endfor %}",
          "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
          "{% set x = x ~ x %}",
          "{% include '/etc/passwd' %}",
          "{% import 'pair.json' as p %}",
          "{% extends '../x' %}",
          "{{ ''.__class__.__mro__ }}",
          "{{ messages.getClass().forName('java.lang.Runtime') }}",
          "{{ ____int3rpr3t3r____ }}",
          "{{ raise_exception('\u001b[31m') }}",
          "{{ 1 / 0 }}",
          "{{ 9999999999999999999999 }}",
          "{{ 'x' * 1000000000 }}",
          "{{ 'a'|replace('', 'b') }}",
          "{{ messages[99].content }}",
          "{{ messages[-1]['content'][:1:0] }}",
          "{{ strftime_now('%Y') }}",
          "{{ bos_token + eos_token }}",
          "{{ [1,2,3]|map('x') }}",
          "{{ '%s%n'|format(1) }}",
          "{{ {}.a.b.c }}",
          "{{ 'a'|regex_replace('(a+)+$', 'b') }}",
          "\u0000",
          "\u001b[2J",
          "((((((((((");

  private static final List<String> FIXTURES = List.of("backwards", "lines", "marked", "turns");

  ChatFuzz() {
    super("chat", 5);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    byte[] template =
        Files.readAllBytes(
            Exports.DIRECTORY.resolve("chat/" + Mutation.any(FIXTURES, random) + ".jinja"));
    String text =
        new String(
            random.nextInt(3) == 0 ? Mutation.bytes(template, random) : template,
            StandardCharsets.ISO_8859_1);
    for (int change = random.nextInt(3); change > 0; change--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(20));
      text = text.substring(0, at) + Mutation.any(PARTS, random) + text.substring(end);
    }
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    Map<String, byte[]> files =
        random.nextBoolean()
            ? Map.of("chat_template.jinja", bytes)
            : Map.of(
                "tokenizer_config.json",
                new JsonMapper()
                    .writeValueAsBytes(Map.of("chat_template", text, "eos_token", "<|end|>")));
    return new FuzzCase(LINE + Mutation.any(List.of("hi", "{{x}}", "<|end|>"), random), files)
        .over(true);
  }
}
