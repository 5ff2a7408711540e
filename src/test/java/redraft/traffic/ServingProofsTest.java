package redraft.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import redraft.latency.EngineLatency;
import redraft.latency.Engines;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.latency.Load;
import redraft.latency.RooflineLatency;
import redraft.policy.FixedLength;
import redraft.replay.AcceptanceLaw;
import redraft.replay.Costed;
import redraft.replay.ReplaySequence;
import redraft.sampling.RandomStreams;
import redraft.steps.StepShape;
import redraft.traffic.arrivals.Arrival;
import redraft.traffic.arrivals.Arrivals;
import redraft.traffic.arrivals.Lengths;

/** What queueing theory and replay say of a server, and what the simulation gives. */
class ServingProofsTest {
  private static final int TOKENS = 60;
  private static final int PROMPT = 200;

  /** Independent acceptances that differ from token to token. */
  private record Coins(double[] acceptance) implements AcceptanceLaw {
    static Coins of(int tokens, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return new Coins(DoubleStream.generate(random::nextDouble).limit(tokens).toArray());
    }

    @Override
    public int length() {
      return acceptance.length;
    }

    @Override
    public void survival(int position, int draftLength, double[] survival) {
      survival[0] = 1;
      for (int k = 1; k <= draftLength; k++) {
        survival[k] = survival[k - 1] * acceptance[position + k - 1];
      }
    }

    /** The same text from its second token on. */
    Coins afterTheFirst() {
      return new Coins(Arrays.copyOfRange(acceptance, 1, acceptance.length));
    }
  }

  private static LatencyModel engine(String pair) throws IOException {
    return new EngineLatency(
        (RooflineLatency) LatencyModels.load(pair), Engines.REGISTRY.named("vllm"));
  }

  private static EngineLimits limits(int sequences) {
    return new EngineLimits(sequences, 2048, Long.MAX_VALUE, EngineLimits.BLOCK);
  }

  private static Server server(LatencyModel latency, EngineLimits limits) {
    return new Server(latency, limits, 1, Slo.NONE);
  }

