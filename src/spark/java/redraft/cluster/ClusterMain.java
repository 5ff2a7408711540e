package redraft.cluster;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import redraft.cli.Main;

/**
 * The program as {@code spark-submit} starts it: the commands that ask traces, with their own
 * options, reading archives on the executors of a cluster.
 */
public final class ClusterMain {
  private static final List<String> COMMANDS = List.of("replay", "sweep", "best", "compare");

  private ClusterMain() {}

  /**
   * @param arguments a command and its options
   */
  public static void main(String[] arguments) {
    boolean help = List.of(arguments).contains("--help") || List.of(arguments).contains("-h");
    if (arguments.length == 0 || !COMMANDS.contains(arguments[0])) {
      System.err.println(
          "redraft-spark: "
              + (arguments.length == 0
                  ? "name a command"
                  : "'" + arguments[0] + "' is not asked of archives on a cluster")
              + ": "
              + String.join(", ", COMMANDS));
      System.exit(2);
    }
    Main.prepare();
    int exit;
    if (help) {
      exit = Main.execute(System.out, System.err, arguments);
    } else {
      SparkConf conf =
          new SparkConf()
              .setAppName("redraft " + arguments[0])
              // Answers of parts are added up as they come, and not kept.
              .setIfMissing("spark.driver.maxResultSize", "0")
              .setIfMissing("spark.ui.showConsoleProgress", "false");
      try (JavaSparkContext spark = new JavaSparkContext(conf)) {
        exit =
            Main.execute(new DriverStorage(spark, arguments), System.out, System.err, arguments);
      }
    }
    System.exit(exit);
  }
}
