package redraft.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.latency.LatencyModel;
import redraft.replay.AcceptanceLaw;
import redraft.replay.ReplaySequence;
import redraft.traffic.EngineLimits;
import redraft.traffic.RecordedText;
import redraft.traffic.Server;
import redraft.traffic.ServingSetting;
import redraft.traffic.Slo;
import redraft.traffic.TestDraft;
import redraft.traffic.TrafficResult;
import redraft.traffic.Workload;
import redraft.validation.MeasuredRun;
import redraft.validation.MeasuredRuns;
import redraft.validation.RunPrediction;

/**
 * Published runs of speculative decoding in vLLM at rising batch, beside a simulated server kept at
 * that batch; and how fast the simulation is.
 *
 * <p>Method: as many users as the run's batch ask again as soon as they have an answer, 20 times
 * each, of which the middle 16 count; texts of 256 tokens after prompts that bring the middle of
 * decoding to the run's context; tokens are accepted independently, with the one probability that
 * gives the run's tokens a step; passes cost as in vLLM, fitted without the runs of the same
 * source. The speedup is that of the time per token after the first. For the speed: a million
 * requests of 100 + 100 tokens on one core at a batch of 256. Run it with {@code scripts/bench
 * traffic}.
 */
public final class TrafficBench {
  private static final int TOKENS = 256;

  private TrafficBench() {}

