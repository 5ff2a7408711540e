package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.json.LineSource;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSummary;
import redraft.trace.TraceWriter;

/** {@code traces merge}, {@code split}, {@code index} and {@code verify}. */
class TracesCommandTest {
  private static final Path TINY = Path.of("traces/tiny-t1.jsonl.gz");
  private static final TraceHeader HEADER = SampleTraces.header(LogitDetail.TOP);

  @TempDir Path folder;

  private static List<TraceSequence> sequences(int count, long seed) {
    return SampleTraces.sequences(count, LogitDetail.TOP, seed);
  }

  private Path trace(String name, TraceHeader header, List<TraceSequence> sequences)
      throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return SampleTraces.write(file, header, sequences);
  }

  private Path archive(Path trace, int positions) {
    Path archive = folder.resolve("archive");
    Cli.fine("traces split " + trace + " --out " + archive + " --positions " + positions);
    return archive;
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The sequences' lines as they are in the file. */
  private static List<String> text(Path file) throws IOException {
    try (var in = LineSource.of(file).decompressed()) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  @Test
  void splittingThenMergingGivesTheSameFileAndTheSameReplay() throws IOException {
    Path archive = archive(TINY, 4000);
    assertEquals(7, files(archive).size()); // of 26563 positions, 4000 or little more each
    assertEquals("tiny-t1-00001.jsonl.gz", files(archive).get(0));
    for (String shard : files(archive)) {
      TraceSummary summary = TraceSummary.of(archive.resolve(shard));
      assertTrue(summary.complete(), shard);
      assertTrue(summary.positions() >= 4000 || shard.contains("00007"), shard);
    }
    Path merged = folder.resolve("tiny-t1.jsonl.gz"); // the name is a column
    Cli run = Cli.fine("traces merge " + archive + " --out " + merged);
    assertEquals("192 sequences, 26563 positions of 7 traces: " + merged + "\n", run.out());
    assertEquals("", run.err());
    assertArrayEquals(Files.readAllBytes(TINY), Files.readAllBytes(merged));
    String replay = " --cost-ratio 0.1 --draft-length 1..4 --rule token,block --by-domain --csv -";
    assertEquals(
        Cli.fine("replay " + TINY + replay).out(), Cli.fine("replay " + merged + replay).out());
  }

  /** 0.10000000000000000555 is 0.1 in double precision, and is not written so by this program. */
  @Test
  void digitsAndFieldsThatThisReleaseDoesNotKnowStayAsTheyAre() throws IOException {
    Path written = trace("a.jsonl", HEADER, sequences(4, 1));
    List<String> lines = new ArrayList<>(text(written));
    lines.set(0, lines.get(0).replace("\"drafts\"", "\"ours\":{\"id\":1},\"drafts\""));
    lines.set(
        1,
        lines
            .get(1)
            .replace(
                "{\"id\":", "{\"weight\":0.10000000000000000555,\"x\":{\"id\":\"no\"},\"id\" : "));
    Files.write(written, lines.subList(0, 5)); // without its footer, which no longer fits
    Path merged = folder.resolve("m.jsonl");
    Cli run = Cli.fine("traces merge " + written + " --out " + merged);
    assertEquals(
        "redraft: a.jsonl was cut while it was recorded: merged are its 4 complete sequences\n",
        run.err());
    assertEquals(lines.subList(0, 5), text(merged).subList(0, 5));
    assertTrue(TraceSummary.of(merged).complete());
    Path archive = archive(merged, 1);
    assertEquals(List.of("m-00001.jsonl.gz", "m-00002.jsonl.gz"), files(archive));
    assertEquals(lines.subList(0, 3), text(archive.resolve("m-00001.jsonl.gz")).subList(0, 3));
    assertEquals(lines.get(0), text(archive.resolve("m-00002.jsonl.gz")).get(0));

    Path prefixed = folder.resolve("p.jsonl");
    Cli.fine("traces merge " + merged + " --prefix-ids --out " + prefixed);
    assertEquals(
        lines.get(1).replace("\"id\" : \"p0\"", "\"id\" : \"m.jsonl/p0\""), text(prefixed).get(1));
    assertEquals(
        lines.get(3).replace("{\"id\":\"p1\"", "{\"id\":\"m.jsonl/p1\""), text(prefixed).get(3));
    assertTrue(TraceSummary.of(prefixed).complete());
  }

  private Cli refused(String line, int exit) {
    Cli run = Cli.run(line.split(" "));
    assertEquals(exit, run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertEquals("", run.out());
    return run;
  }

  @Test
  void refusesOtherSettingsAndPromptsThatComeAgain() throws IOException {
    Path a = trace("a.jsonl", HEADER, sequences(4, 1));
    TraceHeader warmer =
        new TraceHeader(
            HEADER.tokenizer(),
            HEADER.target(),
            HEADER.drafts(),
            new TraceHeader.Sampling(0.7, 21, 0.95, -3),
            HEADER.logits());
    Path b = trace("b.jsonl", warmer, sequences(4, 2));
    String out = " --out " + folder.resolve("out.jsonl");
    assertEquals(
        "redraft: b.jsonl:1: traces of the same models and settings are merged, and the header says otherwise than that"
            + " of a.jsonl: sampling.topK 21, not 20\n",
        refused("traces merge " + a + " " + b + out, 1).err());
    Path c = trace("c/a.jsonl", HEADER, sequences(2, 3));
    assertEquals(
        "redraft: c/a.jsonl:2: \"id\" is \"p0\", which a trace before has too; where these are different prompts,"
            + " --prefix-ids tells them apart by the names of their traces\n",
        refused("traces merge " + a + " " + c + out, 1).err());
    assertFalse(Files.exists(folder.resolve("out.jsonl")));
    assertEquals(List.of("a.jsonl", "b.jsonl", "c"), files(folder)); // nothing half-written
    Cli.fine("traces merge " + a + " " + c + out + " --prefix-ids");
    assertEquals(6, TraceSummary.of(folder.resolve("out.jsonl")).sequences());
    assertTrue(
        refused("traces merge " + a + out, 2)
            .err()
            .contains("out.jsonl exists already; name another file, or overwrite it with --force"));
    Cli.fine("traces merge " + a + out + " --force");
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(folder.resolve("out.jsonl")));
  }

  @Test
  void aSeedMayDifferAndIsSaid() throws IOException {
    Path a = trace("a.jsonl", HEADER, sequences(2, 1));
    TraceHeader seeded =
        new TraceHeader(
            HEADER.tokenizer(),
            HEADER.target(),
            HEADER.drafts(),
            new TraceHeader.Sampling(0.7, 20, 0.95, 9),
            HEADER.logits());
    Path b = trace("b.jsonl", seeded, sequences(4, 2).subList(2, 4));
    Cli run = Cli.fine("traces merge " + a + " " + b + " --out " + folder.resolve("m.jsonl.gz"));
    assertEquals(
        "redraft: b.jsonl was recorded with seed 9; the merged header has that of a.jsonl, -3\n",
        run.err());
    List<String> lines = new ArrayList<>(SampleTraces.lines(a));
    lines.addAll(SampleTraces.lines(b));
    assertEquals(lines, SampleTraces.lines(folder.resolve("m.jsonl.gz")));
  }

  @Test
  void refusesProbabilitiesAndAcceptLengthsInOneTrace() throws IOException {
    TraceHeader plain = SampleTraces.header(LogitDetail.NONE);
    Path a = trace("a.jsonl", plain, SampleTraces.sequences(2, LogitDetail.NONE, 1));
    Path b = trace("b.jsonl", plain, SampleTraces.acceptLengths(2, 2));
    assertEquals(
        "redraft: b.jsonl:2: has accept lengths only, and the traces before do not; a trace has one or the other\n",
        refused("traces merge " + a + " " + b + " --out " + folder.resolve("m.jsonl"), 1).err());
  }

  @Test
  void splitsAllOrNothingAndReplacesOnlyWhereAsked() throws IOException {
    Path a = trace("a.jsonl", HEADER, sequences(8, 1)); // 4 prompts
    Path archive = archive(a, 1);
    assertEquals(4, files(archive).size());
    String again = "traces split " + a + " --out " + archive + " --positions 1000";
    assertEquals(
        "redraft: "
            + archive
            + " has shards of a already; name another folder, or replace them with --force\n",
        refused(again, 2).err());
    List<String> lines = new ArrayList<>(text(a));
    lines.set(8, "{}");
    Path broken = Files.write(folder.resolve("broken.jsonl"), lines);
    refused("traces split " + broken + " --name a --out " + archive + " --force", 1);
    assertEquals(4, files(archive).size(), "what was there stays");
    Cli run = Cli.fine(again + " --force");
    assertEquals(
        "8 sequences, " + positions(a) + " positions: 1 shards in " + archive + "\n", run.out());
    assertEquals(List.of("a-00001.jsonl.gz"), files(archive));
    assertEquals(List.of("a.jsonl", "archive", "broken.jsonl"), files(folder));
  }

  private static long positions(Path trace) throws IOException {
    return TraceSummary.of(trace).positions();
  }

  @Test
  void theIndexSaysWhatEachFileHoldsAndVerifyHoldsFilesToIt() throws IOException {
    Path archive = archive(TINY, 8000);
    Cli indexed = Cli.fine("traces index " + archive);
    assertEquals(
        "4 traces, 192 sequences, 26563 positions: " + archive + "/index.jsonl\n", indexed.out());
    List<String> lines = Files.readAllLines(archive.resolve("index.jsonl"));
    assertEquals(4, lines.size());
    assertTrue(
        lines
            .get(0)
            .matches(
                "\\{\"path\":\"tiny-t1-00001.jsonl.gz\",\"sequences\":\\d+,\"positions\":\\d+,\"domains\":\\[\"dialogue\",\"maths\"],"
                    + "\"drafts\":\\[\"tiny-draft\"],\"grade\":\"exact\",\"bytes\":\\d+,\"sha256\":\"[0-9a-f]{64}\",\"complete\":true}"),
        lines.get(0));
    assertTrue(refused("traces index " + archive, 2).err().contains("exists already"));
    Path csv = folder.resolve("i.csv");
    Cli.fine("traces index " + archive + " --out " + csv + " --threads 1");
    assertTrue(Files.readAllLines(csv).get(1).startsWith("tiny-t1-00001.jsonl.gz,"));
    assertTrue(Files.readAllLines(csv).get(1).contains(",dialogue;maths,tiny-draft,exact,"));
    assertEquals(
        "path,sequences,positions,domains,drafts,grade,bytes,sha256,complete",
        Files.readAllLines(csv).get(0));

    Cli fine = Cli.fine("traces verify " + archive);
    assertEquals(5, fine.out().lines().count());
    assertTrue(fine.out().endsWith("4 traces, 0 bad\n"), fine.out());
    // One is not there, one is another, one is new, and one is damaged.
    Path first = archive.resolve("tiny-t1-00001.jsonl.gz");
    Path second = archive.resolve("tiny-t1-00002.jsonl.gz");
    Path third = archive.resolve("tiny-t1-00003.jsonl.gz");
    Path fourth = archive.resolve("tiny-t1-00004.jsonl.gz");
    Files.copy(fourth, archive.resolve("new.jsonl.gz"));
    Files.write(second, Files.readAllBytes(fourth));
    Files.delete(first);
    byte[] damaged = Files.readAllBytes(third);
    damaged[damaged.length / 2] ^= 1;
    Files.write(third, damaged);
    Cli bad = Cli.run("traces", "verify", archive.toString(), "--threads", "2");
    assertEquals(1, bad.exit());
    List<String> said = bad.out().lines().toList();
    assertEquals(5, said.size(), bad.out());
    assertEquals(
        "bad   "
            + archive
            + "/new.jsonl.gz is not in the index; make that again with traces index --force",
        said.get(0));
    assertTrue(
        said.get(1)
            .matches(
                "bad   .*tiny-t1-00002.jsonl.gz has SHA-256 \\w{64}, not \\w{64} as in the index: it was changed since"),
        said.get(1));
    assertTrue(said.get(2).startsWith("bad   " + third + ":"), said.get(2));
    assertTrue(said.get(3).startsWith("fine  " + fourth + ": "), said.get(3));
    assertEquals("bad   " + first + " is in the index, and not there", said.get(4));
    assertEquals("redraft: 4 of 5 traces bad\n", bad.err());
  }

  @Test
  void nothingIsWrittenThatWouldBecomeATraceOfTheFolderThatIsRead() throws IOException {
    Path archive = archive(trace("a.jsonl", HEADER, sequences(4, 1)), 1);
    for (String line :
        List.of(
            "traces merge " + archive + " --out " + archive + "/deep/all.jsonl.gz",
            "traces index " + archive + " --out " + archive + "/list.jsonl")) {
      String why = refused(line, 2).err();
      assertTrue(
          why.endsWith(
              " would be taken for a trace of "
                  + archive
                  + ", in which it lies; name a file elsewhere\n"),
          why);
    }
    Cli.fine("traces index " + archive + " --out " + archive + "/list.csv");
    Cli.fine("traces verify " + archive);
  }

  @Test
  void verifyNamesWhatIsBadAndGoesOn() throws IOException {
    Path a = trace("a.jsonl", HEADER, sequences(4, 1));
    Path z = trace("z.jsonl", HEADER, sequences(4, 2));
    List<String> lines = text(a);
    Path cut = Files.write(folder.resolve("cut.jsonl"), lines.subList(0, 4));
    List<String> changed = new ArrayList<>(lines);
    changed.set(5, changed.get(5).replaceFirst("\"sha256\":\"..", "\"sha256\":\"zz"));
    Path footer = Files.write(folder.resolve("footer.jsonl"), changed);
    Path missing = folder.resolve("missing.jsonl");
    Cli run =
        Cli.run(
            "traces",
            "verify",
            a.toString(),
            cut.toString(),
            footer.toString(),
            missing.toString(),
            z.toString());
    assertEquals(1, run.exit());
    List<String> said = run.out().lines().toList();
    assertEquals("fine  " + a + ": 4 sequences, " + positions(a) + " positions", said.get(0));
    assertEquals(
        "bad   "
            + cut
            + " was cut: no footer, 3 complete sequences; copy it again, or continue it with record --resume",
        said.get(1));
    assertTrue(
        said.get(2).startsWith("bad   " + footer + ":6: \"sha256\" is not that of the lines above"),
        said.get(2));
    assertEquals("bad   file " + missing + " does not exist", said.get(3));
    assertEquals("fine  " + z + ": 4 sequences, " + positions(z) + " positions", said.get(4));
    assertEquals("redraft: 3 of 5 traces bad\n", run.err());
  }

  @Test
  void aTraceThatWasCutBeforeTheIndexWasMadeIsAsItWas() throws IOException {
    Path archive = Files.createDirectories(folder.resolve("archive/deep"));
    Path a = trace("a.jsonl", HEADER, sequences(4, 1));
    Files.write(archive.resolve("cut.jsonl"), text(a).subList(0, 4));
    Files.writeString(archive.resolve("notes.jsonl"), "{}\n");
    Cli indexed = Cli.run("traces", "index", archive.getParent().toString());
    assertEquals(1, indexed.exit());
    assertTrue(
        indexed
            .err()
            .startsWith(
                "redraft: " + archive + "/notes.jsonl:1: no trace: the first line must say"),
        indexed.err());
    assertTrue(indexed.out().endsWith("/index.jsonl, without 1 that are broken\n"), indexed.out());
    Files.delete(archive.resolve("notes.jsonl"));
    String fine = Cli.fine("traces verify " + archive.getParent()).out();
    assertTrue(fine.contains("deep/cut.jsonl: 3 sequences, "), fine);
    assertTrue(fine.contains(" positions, cut as it was when the index was made\n"), fine);
  }

  @Test
  void noMemoryIsTakenByTheLengthOfATrace() throws Exception {
    Path large = folder.resolve("large.jsonl");
    try (TraceWriter writer = new TraceWriter(large, HEADER)) {
      List<TraceSequence> some = sequences(2, 5);
      for (int i = 0; i < 12_000; i++) {
        for (TraceSequence one : some) {
          writer.write(
              new TraceSequence(
                  new TraceSequence.Label("p" + i, one.sample(), one.domain()),
                  one.prefix(),
                  one.path(),
                  one.target(),
                  one.drafts()));
        }
      }
      writer.finish();
    }
    assertTrue(Files.size(large) > 30_000_000, Files.size(large) + " bytes");
    Path archive = folder.resolve("archive");
    for (String line :
        List.of(
            "traces split " + large + " --out " + archive,
            "traces merge " + archive + " --out " + folder.resolve("m.jsonl"),
            "traces index " + archive,
            "traces verify " + archive + " " + folder.resolve("m.jsonl"))) {
      Process small =
          Cli.process(List.of("-Xmx24m"), line.split(" "))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said.txt").toFile())
              .start();
      assertEquals(0, small.waitFor(), line + ": " + Files.readString(folder.resolve("said.txt")));
    }
    assertEquals(-1, Files.mismatch(large, folder.resolve("m.jsonl")));
  }

  @Test
  void sayWhat() {
    Cli run = Cli.run("traces");
    assertEquals(2, run.exit());
    assertTrue(run.err().startsWith("redraft: say what: traces merge"), run.err());
    assertTrue(refused("traces index " + TINY, 2).err().contains("is no folder of traces"));
    assertTrue(refused("traces verify -", 2).err().contains("redraft inspect - checks it"));
    assertTrue(
        refused("traces merge s3://a/b --out " + folder.resolve("x.jsonl"), 2)
            .err()
            .contains("cannot be read"));
    assertTrue(
        refused("traces verify traces --threads 0", 2)
            .err()
            .contains("--threads 0 must be at least 1"));
  }
}
