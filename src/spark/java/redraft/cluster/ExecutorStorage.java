package redraft.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import redraft.cli.Main;
import redraft.json.LineSource;
import redraft.study.Archive;
import redraft.study.ArchiveParts;
import redraft.study.Storage;

/**
 * Archives on an executor: it runs the same command, so that it plans the same settings in the same
 * order; takes the answers of earlier questions from the driver; reads its own files for the
 * question that is asked; and ends there.
 */
final class ExecutorStorage implements Storage {
  private static final List<String> OUTPUTS = List.of("--csv", "--json", "--fit");

  private final Job job;
  private final Configuration hadoop;
  private final List<ArchiveFile> own;
  private int asked; // questions
  private byte[] answer; // null until the files are read
  private IOException broken; // such as a network

  /** Ends the command once its files are read. */
  private static final class Done extends RuntimeException {
    private static final long serialVersionUID = 1;

    Done() {
      super("done", null, false, false);
    }
  }

  ExecutorStorage(Job job, Configuration hadoop, String[][] own) {
    this.job = job;
    this.hadoop = hadoop;
    this.own = Arrays.stream(own).map(ExecutorStorage::file).toList();
  }

  private static ArchiveFile file(String[] fields) {
    return new ArchiveFile(fields[0], fields[1], Long.parseLong(fields[2]));
  }

  /**
   * What the command says of the files.
   *
   * @throws IOException where another attempt may do better
   */
  Job.Answer answer() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Path folder = Files.createTempDirectory("redraft");
    int exit;
    try {
      exit = Main.execute(this, OutputStream.nullOutputStream(), err, arguments(folder));
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    if (broken != null) {
      throw broken;
    }
    return new Job.Answer(
        answer, exit, answer != null ? null : err.toString(StandardCharsets.UTF_8).strip());
  }

  /** What an argument may name. */
  static String value(String argument) {
    return argument.startsWith("-") ? argument.substring(argument.indexOf('=') + 1) : argument;
  }

  /** The arguments, with the files that they name where they are here, and without outputs. */
  private String[] arguments(Path folder) throws IOException {
    List<String> here = new ArrayList<>();
    for (int i = 0; i < job.arguments().length; i++) {
      String argument = job.arguments()[i];
      String option = argument.replaceFirst("=.*", "");
      if (OUTPUTS.contains(option)) {
        boolean apart = argument.equals(option) && i + 1 < job.arguments().length;
        if (apart && !job.arguments()[i + 1].startsWith("--")) {
          i++;
        }
        continue;
      }
      String value = value(argument);
      byte[] content = job.contents().get(value);
      if (content != null) {
        Path copy = folder.resolve(i + "-" + Path.of(value).getFileName());
        Files.write(copy, content);
        argument = argument.substring(0, argument.length() - value.length()) + copy;
      }
      here.add(argument);
    }
    here.add("--csv=-");
    return here.toArray(String[]::new);
  }

  @Override
  public List<ArchiveFile> files(String trace) {
    return job.leads().get(trace).stream().map(ExecutorStorage::file).toList();
  }

  @Override
  public LineSource open(String path) throws IOException {
    return HadoopFiles.open(path, hadoop);
  }

  @Override
  public boolean inOrder() {
    return false;
  }

  @Override
  public void read(Archive archive, ArchiveParts parts, LongConsumer progress)
      throws IOException {
    if (asked < job.answers().size()) {
      parts.addFrom(DriverStorage.uncompressed(job.answers().get(asked++)));
      return;
    }
    try {
      archive.read(own, parts, progress);
    } catch (IOException e) {
      broken = e;
      throw e;
    }
    answer = DriverStorage.compressed(parts);
    throw new Done();
  }
}