  private static ServingSetting drafting(int draftLength, boolean endKnown, Coins... texts) {
    List<RecordedText> recorded = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      recorded.add(
          new RecordedText(
              new ReplaySequence("text " + i, texts[i], PROMPT, endKnown), draftLength));
    }
    return new ServingSetting(TestDraft.CHAIN, null, "fixed", draftLength, recorded);
  }

  private static final Lengths ALIKE =
      new Lengths() {
        @Override
        public int promptTokens(long request) {
          return PROMPT;
        }

        @Override
        public int outputTokens(long request) {
          return TOKENS;
        }
      };

  @Test
  void oneRequestAloneTakesWhatExactReplayExpects() throws IOException {
    int requests = 4000;
    for (String pair :
        List.of("llama-3.1-8b+llama-3.2-1b@h100", "llama-3.1-8b+eagle3-llama-3.1-8b@h100")) {
      LatencyModel latency = engine(pair);
      for (boolean endKnown : new boolean[] {true, false}) {
        for (int drafted : new int[] {1, 4}) {
          Coins text = Coins.of(TOKENS, 5);
          ReplaySequence decoded =
              new ReplaySequence(
                  "text", text.afterTheFirst(), PROMPT, 1, endKnown, StepShape::chain);
          Costed exact = Costed.exact(new FixedLength(drafted), latency, 1, false, decoded);
          double[] times =
              Costed.sampled(
                      new FixedLength(drafted), latency, 1, 2000, new RandomStreams(1), decoded)
                  .runTimes();
          double variance =
              DoubleStream.of(times).map(t -> (t - exact.time()) * (t - exact.time())).sum()
                  / times.length;
          TrafficResult result =
              server(latency, limits(1))
                  .serve(
                      drafting(drafted, endKnown, text),
                      Workload.closed(1, requests, texts -> texts, 0, Long.MAX_VALUE),
                      true,
                      9,
                      null);
          assertEquals(
              exact.time(),
              result.tpot().mean() * (TOKENS - 1),
              4 * Math.sqrt(variance / requests),
              pair + ", " + drafted + ", end known: " + endKnown);
          assertEquals(
              exact.steps(), (double) result.work().steps() / requests, .05 * exact.steps());
        }
      }
    }
  }

  @Test
  void oneRequestAloneTakesWhatPlainDecodingDoes() throws IOException {
    LatencyModel latency = engine("llama-3.1-8b+llama-3.2-1b@h100");
    TrafficResult result =
        server(latency, limits(1))
            .serve(
                ServingSetting.plain(List.of()),
                Workload.closed(1, 3, texts -> ALIKE, 0, Long.MAX_VALUE),
                false,
                0,
                null);
    double expected = 0;
    for (int t = 1; t < TOKENS; t++) {
      expected += latency.baselineStep(1, PROMPT + t - 1);
    }
    assertEquals(expected, result.tpot().mean() * (TOKENS - 1), 1e-6 * expected);
  }

  /** Poisson arrivals of requests of one pass each: M/D/1, mean wait ρ/(2μ(1 − ρ)). */
  @Test
  void constantServiceAndPoissonArrivalsWaitAsPollaczekAndKhinchineSay() throws IOException {
    LatencyModel latency = engine("llama-3.1-8b+llama-3.2-1b@h100");
    double service = latency.mixedStep(Load.decoding(1, 1, 0), false);
    for (double load : new double[] {0.3, 0.7, 0.9}) {
      TrafficResult result =
          server(latency, limits(1))
              .serve(
                  ServingSetting.plain(List.of()),
                  Workload.open(
                      (lengths, seed) -> new Poisson(load / service * 1e3, 400_000, seed, 1, 1),
                      0,
                      Long.MAX_VALUE),
                  false,
                  7,
                  null);
      double wait = load * service / (2 * (1 - load));
      assertEquals(wait, result.ttft().mean() - service, (load > 0.8 ? .06 : .02) * wait);
      assertEquals(load, result.server().utilisation(), .01);
    }
  }

  @Test
  void littlesLawHoldsInEveryRun() throws IOException {
    LatencyModel latency = engine("llama-3.1-8b+llama-3.2-1b@h100");
    boolean preempted = false;
    for (int i = 0; i < 12; i++) {
      EngineLimits tight =
          new EngineLimits(1 + 7 * i, 64 + 100 * i, i % 2 == 0 ? 1600 : Long.MAX_VALUE, 16);
      double rate = 2 + 3 * i;
      Outcomes outcomes =
          new Server(latency, tight, i % 3 + 1, Slo.NONE)
              .run(
                  drafting(i % 5 + 1, i % 3 == 0, Coins.of(TOKENS, i), Coins.of(2 * TOKENS, i)),
                  Workload.open(
                      (lengths, seed) -> new Poisson(rate, 500, seed, PROMPT, TOKENS),
                      0,
                      Long.MAX_VALUE),
                  i % 4 == 0,
                  i,
                  null);
      assertEquals(outcomes.inSystem(), outcomes.inSystemByLatency(), 1e-9 * outcomes.inSystem());
      assertEquals(500, outcomes.result().requests().counted());
      preempted |= outcomes.result().work().preemptions() > 0;
    }
    assertTrue(preempted);
  }

  @Test
  void aFullBatchDecodesAsFastAsReplayOfThatBatch() throws IOException {
    LatencyModel latency = engine("llama-3.1-8b+llama-3.2-1b@h100");
    Coins text = Coins.of(400, 3);
    int drafted = 3;
    for (int batch : new int[] {4, 32}) {
      Costed exact =
          Costed.exact(
              new FixedLength(drafted),
              latency,
              batch,
              false,
              new ReplaySequence("text", text.afterTheFirst(), 1, 1, true, StepShape::chain));
      // The first token comes of a pass over the prompt of one token.
      double each = exact.time() + latency.mixedPass(Load.decoding(batch, 1, 1));
      TrafficResult result =
          server(latency, limits(batch))
              .serve(
                  new ServingSetting(
                      TestDraft.CHAIN,
                      null,
                      "fixed",
                      drafted,
                      List.of(
                          new RecordedText(new ReplaySequence("text", text, 1, true), drafted))),
                  Workload.closed(batch, 60L * batch, texts -> texts, 10L * batch, 50L * batch),
                  true,
                  9,
                  null);
      double expected = batch * 400 / each * 1e3;
      assertEquals(expected, result.server().tokensPerSecond(), .01 * expected);
      assertEquals(batch, result.server().batchMean(), .001 * batch);
    }
  }

  /** Poisson arrivals of requests that are alike. */
  private static final class Poisson implements Arrivals {
    private final double rate;
    private final long count;
    private final SplittableRandom random;
    private final int promptTokens;
    private final int outputTokens;
    private long number;
    private double seconds;

    Poisson(double rate, long count, long seed, int promptTokens, int outputTokens) {
      this.rate = rate;
      this.count = count;
      random = new SplittableRandom(seed);
      this.promptTokens = promptTokens;
      this.outputTokens = outputTokens;
    }

    @Override
    public Arrival next() {
      if (number == count) {
        return null;
      }
      seconds -= Math.log1p(-random.nextDouble()) / rate;
      return new Arrival(Long.toString(number++), seconds, promptTokens, outputTokens, null);
    }

    @Override
    public void close() {}
  }
}
