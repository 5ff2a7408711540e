package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.TableModel;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.verify.TokenRule;

/** The decoding loops on models that can be worked by hand. */
class DecodingTest {
  private static final double[][] P = {{.2, .5, .3}, {.6, .1, .3}, {.1, .2, .7}};
  private static final double[][] Q = {{.4, .3, .3}, {.5, .3, .2}, {.3, .3, .4}};
  private static final LanguageModel TARGET = TableModel.ofProbabilities("target", P);
  private static final LanguageModel DRAFT = TableModel.ofProbabilities("draft", Q);
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);

  private static Continuation speculate(
      LanguageModel target,
      LanguageModel draft,
      SamplingParameters sampling,
      int draftLength,
      Limits limits,
      long seed) {
    try (ModelDrafter drafter = new ModelDrafter(draft, sampling);
        SpeculativeDecoding decoding =
            new SpeculativeDecoding(
                target, drafter, new TokenRule(), new FixedLength(draftLength), sampling, limits)) {
      return decoding.run(new int[] {0}, new RandomStreams(seed), "text");
    }
  }

  @Test
  void aDraftThatIsTheTargetIsAlwaysAccepted() {
    // 10 tokens at K = 4: steps of 5 and 5
    Continuation run = speculate(TARGET, TARGET, WARM, 4, new Limits(10, Set.of()), 3);
    assertEquals(java.util.List.of(new Step(0, 4, 4), new Step(5, 4, 4)), run.steps());
    assertEquals(10, run.tokens().length);
  }

  @Test
  void theLastPlaceNeedsNoDraft() {
    // 7 tokens at K = 4: 5, then 2 of which one is drafted
    Continuation run = speculate(TARGET, TARGET, WARM, 4, new Limits(7, Set.of()), 3);
    assertEquals(java.util.List.of(new Step(0, 4, 4), new Step(5, 1, 1)), run.steps());
  }

  @Test
  void anEndTokenEndsTheTextInsideABlock() {
    // The target says 0 1 2 0 1 2 …; 2 ends the text: prompt 0, then 1, 2.
    double[][] cycle = {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}};
    LanguageModel target = TableModel.ofProbabilities("cycle", cycle);
    Continuation run = speculate(target, target, WARM, 4, new Limits(10, Set.of(2)), 0);
    assertArrayEquals(new int[] {1, 2}, run.tokens());
    assertTrue(run.ended());
    assertEquals(java.util.List.of(new Step(0, 4, 1)), run.steps());
  }

  @Test
  void everyTokenBelongsToExactlyOneStep() {
    for (long seed = 0; seed < 50; seed++) {
      Continuation run = speculate(TARGET, DRAFT, WARM, 3, new Limits(40, Set.of()), seed);
      int position = 0;
      for (Step step : run.steps()) {
        assertEquals(position, step.position());
        position += step.emittedCount();
      }
      assertEquals(40, position);
      assertEquals(40, run.tokens().length);
    }
  }

  @Test
  void greedySpeculationSaysWhatPlainGreedyDecodingSays() {
    Limits limits = new Limits(30, Set.of());
    try (PlainDecoding plain = new PlainDecoding(TARGET, SamplingParameters.GREEDY, limits)) {
      int[] expected = plain.run(new int[] {0}, new RandomStreams(0), "text").tokens();
      for (int draftLength = 1; draftLength <= 6; draftLength++) {
        assertArrayEquals(
            expected,
            speculate(TARGET, DRAFT, SamplingParameters.GREEDY, draftLength, limits, 0).tokens());
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameTextAndSteps() {
    Limits limits = new Limits(60, Set.of());
    Continuation first = speculate(TARGET, DRAFT, WARM, 4, limits, 9);
    Continuation second = speculate(TARGET, DRAFT, WARM, 4, limits, 9);
    assertArrayEquals(first.tokens(), second.tokens());
    assertEquals(first.steps(), second.steps());
    assertTrue(
        !java.util.Arrays.equals(
            first.tokens(), speculate(TARGET, DRAFT, WARM, 4, limits, 10).tokens()));
  }

  @Test
  void aPromptWithoutTokensIsRefused() {
    try (PlainDecoding plain = new PlainDecoding(TARGET, WARM, new Limits(5, Set.of()))) {
      ModelException refused =
          assertThrows(
              ModelException.class, () -> plain.run(new int[0], new RandomStreams(0), "text"));
      assertEquals(
          "the prompt is empty; give at least one token to continue from", refused.getMessage());
    }
  }

  @Test
  void aPromptThatFillsTheContextIsRefused() {
    LanguageModel small = TableModel.ofProbabilities("small", P).with(logits -> logits, 4);
    try (PlainDecoding plain = new PlainDecoding(small, WARM, new Limits(5, Set.of()))) {
      ModelException refused =
          assertThrows(
              ModelException.class,
              () -> plain.run(new int[] {0, 1, 2, 0}, new RandomStreams(0), "text"));
      assertEquals(
          "the prompt has 4 tokens; the context of model 'small' is 4 and must leave room for at least one more",
          refused.getMessage());
      assertEquals(1, plain.run(new int[] {0, 1, 2}, new RandomStreams(0), "text").tokens().length);
    }
  }

  @Test
  void aDraftWithALesserContextStopsDraftingThere() {
    LanguageModel shortDraft = TableModel.ofProbabilities("draft", P).with(logits -> logits, 6);
    Continuation run = speculate(TARGET, shortDraft, WARM, 4, new Limits(12, Set.of()), 0);
    // From a prompt of 1: 4 drafted and a bonus make 6 tokens, the draft's whole context; then one
    // token a step.
    assertEquals(new Step(0, 4, 4), run.steps().get(0));
    assertEquals(8, run.steps().size());
    assertEquals(new Step(5, 0, 0), run.steps().get(1));
  }

  @Test
  void aPromptThatFillsTheDraftsContextIsRefused() {
    LanguageModel shortDraft = TableModel.ofProbabilities("draft", Q).with(logits -> logits, 4);
    Limits limits = new Limits(5, Set.of());
    try (ModelDrafter drafter = new ModelDrafter(shortDraft, WARM);
        SpeculativeDecoding decoding =
            new SpeculativeDecoding(
                TARGET, drafter, new TokenRule(), new FixedLength(2), WARM, limits)) {
      RandomStreams streams = new RandomStreams(0);
      for (int[] prompt : new int[][] {{0, 1, 2, 0}, {0, 1, 2, 0, 1}}) {
        ModelException refused =
            assertThrows(ModelException.class, () -> decoding.run(prompt, streams, "text"));
        assertEquals(
            "the prompt has "
                + prompt.length
                + " tokens; the context of draft 'draft' is 4 and must leave room for at least one more;"
                + " shorten the prompt, or name another draft",
            refused.getMessage());
      }
      assertEquals(5, decoding.run(new int[] {0, 1, 2}, streams, "text").tokens().length);
    }
  }

  @Test
  void nanLogitsNameTheModelAndThePlace() {
    LanguageModel broken =
        TableModel.ofProbabilities("broken", P)
            .with(logits -> new float[][] {logits[0], {0, Float.NaN, 0}, logits[2]}, 64);
    try (PlainDecoding plain =
        new PlainDecoding(broken, SamplingParameters.GREEDY, new Limits(5, Set.of()))) {
      ModelException refused =
          assertThrows(
              ModelException.class, () -> plain.run(new int[] {0}, new RandomStreams(0), "text"));
      assertEquals(
          "model 'broken' fails after token 1 of the text: the logit of token 1 is NaN",
          refused.getMessage());
    }
  }
}
