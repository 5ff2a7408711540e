package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import redraft.decode.Limits;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.TableModel;
import redraft.model.Tokenizer;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.trace.TraceSequence;

/** Texts that reach the end of the draft's context, which is shorter than the target's. */
class DraftRoomTest {
  private static final double[][] P = {{.5, .3, .2}, {.1, .2, .7}, {.4, .4, .2}};
  private static final LanguageModel TARGET = TableModel.ofProbabilities("big", P);
  private static final LanguageModel DRAFT =
      TableModel.ofProbabilities("small", P).with(logits -> logits, 6);
  private static final Tokenizer DIGITS =
      new Tokenizer() {
        @Override
        public int[] encode(String text) {
          return text.chars().map(digit -> digit - '0').toArray();
        }

        @Override
        public String decode(int[] tokens) {
          return Arrays.toString(tokens);
        }

        @Override
        public void close() {}
      };

  private static TraceSequence record(String prompt, Limits limits, LanguageModel... drafts) {
    try (Recorder recorder =
        new Recorder(
            DIGITS,
            TARGET,
            List.of(drafts),
            SamplingParameters.temperature(1),
            limits,
            Detail.NONE,
            new RandomStreams(3))) {
      recorder.record(new Prompt("first", "d", "01"), 0);
      return recorder.record(new Prompt("p", "d", prompt), 0);
    }
  }

  private static String refusal(String prompt, Limits limits) {
    return assertThrows(ModelException.class, () -> record(prompt, limits, TARGET, DRAFT))
        .getMessage();
  }

  @Test
  void aPromptAsLongAsADraftsContextIsRefused() {
    Limits one = new Limits(1, Set.of());
    String wayOut =
        "; the context of draft 'small' is 6 and must leave room for at least one more;"
            + " shorten the prompt, or record without this draft";
    assertEquals("prompt 'p' has 6 tokens" + wayOut, refusal("012012", one));
    assertEquals("prompt 'p' has 7 tokens" + wayOut, refusal("0120120", one));
    assertEquals("prompt 'p' has 6 tokens" + wayOut, refusal("012012", one.within(DRAFT)));
    assertEquals(1, record("01201", one, DRAFT).length());
  }

  @Test
  void aTextThatMayOutgrowADraftsContextIsRefusedBeforeItIsBegun() {
    assertEquals(
        "prompt 'p' has 3 tokens and may become a text of 7; the context of draft 'small' is 6;"
            + " lower --max-new-tokens to 3, or let record end texts there with"
            + " --when-draft-is-full stop",
        refusal("012", new Limits(4, Set.of())));
    assertEquals(3, record("012", new Limits(3, Set.of()), DRAFT).length());
  }

  @Test
  void aTextThatEndsWhereADraftIsFullEndsAtTheLengthLimit() {
    Limits limits = new Limits(40, Set.of());
    TraceSequence stopped = record("012", limits.within(DRAFT), DRAFT);
    assertEquals(3, stopped.length());
    assertEquals(TraceSequence.Finish.LENGTH, stopped.finish());
    assertEquals(3, stopped.drafts().get(0).logprob().length);
    int[] whole = record("012", limits, TARGET).tokens();
    assertEquals(40, whole.length);
    assertArrayEquals(Arrays.copyOf(whole, 3), stopped.tokens());
  }
}
