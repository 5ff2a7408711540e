package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redraft.json.LineException;

/** Every file in {@code broken} breaks one rule; {@code expected.txt} there holds the messages. */
class BrokenTraceTest {
  private static final Path DIRECTORY = directory();

  private static Path directory() {
    try {
      return Path.of(BrokenTraceTest.class.getResource("broken/expected.txt").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> messages() throws IOException {
    return Files.readAllLines(DIRECTORY.resolve("expected.txt"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aBrokenTraceIsAnsweredWithFileLineAndRule(String message) {
    Path file = DIRECTORY.resolve(message.substring(0, message.indexOf(':')));
    LineException e =
        assertThrows(
            LineException.class,
            () -> {
              try (TraceReader reader = new TraceReader(file)) {
                while (reader.next() != null) {}
              }
            });
    assertEquals(message, e.getMessage());
  }

  @Test
  void everyBrokenTraceHasItsMessage() throws IOException {
    List<String> named =
        messages().stream().map(line -> line.substring(0, line.indexOf(':'))).sorted().toList();
    try (var files = Files.list(DIRECTORY)) {
      assertEquals(
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("expected.txt"))
              .sorted()
              .toList(),
          named);
    }
  }
}
