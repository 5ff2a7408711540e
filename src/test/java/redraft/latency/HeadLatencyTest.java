package redraft.latency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.hardware.ModelShape.Head;
import redraft.hardware.Precision;
import redraft.hardware.SourcedNumber;
import redraft.latency.RooflineLatency.Precisions;
import redraft.steps.StepShape;

/** What passes of heads and of layers with experts cost. */
class HeadLatencyTest {
  // 1 GB/s and so much arithmetic that it takes no time: a million bytes a millisecond, and no
  // overhead of a layer.
  private static final HardwareProfile HARDWARE =
      new HardwareProfile(
          "toy",
          List.of(),
          "toy",
          Map.of("bf16", figure(1e6)),
          new HardwareProfile.Memory(figure(1), figure(1)),
          null,
          null,
          new HardwareProfile.Achieved(figure(1), figure(1), figure(0)));

  private static final ModelShape.Source SOURCE = new ModelShape.Source("s", "d", "c");

  private static SourcedNumber figure(double value) {
    return new SourcedNumber(value, "made up", "2026", "derived");
  }

  // Attention of one head of 10: 400 weights a layer; feed-forward 2 · 10 · 20 = 400; projection of
  // a vocabulary of 100: 1000. Keys and values: 40 bytes a layer.
  private static ModelShape shape(
      int layers, int vocabulary, Head head, ModelShape.Experts experts) {
    return new ModelShape(
        "toy",
        List.of(),
        "toy",
        new ModelShape.Layers(
            layers,
            10,
            new ModelShape.Attention(1, 1, 10),
            new ModelShape.FeedForward(20, false),
            false,
            experts),
        new ModelShape.Vocabulary(vocabulary, true),
        1000,
        SOURCE,
        head);
  }

  private static final ModelShape TARGET = shape(2, 100, null, null);

  private static RooflineLatency with(ModelShape draft) {
    return new RooflineLatency(HARDWARE, TARGET, draft, Precision.BF16, 1);
  }

  private static double ms(double bytes) {
    return bytes / 1e6;
  }

  @Test
  void anEaglePassReadsItsLayerItsFusionAndTheTargetsProjection() {
    RooflineLatency eagle = with(shape(1, 100, new Head(Head.Kind.EAGLE, 1, 10), null));
    // layer 800, fusion 2 · 10 · 10, projection 1000, of 2 bytes each; 8 tokens of 40 bytes
    assertEquals(ms(2 * (800 + 200 + 1000) + 8 * 40), eagle.draftPass(1, 1, 7), 1e-9);
  }

  @Test
  void aBorrowedProjectionHasTheTargetsPrecision() {
    ModelShape head = shape(1, 100, new Head(Head.Kind.MTP, 1, 10), null);
    RooflineLatency apart =
        new RooflineLatency(
            HARDWARE, TARGET, head, new Precisions(Precision.BF16, Precision.INT4), 1, 0, 0);
    assertEquals(ms((800 + 200) / 2.0 + 2 * 1000 + 8 * 40), apart.draftPass(1, 1, 7), 1e-9);
  }

  // Queries, keys and values read twice the width: 2 · 300 + 100 of attention, 400 of feed-forward.
  // The fusion of three hidden states, 3 · 10 · 10, is in a step's first pass only, which takes in
  // K + 1 tokens.
  @Test
  void eagle3FusesHiddenStatesOnceAStep() {
    RooflineLatency eagle3 = with(shape(1, 32, new Head(Head.Kind.EAGLE3, 1, 10), null));
    double weights = 700 + 400 + 320;
    assertEquals(ms(2 * weights + 8 * 40), eagle3.draftPass(1, 1, 7), 1e-9);
    double first = ms(2 * (weights + 300) + (7 + 4) * 40);
    double later = ms(2 * weights + (7 + 1 + 1) * 40);
    assertArrayEquals(
        new double[] {first, later, later}, eagle3.draftPasses(1, StepShape.chain(3), 7), 1e-9);
    assertEquals(
        first + 2 * later + eagle3.targetPass(1, 4, 7), eagle3.speculativeStep(1, 3, 7), 1e-9);
    assertEquals(0, eagle3.catchUp(1, 7));
    assertEquals(eagle3.targetPass(1, 1, 7), eagle3.baselineStep(1, 7));
    assertEquals(eagle3.targetPass(1, 4, 7), eagle3.step(1, StepShape.copy(3), 7));
  }

