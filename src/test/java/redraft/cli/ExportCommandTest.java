package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static redraft.cli.Cli.fine;
import static redraft.cli.Cli.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.export.EngineExport;
import redraft.export.EngineExports;
import redraft.export.EngineRelease;

/** Nothing is exported that the release would refuse: fixtures say what the packages take. */
class ExportCommandTest {
  private static final String TRACE =
      "export traces/tiny-t1.jsonl.gz --domain code --assume-acceptance";
  private static final String CHEAP = " --cost-ratio 0.1";
  private static final String HEAD =
      " --hardware h100-sxm --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b";
  private static final String MODEL =
      " --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b --draft-length 1..4";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static JsonNode fixture(String engine, String version) throws IOException {
    try (InputStream in =
        ExportCommandTest.class.getResourceAsStream(
            "/redraft/export/released/" + engine + ".json")) {
      JsonNode release = JSON.readTree(in).get(version);
      assertTrue(release != null, engine + " " + version);
      return release;
    }
  }

  private static Set<String> texts(JsonNode list) {
    Set<String> texts = new TreeSet<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static String engine(String name, String version) {
    return " --engine " + name + " --engine-version " + version;
  }

  /** The one line that is no comment, as words of a shell without quoting. */
  private static String command(Cli run) {
    List<String> lines =
        run.out().lines().filter(line -> !line.startsWith("#") && !line.isBlank()).toList();
    assertFalse(lines.isEmpty(), run.out());
    return lines.get(lines.size() - 1);
  }

  private static JsonNode vllm(String line) throws IOException {
    String command = command(fine(line));
    return JSON.readTree(command.substring(command.indexOf('{'), command.lastIndexOf('}') + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "0.8.5, draft_model", "0.8.5, eagle", "0.10.2, eagle3", "0.13.0, eagle3", "0.13.0, medusa",
        "0.16.0, ''",
    "0.18.1, ''", "0.18.1, mtp", "0.20.2, eagle", "0.23.0, ''", "0.26.0, ''", "0.26.0, mtp",
    "0.29.0, eagle3", "0.33.0, ''", "0.33.0, eagle3", "0.33.0, mtp"
  })
  void vllmGetsFieldsAndMethodsOfItsRelease(String version, String method) throws IOException {
    JsonNode release = fixture("vllm", version);
    Set<String> fields = texts(release.get("fields"));
    Set<String> methods = texts(release.get("methods"));
    methods.removeAll(texts(release.get("refused")));
    String asked = engine("vllm", version) + (method.isEmpty() ? "" : " --method " + method);
    for (String more : List.of("", " --synthetic", " --rule token", " --rule block")) {
      Cli run = Cli.run((TRACE + asked + HEAD + " --draft-length 1..6" + more).split(" "));
      if (run.exit() == 2 && !more.isEmpty()) { // refused in one line, with the way out
        assertEquals(1, run.err().lines().filter(line -> line.contains("vLLM " + version)).count());
        continue;
      }
      assertEquals(0, run.exit(), run.err());
      String command = command(run);
      JsonNode config =
          JSON.readTree(command.substring(command.indexOf('{'), command.lastIndexOf('}') + 1));
      assertTrue(fields.containsAll(names(config)), config + " of " + fields);
      assertTrue(methods.contains(config.get("method").asText()), config.toString());
      for (String word : List.of("rejection_sample_method", "draft_sample_method")) {
        if (config.has(word)) {
          assertTrue(
              texts(release.get(word)).contains(config.get(word).asText()), config.toString());
        }
      }
      if (config.has("synthetic_acceptance_rates")) {
        JsonNode rates = config.get("synthetic_acceptance_rates");
        assertEquals(config.get("num_speculative_tokens").asInt(), rates.size());
        double before = 1;
        for (JsonNode rate : rates) {
          assertTrue(rate.asDouble() <= before && rate.asDouble() >= 0, rates.toString());
          before = rate.asDouble();
        }
      }
      JsonNode batches = config.get("num_speculative_tokens_per_batch_size");
      if (batches != null) {
        int next = 1; // ranges begin at 1, without gaps, and none drafts more than the whole
        for (JsonNode range : batches) {
          assertEquals(next, range.get(0).asInt(), batches.toString());
          next = range.get(1).asInt() + 1;
          assertTrue(range.get(2).asInt() <= config.get("num_speculative_tokens").asInt());
        }
      }
    }
  }

  /** What the data says of a release is what its package has. */
  @Test
  void theDataOfVllmIsThatOfItsPackages() throws IOException {
    for (EngineRelease release : EngineExports.named("vllm").engine().releases()) {
      JsonNode fixture = fixture("vllm", release.version());
      assertTrue(texts(fixture.get("fields")).containsAll(release.settings()), release.version());
      Set<String> methods = texts(fixture.get("methods"));
      methods.removeAll(texts(fixture.get("refused")));
      release
          .methods()
          .forEach(each -> assertTrue(methods.contains(each.name()), each + " of " + release));
      release
          .laws()
          .forEach(
              law ->
                  law.set()
                      .forEach(
                          (name, value) ->
                              assertTrue(
                                  texts(fixture.get(name)).contains(value), law.toString())));
      release
          .refused()
          .forEach(each -> assertFalse(methods.contains(each.method()), each.toString()));
    }
  }

  @Test
  void theBatchTableEndsWhereSpeculationStopsPaying() throws IOException {
    JsonNode config = vllm(TRACE + engine("vllm", "0.26.0") + HEAD);
    JsonNode batches = config.get("num_speculative_tokens_per_batch_size");
    int stops =
        json("best traces/tiny-t1.jsonl.gz --domain code --assume-acceptance --engine vllm" + HEAD)
            .get("stops_paying_at_batch")
            .asInt();
    JsonNode last = batches.get(batches.size() - 1);
    assertEquals(0, last.get(2).asInt(), batches.toString());
    assertTrue(
        last.get(0).asInt() >= stops && last.get(0).asInt() < 2 * stops, stops + " " + batches);
    assertFalse(
        vllm(TRACE + engine("vllm", "0.23.0") + HEAD).has("num_speculative_tokens_per_batch_size"));
  }

  // 1 + P(at least 1) + P(at least 2) + … is the tokens of a step, but for steps that the end cuts.
  @Test
  void syntheticRatesAreThoseOfTheReplay() throws IOException {
    JsonNode all =
        json(
            TRACE
                + engine("vllm", "0.33.0")
                + CHEAP
                + " --rule token --draft-length 4 --synthetic");
    double sum = 1;
    for (JsonNode rate : all.get("acceptance_rates")) {
      sum += rate.asDouble();
    }
    assertEquals(all.get("tokens_per_step").asDouble(), sum, 1e-9);
    JsonNode histogram =
        json(
            "replay traces/tiny-t1.jsonl.gz --domain code --draft-length 4 --cost-ratio 0.1 --histogram");
    assertEquals(
        histogram.get(1).get("joint").asDouble(), all.get("acceptance_rates").get(0).asDouble(), 0);
    assertEquals("synthetic", all.get("settings").get("rejection_sample_method").asText());
  }

  /** On this domain at 4 drafted tokens: 2.19 tokens a step by p/q, 1.54 by the argmax. */
  @Test
  void whatTheUsualLawCostsIsSaid() throws IOException {
    String four = TRACE + CHEAP + " --draft-length 4";
    Cli usual = fine(four + engine("vllm", "0.33.0"));
    assertTrue(
        usual
            .out()
            .contains(
                "# rule greedy-draft, which vLLM 0.33.0 follows unless told otherwise: draft 4, 1.54 tokens"),
        usual.out());
    assertTrue(
        usual.out().contains("# rule token would give draft 4, 2.19 tokens per step"), usual.out());
    assertTrue(
        usual.out().contains("set draft_sample_method probabilistic (--rule token)"), usual.out());
    assertFalse(command(usual).contains("draft_sample_method"), usual.out());
    Cli sampled = fine(four + engine("vllm", "0.33.0") + " --rule token");
    assertTrue(
        command(sampled).contains("\"draft_sample_method\":\"probabilistic\""), sampled.out());
    Cli old = fine(four + engine("vllm", "0.16.0"));
    assertTrue(old.out().contains("releases that can are 0.8.5, 0.23.0"), old.out());
    assertTrue(
        fine(four + engine("llama.cpp", "0.5")).out().contains("llama.cpp has no setting for it"));
    String block = command(fine(four + engine("vllm", "0.33.0") + " --rule block"));
    assertTrue(block.startsWith("VLLM_USE_V2_MODEL_RUNNER=1 vllm serve"), block);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--rule token", "--rule block", "--synthetic", "--draft prompt-lookup"})
  void sglangGetsFlagsThatItHas(String more) throws IOException {
    JsonNode release = fixture("sglang", "0.5.23");
    for (String method :
        more.contains("lookup") ? List.of("NGRAM") : List.of("EAGLE3", "NEXTN", "EAGLE")) {
      Cli run =
          fine(
              (TRACE
                      + engine("sglang", "0.5.23")
                      + HEAD
                      + " --anyway --method "
                      + method
                      + " "
                      + more)
                  .strip());
      List<String> words = new ArrayList<>(Arrays.asList(command(run).split(" ")));
      Set<String> flags = texts(release.get("flags"));
      flags.add("--model-path");
      words.stream()
          .filter(word -> word.startsWith("--"))
          .forEach(word -> assertTrue(flags.contains(word), word));
      words.stream()
          .filter(word -> word.startsWith("SGLANG_"))
          .forEach(
              word ->
                  assertTrue(texts(release.get("environment")).contains(word.split("=")[0]), word));
      assertEquals(more.equals("--synthetic"), command(run).contains("SGLANG_SIMULATE_ACC_LEN="));
      assertTrue(texts(release.get("algorithms")).contains(method));
      // "only EAGLE/EAGLE3 are supported"
      assertEquals(
          method.startsWith("EAGLE"), command(run).contains("--speculative-adaptive "), run.out());
      if (method.startsWith("EAGLE")) {
        String file =
            run.out()
                .substring(
                    run.out().indexOf("{\n"),
                    run.out().indexOf("END\n", run.out().indexOf("'END'") + 6));
        JsonNode adaptive = JSON.readTree(file);
        assertEquals(1, adaptive.get("1").get("candidate_steps").size());
        assertEquals(
            words.get(words.indexOf("--speculative-num-steps") + 1),
            adaptive.get("1").get("candidate_steps").get(0).asText());
      }
    }
  }

  // "--speculative-use-rejection-sampling is only supported for EAGLE / EAGLE3 / NEXTN"
  @Test
  void sglangIsNotAskedForWhatADraftModelCannot() {
    String line = TRACE + engine("sglang", "0.5.23") + CHEAP;
    assertFalse(command(fine(line)).contains("rejection"));
    Cli refused = Cli.run((line + " --rule token").split(" "));
    assertEquals(2, refused.exit());
    assertTrue(
        refused.err().contains("SGLang 0.5.23 cannot verify STANDALONE by rule 'token'"),
        refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--synthetic",
        "--draft prompt-lookup --cost-ratio 0",
        "--method draft-eagle3",
        "--method draft-mtp"
      })
  void llamaCppGetsFlagsThatItHas(String more) throws IOException {
    JsonNode release = fixture("llama.cpp", "0.5");
    String line =
        TRACE + engine("llama.cpp", "0.5") + (more.contains("cost") ? " " : CHEAP + " ") + more;
    String command = command(fine(line.strip()));
    List<String> words = Arrays.asList(command.split(" "));
    for (String word : words) {
      assertFalse(texts(release.get("removed")).contains(word), command);
      if (word.startsWith("-")) {
        assertTrue(texts(release.get("flags")).contains(word), word);
      }
    }
    assertTrue(
        texts(release.get("types")).contains(words.get(words.indexOf("--spec-type") + 1)), command);
    if (more.equals("--synthetic")) {
      assertEquals(
          Integer.parseInt(words.get(words.indexOf("--spec-draft-n-max") + 1)),
          words.get(words.indexOf("--spec-synth-rates") + 1).split(",").length);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--rule token", "--synthetic", "--draft prompt-lookup", "--method MTP"})
  void tensorRtLlmGetsFieldsThatItHas(String more) throws IOException {
    JsonNode release = fixture("tensorrt-llm", "1.3");
    JsonNode all =
        json((TRACE + engine("tensorrt-llm", "1.4.0rc1") + HEAD + " --anyway " + more).strip());
    assertTrue(
        texts(release.get("fields")).containsAll(names(all.get("settings"))), all.toString());
    assertTrue(texts(release.get("environment")).containsAll(names(all.get("environment"))));
    assertTrue(
        texts(release.get("decoding_types"))
            .contains(all.get("settings").get("decoding_type").asText()));
    List<String> lines = new ArrayList<>(texts(all.get("lines")));
    assertTrue(lines.remove("speculative_config:"), lines.toString());
    lines.forEach(
        line -> assertTrue(line.matches("  [a-z_]+: (\\w+|\\{\\d+: \\d+(, \\d+: \\d+)*})"), line));
    JsonNode schedule = all.get("settings").get("draft_len_schedule");
    if (schedule != null) { // "must equal max_draft_len because it is the smallest batch-size key"
      assertEquals(all.get("settings").get("max_draft_len"), schedule.elements().next());
    }
  }

  @Test
  void simulatorsGetRatesInTheirForm() throws IOException {
    String four = TRACE + CHEAP + " --draft-length 4";
    JsonNode all = json(four + engine("aiconfigurator", "0.12"));
    assertTrue(
        texts(fixture("aiconfigurator", "0.12.0").get("flags"))
            .containsAll(names(all.get("settings"))));
    double accepted = all.get("settings").get("--nextn-accepted").asDouble();
    assertEquals(all.get("tokens_per_step").asDouble() - 1, accepted, 1e-6);
    JsonNode mocker = json(four + engine("dynamo-mocker", "1.6.1"));
    assertTrue(
        texts(fixture("dynamo-mocker", "1.6.1").get("flags"))
            .containsAll(names(mocker.get("settings"))));
    double joint = 1; // conditional rates multiplied
    double sum = 0;
    for (String rate : mocker.get("settings").get("--ais-nextn-accept-rates").asText().split(",")) {
      joint *= Double.parseDouble(rate);
      sum += joint;
    }
    assertEquals(accepted, sum, 1e-5);
    Cli refused =
        Cli.run(
            (TRACE + CHEAP + " --draft-length 6" + engine("dynamo-mocker", "1.6.1")).split(" "));
    assertTrue(refused.exit() == 2 && refused.err().contains("--draft-length 1..5"), refused.err());
  }

  @Test
  void transformersGetsFieldsOfItsGenerationConfig() throws IOException {
    Set<String> fields = texts(fixture("transformers", "5.24.0").get("fields"));
    for (String more : List.of(CHEAP, " --cost-ratio 0 --draft prompt-lookup")) {
      JsonNode config = JSON.readTree(fine(TRACE + engine("transformers", "5.24.0") + more).out());
      assertTrue(fields.containsAll(names(config)), config.toString());
    }
    assertEquals(
        "token", json(TRACE + engine("transformers", "5.24") + CHEAP).get("rule").asText());
  }

  @Test
  void whereItDoesNotPayPlainDecodingIsExported() throws IOException {
    for (EngineExport export : EngineExports.REGISTRY.all()) {
      String line = TRACE + engine(export.name(), "9999") + " --cost-ratio 0.9";
      Cli run = fine(line);
      assertFalse((run.out() + run.err()).isBlank(), export.name());
      assertFalse(
          run.out().lines().anyMatch(each -> !each.startsWith("#") && each.contains("pec")),
          run.out());
      JsonNode all = json(line);
      assertFalse(all.get("speculates").asBoolean());
      assertEquals("does not pay", all.get("verdict").asText());
      assertTrue(json(line + " --anyway --draft-length 1").get("speculates").asBoolean());
    }
  }

  @Test
  void settingsGoIntoAFileToo() throws IOException {
    Path file = folder.resolve("settings.sh");
    Cli run = fine(TRACE + engine("vllm", "0.33.0") + CHEAP + " --target-name o'x/y --out " + file);
    String text = Files.readString(file);
    assertTrue(text.contains("\nvllm serve 'o'\\''x/y' --speculative-config '{"), text);
    assertTrue(run.out().startsWith("vLLM 0.33.0\n"), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--engine vllm --engine-version 0.13.0 | releases that have it are 0.8.5, 0.16.0",
        "--engine vllm --engine-version 0.33.0 --method medusa | it was removed",
        "--engine vllm --engine-version 0.33.0 --method ngram | copies earlier text",
        "--engine vllm --engine-version 0.33.0 --method typical | has no method 'typical'",
        "--engine vllm --engine-version 0.18.1 --synthetic | releases that have it are 0.20.2",
        "--engine vllm --engine-version 0.26.0 --rule block | releases that can are 0.33.0",
        "--engine vllm --engine-version 0.33.0 --rule exact-match | no known release can",
        "--engine vllm --engine-version 0.5 | the oldest known release is 0.8.5",
        "--engine vllm --engine-version newest | is no version",
        "--engine tgi --engine-version 3 | unknown engine to export to 'tgi'",
        "--engine-version 3 | name one as --engine",
        "--engine vllm,sglang --engine-version 3 | name one as --engine",
        "--engine transformers --engine-version 5.24.0 --synthetic | has no synthetic acceptance"
      })
  void whatCannotBeIsRefusedInOneLine(String options, String said) {
    Cli run = Cli.run((TRACE + CHEAP + " --draft-length 2 " + options).split(" "));
    assertEquals(2, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(said), run.err());
    assertEquals("", run.out());
  }

  @Test
  void aReleaseThatIsNotKnownIsThatBeforeIt() {
    Cli run = fine(TRACE + CHEAP + engine("vllm", "0.31.2"));
    assertTrue(run.err().contains("these are settings of 0.29.0"), run.err());
    assertFalse(
        fine(TRACE + CHEAP + engine("llama.cpp", "0.5.0-dev")).err().contains("nothing is known"));
  }

  @Test
  void bestSaysBesideTheEnginesLawWhatABetterOneGives() throws IOException {
    String line = "best traces/tiny-t1.jsonl.gz --assume-acceptance --draft-length 4 --engine ";
    JsonNode best = json(line + "vllm" + HEAD);
    assertEquals("greedy-draft", best.get("rule").asText());
    assertEquals("token", best.get("beside").get(0).get("rule").asText());
    assertEquals(2.44, best.get("beside").get(0).get("tokens_per_step").asDouble(), 0.005);
    assertTrue(fine(line + "vllm" + HEAD).out().contains("set draft_sample_method probabilistic"));
    assertTrue(
        fine(line + "llama.cpp-cpu" + MODEL.replace(" --draft-length 1..4", ""))
            .out()
            .contains("llama.cpp has no setting for it"));
    assertEquals(0, json(line + "vllm --rule token" + HEAD).get("beside").size());
    assertEquals(1, fine(line + "ideal" + HEAD).out().lines().count());
    // A look-up, and an acceptance that was typed in, know no rule.
    assertEquals(0, json(line + "vllm --draft prompt-lookup" + HEAD).get("beside").size());
    assertEquals(0, json("best --acceptance 0.8 --engine vllm" + HEAD).get("beside").size());
  }

  @Test
  void theReportSaysItAmongWhatIsExact() throws IOException {
    fine(
        "report traces/tiny-t1.jsonl.gz --assume-acceptance --format markdown --engine vllm"
            + HEAD
            + " --out "
            + folder);
    String text = Files.readString(folder.resolve("summary.md"));
    assertTrue(
        text.contains("follows rule greedy-draft unless told otherwise. By rule token"), text);
    assertTrue(text.contains("2.44 tokens per step and 1.90 times plain decoding at 4"), text);
  }

  @Test
  void replaySaysItBelowItsTable() throws IOException {
    String line =
        "replay traces/tiny-t1.jsonl.gz --assume-acceptance --draft-length 4 --engine vllm" + HEAD;
    String last = fine(line).out().lines().reduce((first, second) -> second).get();
    assertTrue(last.contains("with sampled drafts (rule token): draft 4 tokens"), last);
    assertTrue(last.contains("2.44 tokens per step"), last);
    assertEquals(1, json(line).size());
    assertEquals("greedy-draft", json(line).get(0).get("rule").asText());
    assertFalse(fine(line + " --rule greedy-draft").out().contains("sampled drafts"));
  }
}
