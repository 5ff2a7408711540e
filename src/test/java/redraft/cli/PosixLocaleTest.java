package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** Arguments and file names are what was typed, or refused. */
class PosixLocaleTest {
  @TempDir Path folder;

  @Test
  void anArgumentWhoseBytesWereLostIsRefused() {
    Cli run = Cli.run("generate", "--prompt", "Zo\ufffd\ufffd");
    assertEquals(2, run.exit());
    assertEquals(1, run.err().lines().count());
    assertTrue(run.err().contains("'Zo\ufffd\ufffd' could not be read"), run.err());
  }

  /**
   * A copy of the script beside what is built, so that it builds nothing; bash writes the bytes.
   */
  @Test
  void theScriptReadsArgumentsAndFileNamesInUtf8WhateverTheLocale() throws Exception {
    Path target = Files.createDirectories(folder.resolve("home/target"));
    Files.createDirectories(folder.resolve("home/src/main"));
    Files.writeString(folder.resolve("home/pom.xml"), "");
    Files.createDirectories(folder.resolve("home/scripts"));
    Path script = Path.of("scripts/redraft");
    Files.copy(script, folder.resolve("home").resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
    for (String built : List.of("classes", "lib")) {
      Files.createSymbolicLink(target.resolve(built), Path.of("target", built).toAbsolutePath());
    }
    Files.writeString(target.resolve("redraft.built"), "");
    String line =
        "cp t.jsonl $'trac\\xc3\\xa9.jsonl'; home/scripts/redraft replay $'trac\\xc3\\xa9.jsonl'"
            + " --cost-ratio 0.1 --draft $'Zo\\xc3\\xab'";
    SampleTraces.write(
        folder.resolve("t.jsonl"),
        SampleTraces.header(LogitDetail.NONE),
        SampleTraces.sequences(2, LogitDetail.NONE, 1));
    String said = posix(line);
    Files.delete(target.resolve("classes"));
    Files.delete(target.resolve("lib"));
    assertEquals("redraft: the trace has no draft 'Zoë'; it has small, n-gram\n", said);
  }

  @Test
  void withoutTheScriptALostArgumentIsRefusedToo() throws Exception {
    String java = String.join(" ", Cli.process(List.of()).command());
    String said = posix(java + " generate --prompt $'Zo\\xc3\\xab'");
    assertTrue(said.startsWith("redraft: the argument 'Zo\ufffd"), said);
    assertFalse(said.contains("Zoë") || said.lines().count() != 1, said);
  }

  /** What a line of bash says on standard error in the POSIX locale. */
  private String posix(String line) throws Exception {
    Path err = folder.resolve("err");
    ProcessBuilder bash = new ProcessBuilder("bash", "-c", line);
    bash.environment().keySet().removeIf(name -> name.matches("LANG|LC_.*|JAVA_TOOL_OPTIONS"));
    bash.environment().put("LC_ALL", "C");
    bash.directory(folder.toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(err.toFile())
        .start()
        .waitFor();
    return Files.readString(err);
  }
}
