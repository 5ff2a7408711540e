package redraft.hardware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;

class HardwareCatalogueTest {
  private static final Set<String> CONFIDENCE =
      Set.of("read", "read-secondary", "recalled", "derived");
  @TempDir Path folder;

  @Test
  void everyNumberHasASourceADateAndAConfidence() {
    for (HardwareProfile each : HardwareCatalogue.hardware()) {
      each.figures()
          .forEach(
              (field, figure) -> {
                String name = each.name() + " " + field;
                assertFalse(figure.source().isBlank(), name);
                assertTrue(figure.date().matches("20[0-9]{2}(-[0-9]{2})?"), name);
                assertTrue(CONFIDENCE.contains(figure.confidence()), name);
              });
    }
    for (ModelShape each : HardwareCatalogue.models()) {
      assertFalse(each.source().text().isBlank(), each.name());
      assertTrue(CONFIDENCE.contains(each.source().confidence()), each.name());
    }
  }

  @Test
  void theHardwareAndModelsThatPeopleUseAreThere() {
    Set<String> hardware =
        HardwareCatalogue.hardware().stream()
            .map(HardwareProfile::name)
            .collect(Collectors.toSet());
    assertTrue(
        hardware.containsAll(
            List.of(
                "h100-sxm",
                "h200",
                "a100-80gb",
                "l40s",
                "l4",
                "t4",
                "rtx-3090",
                "rtx-4090",
                "b200",
                "mi300x",
                "m3-max",
                "xeon-8480",
                "epyc-9654",
                "v100-16gb",
                "v100-32gb",
                "a10",
                "a100-40gb-pcie",
                "a100-80gb-pcie",
                "gh200-96gb",
                "gh200-144gb",
                "h20",
                "l20",
                "rtx-5090",
                "rtx-5090-laptop",
                "rtx-5060-ti",
                "rtx-pro-6000",
                "gtx-1080-ti",
                "p40",
                "m3-max-30",
                "m4-max",
                "mi250")),
        hardware.toString());
    Set<String> models =
        HardwareCatalogue.models().stream().map(ModelShape::name).collect(Collectors.toSet());
    assertTrue(
        models.containsAll(
            List.of(
                "gpt2",
                "distilgpt2",
                "gpt2-xl",
                "pythia-70m",
                "pythia-2.8b",
                "smollm2-135m",
                "qwen2.5-0.5b",
                "qwen2.5-72b",
                "llama-2-7b",
                "llama-2-70b",
                "llama-3.1-8b",
                "llama-3.1-70b",
                "llama-3.1-405b",
                "llama-3.2-1b",
                "vicuna-7b",
                "t5-small",
                "t5-xxl",
                "chinchilla-70b",
                "llama-3.3-70b",
                "qwen3-8b",
                "qwen3-30b-a3b",
                "qwen3-235b-a22b",
                "mixtral-8x7b",
                "gpt-oss-20b",
                "gpt-oss-120b",
                "deepseek-v3",
                "llama-4-scout",
                "llama-4-maverick",
                "gemma-2-27b",
                "gemma-3-27b",
                "mistral-7b",
                "phi-4",
                "codellama-34b",
                "olmo-2-13b")),
        models.toString());
    assertEquals(hardware.size(), HardwareCatalogue.hardware().size());
    assertEquals(models.size(), HardwareCatalogue.models().size());
  }

  // Norms, biases and learnt positions are what the shape leaves out: the smaller the model, the
  // more. T5 has an encoder besides, and Chinchilla's feed-forward width is assumed.
  @Test
  void parametersAgreeWithShapes() {
    for (ModelShape each : HardwareCatalogue.models()) {
      double tolerance = each.name().startsWith("chinchilla") ? .08 : .015;
      if (!each.layers().crossAttention()) {
        assertEquals(1, each.countedParameters() / each.parameters(), tolerance, each.name());
      }
    }
  }

  @Test
  void noNameOrAliasIsUsedTwice() {
    List<String> models =
        HardwareCatalogue.models().stream()
            .flatMap(each -> Stream.concat(Stream.of(each.name()), each.aliases().stream()))
            .toList();
    assertEquals(models.size(), Set.copyOf(models).size());
    List<String> hardware =
        HardwareCatalogue.hardware().stream()
            .flatMap(each -> Stream.concat(Stream.of(each.name()), each.aliases().stream()))
            .toList();
    assertEquals(hardware.size(), Set.copyOf(hardware).size());
  }

