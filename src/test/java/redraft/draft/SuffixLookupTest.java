package redraft.draft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.draft.SuffixTree.Limits;

class SuffixLookupTest {
  private static int[] draft(Limits limits, int... text) {
    SuffixTree tree = new SuffixTree(limits);
    tree.follow(text, text.length);
    return tree.draft();
  }

  private static int[] draft(int... text) {
    return draft(Limits.USUAL, text);
  }

  // 1 2 3 stood before, followed by 4 5 6: three tokens match, so at most three are drafted.
  @Test
  void asManyTokensAreDraftedAsMatch() {
    assertArrayEquals(new int[] {4, 5, 6}, draft(1, 2, 3, 4, 5, 6, 7, 1, 2, 3));
    assertArrayEquals(
        new int[] {4}, draft(new Limits(24, 0.5f, 0.1f), 1, 2, 3, 4, 5, 6, 7, 1, 2, 3));
    assertArrayEquals(
        new int[] {4, 5, 6, 7, 1, 2}, draft(new Limits(24, 2, 0.1f), 1, 2, 3, 4, 5, 6, 7, 1, 2, 3));
  }

  // A match and what follows it have four tokens together: 2 3 leads to 4 5, 1 2 3 only to 4.
  @Test
  void theDepthLimitsMatchAndDraftTogether() {
    assertArrayEquals(
        new int[] {4, 5}, draft(new Limits(4, 1, 0.1f), 1, 2, 3, 4, 5, 6, 7, 1, 2, 3));
    assertArrayEquals(new int[0], draft(new Limits(2, 1, 0.1f), 1, 2, 3, 4, 5, 6, 7, 1, 2, 9));
  }

  // 7 was followed by 1, 2, 2, and stands at the end once more: 2 has 2 of its 4 occurrences.
  @Test
  void theMostFrequentContinuationIsDraftedIfItIsFrequentEnough() {
    int[] text = {7, 1, 7, 2, 7, 2, 3, 7};
    assertArrayEquals(new int[] {2}, draft(new Limits(24, 1, 0.5f), text));
    assertArrayEquals(new int[0], draft(new Limits(24, 1, 0.51f), text));
  }

  @Test
  void withoutAMatchNothingIsDrafted() {
    assertArrayEquals(new int[0], draft());
    assertArrayEquals(new int[0], draft(5));
    assertArrayEquals(new int[0], draft(1, 2, 3));
  }

  @Test
  void theDraftLengthCutsWhatIsProposed() {
    SuffixLookup lookup = new SuffixLookup(10);
    int[] text = {1, 2, 3, 4, 5, 6, 7, 1, 2, 3};
    Proposal proposal = lookup.propose(text, text.length, 2);
    assertArrayEquals(new int[] {4, 5}, proposal.tokens());
    assertEquals(1, proposal.distributions().get(1).probability(5));
    assertEquals(Proposal.EMPTY, lookup.propose(text, 7, 2)); // a shorter text: another one
    assertArrayEquals(new int[] {4, 5, 6}, lookup.propose(text, text.length, 9).tokens());
  }

