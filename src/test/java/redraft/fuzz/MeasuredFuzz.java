package redraft.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/** What serving engines and other programs measured, on its way into a trace. */
final class MeasuredFuzz extends Surface {
  private static final Path PROBABILITIES = Path.of("src/test/resources/redraft/importing");
  private static final Path STEPS = Path.of("src/test/resources/redraft/trace/importing");
  private static final String OUT = " --out {out}/t.jsonl";

  /** Files of a measurement, of which one is changed, and the commands that read them. */
  private record Kind(List<byte[]> files, boolean lines, List<String> commands) {}

  private final List<Kind> kinds = new ArrayList<>();

  MeasuredFuzz() {
    super("measured", 15);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    if (kinds.isEmpty()) {
      findKinds();
    }
    Kind kind = Mutation.any(kinds, random);
    List<byte[]> files = new ArrayList<>(kind.files);
    int changed = random.nextInt(files.size());
    byte[] file = files.get(changed);
    files.set(
        changed,
        kind.lines && random.nextInt(3) > 0
            ? Mutation.lines(file, random)
            : Mutation.bytes(file, random));
    return new FuzzCase(
        Mutation.any(kind.commands, random),
        Map.of("a", files.get(0), "b", files.get(files.size() - 1)));
  }

  private void findKinds() throws IOException {
    for (String name : new String[] {"vllm", "sglang"}) {
      pair(name, "target.jsonl", "draft.jsonl", true, name + " --temperature 1");
      pair(name, "greedy-target.jsonl", "greedy-draft.jsonl", true, name + " --temperature 0");
    }
    pair("safetensors", "target.safetensors", "draft.safetensors", false, "safetensors");
    pair("llama.cpp", "target.bin.gz", "draft.bin.gz", false, "llama.cpp-logits");
    one("vllm/responses.jsonl", true, "vllm-metrics", "vllm-metrics --draft-kind depth");
    one("aiperf/profile_export.jsonl", true, "aiperf");
    one("sglang/responses.jsonl", true, "sglang-metrics");
    one("vllm/after.prom", true, "prometheus");
    one("llama.cpp/metrics.prom", true, "prometheus");
    one("vllm/server.log", true, "engine-log");
    one("llama.cpp/server.log", true, "engine-log");
    one("vllm/bench.json", true, "vllm-bench");
    kinds.add(
        new Kind(
            List.of(
                Mutation.utf8(
                    "{\"question_id\":1,\"choices\":[{\"index\":0,\"accept_lengths\":[3,1,4,2]}]}\n")),
            true,
            List.of("import --from spec-bench {in}/a --drafted 3" + OUT, "import {in}/a" + OUT)));
  }

  private void pair(String folder, String target, String draft, boolean lines, String from)
      throws IOException {
    String files = " --target {in}/a --draft small={in}/b";
    kinds.add(
        new Kind(
            List.of(
                bytes(PROBABILITIES.resolve(folder).resolve(target)),
                bytes(PROBABILITIES.resolve(folder).resolve(draft))),
            lines,
            List.of(
                "import --from " + from + files + OUT,
                "import --from " + from + " --sampled" + files + OUT,
                "import" + files + OUT)));
  }

  private void one(String file, boolean lines, String... formats) throws IOException {
    List<String> commands = new ArrayList<>(List.of("import {in}/a" + OUT));
    for (String format : formats) {
      commands.add("import --from " + format + " {in}/a" + OUT);
    }
    kinds.add(new Kind(List.of(bytes(STEPS.resolve(file))), lines, commands));
  }

  /** Decompressed, or nothing gets beyond the checksum. */
  private static byte[] bytes(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (!file.toString().endsWith(".gz")) {
      return bytes;
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }
}
