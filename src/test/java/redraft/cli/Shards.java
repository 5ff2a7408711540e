package redraft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

/** Archives for tests. */
public final class Shards {
  private Shards() {}

  /** As many files as there are shards, the prompts dealt out to them in turn. */
  public static void split(Path trace, Path into, int shards) throws IOException {
    List<TraceWriter> writers = new ArrayList<>();
    try (TraceReader reader = new TraceReader(trace)) {
      Files.createDirectories(into.resolve("deep"));
      for (int i = 0; i < shards; i++) {
        String name = (i % 2 == 0 ? "deep/" : "") + "s" + i + ".jsonl" + (i % 3 == 0 ? ".gz" : "");
        writers.add(new TraceWriter(into.resolve(name), reader.header()));
      }
      String prompt = "";
      int at = -1;
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        at = sequence.id().equals(prompt) ? at : (at + 1) % shards;
        prompt = sequence.id();
        writers.get(at).write(sequence);
      }
    }
    for (TraceWriter writer : writers) {
      writer.finish();
      writer.close();
    }
  }
}
