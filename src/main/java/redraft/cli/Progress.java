package redraft.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import redraft.json.Visible;

/** Progress of long work on standard error: a bar on a terminal, nothing elsewhere. */
final class Progress implements AutoCloseable {
  private final ProgressBar bar; // null where standard error is no terminal

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

  void stepTo(long done) {
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  void step(String what) {
    if (bar != null) {
      bar.setExtraMessage(Visible.line(what));
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
