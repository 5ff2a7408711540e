package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The README's commands are commands, and those that take seconds do what they say. */
class ReadmeTest {
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  /** Those that pull models, measure, or decode for minutes. */
  private static final Pattern SLOW =
      Pattern.compile(
          "demo|profile|models pull|validate --threads|.*models/smollm2|.*out/profile.json|traffic|report traces/\\*");

  @TempDir Path folder;

  static List<String> commands() throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .filter(line -> line.startsWith("scripts/redraft "))
        .map(line -> line.replaceFirst(" +#.*", "").replaceFirst("scripts/redraft ", ""))
        .toList();
  }

  private static String[] words(String line) throws IOException {
    List<String> words = new ArrayList<>();
    for (Matcher word = WORD.matcher(line); word.find(); ) {
      if (word.group(1) == null && word.group(2).contains("*")) {
        Path pattern = Path.of(word.group(2));
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(pattern.getParent(), pattern.getFileName().toString())) {
          files.forEach(file -> words.add(file.toString()));
        }
      } else {
        words.add(word.group(1) == null ? word.group(2) : word.group(1));
      }
    }
    return words.toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandIsOne(String line) throws IOException {
    CommandLine program = Cli.program().setCaseInsensitiveEnumValuesAllowed(true);
    program.parseArgs(words(line)); // or it throws
    for (String word : words(line)) {
      if (word.matches("[^=]*traces/.*")) {
        assertTrue(Files.exists(Path.of(word.replaceFirst(".*=", ""))), word);
      }
    }
  }

  @Test
  void thoseThatTakeSecondsDoWhatTheySay() throws IOException {
    int run = 0;
    for (String line : commands()) {
      if (!SLOW.matcher(line).lookingAt()) {
        String here = line.replace("out/", folder + "/");
        assertEquals(0, Cli.run(words(here)).exit(), () -> here + ": " + rerun(here));
        run++;
      }
    }
    assertTrue(run > 15, run + " commands");
  }

  private static String rerun(String line) {
    try {
      return Cli.run(words(line)).err();
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @Test
  void theCommandsForPeopleAndMachinesAreThere() throws IOException {
    String text = Files.readString(Path.of("README.md"));
    assertTrue(text.contains("\nscripts/redraft demo ") && text.contains("\nmvn verify "), text);
    assertTrue(text.lines().count() <= 146, text.lines().count() + " lines");
  }
}
