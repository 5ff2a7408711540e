package redraft.trace.archive;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work on one thing after the other by several threads, with the results in the things' order. */
public final class InOrder {
  private static final int AHEAD = 4; // results a thread that wait for an earlier one, at most

  private InOrder() {}

  /** What is done with each, by any thread. */
  public interface Work<T, R> {
    R of(T thing) throws IOException;
  }

  /** What is told of the results, one after the other. */
  public interface Results<T, R> {
    void add(T thing, R result) throws IOException;
  }

  /** Does all of it, and tells what came out. */
  public static <T, R> void each(
      List<T> things, int threads, Work<T, R> work, Results<T, R> results) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Deque<Future<R>> begun = new ArrayDeque<>();
      int ahead = AHEAD * threads;
      int next = 0;
      for (T thing : things) {
        for (; next < things.size() && begun.size() < ahead; next++) {
          T later = things.get(next);
          begun.add(pool.submit(() -> work.of(later)));
        }
        results.add(thing, take(begun.remove()));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static <R> R take(Future<R> begun) throws IOException {
    try {
      return begun.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
