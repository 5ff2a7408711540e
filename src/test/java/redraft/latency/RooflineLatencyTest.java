package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.latency.RooflineLatency.Precisions;

class RooflineLatencyTest {
  private static SourcedNumber figure(double value) {
    return new SourcedNumber(value, "made up", "2026", "derived");
  }

  // 1 GB/s and 1 GFLOP/s, of which half is achieved: 500,000 bytes and operations a millisecond.
  private static HardwareProfile hardware(SourcedNumber link) {
    return new HardwareProfile(
        "toy",
        List.of(),
        "toy",
        Map.of("bf16", figure(0.001), "int8", figure(0.002)),
        new HardwareProfile.Memory(figure(1), figure(0.001)), // a megabyte
        figure(3),
        link == null ? null : new HardwareProfile.Link(link, figure(1000)),
        new HardwareProfile.Achieved(figure(.5), figure(.5), figure(2000)));
  }

  // A layer has 4 · 10 · 10 weights of attention and 2 · 10 · 20 of feed-forward: 800. The
  // projection has 10 · 100. Keys and values: 2 · 2 bytes · 2 layers · 2 heads · 5 = 80 a token.
  private static final ModelShape SHAPE =
      shape(new ModelShape.Attention(2, 2, 5), new ModelShape.FeedForward(20, false), false);

  private static ModelShape shape(
      ModelShape.Attention attention, ModelShape.FeedForward inner, boolean crossAttention) {
    return new ModelShape(
        "toy",
        "toy",
        new ModelShape.Layers(2, 10, attention, inner, crossAttention, null),
        new ModelShape.Vocabulary(100, true),
        200_000,
        new ModelShape.Source("s", "d", "c"));
  }

  private static Precisions both(Precision precision) {
    return new Precisions(precision, precision);
  }

  private static RooflineLatency one() {
    return new RooflineLatency(hardware(null), SHAPE, SHAPE, Precision.BF16, 1);
  }

  @Test
  void shapesCountTheirWeightsAndCaches() {
    assertEquals(800, SHAPE.layerWeights());
    assertEquals(1000, SHAPE.projectionWeights());
    assertEquals(80, SHAPE.kvBytesPerToken());
    ModelShape gated =
        shape(new ModelShape.Attention(2, 1, 5), new ModelShape.FeedForward(20, true), true);
    // queries and output 200, keys and values 100, cross-attention 200, three matrices 600
    assertEquals(1100, gated.layerWeights());
  }

  // Layers: 1600 bytes and 1600 · rows operations each, so √2 · 1600 / 500,000 ms for one row, and
  // 2 ms of overhead; projection 2000 of both; attention: 80 bytes and 4 · 2 · 10 operations a
  // cached token, one of which the pass adds.
  @Test
  void aPassIsTheSumOfItsParts() {
    double products = Math.sqrt(2) * (2 * 1600 + 2000) / 500_000;
    double attention = 10 * Math.sqrt(2) * 80 / 500_000;
    assertEquals(products + attention + 2 * 2, one().targetPass(1, 1, 9), 1e-12);
    // Three rows: a third of the memory, as much of the arithmetic as before, each.
    double three = Math.sqrt(1 + 9) * (2 * 1600 + 2000) / 500_000;
    assertEquals(
        three + 12 * Math.sqrt(1 + 9) * 80 / 500_000 + 4, one().targetPass(1, 3, 9), 1e-12);
    assertEquals(one().targetPass(1, 3, 9), one().draftPass(1, 3, 9));
    // A batch of three shares the weights and has three caches.
    assertEquals(three + 3 * attention + 4, one().targetPass(3, 1, 9), 1e-12);
  }

  @Test
  void aPromptProjectsItsLastTokenOnly() {
    double layers = Math.sqrt(1 + 49) * 2 * 1600 / 500_000;
    double projection = Math.sqrt(2) * 2000 / 500_000;
    double attention = 7 * Math.sqrt(1 + 49) * 80 / 500_000;
    assertEquals(layers + projection + attention + 4, one().prefill(1, 7), 1e-12);
  }

