package redraft.report;

import java.util.List;
import redraft.latency.LatencyModel;
import redraft.traffic.TrafficRow;
import redraft.traffic.TrafficStudy;

/**
 * A trace served under load, as a report shows it.
 *
 * @param headline whether speculation helps, in a sentence
 * @param restsOn what served them
 * @param answers to that for each way to serve
 * @param charts of them
 * @param rows everything that was served
 */
public record UnderLoad(
    String headline,
    String restsOn,
    List<String> answers,
    List<Chart> charts,
    List<TrafficRow> rows) {
  /** What a report has of the charts where there is a sweep; else it has what there is. */
  private static final List<String> CHARTS = List.of("latency-by-load", "speedup-by-load");

  public static UnderLoad of(TrafficStudy study, List<String> answers) {
    List<Chart> all = TrafficCharts.of(study);
    List<Chart> some = all.stream().filter(chart -> CHARTS.contains(chart.name())).toList();
    return new UnderLoad(
        TrafficCharts.headline(study),
        restsOn(study.rows().get(0)),
        answers,
        some.isEmpty() ? all : some,
        study.rows());
  }

  private static String restsOn(TrafficRow row) {
    LatencyModel costs = row.server().latency();
    return "Served at the costs of "
        + costs.name()
        + (costs.targetModel() == null ? "" : ", " + costs.targetModel())
        + (costs.draftModel() == null ? "" : " + " + costs.draftModel())
        + ", by an engine that runs at most "
        + row.server().limits().maxSequences()
        + " requests at once; means over "
        + row.runs().size()
        + (row.runs().size() == 1 ? " run." : " runs with other seeds.");
  }

  /** The same with names of charts that start with that of the trace. */
  UnderLoad of(String trace) {
    return new UnderLoad(
        headline, restsOn, answers, charts.stream().map(chart -> chart.of(trace)).toList(), rows);
  }
}
