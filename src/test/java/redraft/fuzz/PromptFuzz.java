package redraft.fuzz;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** Files of prompts, on their way into a recording or a text. */
final class PromptFuzz extends Surface {
  private static final byte[] PROMPTS =
      Mutation.utf8(
          """
          {"id": "a", "domain": "maths", "prompt": "One and one?"}
          {"id": "b", "domain": "drama", "prompt": "Enter \\u00e9 <|end|>", "text": "x"}
          {"domain": "maths", "prompt": "Two"}
          """);

  private static final List<String> LINES =
      List.of(
          "record --models {in} --prompts {in}/p.jsonl --max-new-tokens 1 --threads 1 --out {out}/t.jsonl",
          "record --models {in} --prompts {in}/p.jsonl --max-new-tokens 2 --threads 1 --limit 1 --chat --out {out}/t.jsonl.gz",
          "record --models {in} --prompts {in}/p.jsonl --prompt-field text --threads 1 --max-new-tokens 1 --out {out}/t.jsonl",
          "generate --models {in} --prompts {in}/p.jsonl --max-new-tokens 1 --threads 1 --rounds 0");

  PromptFuzz() {
    super("prompts", 5);
  }

  @Override
  FuzzCase next(Random random) {
    byte[] file =
        random.nextInt(3) > 0 ? Mutation.lines(PROMPTS, random) : Mutation.bytes(PROMPTS, random);
    return new FuzzCase(Mutation.any(LINES, random), Map.of("p.jsonl", file)).over(true);
  }
}
