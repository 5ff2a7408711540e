package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders in the layout of LLMServingSim's profiler. */
class LlmServingSimTest {
  @TempDir Path folder;

  @BeforeEach
  void aFolderOfKernelTimes() throws Exception {
    write(
        "meta.yaml",
        """
        vllm_version: 0.19.0
        gpu: NVIDIA Test
        profiled_at: '2026-08-17T19:43:32+00:00'
        model: meta-llama/Llama-3.1-8B
        variant: bf16
        engine_effective:
          model: not this one
        """);
    write(
        "dense.csv",
        """
        layer,tokens,time_us
        embedding,1,1
        embedding,2,1
        layernorm,1,3
        layernorm,2,4
        qkv_proj,1,7
        qkv_proj,2,8
        final_layernorm,1,2
        final_layernorm,2,3
        """);
    write("per_sequence.csv", "layer,sequences,time_us\nlm_head,1,100\nsampler,1,20\n");
    write(
        "attention.csv",
        """
        prefill_chunk,kv_prefill,n_decode,kv_decode,time_us
        0,0,1,16,5
        0,0,1,32,6
        16,0,0,0,8
        32,0,0,0,16
        16,0,1,16,9
        16,0,1,32,10
        """);
  }

  private void write(String file, String text) throws Exception {
    Files.writeString(folder.resolve(file), text);
  }

  private void replace(String file, String old, String text) throws Exception {
    String before = Files.readString(folder.resolve(file));
    write(file, before.replace(old, text));
  }

  private LlmServingSim read(Integer layers) throws Exception {
    return LlmServingSim.read(new LlmServingSim.Model(folder, layers), null, false, "mine");
  }

  // A norm before attention and one before the feed-forward part: 2 · 3 + 7 in each of 32 layers; 3
  // outside of them;
  // projection and sampling 120; attention 5.
  @Test
  void kernelsOfALayerCountOnceALayerAndItsNormTwice() throws Exception {
    LlmServingSim read = read(null);
    assertEquals((32 * 13 + 3 + 120 + 32 * 5) / 1e3, read.latency().targetPass(1, 1, 16), 1e-12);
    assertEquals("meta-llama/Llama-3.1-8B", read.latency().targetModel());
    assertEquals("2026-08-17", read.date());
    assertEquals(
        "LLMServingSim profiler, vLLM 0.19.0, NVIDIA Test, meta-llama/Llama-3.1-8B bf16",
        read.source());
    assertEquals(List.of(), read.notes());
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    LayerLatency latency = read(3).latency();
    Path file = folder.resolve("mine.json");
    LayerFiles.write(file, latency, "source", "2026-08-17");
    LatencyModel again = LatencyModels.load(file.toString());
    for (Load load :
        List.of(
            Load.decoding(1, 1, 20),
            Load.decoding(4, 3, 900),
            new Load(2, 2, 50, 1, 20, 10, 0, 3))) {
      assertEquals(latency.mixedPass(load), again.mixedPass(load), 1e-12);
    }
  }

  // Beside a chunk of 24 only caches of 32 were measured: it would say of shorter ones what holds
  // of these. Predicted
  // from its neighbours, chunk 16 alone having sequences, it is 10, and 8 was measured.
  @Test
  void whatIsOffTheGridIsLeftOutAndSaysHowWellTheRestPredictsIt() throws Exception {
    replace(
        "attention.csv",
        "16,0,1,32,10\n",
        "16,0,1,32,10\n32,0,1,16,9\n32,0,1,32,10\n24,0,1,32,8\n");
    LlmServingSim read = read(null);
    assertEquals(
        List.of(
            folder.getFileName()
                + ": times of attention off the grid, left out: 1; the others predict them with a mean error of 25.0%"),
        read.notes());
  }

  // Two rows choose 1 of 4 experts each: 4 · (1 - (3/4)²) = 1.75.
  @Test
  void expertsAreThoseOfTheProfileWhereTheModelIsNotKnown() throws Exception {
    replace("meta.yaml", "meta-llama/Llama-3.1-8B", "me/mixture");
    write(
        "moe.csv",
        "tokens,activated_experts,time_us\n1,1,30\n2,1,30\n2,2,50\n4,1,34\n4,2,54\n4,4,94\n");
    LayerTimes target = read(2).latency().target();
    assertEquals(2 * 45 / 1e3, target.expertsMs(2), 1e-12);
  }

