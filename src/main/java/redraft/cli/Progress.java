package redraft.cli;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import redraft.json.Visible;

/**
 * Progress of long work on standard error: a bar on a terminal, and elsewhere a line every ten
 * seconds.
 */
final class Progress implements AutoCloseable {
  private static final long BETWEEN = 10_000_000_000L; // lines, ns

  private final ProgressBar bar; // null where standard error is no terminal
  private final String task;
  private final long total;
  private final long started = System.nanoTime();
  private long said = started;
  private long done;

  /**
   * @param total units of work; -1 when unknown
   */
  Progress(String task, long total) {
    this(task, total, "", 1);
  }

  /**
   * @param unit what {@code unitSize} units of work are called
   */
  Progress(String task, long total, String unit, long unitSize) {
    this.task = task;
    this.total = total;
    bar =
        Boolean.getBoolean("redraft.terminal")
            ? new ProgressBarBuilder()
                .setTaskName(Visible.line(task))
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(standardError(), 100))
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish()
                .build()
            : null;
  }

  private static PrintStream standardError() {
    return System.err;
  }

  void stepTo(long reached) {
    done = reached;
    if (bar != null) {
      bar.stepTo(reached);
    } else {
      say();
    }
  }

  void step(String what) {
    done++;
    if (bar != null) {
      bar.setExtraMessage(Visible.line(what));
      bar.step();
    } else {
      say();
    }
  }

  private synchronized void say() {
    long now = System.nanoTime();
    if (now - said < BETWEEN) {
      return;
    }
    said = now;
    standardError().println(Message.line(line(task, done, total, (now - started) / 1e9)));
  }

  /** How far work is, and how much longer it takes at this rate. */
  static String line(String task, long done, long total, double seconds) {
    String far = task + ": " + (total > 0 ? 100 * done / total + "%" : done + " so far");
    String time = String.format(Locale.ROOT, "%s, %.0f s", far, seconds);
    return total > 0 && done > 0
        ? String.format(
            Locale.ROOT, "%s, about %.0f s left", time, seconds * Math.max(0, total - done) / done)
        : time;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
