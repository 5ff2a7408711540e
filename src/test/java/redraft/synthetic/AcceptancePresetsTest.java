package redraft.synthetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class AcceptancePresetsTest {
  @TempDir Path folder;

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("p.json"), json.replace('\'', '"'));
  }

  private static final List<String> NAMES = AcceptancePresets.NAMES;

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyShippedPresetSaysWhereItComesFromAndHowSureItIs(String name) throws IOException {
    Preset preset = AcceptancePresets.load(name);
    assertEquals(name, preset.name());
    assertFalse(preset.source().isBlank());
    assertFalse(preset.confidence().isBlank());
    assertEquals(1, preset.description().lines().count());
    double[] survival = preset.schedule().survival(20);
    for (int k = 1; k <= 20; k++) {
      assertTrue(survival[k] <= survival[k - 1] && survival[k] >= 0, "at " + k);
      assertEquals(survival[k - 1] * preset.schedule().acceptance(k), survival[k], 1e-15);
    }
    assertTrue(survival[1] > 0);
  }

  @Test
  void everyShippedFileIsListed() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/redraft/synthetic"))) {
      assertEquals(
          new TreeSet<>(AcceptancePresets.NAMES),
          files
              .map(file -> file.getFileName().toString().replaceFirst("\\.json$", ""))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
  }

  // vLLM's unconditional 0.9, 0.5, 0.2
  @ParameterizedTest
  @CsvSource({
    "constant-0.8, 0.8, 0.64, 0.512",
    "t5-translation, 0.62, 0.3844, 0.238328",
    "vllm-length-2.6, 1, 0.6, 0",
    "vllm-rates, 0.9, 0.5, 0.2",
    "vllm-decay, 0.8, 0.544, 0.314432",
    "llama.cpp-length-3.4, 0.80581, 0.64933, 0.52323"
  })
  void theShippedLawsAreAsTheirSourcesHaveThem(String name, double s1, double s2, double s3)
      throws IOException {
    double[] survival = AcceptancePresets.load(name).schedule().survival(3);
    assertEquals(s1, survival[1], 5e-6);
    assertEquals(s2, survival[2], 5e-6);
    assertEquals(s3, survival[3], 5e-6);
  }

  static Stream<Schedule> schedules() {
    return Stream.of(
        new Schedule.Constant(1 / 3.0),
        new Schedule.PerPosition(List.of(0.1, 1.0, 1 / 7.0)),
        new Schedule.Geometric(0.9, 0.85),
        new Schedule.MinimumVariance(2.6),
        new Schedule.ConstantConditional(3.4, 4));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void whatIsWrittenIsReadAgain(Schedule schedule) throws IOException {
    Preset preset = new Preset("grün-1.5_b", "a \"line\"", schedule, "here", "sure", 3, 4, 5);
    Path file = folder.resolve("written.json");
    AcceptancePresets.write(file, preset);
    assertEquals(preset, AcceptancePresets.load(file.toString()));
  }

  @Test
  void aFileNeedNotSayHowMuchToReplay() throws IOException {
    Preset preset =
        AcceptancePresets.load(
            file("{'name':'x','description':'d','schedule':'constant','acceptance':0.5,'source':'s','confidence':'c'}")
                .toString());
    assertEquals(100, preset.sequences());
    assertEquals(64, preset.promptTokens());
    assertEquals(256, preset.tokens());
  }

  private static final String HEAD = "{'name':'x','description':'d','source':'s','confidence':'c',";

  static Stream<List<String>> broken() {
    String head = HEAD;
    return Stream.of(
        List.of(
            "{'name':'a b','schedule':'constant','acceptance':1.5,'source':' ','decay':1}",
            "\"name\" is \"a b\", not letters, digits, '.', '_' or '-'; \"description\" is missing; "
                + "\"acceptance\" is 1.5, not a number from 0 to 1; \"source\" is \" \", not a text; "
                + "\"confidence\" is missing; \"decay\" is no field of this schedule"),
        List.of(
            "{'name':'formula','description':'d','source':'s','confidence':'c','schedule':'constant','acceptance':1}",
            "\"name\" is \"formula\", a word that stands for something else in comparisons"),
        List.of(head + "'acceptance':0.5}", "\"schedule\" is missing"),
        List.of(
            head + "'schedule':'magic','x':1}",
            "\"schedule\" is \"magic\", not constant, per-position, geometric, minimum-variance or "
                + "constant-conditional"),
        List.of(head + "'schedule':'constant'}", "\"acceptance\" is missing"),
        List.of(
            head + "'schedule':'constant','acceptance':'0.5'}",
            "\"acceptance\" is \"0.5\", not a number from 0 to 1"),
        List.of(
            head + "'schedule':'per-position','acceptance':[]}",
            "\"acceptance\" is [], not a list of numbers from 0 to 1"),
        List.of(
            head + "'schedule':'per-position','acceptance':[0.5,null,-1]}",
            "\"acceptance\" is [0.5,null,-1], not a list of numbers from 0 to 1"),
        List.of(
            head + "'schedule':'geometric','acceptance':null,'decay':1.1}",
            "\"acceptance\" is null, not a number from 0 to 1; \"decay\" is 1.1, not a number from 0 to 1"),
        List.of(
            head + "'schedule':'minimum-variance','tokensPerStep':0.9,'sequences':0,'tokens':2.5}",
            "\"tokensPerStep\" is 0.9, not a number from 1 to 1000000; "
                + "\"sequences\" is 0, not a whole number from 1 to 1000000; "
                + "\"tokens\" is 2.5, not a whole number from 1 to 1000000"),
        List.of(
            head + "'schedule':'constant-conditional','tokensPerStep':5.1,'draftLength':4}",
            "\"tokensPerStep\" is 5.1, not a number from 1 to 5"),
        List.of(
            head + "'schedule':'constant-conditional','tokensPerStep':3,'draftLength':-1}",
            "\"draftLength\" is -1, not a whole number from 1 to 1000000"),
        List.of("[]", "not a JSON object"),
        List.of("", "not a JSON object"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void everyMistakeIsReportedAtOnce(List<String> fileAndProblems) throws IOException {
    Path file = file(fileAndProblems.get(0));
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> AcceptancePresets.load(file.toString()));
    assertEquals(file + ": " + fileAndProblems.get(1), failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'{\"name\":\n'|2", "'{\"name\":\"x\",\n\"name\":\"y\"}'|2", "'{}\n{}'|2"})
  void aFileThatIsNoJsonNamesItsLine(String text, int line) throws IOException {
    Path file = Files.writeString(folder.resolve("p.json"), text);
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> AcceptancePresets.load(file.toString()));
    assertTrue(failure.getMessage().startsWith(file + ":" + line + ": "), failure.getMessage());
    assertEquals(1, failure.getMessage().lines().count());
  }

  @Test
  void anUnknownNameListsThosePresent() {
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> AcceptancePresets.load("chatty"));
    assertTrue(
        failure
            .getMessage()
            .startsWith(
                "no acceptance preset and no file is called 'chatty'; the presets are constant-0.8, "),
        failure.getMessage());
  }
}
