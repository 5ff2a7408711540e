package redraft.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A share of the hostile inputs that {@code scripts/bench fuzz} runs, and all that ever broke. */
class FuzzTest {
  private static final int INPUTS = 500; // of all surfaces together
  private static final Path FOUND = Path.of("src/test/resources/redraft/fuzz");

  @TempDir Path work;

  @Test
  void everyInputIsAcceptedOrRefusedInWords() throws Exception {
    List<Fuzz.Count> counts = new Fuzz(work).run(Surface.ALL, 20261125, INPUTS, System.out);
    for (Fuzz.Count count : counts) {
      assertEquals(List.of(), count.mishandled(), count.surface());
      assertTrue(count.accepted() > 0 && count.accepted() < count.cases(), count.toString());
    }
    assertEquals(INPUTS, counts.stream().mapToInt(Fuzz.Count::cases).sum());
  }

  @TestFactory
  List<DynamicTest> whatWasEverMishandledIsNot() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Surface surface : Surface.ALL) {
      Path found = FOUND.resolve(surface.name);
      if (Files.isDirectory(found)) {
        try (Stream<Path> inputs = Files.list(found)) {
          for (Path input : inputs.sorted().toList()) {
            tests.add(
                DynamicTest.dynamicTest(
                    surface.name + "/" + input.getFileName(),
                    () ->
                        assertEquals(
                            Optional.empty(),
                            new Fuzz(work).wrong(surface, FuzzCase.load(input)))));
          }
        }
      }
    }
    assertTrue(Files.isDirectory(FOUND), FOUND.toString());
    return tests;
  }
}