  @ParameterizedTest
  @CsvSource({
    "h100, h100-sxm, 1",
    "h100x4, h100-sxm, 4",
    "h100-sxmx8, h100-sxm, 8",
    "mi300x, mi300x, 1",
    "gh200-96gbx4, gh200-96gb, 4",
    "v100, v100-16gb, 1",
    "a100-80gb-sxm, a100-80gb, 1",
    "mi300xx2, mi300x, 2",
    "rtx-3090, rtx-3090, 1"
  })
  void severalDevicesAreWrittenBehindTheName(String text, String name, int count) throws Exception {
    HardwareCatalogue.Devices devices = HardwareCatalogue.devices(text);
    assertEquals(name, devices.hardware().name());
    assertEquals(count, devices.count());
  }

  @Test
  void everyPairHasACostAndFits() throws Exception {
    for (HardwareCatalogue.Pair pair : HardwareCatalogue.pairs()) {
      LatencyModel model = LatencyModels.load(pair.name());
      double plain = model.baselineStep(1, 512);
      assertTrue(plain > 0.1 && plain < 200, pair.name() + " takes " + plain + " ms a token");
      assertTrue(model.draftPass(1, 1, 512) < plain, pair.name());
      assertEquals(null, model.shortfall(1, 512, true));
    }
  }

  // Fit of the measurements published with arXiv:2601.11580, its engine's overhead aside.
  @Test
  void theRooflineOfAn8BModelIsNearItsPublishedFit() throws Exception {
    LatencyModel fit = LatencyModels.load("llama-3.1-8b-eagle3-h100");
    LatencyModel roofline = LatencyModels.load("llama-3.1-8b+llama-3.2-1b@h100");
    assertEquals(1, roofline.targetPass(1, 1, 1000) / fit.targetPass(1, 1, 1000), .1);
    assertEquals(1, roofline.targetPass(1, 6, 1000) / fit.targetPass(1, 6, 1000), .1);
  }

  @Test
  void fasterMemoryMakesDecodingFaster() throws Exception {
    double before = 0;
    for (String hardware : List.of("b200", "h200", "h100-sxm", "a100-80gb", "l40s", "l4")) {
      double plain =
          LatencyModels.load("llama-3.1-8b+llama-3.2-1b@" + hardware).baselineStep(1, 512);
      assertTrue(plain > before, hardware);
      before = plain;
    }
  }

  @Test
  void aUsersHardwareIsAFileOfTheSameForm() throws Exception {
    Path file = folder.resolve("mine.json");
    String figure = "{\"value\":%s,\"source\":\"s\",\"date\":\"2026\",\"confidence\":\"measured\"}";
    Files.writeString(
        file,
        "{\"name\":\"mine\",\"title\":\"Mine\",\"tflops\":{\"bf16\":"
            + figure.replace("%s", "100")
            + "},\"memoryBandwidthGBps\":"
            + figure.replace("%s", "1000")
            + ",\"memoryGB\":"
            + figure.replace("%s", "48")
            + ",\"bandwidthFraction\":"
            + figure.replace("%s", "0.9")
            + "}");
    HardwareProfile mine = HardwareCatalogue.devices(file.toString()).hardware();
    assertEquals(.9, mine.achieved().bandwidthFraction().value());
    assertEquals(
        HardwareCatalogue.hardware().get(0).achieved().arithmeticFraction(),
        mine.achieved().arithmeticFraction()); // the default
    assertEquals("mine", LatencyModels.load("llama-2-7b+llama-68m@" + file).name());
  }

  @Test
  void allMistakesOfAFileAreSaidAtOnce() throws Exception {
    Path file = folder.resolve("wrong.json");
    Files.writeString(
        file,
        """
        {"name":"wrong","title":7,"tflops":{"bf16":{"value":-1,"source":"s","date":"d","confidence":"c"}},
         "memoryBandwidthGBps":12,"bandwidthFraction":{"value":2,"source":"s","date":"d"},"speed":"high"}
        """);
    assertEquals(
        file
            + ": \"tflops.bf16.value\" is -1, not a number from 0.001 to 1000000; \"title\" is 7, not a text; "
            + "\"memoryBandwidthGBps\" is 12, not an object; \"memoryGB\" is missing; "
            + "\"bandwidthFraction.value\" is 2, not a number from 0.001 to 1; "
            + "\"bandwidthFraction.confidence\" is missing; \"speed\" is no field of this file",
        assertThrows(
                IllegalArgumentException.class, () -> HardwareCatalogue.devices(file.toString()))
            .getMessage());
  }

  @Test
  void unknownNamesListTheKnown() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> HardwareCatalogue.devices("h900x4"))
            .getMessage()
            .startsWith("no hardware and no file is called 'h900x4'; known are h100-sxm, "));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> HardwareCatalogue.model("llama-9"))
            .getMessage()
            .startsWith("no model size and no file is called 'llama-9'; known are distilgpt2, "));
  }
}