  // Each Medusa head has a block of 10 · 10 and a projection of 1000.
  @Test
  void medusaDraftsABlockInOnePassOfAsManyHeadsAsTokens() {
    RooflineLatency medusa = with(shape(0, 100, new Head(Head.Kind.MEDUSA, 5, 10), null));
    assertTrue(medusa.draft().parallelDraft());
    assertArrayEquals(
        new double[] {ms(3 * 2 * 1100)}, medusa.draftPasses(1, StepShape.chain(3), 7), 1e-9);
    assertEquals(
        ms(3 * 2 * 1100) + medusa.targetPass(1, 4, 7), medusa.speculativeStep(1, 3, 7), 1e-9);
    assertEquals(0, medusa.draft().kvBytesPerToken());
  }

  @Test
  void theStepOfADraftModelIsTheSumOfItsPasses() {
    RooflineLatency model = with(TARGET);
    double passes = 0;
    for (double pass : model.draftPasses(2, StepShape.chain(5), 7)) {
      passes += pass;
    }
    assertEquals(passes + model.targetPass(2, 6, 7), model.speculativeStep(2, 5, 7), 1e-9);
  }

  // Layer 1 is dense, 800 weights. Layer 2: attention 400, router 10 · 4, experts of 2 · 10 · 5.
  // One token visits 2 of 4 experts and the shared one, two tokens 4 · (1 − 1/4) = 3.
  @Test
  void aPassReadsTheExpertsThatAnyOfItsTokensVisits() {
    ModelShape experts = shape(2, 100, null, new ModelShape.Experts(4, 2, 1, 5, 1));
    assertEquals(800 + 440 + 300 + 1000, experts.passWeights());
    assertEquals(800 + 440 + 500 + 1000, experts.countedParameters());
    RooflineLatency independent = new RooflineLatency(HARDWARE, experts, TARGET, Precision.BF16, 1);
    assertEquals(ms(2 * 2540 + 8 * 80), independent.targetPass(1, 1, 7), 1e-9);
    assertEquals(ms(2 * 2640 + 9 * 80), independent.targetPass(1, 2, 7), 1e-9);
    // Two sequences of one row visit as many, and have two caches.
    assertEquals(ms(2 * 2640 + 2 * 8 * 80), independent.targetPass(2, 1, 7), 1e-9);
    // At a correlation of 3/4 five tokens count as two.
    RooflineLatency alike =
        new RooflineLatency(
            HARDWARE, experts, TARGET, new Precisions(Precision.BF16, Precision.BF16), 1, 0, .75);
    assertEquals(ms(2 * 2640 + 12 * 80), alike.targetPass(1, 5, 7), 1e-9);
    assertEquals(1, independent.expertCaveats().size());
    assertEquals(List.of(), alike.expertCaveats());
  }

  // Every row is multiplied with the experts that it visits itself: 1000 rows read all four, and
  // multiply two and the shared one.
  @Test
  void arithmeticIsOfTheExpertsThatEachTokenVisits() {
    HardwareProfile slow =
        new HardwareProfile(
            "slow",
            List.of(),
            "slow",
            Map.of("bf16", figure(1e-3)), // a million operations a millisecond
            new HardwareProfile.Memory(figure(1e6), figure(1)),
            null,
            null,
            new HardwareProfile.Achieved(figure(1), figure(1), figure(0)));
    ModelShape experts = shape(1, 1, null, new ModelShape.Experts(4, 2, 1, 5, 0));
    RooflineLatency latency = new RooflineLatency(slow, experts, TARGET, Precision.BF16, 1);
    double products = 2 * 1000 * (400 + 40 + 300 + 10) / 1e6;
    double attention = 4 * 10 * 1000.0 * 1000 / 1e6;
    assertEquals(products + attention, latency.targetPass(1, 1000, 0), 1e-6);
  }

  @Test
  void aHeadDraftsForItsOwnTargetOnly() {
    ModelShape wide = shape(1, 100, new Head(Head.Kind.EAGLE, 1, 20), null);
    assertEquals(
        "draft 'toy' reads hidden states 20 wide, and those of target 'toy' are 10 wide; name a head of this target",
        assertThrows(IllegalArgumentException.class, () -> with(wide)).getMessage());
    assertEquals(
        "target 'toy' is a head, which drafts and verifies nothing; name a whole model",
        assertThrows(
                IllegalArgumentException.class,
                () -> new RooflineLatency(HARDWARE, wide, TARGET, Precision.BF16, 1))
            .getMessage());
  }

  @Test
  void aCorrelationIsAtLeastNoughtAndBelowOne() {
    assertEquals(
        "expert correlation 1.0 must be at least 0 and less than 1",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new RooflineLatency(
                        HARDWARE,
                        TARGET,
                        TARGET,
                        new Precisions(Precision.BF16, Precision.BF16),
                        1,
                        0,
                        1))
            .getMessage());
  }
}
