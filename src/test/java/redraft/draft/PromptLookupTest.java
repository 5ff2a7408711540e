package redraft.draft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptLookupTest {
  private static final int VOCABULARY = 10;
  private static final PromptLookup LOOKUP = new PromptLookup(VOCABULARY);

  private static int[] proposed(PromptLookup lookup, int draftLength, int... text) {
    return lookup.propose(text, text.length, draftLength).tokens();
  }

  // 1 2 3 stood before, followed by 4 5 6.
  @Test
  void whatFollowedTheLastTokensBeforeIsProposed() {
    assertArrayEquals(new int[] {4, 5}, proposed(LOOKUP, 2, 1, 2, 3, 4, 5, 6, 1, 2, 3));
    Proposal proposal = LOOKUP.propose(new int[] {7, 8, 7}, 3, 4);
    assertArrayEquals(new int[] {8, 7}, proposal.tokens());
    assertEquals(1, proposal.distributions().get(0).probability(8));
    assertEquals(VOCABULARY, proposal.distributions().get(1).vocabularySize());
  }

  // 3 alone stood first before 9, but 2 3 before 5.
  @Test
  void theLongestMatchDecides() {
    assertArrayEquals(new int[] {5}, proposed(LOOKUP, 1, 3, 9, 2, 3, 5, 0, 2, 3));
    PromptLookup shorter = new PromptLookup(VOCABULARY, 1, 1);
    assertArrayEquals(new int[] {9}, proposed(shorter, 1, 3, 9, 2, 3, 5, 0, 2, 3));
  }

  // 1 2 3 stood before 4 and, later, before 5.
  @Test
  void ofEqualMatchesTheEarliestDecides() {
    assertArrayEquals(new int[] {4}, proposed(LOOKUP, 1, 1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3));
  }

  // The only earlier 6 6 6 begins at 0 and overlaps the last one; three tokens follow it.
  @Test
  void aMatchMayOverlapTheEndAndCopyingStopsAtTheEndOfTheText() {
    assertArrayEquals(new int[] {6}, proposed(LOOKUP, 5, 6, 6, 6, 6));
    assertArrayEquals(new int[] {6, 6, 6}, proposed(LOOKUP, 5, 6, 6, 6, 6, 6, 6));
  }

  @Test
  void withoutAMatchNothingIsDrafted() {
    assertEquals(Proposal.EMPTY, LOOKUP.propose(new int[] {1, 2, 3}, 3, 4));
    assertEquals(Proposal.EMPTY, LOOKUP.propose(new int[] {1}, 1, 4));
    PromptLookup pairs = new PromptLookup(VOCABULARY, 3, 2);
    assertEquals(Proposal.EMPTY, pairs.propose(new int[] {1, 2, 1}, 3, 4));
  }

  @Test
  void onlyTheGivenLengthOfTheTextCounts() {
    int[] text = {1, 2, 1, 2, 9};
    assertArrayEquals(new int[] {2, 1}, LOOKUP.propose(text, 3, 4).tokens());
  }

  @Test
  void impossibleLengthsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PromptLookup(VOCABULARY, 3, 0));
    assertThrows(IllegalArgumentException.class, () -> new PromptLookup(VOCABULARY, 1, 2));
  }

  // Prompt 1 2 3 1 2, recorded 3 1 4. Before 3: 1 2 leads to 3 1 2, of which 3 1 come. Before 1:
  // 1 2 3 leads to 1 2 3, of which 1 comes. Before 4: 2 3 1 leads to 2 3 1, and 4 comes.
  @Test
  void replayKnowsHowManyTokensAreDraftedAndHowManyOfThemCome() {
    PromptLookup.Replay replay =
        PromptLookup.replay(new int[] {1, 2, 3, 1, 2}, new int[] {3, 1, 4});
    assertArrayEquals(new int[] {3, 3, 3}, replay.available());
    assertArrayEquals(new int[] {2, 1, 0}, replay.matched());
  }

  @ParameterizedTest
  @CsvSource({"2,3,1", "3,3,1", "3,2,2", "5,4,1", "5,5,3", "40,1,1"})
  void replayAgreesWithTheLiveDrafterAtEveryPosition(int vocabulary, int longest, int shortest) {
    PromptLookup lookup = new PromptLookup(vocabulary, longest, shortest);
    SplittableRandom random = new SplittableRandom(vocabulary * 100 + longest);
    int drafts = 0;
    int wrong = 0;
    for (int round = 0; round < 20; round++) {
      int prompt = random.nextInt(30);
      int[] text = random.ints(prompt + 60, 0, vocabulary).toArray();
      int[] tokens = Arrays.copyOfRange(text, prompt, text.length);
      PromptLookup.Replay replay =
          PromptLookup.replay(Arrays.copyOf(text, prompt), tokens, longest, shortest);
      for (int t = 0; t < tokens.length; t++) {
        for (int draftLength : new int[] {1, 2, 5, 1000}) {
          int[] live = lookup.propose(text, prompt + t, draftLength).tokens();
          int matched = 0;
          while (matched < live.length
              && t + matched < tokens.length
              && live[matched] == tokens[t + matched]) {
            matched++;
          }
          assertEquals(Math.min(draftLength, replay.available()[t]), live.length);
          assertEquals(Math.min(draftLength, replay.matched()[t]), matched);
          drafts += live.length > 0 ? 1 : 0;
          wrong += matched < live.length ? 1 : 0;
        }
      }
    }
    assertTrue(drafts > 100 && wrong > 50, drafts + " drafts, " + wrong + " of them wrong");
  }

  // The prompt is 0 1 … n − 1 and so is the recording: its first token follows nothing known, and
  // before its token t there are n tokens to copy, of which the n − t still recorded come.
  @Test
  void aCopyOfThePromptIsFollowedToItsEnd() {
    int n = 20_000;
    int[] text = IntStream.range(0, n).toArray();
    PromptLookup.Replay replay = PromptLookup.replay(text, text);
    assertEquals(0, replay.available()[0]);
    assertEquals(0, replay.matched()[0]);
    for (int t = 1; t < n; t++) {
      assertEquals(n, replay.available()[t]);
      assertEquals(n - t, replay.matched()[t]);
    }
  }
}
