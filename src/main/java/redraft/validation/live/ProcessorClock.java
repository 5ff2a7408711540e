package redraft.validation.live;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What had been used of the processors at a moment, by the calling thread, by this program and by
 * all programs.
 *
 * @param wallNanos as {@link System#nanoTime}
 * @param threadNanos processor time of the calling thread; below 0 where it is not known
 * @param programNanos processor time of this program; below 0 where it is not known
 * @param machine of all processors together; null where it is not known
 */
public record ProcessorClock(long wallNanos, long threadNanos, long programNanos, Machine machine) {
  private static final Path STAT = Path.of("/proc/stat");

  /**
   * Counts of the kernel, in ticks of one processor (proc_stat(5)).
   *
   * @param busy of programs
   * @param stolen by the host of a virtual machine
   * @param all idle ones too
   */
  public record Machine(int processors, long busy, long stolen, long all) {
    /**
     * Reads the lines of {@code /proc/stat}.
     *
     * @return null if the first is not the sum over processors
     */
    static Machine of(List<String> stat) {
      if (stat.isEmpty() || !stat.get(0).startsWith("cpu ")) {
        return null;
      }
      // user nice system idle iowait irq softirq steal; what follows is counted in user and nice
      long[] ticks =
          Arrays.stream(stat.get(0).substring(4).trim().split(" +"))
              .limit(8)
              .mapToLong(Long::parseLong)
              .toArray();
      if (ticks.length < 8) {
        return null;
      }
      long all = Arrays.stream(ticks).sum();
      int processors = (int) stat.stream().filter(line -> line.matches("cpu\\d+ .*")).count();
      return new Machine(processors, all - ticks[3] - ticks[4] - ticks[7], ticks[7], all);
    }
  }

  /** The present moment, seen from this thread. */
  public static ProcessorClock now() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return new ProcessorClock(
        System.nanoTime(),
        threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : -1,
        ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(-1L),
        readMachine());
  }

  private static Machine readMachine() {
    try {
      return Machine.of(Files.readAllLines(STAT));
    } catch (IOException | NumberFormatException e) { // no Linux, or a kernel unlike others
      return null;
    }
  }

  /** What was used since an earlier moment, seen from the same thread. */
  public ProcessorUse since(ProcessorClock earlier) {
    double wall = wallNanos - earlier.wallNanos;
    double waiting =
        threadNanos < 0 ? Double.NaN : Math.max(0, 1 - (threadNanos - earlier.threadNanos) / wall);
    long ticks = machine == null || earlier.machine == null ? 0 : machine.all - earlier.machine.all;
    if (ticks <= 0) {
      int processors = Runtime.getRuntime().availableProcessors();
      return new ProcessorUse(processors, waiting, Double.NaN, Double.NaN);
    }
    double own = (programNanos - earlier.programNanos) / wall / machine.processors;
    double busy = (machine.busy - earlier.machine.busy) / (double) ticks;
    return new ProcessorUse(
        machine.processors,
        waiting,
        programNanos < 0 ? Double.NaN : Math.max(0, busy - own),
        (machine.stolen - earlier.machine.stolen) / (double) ticks);
  }
}
