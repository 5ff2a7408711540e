package redraft.study;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.replay.ReplayDraft;
import redraft.trace.TraceHeader;

/** The pair whose acceptance was recorded beside the pairs whose passes cost. */
public final class PricedPairs {
  private PricedPairs() {}

  /**
   * Says that acceptance and costs are of different pairs.
   *
   * @param header of the recording
   * @param drafts that are replayed
   * @return one line; null where every pair that is priced is the recorded one
   */
  public static String note(
      TraceHeader header, List<ReplayDraft> drafts, List<Deployment> deployments) {
    Set<String> others = new LinkedHashSet<>();
    for (Deployment deployment : deployments) {
      LatencyModel latency = deployment.latency();
      boolean otherTarget = differs(header.target().name(), latency.targetModel());
      for (ReplayDraft draft : drafts) {
        boolean model = draft.hasModel() && latency.draftModel() != null;
        if (otherTarget || model && differs(draft.name(), latency.draftModel())) {
          others.add(latency.targetModel() + (model ? " + " + latency.draftModel() : ""));
        }
      }
    }
    return others.isEmpty()
        ? null
        : "the acceptance is that of "
            + recorded(header, drafts.get(0))
            + ", the costs are those of "
            + (others.size() == 1
                ? others.iterator().next()
                : others.size() + " other pairs, such as " + others.iterator().next())
            + ": this holds only where they agree as often as the recorded pair"
            + " (--assume-acceptance if you know that)";
  }

  /** The pair whose acceptance it is. */
  public static String recorded(TraceHeader header, ReplayDraft draft) {
    return header.target().name() + " + " + draft.name();
  }

  /** Whether two names are of different models; what is not named differs from nothing. */
  private static boolean differs(String recorded, String priced) {
    if (priced == null) {
      return false;
    }
    String one = plain(recorded);
    String other = plain(priced);
    return !one.contains(other) && !other.contains(one);
  }

  /** Without the organisation, in lower case. */
  private static String plain(String name) {
    return name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
