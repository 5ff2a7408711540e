package redraft.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Output is UTF-8 with the numbers of the root locale, whatever the environment prefers. */
class SameBytesEverywhereTest {
  private static final List<String> COMMANDS =
      List.of(
          "presets",
          "compare TRACE --cost-ratio 0.1 --draft-length 2,4",
          "replay TRACE --cost-ratio 0.1 --draft-length 3 --json --csv x.csv",
          "report TRACE --draft-length 2,7 --sequences 2 --out report",
          "traffic TRACE --rates 4,12 --slo ttft=50ms --requests 100 --runs 2 --draft-length 1,2 --engine vllm --hardware l40s "
              + "--target-model llama-3.1-8b --draft-model llama-3.2-1b --prompt-tokens 200 --output-tokens 50 --out traffic");

  private static final List<String> GERMAN_ASCII =
      List.of("-Duser.language=de", "-Duser.country=DE", "-Dfile.encoding=US-ASCII");

  private static final List<String> PLAIN =
      List.of("-Duser.language=en", "-Duser.country=US", "-Dfile.encoding=UTF-8");

  /** Other fonts for another language, as machines of several scripts have them. */
  private static final String SERIFS_FOR_GERMANS =
      """
      <fontconfig>
        <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
        <match target="pattern">
          <test name="lang" compare="contains"><string>de</string></test>
          <edit name="family" mode="assign" binding="strong"><string>DejaVu Serif</string></edit>
        </match>
      </fontconfig>
      """;

  /** What takes its locale or charset from the environment. */
  private static final Set<String> OF_THE_ENVIRONMENT =
      Set.of(
          "java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
          "java.lang.String.formatted([Ljava.lang.Object;)",
          "java.io.PrintWriter.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintWriter.format(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintStream.format(java.lang.String, [Ljava.lang.Object;)",
          "java.lang.String.toLowerCase()",
          "java.lang.String.toUpperCase()",
          "java.text.NumberFormat.getInstance()",
          "java.text.NumberFormat.getNumberInstance()",
          "java.text.NumberFormat.getPercentInstance()",
          "java.text.DecimalFormat.<init>(java.lang.String)",
          "java.util.Formatter.<init>()",
          "java.lang.String.getBytes()",
          "java.lang.String.<init>([B)",
          "java.lang.String.<init>([B, int, int)",
          "java.io.ByteArrayOutputStream.toString()",
          "java.io.PrintWriter.<init>(java.io.OutputStream)",
          "java.io.PrintWriter.<init>(java.io.OutputStream, boolean)",
          "java.io.PrintWriter.<init>(java.io.File)",
          "java.io.PrintWriter.<init>(java.lang.String)",
          "java.io.PrintStream.<init>(java.io.OutputStream)",
          "java.io.PrintStream.<init>(java.io.OutputStream, boolean)",
          "java.io.OutputStreamWriter.<init>(java.io.OutputStream)",
          "java.io.InputStreamReader.<init>(java.io.InputStream)",
          "java.io.FileReader.<init>(java.io.File)",
          "java.io.FileReader.<init>(java.lang.String)",
          "java.io.FileWriter.<init>(java.io.File)",
          "java.io.FileWriter.<init>(java.lang.String)",
          "java.util.Scanner.<init>(java.io.InputStream)",
          "java.util.Scanner.<init>(java.io.File)");

  private static final DescribedPredicate<JavaAccess<?>> FOLLOWS_THE_ENVIRONMENT =
      describe(
          "takes its locale or charset from the environment",
          access -> OF_THE_ENVIRONMENT.contains(access.getTarget().getFullName()));

  @TempDir Path folder;

  @Test
  void germansWithAnAsciiTerminalGetTheSameBytes() throws Exception {
    Files.writeString(folder.resolve("fonts.conf"), SERIFS_FOR_GERMANS);
    List<Process> running = new ArrayList<>();
    for (int i = 0; i < COMMANDS.size(); i++) {
      running.add(start(folder.resolve("german/" + i), GERMAN_ASCII, COMMANDS.get(i)));
      running.add(start(folder.resolve("plain/" + i), PLAIN, COMMANDS.get(i)));
    }
    for (Process process : running) {
      assertEquals(0, process.waitFor());
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder.resolve("plain"))) {
      files = all.filter(Files::isRegularFile).map(folder.resolve("plain")::relativize).toList();
    }
    assertTrue(files.size() > 2 * COMMANDS.size() + 5, files.toString());
    for (Path file : files) {
      assertEquals(
          -1,
          Files.mismatch(
              folder.resolve("plain").resolve(file), folder.resolve("german").resolve(file)),
          file.toString());
    }
    String compared = Files.readString(folder.resolve("german/1/out"));
    assertTrue(compared.contains("Σ min(p, q) 0."), compared);
  }

  private Process start(Path directory, List<String> options, String line) throws IOException {
    String trace = Path.of("traces/tiny-t1.jsonl.gz").toAbsolutePath().toString();
    Files.createDirectories(directory);
    List<String> all = new ArrayList<>(options);
    Path home = folder.resolve("homes").resolve(folder.relativize(directory));
    all.add("-Duser.home=" + home); // where Java remembers fonts, with the time
    ProcessBuilder program = Cli.process(all, line.replace("TRACE", trace).split(" "));
    program.environment().put("FONTCONFIG_FILE", folder.resolve("fonts.conf").toString());
    return program
        .directory(directory.toFile())
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  @Test
  void nothingTakesItsLocaleOrCharsetFromTheEnvironment() {
    noClasses()
        .should()
        .accessTargetWhere(FOLLOWS_THE_ENVIRONMENT)
        .check(new ClassFileImporter().importPackages("redraft"));
  }
}
