package redraft.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.latency.LatencyModel;
import redraft.latency.StepCurves;
import redraft.metrics.Metrics;

/** What the page's script reads of costs. */
final class PageCosts {
  private PageCosts() {}

  /** A deployment as the controls of the page name it, and as a command does. */
  static Map<String, Object> deployment(Report report, Report.Priced priced) {
    Deployment deployment = priced.deployment();
    LatencyModel latency = deployment.latency();
    String engine = latency.engineName();
    String name = deployment.name();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", Findings.name(report, deployment));
    data.put("pair", Verdict.pair(deployment));
    data.put(
        "machine",
        engine != null && name.endsWith("/" + engine)
            ? name.substring(0, name.length() - engine.length() - 1)
            : name);
    data.put("engine", engine);
    data.put("batch", deployment.batch());
    data.put("context", deployment.contextTokens());
    data.put("costRatio", latency.onlyRatio());
    data.put("usdPerHour", Metrics.known(deployment.usdPerHour()));
    data.put("options", priced.options());
    data.put("target", latency.targetModel());
    data.put("draft", latency.draftModel());
    data.put("spread", latency.costError().spread());
    return data;
  }

  /** Those of a draft that costs as the one before it does are null. */
  static List<List<StepCurves>> curves(List<List<StepCurves>> all) {
    List<List<StepCurves>> once = new ArrayList<>();
    for (List<StepCurves> drafts : all) {
      List<StepCurves> own = new ArrayList<>();
      for (int i = 0; i < drafts.size(); i++) {
        own.add(i > 0 && alike(drafts.get(i), drafts.get(i - 1)) ? null : drafts.get(i));
      }
      once.add(own);
    }
    return once;
  }

  private static boolean alike(StepCurves one, StepCurves other) {
    return one.baseline().alike(other.baseline())
        && one.catchUp().alike(other.catchUp())
        && one.speculative().size() == other.speculative().size()
        && IntStream.range(0, one.speculative().size())
            .allMatch(i -> one.speculative().get(i).alike(other.speculative().get(i)));
  }
}
