package redraft.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import redraft.cli.Cli;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** Files that other programs measured, or that people wrote: everything but traces and prompts. */
final class ImportFuzz extends Surface {
  private static final String STEP = "replay {in}/t.jsonl --draft-length 2 --assume-acceptance ";
  private static final String SIZES =
      "--hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b ";

  /** A file that is right, and the commands that read it. */
  private record Kind(byte[] whole, boolean lines, List<String> commands) {}

  private final List<Kind> kinds = new ArrayList<>();
  private byte[] trace;

  ImportFuzz() {
    super("imports", 15);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    if (kinds.isEmpty()) {
      findKinds();
    }
    Kind kind = Mutation.any(kinds, random);
    byte[] file =
        switch (random.nextInt(6)) {
          case 0 -> Mutation.bytes(kind.whole, random);
          case 1 -> Mutation.lines(kind.whole, random);
          default ->
              kind.lines ? Mutation.lines(kind.whole, random) : Mutation.json(kind.whole, random);
        };
    return new FuzzCase(
        Mutation.any(kind.commands, random), Map.of("f.json", file, "t.jsonl", trace));
  }

  private void findKinds() throws IOException {
    Path work = Files.createTempDirectory("imports");
    trace =
        Files.readAllBytes(
            SampleTraces.write(
                work.resolve("t.jsonl"),
                SampleTraces.header(LogitDetail.NONE),
                SampleTraces.sequences(3, LogitDetail.NONE, 1)));
    lines(
        """
        {"id":"a","prompt_token_ids":[7,8],"generated_token_ids":[4,5,6],"acc_ngram":{"acc_len":[1,1,1]},"acc_eagle":{"acc_len":[3,2,9,4]}}
        {"id":"b","prompt_token_ids":[7],"generated_token_ids":[4,5],"acc_ngram":{"acc_len":[1,1]},"acc_eagle":{"acc_len":[3,2]}}
        """,
        "import {in}/f.json --from accept-lengths --out {out}/t.jsonl",
        "import {in}/f.json --from accept-lengths --vocabulary-size 9 --domain x --out {out}/t.jsonl.gz");
    lines(
        """
        {"content":"x","timings":{"cache_n":0,"prompt_n":10,"prompt_ms":9.5,"predicted_n":41,"predicted_ms":400.5}}
        {"content":"y","timings":{"cache_n":25,"prompt_n":5,"prompt_ms":9.5,"predicted_n":61,"predicted_ms":250,"draft_n":66,"draft_n_accepted":38}}
        """,
        "calibrate --import llama-server {in}/f.json --engine llama.cpp-cuda --hardware rtx-4090 --target-model qwen2.5-7b"
            + " --draft-model qwen2.5-0.5b --out {out}/c.json");
    json(
        """
        {"rows": [{"id": "mine", "engine": "vllm", "hardware": "h100", "target": "llama-3.1-8b", "draft": "llama-3.2-1b",
        "draftLength": 2, "batch": 1, "context": 100, "tokensPerStep": 2, "measuredSpeedup": 0.9}]}
        """,
        "calibrate {in}/f.json --out {out}/c.json",
        "calibrate {in}/f.json --json --out {out}/c.json");
    Path bench = Path.of("src/test/resources/redraft/gguf/llama-bench.json");
    json(
        Files.readString(bench),
        "profile --import llama-bench {in}/f.json --out {out}/p.json",
        "profile --import llama-bench {in}/f.json --target-model target --draft-model draft --out {out}/p.json");
    Path profile = work.resolve("p.json");
    Cli.fine("profile --import llama-bench " + bench + " --out " + profile);
    json(Files.readString(profile), STEP + "--latency {in}/f.json");
    String latency = "/redraft/latency/llama-3.1-8b-eagle3-h100.json";
    json(resource(latency).toString(), STEP + "--latency {in}/f.json --json");
    Path runs = work.resolve("r.json");
    Files.write(runs, kinds.get(2).whole);
    Cli.fine("calibrate " + runs + " --out " + work.resolve("c.json"));
    json(Files.readString(work.resolve("c.json")), STEP + "--latency {in}/f.json");
    json(
        resource("/redraft/hardware/hardware.json").at("/hardware/0").toString(),
        STEP + SIZES.replace("h100-sxm", "{in}/f.json"),
        STEP + SIZES.replace("h100-sxm", "{in}/f.jsonx4"));
    json(
        resource("/redraft/hardware/models.json").at("/models/0").toString(),
        STEP + SIZES.replace("llama-3.1-8b", "{in}/f.json"),
        STEP + SIZES.replace("llama-3.2-1b", "{in}/f.json"));
    String compare = "compare {in}/t.jsonl --cost-ratio 0.1 --draft-length 2 --preset {in}/f.json";
    json(resource("/redraft/synthetic/vllm-rates.json").toString(), compare, compare + " --json");
    json(
        resource("/redraft/synthetic/tiny-code.json").toString(),
        compare,
        "report {in}/t.jsonl --cost-ratio 0.1 --draft-length 2 --format json --preset {in}/f.json --out {out}");
    ObjectNode catalogue = (ObjectNode) resource("/redraft/model/hub/catalogue.json");
    JsonNode pair = catalogue.at("/pairs/0");
    catalogue.putArray("pairs").add(pair);
    json(
        catalogue.toString(),
        "models list --catalogue {in}/f.json",
        "models list --catalogue {in}/f.json --json",
        "models pull none --catalogue {in}/f.json --to {out}/none");
    Fuzz.delete(work);
  }

  private void json(String whole, String... commands) {
    kinds.add(new Kind(Mutation.utf8(whole), false, List.of(commands)));
  }

  private void lines(String whole, String... commands) {
    kinds.add(new Kind(Mutation.utf8(whole), true, List.of(commands)));
  }

  private static JsonNode resource(String name) throws IOException {
    try (InputStream in = ImportFuzz.class.getResourceAsStream(name)) {
      return new JsonMapper().readTree(in);
    }
  }
}
