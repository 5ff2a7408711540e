package redraft.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.cli.Cli;
import redraft.cli.Main;
import redraft.cli.Shards;

/** What executors say together is, to the byte, what the command says on one machine. */
class ClusterTest {
  @TempDir private static Path folder;
  private static Path archive;

  private JavaSparkContext spark;

  @BeforeAll
  static void split() throws IOException {
    archive = folder.resolve("archive");
    Shards.split(Path.of("traces/tiny-t1.jsonl.gz"), archive, 40);
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  private void start(String master, int partitions) {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster(master)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.redraft.partitions", Integer.toString(partitions))
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path")));
  }

  private Cli ask(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Main.execute(new DriverStorage(spark, arguments), out, err, arguments);
    return new Cli(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private void assertSame(String line) {
    Cli here = Cli.fine(line);
    Cli there = ask(line.split(" "));
    assertEquals(0, there.exit(), there.err());
    assertEquals(here.out(), there.out());
    assertEquals(here.err(), there.err());
  }

  /** How often executors were asked since Spark was started. */
  private int jobs() {
    return spark.statusTracker().getJobIdsForGroup(null).length;
  }

  /** Each reads its archive once, but for the one whose policy is by batch. */
  private static final List<String> LINES =
      List.of(
          "replay ARCHIVE --cost-ratio 0.1 --by-domain --csv -",
          "replay ARCHIVE --cost-ratio 0.1 --domain maths --sampled 10 --draft-length 4 --csv -",
          "replay ARCHIVE --latency llama-3.1-8b+llama-3.2-1b@h100 --policy batch-table:1-4=5,5-32=2 --batch 1,8 --csv -",
          "sweep ARCHIVE --draft-length 1..4 --batch 1,16 --context 256 --csv -",
          "best ARCHIVE --engine vllm --hardware h100 --target-model llama-3.1-8b --draft-model llama-3.2-1b",
          "compare ARCHIVE --cost-ratio 0.1 --by-domain --csv -");

  @Test
  void saysTheSameInOnePartAndInTwoHundred() {
    for (int partitions : List.of(1, 200)) {
      start("local[2]", partitions);
      for (String line : LINES) {
        assertSame(line.replace("ARCHIVE", archive.toString()));
      }
      assertSame("replay traces/tiny-t1.jsonl.gz --cost-ratio 0.1 --csv -");
      assertEquals(LINES.size() + 2, jobs()); // a table of batches reads them once for each
      assertSame("best --acceptance 0.8 --cost-ratio 0.1");
      spark.stop();
    }
  }

  @Test
  void takesFilesOfOptionsToTheExecutors() throws IOException {
    start("local[2]", 3);
    Path profile = Path.of("traces/smollm2-int4-on-cpu.json");
    Cli here = Cli.fine("replay " + archive + " --latency " + profile + " --csv -");
    Cli there = ask("replay", archive.toString(), "--latency=" + profile, "--csv", "-");
    assertEquals(here.out(), there.out());
  }

  @Test
  void namesBrokenFilesAndStopsOrGoesOn() throws IOException {
    Path broken = folder.resolve("broken");
    Shards.split(Path.of("traces/tiny-t1.jsonl.gz"), broken, 8);
    Path bad = broken.resolve("s5.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(bad));
    lines.set(3, "{\"id\": 3}");
    Files.write(bad, lines);
    start("local[2]", 4);
    String line = "replay " + broken + " --cost-ratio 0.1 --csv -";
    Cli stopped = ask(line.split(" "));
    assertEquals(1, stopped.exit());
    assertTrue(stopped.err().contains("broken/s5.jsonl:4: "), stopped.err());
    assertEquals(1, stopped.err().lines().count(), stopped.err());
    assertSame(line + " --broken-files skip");
  }

  @Test
  void refusesWhatReadsTextsInOrder() {
    start("local[2]", 2);
    Cli run = ask("replay", archive.toString(), "--tree", "best:8", "--cost-ratio", "0.1");
    assertEquals(2, run.exit());
    assertTrue(run.err().contains("is not asked of many machines"), run.err());
  }

  @Test
  void saysTheSameWhereAnExecutorIsKilled() throws Exception {
    Path large = folder.resolve("large");
    Shards.split(Path.of("traces/tiny-t1.jsonl.gz"), large, 80);
    start("local-cluster[2,1,1024]", 80);
    String line = "sweep " + large + " --draft-length 4,5 --csv -";
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger killed = new AtomicInteger();
    spark
        .sc()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskEnd(SparkListenerTaskEnd task) {
                if (ended.incrementAndGet() == 10) {
                  ProcessHandle.current()
                      .descendants()
                      .filter(ClusterTest::isExecutor)
                      .findFirst()
                      .filter(ProcessHandle::destroyForcibly)
                      .ifPresent(process -> killed.incrementAndGet());
                }
              }
            });
    Cli there = ask(line.split(" "));
    assertEquals(1, killed.get());
    assertEquals(0, there.exit(), there.err());
    assertTrue(ended.get() > 80, ended + " tasks ended, the lost ones among them");
    assertEquals(Cli.fine(line).out(), there.out());
  }

  /** No other program is started. */
  private static boolean isExecutor(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("java");
  }
}