  private void assertRefused(String problem) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> read(null));
    assertEquals(problem, e.getMessage().replace(folder.toString(), "DIR"));
  }

  @Test
  void aMissingColumnIsNamed() throws Exception {
    replace("dense.csv", "layer,tokens,time_us", "layer,tokens,us");
    assertRefused("DIR/dense.csv: no column \"time_us\"; its first line names [layer, tokens, us]");
  }

  @Test
  void aCellThatIsNoTimeIsNamedWithItsLine() throws Exception {
    replace("attention.csv", "16,0,0,0,8", "16,0,0,0,NaN");
    assertRefused("DIR/attention.csv:4: \"time_us\" is 'NaN', not a time above 0");
    replace("attention.csv", "16,0,0,0,NaN", "16,0,0,0,?");
    assertRefused("DIR/attention.csv:4: \"time_us\" is '?', not a number");
    replace("attention.csv", "16,0,0,0,?", "16,0,-1,0,8");
    assertRefused("DIR/attention.csv:4: \"n_decode\" is '-1', not a whole number of at least 0");
    replace("attention.csv", "16,0,-1,0,8", "16,0,8");
    assertRefused("DIR/attention.csv:4: 3 cells of 5");
  }

  @Test
  void aKernelThatNobodyKnowsIsNotGuessed() throws Exception {
    replace("dense.csv", "qkv_proj", "mamba");
    assertRefused(
        "DIR/dense.csv: nobody knows how often a pass runs layer 'mamba'; known are embedding, final_layernorm,"
            + " layernorm, qkv_proj, qk_norm, rotary_emb, o_proj, gate_up_proj, act_fn, down_proj");
  }

  @Test
  void aKernelThatWasMeasuredElsewhereThanTheOthersIsNamed() throws Exception {
    replace("dense.csv", "qkv_proj,2,8\n", "");
    assertRefused("DIR/dense.csv: 'qkv_proj' was not measured at the same numbers as 'embedding'");
    replace("dense.csv", "qkv_proj,1,7\n", "qkv_proj,1,7\nqkv_proj,1,7\n");
    assertRefused("DIR/dense.csv:7: \"tokens\" is '1', not measured once for 'qkv_proj'");
  }

  @Test
  void aPointThatWasMeasuredTwiceIsNamed() throws Exception {
    replace("attention.csv", "16,0,1,32,10", "16,0,1,16,10");
    assertRefused("DIR/attention.csv: measured twice at 16, 1, 0, 16");
  }

  @Test
  void aFileThatIsMissingIsNamed() throws Exception {
    Files.delete(folder.resolve("meta.yaml"));
    assertRefused("DIR: no file meta.yaml, which a profile of LLMServingSim has");
  }

  @Test
  void layersThatNobodyKnowsAreAskedFor() throws Exception {
    replace("meta.yaml", "meta-llama/Llama-3.1-8B", "me/mine");
    assertRefused(
        "DIR/meta.yaml: nothing says how many layers 'me/mine' has; say it with --layers");
    assertEquals((2 * 13 + 3 + 120 + 2 * 5) / 1e3, read(2).latency().targetPass(1, 1, 16), 1e-12);
  }

  @Test
  void aMixtureNeedsTheTimesOfItsExperts() throws Exception {
    replace("meta.yaml", "meta-llama/Llama-3.1-8B", "mistralai/Mixtral-8x7B-v0.1");
    assertRefused("DIR: 'mistralai/Mixtral-8x7B-v0.1' has experts, and there is no moe.csv");
  }

  @Test
  void aDraftIsOfTheSameGpu() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    for (String file : List.of("meta.yaml", "dense.csv", "per_sequence.csv", "attention.csv")) {
      Files.copy(folder.resolve(file), other.resolve(file));
    }
    LatencyModel both =
        LlmServingSim.read(
                new LlmServingSim.Model(folder, null),
                new LlmServingSim.Model(other, 4),
                false,
                "both")
            .latency();
    assertEquals((4 * 13 + 3 + 120 + 4 * 5) / 1e3, both.draftPass(1, 1, 16), 1e-12);
    replace("meta.yaml", "NVIDIA Test", "NVIDIA Best");
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                LlmServingSim.read(
                    new LlmServingSim.Model(folder, null),
                    new LlmServingSim.Model(other, 4),
                    false,
                    "both"));
    assertEquals(
        other + " was measured on NVIDIA Test, the target on NVIDIA Best; a profile is of one GPU",
        e.getMessage());
  }
}
