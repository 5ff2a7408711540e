package redraft.cli;

import redraft.validation.live.Phases;

/** Progress of work that has phases, one after the other. */
final class ProgressPhases implements Phases, AutoCloseable {
  private final String task;
  private final Progress.Said said = new Progress.Said();
  private Progress progress;

  ProgressPhases(String task) {
    this.task = task;
  }

  @Override
  public void begin(String phase, long steps) {
    close();
    progress = new Progress(task + ": " + phase, steps, "", 1, said);
  }

  @Override
  public void step() {
    progress.step();
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
    }
    progress = null;
  }
}
