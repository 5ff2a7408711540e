package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static redraft.cli.Cli.fine;
import static redraft.cli.Cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines, verdicts, published runs and calibration as a user meets them. */
class EngineCommandsTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";
  private static final String BIG =
      " --hardware gh200-96gbx4 --target-model llama-3.1-70b --draft-model llama-3.1-8b";
  private static final String HEAD =
      " --hardware h100 --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b";
  private static final String RUN =
      "{\"id\": \"mine\", \"engine\": \"vllm\", \"hardware\": \"h100\", \"target\": \"llama-3.1-8b\","
          + " \"draft\": \"llama-3.2-1b\", \"draftLength\": 2, \"tokensPerStep\": 2, \"measuredSpeedup\": 0.9}";

  @TempDir Path folder;

  private Path runs(String... rows) throws Exception {
    return Files.writeString(
        folder.resolve("runs.json"), "{\"rows\": [" + String.join(",", rows) + "]}");
  }

  @Test
  void anEngineSetsItsRuleUnlessOneIsNamed() throws Exception {
    JsonNode engine = json("replay " + TRACE + " --draft-length 3 --engine vllm" + HEAD).get(0);
    assertEquals("greedy-draft", engine.get("rule").asText());
    assertEquals("vllm", engine.get("engine").asText());
    assertEquals("tiny-target", engine.get("acceptance_target_model").asText());
    assertEquals("llama-3.1-8b", engine.get("target_model").asText());
    JsonNode named =
        json("replay " + TRACE + " --draft-length 3 --rule token --engine vllm" + HEAD).get(0);
    assertEquals("token", named.get("rule").asText());
    JsonNode bound = json("replay " + TRACE + " --draft-length 3" + HEAD).get(0);
    assertEquals("ideal", bound.get("engine").asText());
    assertTrue(bound.get("ms_per_token").asDouble() < named.get("ms_per_token").asDouble());
  }

  // 24 ms a draft pass where the roofline says 2: published at 0.31 to 0.47 times plain decoding.
  @Test
  void aDraftModelThatIsSplitOverDevicesDoesNotPay() throws Exception {
    JsonNode best = json("best " + TRACE + " --engine vllm --assume-acceptance" + BIG);
    assertEquals("does not pay", best.get("verdict").asText());
    assertTrue(best.get("probability_faster").asDouble() < 0.1);
    assertTrue(best.get("speedup").asDouble() < 0.6, best.toString());
    assertTrue(best.get("speedup_low").asDouble() < best.get("prompts_speedup_low").asDouble());
    assertTrue(best.get("break_even_acceptance").isNull());
    JsonNode bound = json("best " + TRACE + " --assume-acceptance" + BIG);
    assertTrue(bound.get("speedup").asDouble() > 1.3, "by the roofline alone it would");
  }

  @Test
  void theBreakEvenIsThatOfTheDraftLengthAskedForToo() throws Exception {
    JsonNode best = json("best " + TRACE + " --draft-length 2,6 --cost-ratio 0.2");
    JsonNode six = json("best " + TRACE + " --draft-length 6 --cost-ratio 0.2");
    double any = best.get("break_even_acceptance").asDouble();
    double needed = six.get("break_even_acceptance_at_draft_length").asDouble();
    // 1 + α + α² = 1.4, and 1 + α + … + α⁶ = 2.2
    assertEquals(1.4, 1 + any + any * any, 1e-9);
    assertEquals(2.2, (1 - Math.pow(needed, 7)) / (1 - needed), 1e-9);
  }

  @Test
  void anotherPairIsSaidInOneLineUnlessItIsAssumed() {
    List<String> commands =
        List.of(
            "best " + TRACE,
            "replay " + TRACE + " --draft-length 1",
            "sweep " + TRACE + " --csv -",
            "compare " + TRACE + " --preset constant-0.8",
            "report " + TRACE + " --format csv --out " + folder);
    for (String command : commands) {
      Cli said = fine(command + " --engine vllm" + HEAD);
      assertEquals(
          1,
          said.err().lines().filter(line -> line.contains("the acceptance is that of")).count(),
          said.err());
      assertTrue(said.err().contains("tiny-target + tiny-draft"), said.err());
      assertTrue(said.err().contains("llama-3.1-8b + eagle3-llama-3.1-8b"), said.err());
      Cli assumed = fine(command + " --assume-acceptance --engine vllm" + HEAD);
      assertFalse(assumed.err().contains("the acceptance is that of"), assumed.err());
    }
    Cli own = fine("best " + TRACE + " --cost-ratio 0.1");
    assertFalse(own.err().contains("the acceptance is that of"), own.err());
  }

  @Test
  void runsOfOnesOwnArePredictedInCsv() throws Exception {
    Path csv = folder.resolve("p.csv");
    Cli run =
        fine(
            "validate --published "
                + runs(RUN, RUN.replace("mine", "odd").replace("h100", "abacus"))
                + " --csv "
                + csv);
    List<String> lines = Files.readAllLines(csv);
    assertTrue(
        lines.get(0).startsWith("id,predicted_speedup,measured_speedup,error,verdict_right,"));
    String[] mine = lines.get(1).split(",");
    double predicted = Double.parseDouble(mine[1]);
    assertEquals("0.9", mine[2]);
    assertEquals(predicted / 0.9 - 1, Double.parseDouble(mine[3]), 1e-12);
    assertEquals(Boolean.toString(predicted < 1), mine[4]);
    assertTrue(lines.get(2).startsWith("odd,,0.9,,,vllm,"), lines.get(2));
    assertTrue(run.err().contains("odd is not priced: no hardware"), run.err());
    assertTrue(run.out().contains("not priced"), run.out());
  }

  @Test
  void aCalibrationIsALatencyModel() throws Exception {
    Path out = folder.resolve("mine.json");
    Cli run = fine("calibrate " + runs(RUN) + " --out " + out);
    assertTrue(run.out().contains("would tell most"), run.out());
    JsonNode best = json("best --acceptance 0.7 --latency " + out);
    assertEquals("vllm", best.get("engine").asText());
    assertEquals("h100-sxm/vllm", best.get("hardware").asText());
  }

  // 10 ms plain; 2.5 tokens a step in 4 ms a token
  @Test
  void whatLlamaServerTimedCalibratesItsEngine() throws Exception {
    Path answers =
        Files.writeString(
            folder.resolve("answers.jsonl"),
            """
            {"timings":{"prompt_n":10,"predicted_n":101,"predicted_ms":1000}}
            {"timings":{"prompt_n":10,"predicted_n":101,"predicted_ms":400,"draft_n":120,"draft_n_accepted":60}}
            """);
    String line = "calibrate --import llama-server " + answers;
    String setup =
        " --engine llama.cpp-cuda --hardware rtx-4090 --target-model qwen2.5-7b --draft-model qwen2.5-0.5b --precision q4_k_m";
    Path out = folder.resolve("mine.json");
    Cli run = fine(line + setup + " --out " + out);
    String row = run.out().lines().filter(each -> each.startsWith("  ")).findFirst().get();
    assertEquals("2.500 10.000 4.000 2.500", row.strip().replaceAll(" +", " "));
    assertEquals(
        "llama.cpp-cuda", json("best --acceptance 0.7 --latency " + out).get("engine").asText());
    for (String wrong :
        List.of(line, "calibrate " + answers + setup, line.replace("-server", "-bench") + setup)) {
      Cli refused = Cli.run(wrong.split(" "));
      assertEquals(2, refused.exit(), refused.err());
      assertEquals(1, refused.err().lines().count(), refused.err());
    }
  }

  @Test
  void filesThatSayNothingAreRefusedInOneLine() throws Exception {
    for (String rows :
        new String[] {
          "",
          RUN.replace("\"vllm\"", "\"ideal\""),
          RUN.replace(": 2,", ": \"two\","),
          RUN + "," + RUN
        }) {
      Cli run = Cli.run("calibrate", runs(rows).toString());
      assertTrue(run.exit() == 1 || run.exit() == 2, run.out());
      assertEquals(1, run.err().lines().count(), run.err());
      assertTrue(run.err().startsWith("redraft: ") && !run.err().contains("internal"), run.err());
    }
  }

  @Test
  void anEngineIsExplainedWithItsSources() {
    String text = fine("presets vllm").out();
    assertTrue(text.contains("Rule: greedy-draft"), text);
    assertTrue(text.contains("draftLayerMs") && text.contains("OPT-125m"), text);
  }
}
