package redraft.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.model.onnx.Exports;

/**
 * The pair.json of a model directory and the text files beside the models. Models themselves are
 * read by native code, which nobody shields from them.
 */
final class PairFuzz extends Surface {
  private static final List<String> LINES =
      List.of(
          "inspect {in} --check-tokens 2",
          "inspect {in} --check-tokens 2 --json",
          "generate --models {in} --prompt x --max-new-tokens 1 --threads 1 --rounds 0",
          "generate --models {in} --prompt x --chat --max-new-tokens 1 --threads 1 --rounds 0",
          "record --models {in} --prompts {in}/p.jsonl --max-new-tokens 1 --threads 1 --out {out}/t.jsonl",
          "report {in}/none --models {in} --out {out} --cost-ratio 0.1");

  private static final List<String> BESIDE =
      List.of("generation_config.json", "tokenizer_config.json", "tokenizer.json");

  PairFuzz() {
    super("pairs", 5);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    files.put("p.jsonl", Mutation.utf8("{\"domain\":\"d\",\"prompt\":\"x\"}\n"));
    byte[] pair = read("llama/pair.json");
    if (random.nextInt(3) > 0) {
      pair = random.nextInt(4) > 0 ? Mutation.json(pair, random) : Mutation.bytes(pair, random);
    } else {
      String name = Mutation.any(BESIDE, random);
      byte[] beside = Mutation.json(read("draft/" + name), random);
      files.put("draft/" + name, beside);
      if (name.equals("tokenizer.json")) { // pinned by its hash
        String pinned = DigestUtils.sha256Hex(read("draft/tokenizer.json"));
        pair =
            Mutation.utf8(
                Files.readString(Exports.DIRECTORY.resolve("llama/pair.json"))
                    .replace(pinned, DigestUtils.sha256Hex(beside)));
      } else {
        files.put(name, beside);
      }
    }
    files.put("pair.json", pair);
    return new FuzzCase(Mutation.any(LINES, random), files).over(true);
  }

  private static byte[] read(String file) throws IOException {
    Path path = Exports.DIRECTORY.resolve(file);
    return Files.readAllBytes(path);
  }
}
