package redraft.traffic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redraft.traffic.Replica.Iteration;

/**
 * Replicas of an engine that serve requests, by discrete events: passes and arrivals. Each makes
 * its passes by itself, or all make them in step where their layers share experts.
 *
 * <p>A request goes to the replica with the least of 4 · waiting + running requests, in turn where
 * these are alike, as vLLM's data parallel engines share them.
 */
final class ServingSimulation {
  private final List<Group> groups = new ArrayList<>();
  private final IterationPrices prices;
  private final Outcomes outcomes;
  private int turn;

  /** Replicas that make their passes in step. */
  private static final class Group {
    final List<Replica> replicas = new ArrayList<>();
    double end = Double.POSITIVE_INFINITY; // of its pass, ms; infinity where it makes none
  }

  /** Makes replicas. */
  interface Maker {
    Replica make();
  }

  /**
   * @param replicas how many there are
   * @param inStep whether they make their passes together
   */
  ServingSimulation(
      Maker maker, int replicas, boolean inStep, IterationPrices prices, Outcomes outcomes) {
    this.prices = prices;
    this.outcomes = outcomes;
    for (int i = 0; i < replicas; i++) {
      if (i == 0 || !inStep) {
        groups.add(new Group());
      }
      groups.get(groups.size() - 1).replicas.add(maker.make());
    }
  }

  /** Serves every request. */
  void run(RequestFeed feed) throws IOException {
    double now = 0;
    while (true) {
      for (double next = feed.nextMs(); next <= now; next = feed.nextMs()) {
        route(feed.take());
      }
      Group first = groups.get(0);
      for (Group group : groups) {
        if (group.end == Double.POSITIVE_INFINITY) {
          start(group, now);
        }
        if (group.end < first.end) {
          first = group;
        }
      }
      double next = feed.nextMs();
      if (next < first.end) {
        now = next;
      } else if (first.end == Double.POSITIVE_INFINITY) {
        break;
      } else {
        now = first.end;
        first.end = Double.POSITIVE_INFINITY;
        for (Replica replica : first.replicas) {
          for (int ended = replica.complete(now); ended > 0; ended--) {
            feed.finished(now);
          }
        }
      }
    }
    outcomes.end(now);
  }

  private void route(Request request) {
    Group chosen = null;
    Replica least = null;
    int replicas = groups.size() * groups.get(0).replicas.size();
    for (int i = 0; i < replicas; i++) {
      int at = (turn + i) % replicas;
      Group group = groups.get(at % groups.size());
      Replica replica = group.replicas.get(at / groups.size());
      if (least == null || load(replica) < load(least)) {
        chosen = group;
        least = replica;
      }
    }
    turn = (turn + 1) % replicas;
    least.admit(request);
    outcomes.arrived(request, Double.isInfinite(chosen.end) ? request.arrivalMs : chosen.end);
  }

  private static int load(Replica replica) {
    return 4 * replica.waiting() + replica.running();
  }

  private void start(Group group, double now) {
    if (group.replicas.stream().allMatch(Replica::idle)) {
      return;
    }
    List<Iteration> iterations = new ArrayList<>(group.replicas.size());
    for (Replica replica : group.replicas) {
      iterations.add(replica.next());
    }
    double ms = prices.ms(iterations);
    for (int i = 0; i < iterations.size(); i++) {
      outcomes.iteration(now, ms, iterations.get(i).load(), group.replicas.get(i));
    }
    group.end = now + ms;
  }
}
