package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernel times of layers from the command line on. */
class LayerProfileTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";

  @TempDir Path folder;

  @BeforeEach
  void aFolderOfKernelTimes() throws IOException {
    write("meta.yaml", "model: me/mine\ngpu: NVIDIA Test\nprofiled_at: '2026-08-17T19:43:32'\n");
    write("dense.csv", "layer,tokens,time_us\nqkv_proj,1,100\nqkv_proj,64,100\n");
    write("per_sequence.csv", "layer,sequences,time_us\nlm_head,1,500\nlm_head,64,500\n");
    write(
        "attention.csv",
        "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,0,1,0,5\n16,0,0,0,10\n16,0,1,0,10\n");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private String profile(String options) {
    Path file = folder.resolve("mine.json");
    Cli run = Cli.fine("profile --import llmservingsim " + folder + options + " --out " + file);
    assertTrue(run.out().contains("Wrote " + file), run.out());
    return file.toString();
  }

  // Ten layers: a plain step 10 · (100 + 5) + 500 = 1550 µs, one that verifies two rows 10 · (100 +
  // 10) + 500 = 1600 µs
  // after a head's pass of 100 + 5 + 500 = 605 µs.
  @Test
  void aProfileOfLayersCostsReplay() throws IOException {
    String file = profile(" --layers 10 --draft-head");
    JsonNode row = Cli.json("replay " + TRACE + " --draft-length 1 --latency " + file).get(0);
    assertEquals(1.55, row.get("baseline_ms_per_token").asDouble(), 1e-9);
    double tokens = row.get("tokens_per_step").asDouble();
    // Steps at the end of a text draft nothing, and blocks accepted whole are caught up with: 50 µs
    // at most.
    assertEquals(2.205 / tokens, row.get("ms_per_token").asDouble(), 0.06 / tokens);
  }

  @Test
  void withoutADraftPlainDecodingIsServedAndDraftsAreRefused() {
    String file = profile(" --layers 10");
    String traffic = "traffic " + TRACE + " --rate 8 --requests 100 --runs 1 --latency " + file;
    Cli plain = Cli.fine(traffic + " --draft-length 0");
    assertTrue(plain.out().contains("plain"), plain.out());
    Cli drafts = Cli.run((traffic + " --draft-length 2").split(" "));
    assertEquals(2, drafts.exit());
    assertTrue(
        drafts
            .err()
            .contains("'mine' holds no times of a draft, so what it would take is not known"),
        drafts.err());
  }

  // 10 ms a plain step, 12 ms one that verifies two rows, 15 ms with the drafter, whatever the
  // batch and the context.
  @Test
  void measuredBatchesCostReplayAsFarAsTheyReach() throws IOException {
    String request = "{\"query_len\": %d, \"kv_len\": 4096, \"num_draft_tokens\": %d}";
    String plain = request.replaceFirst("%d", "1").replace("%d", "0");
    String verify = request.replaceFirst("%d", "2").replace("%d", "1");
    write("target.json", "[" + measured(plain, 10_000) + "," + measured(verify, 12_000) + "]");
    write("both.json", "[" + measured(verify, 15_000) + "]");
    Path file = folder.resolve("batches.json");
    Cli imported =
        Cli.fine(
            "profile --import vllm-bench-forward "
                + folder.resolve("target.json")
                + " --with-drafter "
                + folder.resolve("both.json")
                + " --out "
                + file);
    assertTrue(
        imported.out().contains("batches up to 1, draft lengths up to 1 and contexts up to 4094"),
        imported.out());
    JsonNode row = Cli.json("replay " + TRACE + " --draft-length 1 --latency " + file).get(0);
    assertEquals(10, row.get("baseline_ms_per_token").asDouble(), 1e-9);
    assertEquals(
        15 / row.get("tokens_per_step").asDouble(), row.get("ms_per_token").asDouble(), 0.1);
    assertRefused(
        "replay " + TRACE + " --draft-length 1 --batch 8 --latency " + file,
        "batch 8 has no cost under 'batches', measured up to batch 1");
    assertTrue(
        Cli.fine("best " + TRACE + " --draft-length 1 --latency " + file)
            .out()
            .contains("pays at every batch up to 1"));
  }

  private static String measured(String request, double us) {
    return "{\"case\": \"c\", \"requests\": [" + request + "], \"median_us\": " + us + "}";
  }

  private void assertRefused(String line, String problem) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(2, run.exit());
    assertTrue(run.err().contains(problem), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedInOneLine() {
    String importing = "profile --import llmservingsim " + folder + " --out out/x.json";
    assertRefused(importing, "nothing says how many layers 'me/mine' has; say it with --layers");
    assertRefused(importing + " --layers 0", "--layers 0 must be from 1 to 1000000");
    assertRefused(
        importing + " --draft-head --draft-dir " + folder,
        "--draft-dir and --draft-head are two drafts; name one");
    assertRefused(importing + " --draft-layers 3", "--draft-layers goes with --draft-dir");
    assertRefused(importing + " " + folder, "reads one folder");
    assertRefused(
        "profile --out out/x.json --draft-head",
        "--layers, --draft-dir, --draft-layers and --draft-head go with --import llmservingsim");
    assertRefused(
        "profile --import llmservingsim no-such-folder --out out/x.json",
        "folder no-such-folder does not exist");
  }
}