  @Test
  void impossibleLimitsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Limits(1, 1, 0.1f));
    assertThrows(IllegalArgumentException.class, () -> new Limits(24, 0, 0.1f));
    assertThrows(IllegalArgumentException.class, () -> new Limits(24, 1, 1.1f));
  }

  @Test
  void theReleaseDraftsTheSame() throws IOException {
    JsonMapper mapper = new JsonMapper();
    int drafted = 0;
    try (InputStream in = getClass().getResourceAsStream("suffix-drafts.jsonl")) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      for (String line : lines.subList(1, lines.size())) {
        JsonNode fields = mapper.readTree(line);
        int[] text = mapper.convertValue(fields.get("text"), int[].class);
        int[][] drafts = mapper.convertValue(fields.get("drafts"), int[][].class);
        SuffixTree tree = new SuffixTree(Limits.USUAL);
        for (int t = 0; t < text.length; t++) {
          tree.append(text[t]);
          assertArrayEquals(drafts[t], tree.draft(), line.substring(0, 60) + ", token " + t);
          drafted += drafts[t].length;
        }
      }
    }
    assertEquals(4517, drafted);
  }

  /** The definition: counts by search, and of equally frequent tokens any. */
  private static final class Naive {
    private final int[] text;
    private final Limits limits;

    Naive(int[] text, Limits limits) {
      this.text = text;
      this.limits = limits;
    }

    int count(int[] stretch) {
      return (int)
          IntStream.rangeClosed(0, text.length - stretch.length)
              .filter(i -> Arrays.equals(text, i, i + stretch.length, stretch, 0, stretch.length))
              .count();
    }

    /** Scores of all drafts that a match may have, by the choice among equally frequent tokens. */
    List<Float> scores(int[] stretch, int left, float probability) {
      int most = 0;
      List<Integer> frequent = new ArrayList<>();
      int here = count(stretch);
      for (int token : Arrays.stream(text).distinct().toArray()) {
        int[] longer = Arrays.copyOf(stretch, stretch.length + 1);
        longer[stretch.length] = token;
        int count = stretch.length < limits.depth() ? count(longer) : 0;
        if (count > most) {
          frequent.clear();
          most = count;
        }
        if (count == most && count > 0) {
          frequent.add(token);
        }
      }
      float then = probability * ((float) most / here);
      if (left == 0 || frequent.isEmpty() || then < limits.least()) {
        return List.of(0f);
      }
      List<Float> scores = new ArrayList<>();
      for (int token : frequent) {
        int[] longer = Arrays.copyOf(stretch, stretch.length + 1);
        longer[stretch.length] = token;
        scores(longer, left - 1, then).forEach(score -> scores.add(then + score));
      }
      return scores;
    }

    /** Whether a draft is one of those that a match leads to, and its score. */
    float score(int[] draft, int match) {
      int[] stretch = Arrays.copyOfRange(text, text.length - match, text.length);
      float probability = 1;
      float score = 0;
      for (int token : draft) {
        int[] longer = Arrays.copyOf(stretch, stretch.length + 1);
        longer[stretch.length] = token;
        probability *= (float) count(longer) / count(stretch);
        score += probability;
        stretch = longer;
      }
      return score;
    }
  }

  // Of equally frequent tokens the definition takes any, so that the best draft has one of several
  // scores: the one drafted must be reachable, and no match may be surely better.
  @ParameterizedTest
  @CsvSource({"2,6,1,0.1", "3,8,1,0.3", "4,24,2,0.1", "8,24,1,0.5", "3,3,1,0"})
  void theDraftIsTheBestOfAllMatchesByTheDefinition(
      int vocabulary, int depth, float factor, float least) {
    Limits limits = new Limits(depth, factor, least);
    SplittableRandom random = new SplittableRandom(depth);
    int drafted = 0;
    for (int round = 0; round < 40; round++) {
      int[] text = random.ints(5 + random.nextInt(30), 0, vocabulary).toArray();
      Naive naive = new Naive(text, limits);
      int[] draft = draft(limits, text);
      boolean reached = false;
      float surely = 0; // the score that some match has whatever the choice among equals
      float reachedScore = 0;
      for (int match = 1; match < Math.min(text.length, depth); match++) {
        int left = (int) (match * factor + 1e-6);
        List<Float> scores =
            naive.scores(Arrays.copyOfRange(text, text.length - match, text.length), left, 1);
        surely = Math.max(surely, scores.stream().min(Float::compare).orElseThrow());
        float own = naive.score(draft, match);
        if (draft.length <= left && scores.stream().anyMatch(s -> Math.abs(s - own) < 1e-5)) {
          reached = true;
          reachedScore = Math.max(reachedScore, own);
        }
      }
      assertTrue(reached, Arrays.toString(text) + " drafted " + Arrays.toString(draft));
      assertTrue(reachedScore > surely - 1e-5, reachedScore + " " + surely);
      drafted += draft.length;
    }
    assertTrue(drafted > 20, drafted + " drafted");
  }

  @Test
  void replayAgreesWithTheLiveDrafterAtEveryPosition() {
    SplittableRandom random = new SplittableRandom(3);
    int wrong = 0;
    for (int round = 0; round < 20; round++) {
      int prompt = random.nextInt(30);
      int[] text = random.ints(prompt + 60, 0, 2 + round % 5).toArray();
      int[] tokens = Arrays.copyOfRange(text, prompt, text.length);
      PromptLookup.Replay replay = SuffixLookup.replay(Arrays.copyOf(text, prompt), tokens);
      SuffixLookup lookup = new SuffixLookup(10);
      for (int t = random.nextInt(3); t < tokens.length; t += 1 + random.nextInt(3)) {
        int draftLength = 1 + random.nextInt(30);
        int[] live = lookup.propose(text, prompt + t, draftLength).tokens();
        int mismatch = Arrays.mismatch(live, 0, live.length, tokens, t, tokens.length);
        int matched = mismatch == -1 ? live.length : mismatch;
        assertEquals(Math.min(draftLength, replay.available()[t]), live.length);
        assertEquals(Math.min(draftLength, replay.matched()[t]), matched);
        wrong += matched < live.length ? 1 : 0;
      }
    }
    assertTrue(wrong > 50, wrong + " wrong drafts");
  }

  // 100,000 tokens in which nothing repeats but single ones, and as many that repeat all the time.
  @Test
  void longTextsTakeTimeInProportion() {
    int n = 50_000;
    int[] text = new int[2 * n];
    for (int i = 0; i < n; i++) {
      text[2 * i] = 0;
      text[2 * i + 1] = 1 + i % (n / 2); // each follows 0 twice
    }
    PromptLookup.Replay replay = SuffixLookup.replay(new int[] {1}, text);
    assertEquals(12, replay.matched()[n + 100]);
    PromptLookup.Replay constant = SuffixLookup.replay(new int[] {1}, new int[2 * n]);
    assertEquals(12, constant.available()[n]);
  }
}