  public static void main(String[] arguments) throws IOException {
    MeasuredRuns runs = MeasuredRuns.shipped();
    System.out.printf(
        Locale.ROOT,
        "%-24s %5s %2s %9s %6s %9s%n",
        "run",
        "batch",
        "K",
        "measured",
        "step",
        "simulated");
    Map<String, List<double[]>> settings = new LinkedHashMap<>(); // {batch, measured, simulated}
    int right = 0;
    int certain = 0;
    int all = 0;
    double[] errors = new double[2];
    for (RunPrediction each : runs.predictions()) {
      MeasuredRun run = each.run();
      if (!run.setup().engine().equals("vllm")
          || each.predicted() == null
          || run.setup().draft().matches("ngram|prompt-lookup|suffix")) {
        continue;
      }
      double simulated = simulated(run, runs.latency(run));
      System.out.printf(
          Locale.ROOT,
          "%-24s %5d %2d %9.3f %6.3f %9.3f%n",
          run.id(),
          run.load().batch(),
          run.load().draftLength(),
          each.measured(),
          each.predicted(),
          simulated);
      all++;
      if (!each.tooClose()) {
        certain++;
        right += simulated > 1 == each.measured() > 1 ? 1 : 0;
      }
      settings
          .computeIfAbsent(
              run.source() + run.setup() + run.load().draftLength(), key -> new ArrayList<>())
          .add(new double[] {run.load().batch(), each.measured(), simulated});
      errors[0] += Math.abs(Math.log(each.predicted() / each.measured()));
      errors[1] += Math.abs(Math.log(simulated / each.measured()));
    }
    int pairs = 0;
    int ordered = 0;
    for (List<double[]> setting : settings.values()) {
      for (double[] one : setting) {
        for (double[] other : setting) {
          if (one[0] < other[0] && Math.abs(one[1] - other[1]) > 0.05) {
            pairs++;
            ordered += one[1] > other[1] == one[2] > other[2] ? 1 : 0;
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%nfaster or slower: right in %d of %d runs that differ from 1 by more than 5%% (%d runs in all)%n"
            + "order by batch: right in %d of %d pairs of runs that differ in nothing else and by more than 0.05%n",
        right,
        certain,
        all,
        ordered,
        pairs);
    System.out.printf(
        Locale.ROOT,
        "mean error: %.1f%% of steps priced at the batch, %.1f%% simulated%n",
        100 * errors[0] / all,
        100 * errors[1] / all);
    crossings(settings.values());
    speed(runs);
  }

  /** Where runs that differ in nothing but the batch stop paying. */
  private static void crossings(Collection<List<double[]>> settings) {
    int crossing = 0;
    int found = 0;
    int near = 0;
    for (List<double[]> setting : settings) {
      setting.sort(Comparator.comparingDouble(each -> each[0]));
      double measured = crossing(setting, 1);
      double simulated = crossing(setting, 2);
      if (Double.isNaN(measured)) {
        continue;
      }
      crossing++;
      found += Double.isNaN(simulated) ? 0 : 1;
      near += Math.abs(Math.log(simulated / measured)) <= Math.log(2) ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "stops paying within the measured batches: %d settings; simulated too in %d, within a factor of 2 of that batch in %d%n",
        crossing,
        found,
        near);
  }

  /** The batch at which a speedup falls to 1; NaN if it does not. */
  private static double crossing(List<double[]> setting, int which) {
    for (int i = 1; i < setting.size(); i++) {
      double[] before = setting.get(i - 1);
      double[] after = setting.get(i);
      if (before[which] > 1 && after[which] <= 1) {
        double part = Math.log(before[which]) / Math.log(before[which] / after[which]);
        return before[0] * Math.pow(after[0] / before[0], part);
      }
    }
    return Double.NaN;
  }

  private static double simulated(MeasuredRun run, LatencyModel latency) throws IOException {
    int batch = run.load().batch();
    int drafted = run.load().draftLength();
    int prompt = Math.max(1, run.load().context() - TOKENS / 2);
    double acceptance = acceptance(run.measured().tokensPerStep(), drafted);
    RecordedText text =
        new RecordedText(
            new ReplaySequence("text", new Constant(TOKENS, acceptance), prompt, false), drafted);
    Server server =
        new Server(
            latency,
            new EngineLimits(batch, 8192, Long.MAX_VALUE, EngineLimits.BLOCK),
            1,
            Slo.NONE);
    Workload users = Workload.closed(batch, 20L * batch, texts -> texts, 2L * batch, 18L * batch);
    TrafficResult plain = server.serve(ServingSetting.plain(List.of(text)), users, true, 0, null);
    TrafficResult speculative =
        server.serve(
            new ServingSetting(TestDraft.CHAIN, null, "fixed", drafted, List.of(text)),
            users,
            true,
            0,
            null);
    return plain.tpot().mean() / speculative.tpot().mean();
  }

  /** Independent acceptance of so many tokens a step. */
  private static double acceptance(double tokensPerStep, int drafted) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      double tokens = 0;
      for (int k = 0; k <= drafted; k++) {
        tokens += Math.pow(middle, k);
      }
      if (tokens < tokensPerStep) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Every token is accepted alike. */
  private record Constant(int length, double each) implements AcceptanceLaw {
    @Override
    public void survival(int position, int draftLength, double[] survival) {
      for (int k = 0; k <= draftLength; k++) {
        survival[k] = Math.pow(each, k);
      }
    }
  }

  private static void speed(MeasuredRuns runs) throws IOException {
    MeasuredRun run =
        runs.predictions().stream()
            .map(RunPrediction::run)
            .filter(each -> each.setup().engine().equals("vllm"))
            .findFirst()
            .orElseThrow();
    Server server =
        new Server(
            runs.latency(run),
            new EngineLimits(256, 2048, 400_000, EngineLimits.BLOCK),
            1,
            Slo.NONE);
    for (int drafted : new int[] {0, 3}) {
      RecordedText text =
          new RecordedText(
              new ReplaySequence("text", new Constant(100, 0.7), 100, true), Math.max(1, drafted));
      ServingSetting setting =
          drafted == 0
              ? ServingSetting.plain(List.of(text))
              : new ServingSetting(TestDraft.CHAIN, null, "fixed", drafted, List.of(text));
      long started = System.nanoTime();
      TrafficResult result =
          server.serve(
              setting,
              Workload.closed(256, 1_000_000, texts -> texts, 0, Long.MAX_VALUE),
              true,
              0,
              null);
      System.out.printf(
          Locale.ROOT,
          "a million requests at a batch of %.0f, K = %d: %.1f s, %.1f million iterations%n",
          result.server().batchMean(),
          drafted,
          (System.nanoTime() - started) / 1e9,
          result.work().iterations() / 1e6);
    }
  }
}
