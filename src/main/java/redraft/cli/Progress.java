package redraft.cli;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import redraft.json.Visible;

/**
 * Progress of long work on standard error: a bar on a terminal, and elsewhere a line every ten
 * seconds.
 */
final class Progress implements AutoCloseable {
  private static final long BETWEEN = 10_000_000_000L; // lines, ns

  private static final int WIDEST = 100; // columns

  private final ProgressBar bar; // null where standard error is no terminal
  private final String task;
  private final long total;
  private final String unit;
  private final long unitSize;
  private final Said said;
  private final long started = System.nanoTime();
  private long done;

  /** When a line was printed last, by whatever came before in the same work. */
  static final class Said {
    private long last = System.nanoTime();
  }

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
    this(task, total, unit, unitSize, new Said());
  }

  /**
   * @param said of the work that this is a part of
   */
  Progress(String task, long total, String unit, long unitSize, Said said) {
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.unitSize = unitSize;
    this.said = said;
    bar =
        Boolean.getBoolean("redraft.terminal")
            ? new ProgressBarBuilder()
                .setTaskName(Visible.line(task))
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(
                    new OneLine(standardError(), Math.min(WIDEST, Terminal.screen().width() - 1)))
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish()
                .build()
            : null;
  }

  /** A line that is written over, once work is long, and leaves nothing behind. */
  static final class OneLine implements ProgressBarConsumer {
    private static final long LONG = 500_000_000L; // ns

    private final PrintStream out;
    private final int columns;
    private final long from;
    private boolean shown;

    OneLine(PrintStream out, int columns) {
      this(out, columns, System.nanoTime() + LONG);
    }

    /**
     * @param from when it is shown
     */
    OneLine(PrintStream out, int columns, long from) {
      this.out = out;
      this.columns = columns;
      this.from = from;
    }

    @Override
    public int getMaxRenderedLength() {
      return columns;
    }

    @Override
    public void accept(String line) {
      if (System.nanoTime() >= from) {
        shown = true;
        out.print("\r" + line);
        out.flush();
      }
    }

    @Override
    public void clear() {
      if (shown) {
        out.print("\r" + " ".repeat(columns) + "\r");
        out.flush();
      }
    }

    @Override
    public void close() {
      clear();
    }
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

  void step() {
    stepTo(done + 1);
  }

  private void say() {
    synchronized (said) {
      long now = System.nanoTime();
      if (now - said.last < BETWEEN) {
        return;
      }
      said.last = now;
      standardError()
          .println(Message.line(line(task, done, total, (now - started) / 1e9, unit, unitSize)));
    }
  }

  /** How far work is, how fast it goes, and how much longer it takes at this rate. */
  static String line(
      String task, long done, long total, double seconds, String unit, long unitSize) {
    double rate = done / (double) unitSize / seconds;
    String far = total > 0 ? 100 * done / total + "%" : done / unitSize + unit + " so far";
    String line = String.format(Locale.ROOT, "%s: %s, %.0f s", task, far, seconds);
    if (done > 0) {
      line += String.format(Locale.ROOT, ", %." + (rate < 10 ? 2 : 0) + "f%s/s", rate, unit);
    }
    return total > 0 && done > 0
        ? String.format(
            Locale.ROOT, "%s, about %.0f s left", line, seconds * Math.max(0, total - done) / done)
        : line;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
