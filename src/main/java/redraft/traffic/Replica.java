package redraft.traffic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.latency.Load;

/**
 * One engine that batches continuously: what it holds, and what its next pass takes in. It
 * schedules as vLLM does ({@code vllm/v1/core/sched/scheduler.py} of vLLM 0.19): requests that run
 * come first, each with one row and its drafted ones, or with what is left to read of its prompt up
 * to the budget of rows; where blocks of the KV cache run out, the request that was admitted last
 * is preempted and reads its text again later; only in an iteration that preempted none, those that
 * wait are admitted in their order, while there is room for the whole of what they have to read.
 *
 * <p>A request's prompt is read to its end, and this pass gives its first token. From then on it
 * decodes in steps, whose accepted tokens are drawn from the recorded law at its own position.
 */
final class Replica {
  private final EngineLimits limits;
  private final IterationPrices prices;
  private final LoadPolicy policy; // null where nothing is drafted
  private final Draws draws;
  private final Outcomes outcomes;
  private final KvBlocks kv; // null for no bound

  private final ArrayDeque<Request> waiting = new ArrayDeque<>();
  private final List<Request> running = new ArrayList<>();
  private final List<Request> scheduled = new ArrayList<>();
  private int[] drafting = new int[16]; // [longest + 1]: sequences by the tokens that they draft

  /**
   * @param policy null where nothing is drafted
   */
  Replica(
      EngineLimits limits,
      IterationPrices prices,
      LoadPolicy policy,
      Draws draws,
      Outcomes outcomes) {
    this.limits = limits;
    this.prices = prices;
    this.policy = policy;
    this.draws = draws;
    this.outcomes = outcomes;
    kv = limits.bounded() ? new KvBlocks(limits) : null;
  }

  /**
   * What the next pass takes in.
   *
   * @param drafting [longest + 1]: sequences by the tokens that they draft
   * @param speculates whether any was asked to draft
   * @param behind sequences whose draft has to catch up
   */
  record Iteration(Load load, int[] drafting, boolean speculates, int behind) {}

  int waiting() {
    return waiting.size();
  }

  int running() {
    return running.size();
  }

  /** Part of the KV cache in use; 0 where it has no bound. */
  double kvUsed() {
    return kv == null ? 0 : kv.used();
  }

  boolean idle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  /** Puts the next pass together; one that takes in nothing where it is idle. */
  Iteration next() {
    boolean speculates = schedule();
    Load load = load();
    return new Iteration(load, drafting, speculates, behind());
  }

  /** A request has come. */
  void admit(Request request) {
    if (kv != null && !kv.holds((long) request.promptTokens + request.outputTokens)) {
      throw new IllegalArgumentException(
          "request "
              + request.number
              + " of "
              + request.promptTokens
              + " + "
              + request.outputTokens
              + " tokens does not fit into a KV cache of "
              + limits.kvTokens()
              + " tokens; state more memory (--kv-tokens), or leave out such requests");
    }
    waiting.add(request);
  }

