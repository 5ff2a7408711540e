package redraft.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import redraft.json.LineSource;
import redraft.study.Archive;
import redraft.study.ArchiveParts;
import redraft.study.Storage;
import scala.Function1;
import scala.Function2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Archives on the driver: their files are dealt out to executors, and what these say is added up as
 * it comes. The sums are exact, so that any number of parts in any order gives the same bytes.
 */
final class DriverStorage implements Storage {
  /** How many parts to make; without it three for each core. */
  private static final String PARTITIONS = "spark.redraft.partitions";

  private static final int PARTS_PER_CORE = 3;

  private final JavaSparkContext spark;
  private final String[] arguments;
  private final Map<String, byte[]> contents;
  private final Map<String, List<ArchiveFile>> archives = new HashMap<>();
  private final Map<String, List<String[]>> leads = new HashMap<>();
  private final List<byte[]> answers = new ArrayList<>();

  DriverStorage(JavaSparkContext spark, String[] arguments) {
    this.spark = spark;
    this.arguments = arguments;
    contents = contents(arguments);
  }

  /** Files of this machine that options name, which executors may not have. */
  private static Map<String, byte[]> contents(String[] arguments) {
    Map<String, byte[]> contents = new HashMap<>();
    for (String argument : arguments) {
      String value = ExecutorStorage.value(argument);
      try {
        Path file = Path.of(value);
        if (Files.isRegularFile(file) && !Archive.isTrace(value)) {
          contents.put(value, Files.readAllBytes(file));
        }
      } catch (IOException | RuntimeException e) {
        continue; // no name of a file, or one that the command itself will refuse
      }
    }
    return contents;
  }

  private Configuration hadoop() {
    return spark.hadoopConfiguration();
  }

  @Override
  public List<ArchiveFile> files(String trace) throws IOException {
    if (!archives.containsKey(trace)) {
      archives.put(trace, HadoopFiles.list(trace, hadoop()));
    }
    return archives.get(trace);
  }

  @Override
  public LineSource open(String path) throws IOException {
    return HadoopFiles.open(path, hadoop());
  }

  @Override
  public boolean inOrder() {
    return false;
  }

  @Override
  public void read(Archive archive, ArchiveParts parts, LongConsumer progress)
      throws IOException {
    archives.forEach(
        (trace, files) -> {
          if (files == archive.files()) {
            leads.put(trace, archive.lead().stream().map(DriverStorage::fields).toList());
          }
        });
    Broadcast<Job> job =
        spark.broadcast(new Job(arguments, contents, Map.copyOf(leads), List.copyOf(answers)));
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(hadoop()));
    AtomicReference<Job.Answer> failed = new AtomicReference<>();
    JavaRDD<String[][]> groups = parallel(groups(archive.files()));
    try {
      run(
          groups,
          group -> new ExecutorStorage(job.value(), hadoop.value().value(), group).answer(),
          answer -> {
            if (answer.parts() == null) {
              failed.compareAndSet(null, answer);
              spark.cancelAllJobs();
            } else {
              parts.addFrom(uncompressed(answer.parts()));
              progress.accept(parts.sequences());
            }
          });
    } catch (Exception e) { // Scala throws what Java does not know of
      refuse(failed.get());
      throw new IOException(oneLine(e), e);
    } finally {
      job.destroy();
      hadoop.destroy();
    }
    refuse(failed.get());
    answers.add(compressed(parts));
  }

  private static String oneLine(Exception failure) {
    return "Spark gave up: " + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** Says what an executor's command said. */
  private static void refuse(Job.Answer failed) throws IOException {
    if (failed != null) {
      String message = failed.failure();
      if (failed.exit() == 2) {
        throw new IllegalArgumentException(message);
      }
      throw new IOException(message);
    }
  }

  private static String[] fields(ArchiveFile file) {
    return new String[] {file.name(), file.path(), Long.toString(file.bytes())};
  }

  /** Large files first, dealt out in turn. */
  private List<String[][]> groups(List<ArchiveFile> files) {
    int wanted =
        spark.getConf().getInt(PARTITIONS, PARTS_PER_CORE * spark.defaultParallelism());
    int count = Math.max(1, Math.min(files.size(), wanted));
    List<ArchiveFile> largest =
        files.stream().sorted(Comparator.comparingLong(ArchiveFile::bytes).reversed()).toList();
    return IntStream.range(0, count)
        .mapToObj(
            group ->
                IntStream.iterate(group, i -> i < largest.size(), i -> i + count)
                    .mapToObj(i -> fields(largest.get(i)))
                    .toArray(String[][]::new))
        .toList();
  }

  /** A partition for each. */
  private JavaRDD<String[][]> parallel(List<String[][]> groups) {
    return spark.parallelize(groups, groups.size());
  }

  /** Work on one part. */
  interface Work extends Serializable {
    Job.Answer of(String[][] group) throws IOException;
  }

  /** What is done with the answers, one after the other. */
  private interface Taken {
    void take(Job.Answer answer) throws IOException;
  }

  /** Runs a job whose answers are taken as they come. */
  private void run(JavaRDD<String[][]> groups, Work work, Taken taken) {
    Function1<Iterator<String[][]>, Job.Answer> task = new Part(work);
    Function2<Object, Job.Answer, BoxedUnit> handler =
        (partition, answer) -> {
          try {
            taken.take(answer);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return BoxedUnit.UNIT;
        };
    ClassTag<Job.Answer> type = ClassTag$.MODULE$.apply(Job.Answer.class);
    spark.sc().runJob(groups.rdd(), task, handler, type);
  }

  /** Work on the one group of a partition. */
  private static final class Part extends AbstractFunction1<Iterator<String[][]>, Job.Answer>
      implements Serializable {
    private static final long serialVersionUID = 1;
    private final Work work;

    Part(Work work) {
      this.work = work;
    }

    @Override
    public Job.Answer apply(Iterator<String[][]> groups) {
      try {
        return work.of(groups.next());
      } catch (IOException e) {
        throw new UncheckedIOException(e); // so that Spark tries again
      }
    }
  }

  static byte[] compressed(ArchiveParts parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      parts.write(out);
    }
    return bytes.toByteArray();
  }

  static DataInputStream uncompressed(byte[] bytes) throws IOException {
    return new DataInputStream(new GZIPInputStream(new ByteArrayInputStream(bytes)));
  }
}