  // 1 ms for the smallest all-reduce, and 2 · 1/2 · 10 channels · 2 bytes over 1 GB/s for one row.
  @Test
  void tensorParallelismDividesAndCommunicates() {
    RooflineLatency two = new RooflineLatency(hardware(figure(1)), SHAPE, SHAPE, Precision.BF16, 2);
    double products = Math.sqrt(2) * (2 * 1600 + 2000) / 500_000 / 2;
    double attention = 10 * Math.sqrt(2) * 80 / 500_000 / 2;
    double allReduces = 4 * (1 + 20 / 1e6);
    assertEquals(products + attention + 4 + allReduces, two.targetPass(1, 1, 9), 1e-12);
    assertEquals("toyx2", two.name());
    assertEquals(6, two.usdPerHour());
    // Four devices share two KV heads no further than two do.
    RooflineLatency four =
        new RooflineLatency(hardware(figure(1)), SHAPE, SHAPE, Precision.BF16, 4);
    double read = 10 * 80 / 500_000.0;
    assertEquals(
        read * Math.hypot(1 / 2.0, 1 / 4.0) - read * Math.sqrt(2) / 2,
        four.targetPass(1, 1, 9)
            - products / 2
            - 4 * (1 + 2 * .75 * 20 / 1e6)
            - (two.targetPass(1, 1, 9) - products - allReduces),
        1e-12);
  }

  @Test
  void precisionHalvesWeightsAndUsesTheFasterArithmetic() {
    RooflineLatency int8 = new RooflineLatency(hardware(null), SHAPE, SHAPE, Precision.INT8, 1);
    double products = Math.sqrt(1 / 4.0 + 1 / 4.0) * (2 * 1600 + 2000) / 500_000;
    double attention = 10 * 80 / 500_000.0 * Math.hypot(1, 1 / 2.0);
    assertEquals(products + attention + 4, int8.targetPass(1, 1, 9), 1e-12);
    assertEquals("toy/int8", int8.name());
    // No fp8 unit: converted, and multiplied as bf16.
    RooflineLatency fp8 = new RooflineLatency(hardware(null), SHAPE, SHAPE, Precision.FP8, 1);
    assertEquals(
        Math.sqrt(1 / 4.0 + 1) * (2 * 1600 + 2000) / 500_000,
        fp8.targetPass(1, 1, 9) - 10 * Math.sqrt(2) * 80 / 500_000 - 4,
        1e-12);
  }

  // The target's weights take half the memory time in int8, a quarter in int4; what they are
  // multiplied in is int8 or, of int4, bf16.
  @Test
  void targetAndDraftHaveTheirOwnPrecision() {
    RooflineLatency apart =
        new RooflineLatency(
            hardware(null), SHAPE, SHAPE, new Precisions(Precision.INT4, Precision.INT8), 1, 0, 0);
    double weights = (2 * 1600 + 2000) / 500_000.0;
    double cache = 10 * 80 / 500_000.0;
    assertEquals(
        weights * Math.hypot(1 / 4.0, 1) + cache * Math.sqrt(2) + 4,
        apart.targetPass(1, 1, 9),
        1e-12);
    assertEquals(
        weights * Math.hypot(1 / 2.0, 1 / 2.0) + cache * Math.hypot(1, 1 / 2.0) + 4,
        apart.draftPass(1, 1, 9),
        1e-12);
    assertEquals("toy/int4+int8", apart.name());
    // 0.1 MB of target and 0.2 MB of draft leave 0.7 MB: 4,375 tokens of 160 bytes.
    assertNull(apart.shortfall(1, 4375, true));
    assertTrue(apart.shortfall(1, 4376, true).contains("toy/int4+int8"));
  }

  // Weights 2 · 200,000 · 2 bytes = 0.8 MB of 1 MB; caches of 160 bytes a token take the rest at
  // 1,250 tokens.
  @Test
  void whatDoesNotFitIsSaid() {
    assertNull(one().shortfall(1, 1250, true));
    assertEquals(
        "toy + toy do not fit on toy: weights 0.0 GB and KV cache 0.0 GB (batch 1, 1251 tokens) of 0 GB",
        one().shortfall(1, 1251, true));
    assertNull(one().shortfall(2, 625, true));
    assertTrue(one().shortfall(2, 626, true).contains("batch 2"));
  }

  @Test
  void devicesWithoutALinkCannotShare() {
    assertEquals(
        "hardware 'toy' states no link, so 2 of it cannot share a model; use one, or state linkGBps and allReduceUs in a file",
        assertThrows(
                IllegalArgumentException.class,
                () -> new RooflineLatency(hardware(null), SHAPE, SHAPE, Precision.BF16, 2))
            .getMessage());
  }

  @Test
  void theEnginesOverheadIsPaidByEveryStep() {
    RooflineLatency slow =
        new RooflineLatency(hardware(null), SHAPE, SHAPE, both(Precision.BF16), 1, 7, 0);
    assertEquals(one().baselineStep(1, 9) + 7, slow.baselineStep(1, 9), 1e-12);
    assertEquals(one().speculativeStep(1, 4, 9) + 7, slow.speculativeStep(1, 4, 9), 1e-12);
  }
}