  /** Puts the next pass together; whether any request was asked to draft. */
  private boolean schedule() {
    scheduled.clear();
    int budget = limits.maxBatchedTokens();
    boolean speculates = false;
    boolean preempted = false;
    if (policy != null) {
      policy.iteration(running, cached());
    }
    for (int i = 0; i < running.size() && budget > 0; i++) {
      Request request = running.get(i);
      request.rows = request.reached() - request.computed;
      request.drafted = 0;
      int lookahead = 0;
      if (policy != null && request.rows == 1 && request.emitted > 0) {
        int wanted = policy.length(request);
        speculates |= wanted > 0;
        request.drafted =
            request.text.drafted(request.emitted, wanted, request.outputTokens - request.emitted);
        request.admitted = policy.admitted(request, request.drafted);
        request.rows = prices.targetRows(request.admitted);
        while (request.rows > budget && request.admitted > 0) {
          request.rows = prices.targetRows(--request.admitted);
        }
        request.drafted = policy.trims() ? request.drafted : request.admitted;
        lookahead = prices.runsModel() ? request.drafted : 0;
      }
      request.rows = Math.min(request.rows, budget);
      while (kv != null
          && !kv.reserve(request, (long) request.computed + request.rows + lookahead)) {
        Request last = running.remove(running.size() - 1);
        preempt(last);
        preempted = true;
        if (last == request) {
          break;
        }
      }
      if (i == running.size()) { // it was preempted itself
        break;
      }
      scheduled.add(request);
      budget -= request.rows;
    }
    while (!preempted
        && budget > 0
        && !waiting.isEmpty()
        && running.size() < limits.maxSequences()) {
      Request request = waiting.peek();
      if (kv != null) {
        if (!kv.fits(request.reached())) {
          break;
        }
        request.computed = kv.takeBack(request);
      }
      request.drafted = 0;
      request.rows = Math.min(request.reached() - request.computed, budget);
      if (kv != null) {
        kv.reserve(request, (long) request.computed + request.rows);
      }
      if (request.preemptions > 0) {
        outcomes.recomputed(request.reached() - request.computed);
      }
      running.add(waiting.poll());
      scheduled.add(request);
      budget -= request.rows;
    }
    return speculates;
  }

  private long cached() {
    long cached = 0;
    for (Request request : running) {
      cached += request.computed;
    }
    return cached;
  }

  private void preempt(Request request) {
    kv.preempt(request);
    request.computed = 0;
    request.wholeBlock = false;
    request.preemptions++;
    waiting.addFirst(request);
    outcomes.preempted();
  }

  /** What the pass takes in; counts the sequences by what they draft on the way. */
  private Load load() {
    Arrays.fill(drafting, 0);
    int sequences = 0;
    int rows = 0;
    long cached = 0;
    int prompts = 0;
    int promptRows = 0;
    long promptCached = 0;
    long pairs = 0;
    int sampled = 0;
    for (Request request : scheduled) {
      if (request.rows > 1 && request.drafted == 0) {
        prompts++;
        promptRows += request.rows;
        promptCached += request.computed;
        pairs +=
            (long) request.rows * request.computed + (long) request.rows * (request.rows + 1) / 2;
        sampled += request.computed + request.rows == request.reached() ? 1 : 0;
      } else {
        sequences++;
        rows += request.rows;
        cached += request.computed;
        sampled += request.rows;
        if (request.drafted >= drafting.length) {
          drafting = Arrays.copyOf(drafting, 2 * request.drafted);
        }
        drafting[request.drafted]++;
      }
    }
    return new Load(sequences, rows, cached, prompts, promptRows, promptCached, pairs, sampled);
  }

  private int behind() {
    if (!prices.catchesUp()) {
      return 0;
    }
    int behind = 0;
    for (Request request : scheduled) {
      behind += request.wholeBlock ? 1 : 0;
    }
    return behind;
  }

  /** What the pass gave; how many requests have ended. */
  int complete(double now) {
    int ended = 0;
    for (Request request : scheduled) {
      int before = request.computed;
      boolean verified = request.drafted > 0;
      if (!verified) {
        request.computed += request.rows;
        if (request.computed < request.reached()) {
          continue; // more of its prompt to read
        }
      }
      int left = request.outputTokens - request.emitted;
      int accepted = 0;
      if (verified) {
        accepted =
            request.text.accepted(
                request.emitted, request.admitted, draws.uniform(request.number, request.emitted));
        policy.verified(request, request.admitted, accepted);
        request.computed = before + accepted + 1;
      }
      int tokens = Math.min(left, accepted + 1);
      request.wholeBlock = verified && accepted == request.drafted;
      if (request.emitted == 0) {
        request.firstTokenMs = now;
        outcomes.firstToken();
      } else {
        outcomes.step(request.drafted, Math.min(accepted, left - 1), tokens);
      }
      request.emitted += tokens;
      if (request.finished()) {
        if (kv != null) {
          kv.release(request);
        }
        outcomes.finished(request, now);
        ended++;
      }
    }
    if (ended > 0) {
      running.removeIf(Request::finished);
    }
    return ended;
  }
}
