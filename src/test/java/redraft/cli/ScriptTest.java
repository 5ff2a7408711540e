package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code scripts/redraft} makes of the place where it stands. */
class ScriptTest {
  @TempDir Path folder;

  /** A checkout that was built, in a folder of that name. */
  private Path checkout(String name) throws IOException {
    Path home = folder.resolve(name);
    for (String made : List.of("scripts", "src/main", "target")) {
      Files.createDirectories(home.resolve(made));
    }
    Files.createFile(home.resolve("pom.xml"));
    for (String built : List.of("target/classes", "target/lib", "models")) {
      Files.createSymbolicLink(home.resolve(built), Path.of(built).toAbsolutePath());
    }
    Files.copy(Path.of("scripts/redraft"), home.resolve("scripts/redraft"));
    Files.createFile(home.resolve("target/redraft.built"));
    return home;
  }

  private Cli run(Path home, String... arguments) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("scripts/redraft") + ""));
    command.addAll(List.of(arguments));
    ProcessBuilder script =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    script.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return new Cli(script.start().waitFor(), Files.readString(out), Files.readString(err));
  }

  /** Models are run by native libraries, of which newer versions of Java warn. */
  @Test
  void aCheckoutWithBlanksAndQuotesInItsNameRunsWithoutAWarningAndModelsMayHaveColonsToo()
      throws Exception {
    Path home = checkout("it's \"my\" check out $HOME");
    Path models =
        Files.createSymbolicLink(
            folder.resolve("a model: 'tiny'"), Path.of("models/tiny").toAbsolutePath());
    Cli run = run(home, "generate", "--models", models + "", "--prompt=a", "--max-new-tokens=1");
    assertEquals("", run.err());
    assertEquals(0, run.exit());
    assertTrue(run.out().contains("1 tokens"), run.out());
  }

  @Test
  void aColonInTheNameOfTheCheckoutIsRefusedInOneLine() throws Exception {
    Path home = checkout("a:b");
    Cli run = run(home, "--version");
    assertEquals(1, run.exit());
    assertEquals(
        "redraft: "
            + home.toRealPath()
            + " has a colon in its name, at which Java splits the class path; rename that folder\n",
        run.err());
  }
}
