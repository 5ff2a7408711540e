package redraft.recording;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import redraft.recording.Recording.Pace;
import redraft.recording.Recording.Source;
import redraft.trace.Prompt;
import redraft.trace.TraceSequence;

/**
 * Sequences in the making, as many at once as the pace allows; they are taken in the order in which
 * they were begun. Whether one may be begun does not depend on which is ready first: until a
 * sequence is taken, the most that it may cost is set aside.
 */
final class Ahead implements AutoCloseable {
  private final Source source;
  private final Pace pace;
  private final ExecutorService threads; // null where sequences are made one by one, here
  private final Queue<Begun> begun = new ArrayDeque<>();
  private long spent;

  private record Begun(FutureTask<TraceSequence> sequence, long most) {}

  Ahead(Source source, Pace pace) {
    this.source = source;
    this.pace = pace;
    threads = pace.concurrency() == 1 ? null : Executors.newFixedThreadPool(pace.concurrency());
  }

  void spend(long tokens) {
    spent += tokens;
  }

  /** Begins a sequence, unless enough are being made, or the budget might not do. */
  boolean begin(Prompt prompt, int sample) {
    long most = source.mostTokens(prompt);
    if (begun.size() == pace.concurrency() || most > pace.tokenBudget() - spent) {
      return false;
    }
    spent += most;
    FutureTask<TraceSequence> sequence = new FutureTask<>(() -> source.record(prompt, sample));
    begun.add(new Begun(sequence, most));
    if (threads != null) {
      threads.execute(sequence);
    }
    return true;
  }

  /** The first that was begun, when it is ready; null if none was. */
  TraceSequence take() throws IOException {
    Begun first = begun.poll();
    if (first == null) {
      return null;
    }
    if (threads == null) {
      first.sequence.run();
    }
    try {
      TraceSequence sequence = first.sequence.get();
      spent += source.tokens(sequence) - first.most;
      return sequence;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Gives up what was begun and not taken. */
  @Override
  public void close() {
    if (threads != null) {
      threads.shutdownNow();
    }
  }
}
