package redraft.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import redraft.cli.Main;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceWriter;

/**
 * How time and memory grow with an archive: {@code redraft replay DIR --draft-length 4 --cost-ratio
 * 0.1}, the whole process in a virtual machine of its own with a heap of 1 GB, on all processors.
 *
 * <p>Method: the archive is the shipped trace again and again, every prompt under an id of its own,
 * in gzipped files of about 100,000 positions. Beyond the most that is written so, further folders
 * hold hard links to those files: other files of the same bytes, which the program reads again like
 * any others. Heap is the peak of what was in use, after collections or not; disk and page cache
 * are as the machine has them; core seconds are the processor time of the process, which other work
 * on the machine changes least. Run it with {@code scripts/bench archive [FOLDER [POSITIONS…]]};
 * the archives stay in the folder (default: target/archives) for the next run.
 */
public final class ArchiveBench {
  private static final Path TRACE = Path.of("traces/tiny-t1.jsonl.gz");
  private static final int SHARD = 100_000; // positions
  private static final long MOST_WRITTEN = 10_000_000; // positions

  private ArchiveBench() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("replay")) {
      replay(arguments[1]);
      return;
    }
    Path folder = Path.of(arguments.length == 0 ? "target/archives" : arguments[0]);
    List<Long> sizes = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      sizes.add(Long.parseLong(arguments[i]));
    }
    if (sizes.isEmpty()) {
      sizes.addAll(List.of(1_000_000L, 10_000_000L));
    }
    System.out.println(
        "positions | files | GB | seconds | core seconds | million positions a core second | peak heap, MB");
    for (long size : sizes) {
      Path archive = archive(folder, size);
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx1g",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ArchiveBench.class.getName(),
                  "replay",
                  archive.toString())
              .inheritIO()
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("replay of " + archive + " failed");
      }
    }
  }

  private static void replay(String archive) throws IOException {
    long started = System.nanoTime();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    int exit =
        Main.execute(
            json,
            System.err,
            "replay",
            archive,
            "--draft-length",
            "4",
            "--cost-ratio",
            "0.1",
            "--csv",
            "-");
    double seconds = (System.nanoTime() - started) / 1e9;
    double cores =
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    if (exit != 0) {
      System.exit(exit);
    }
    String[] lines = json.toString(StandardCharsets.UTF_8).split("\n");
    int column = List.of(lines[0].split(",")).indexOf("positions");
    long positions = Long.parseLong(lines[1].split(",")[column]);
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    long bytes = 0;
    long files = 0;
    try (var paths = Files.walk(Path.of(archive))) {
      for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
        bytes += Files.size(path);
        files++;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d | %,d | %.2f | %.1f | %.1f | %.2f | %,d%n",
        positions,
        files,
        bytes / 1e9,
        seconds,
        cores,
        positions / cores / 1e6,
        peak >> 20);
  }

  private static Path archive(Path folder, long size) throws IOException {
    Path archive = folder.resolve(Long.toString(size));
    if (Files.exists(archive)) {
      return archive;
    }
    if (size <= MOST_WRITTEN) {
      Path unfinished = Files.createDirectories(folder.resolve(size + ".unfinished"));
      write(unfinished, size);
      return Files.move(unfinished, archive);
    }
    Path written = archive(folder, MOST_WRITTEN);
    Path unfinished = folder.resolve(size + ".unfinished");
    for (long part = 0; part < size / MOST_WRITTEN; part++) {
      Path links = Files.createDirectories(unfinished.resolve(Long.toString(part)));
      try (var files = Files.list(written)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.createLink(links.resolve(file.getFileName()), file);
        }
      }
    }
    return Files.move(unfinished, archive);
  }

  private static void write(Path folder, long size) throws IOException {
    List<TraceSequence> texts = new ArrayList<>();
    TraceHeader header;
    try (TraceReader reader = new TraceReader(TRACE)) {
      header = reader.header();
      for (TraceSequence text; (text = reader.next()) != null; ) {
        texts.add(text);
      }
    }
    int positions = texts.stream().mapToInt(TraceSequence::length).sum();
    int copies = Math.max(1, Math.round((float) SHARD / positions));
    int shards = (int) Math.max(1, Math.round((double) size / copies / positions));
    IntStream.range(0, shards)
        .parallel()
        .forEach(
            shard -> {
              Path file = folder.resolve(String.format(Locale.ROOT, "%05d.jsonl.gz", shard));
              try (TraceWriter writer = new TraceWriter(file, header)) {
                for (int copy = 0; copy < copies; copy++) {
                  for (TraceSequence text : texts) {
                    writer.write(called(text, text.id() + "-" + shard + "-" + copy));
                  }
                }
                writer.finish();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static TraceSequence called(TraceSequence text, String id) {
    return new TraceSequence(
        new Label(id, text.sample(), text.domain()),
        text.prefix(),
        text.path(),
        text.target(),
        text.drafts());
  }
}
