package redraft.trace.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redraft.json.ResultFiles;

/**
 * The files of a recording in a folder, each a whole trace: {@code NAME-00001.jsonl.gz} and so on.
 * The one that is being written is {@code .recording-NAME-….jsonl.gz}, which no reader takes for
 * one of them.
 */
public record Shards(Path folder, String name) {
  /** Positions of a shard where nothing else is said: some 5 MB. */
  public static final long POSITIONS = 100_000;

  private static final Pattern EXTENSION = Pattern.compile("\\.jsonl(\\.gz|\\.zst)?$");

  /** Called like a trace, without its extension. */
  public static Shards like(Path folder, String trace) {
    return new Shards(folder, EXTENSION.matcher(trace).replaceFirst(""));
  }

  /** The shard of a number, from 1 on. */
  public Path file(int number) {
    return folder.resolve(String.format(Locale.ROOT, "%s-%05d.jsonl.gz", name, number));
  }

  /** That shard while it is being written. */
  public Path unfinished(int number) {
    return folder.resolve(".recording-" + ResultFiles.name(file(number)));
  }

  /** The numbers of the shards that are there, in order. */
  public List<Integer> finished() throws IOException {
    return numbers("");
  }

  /** The numbers of those that were being written. */
  public List<Integer> begun() throws IOException {
    return numbers(".recording-");
  }

  /** Whether there is one of either. */
  public boolean any() throws IOException {
    return !finished().isEmpty() || !begun().isEmpty();
  }

  private List<Integer> numbers(String prefix) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Pattern pattern = Pattern.compile(Pattern.quote(prefix + name) + "-(\\d{5,9})\\.jsonl\\.gz");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> pattern.matcher(ResultFiles.name(file)))
          .filter(Matcher::matches)
          .map(match -> Integer.valueOf(match.group(1)))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  /** Removes all of them. */
  public void delete() throws IOException {
    for (int number : finished()) {
      Files.delete(file(number));
    }
    for (int number : begun()) {
      Files.delete(unfinished(number));
    }
  }
}
