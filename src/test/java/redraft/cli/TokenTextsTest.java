package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.model.Tokenizer;
import redraft.model.onnx.ShippedPair;
import redraft.trace.Prompt;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

class TokenTextsTest {
  private static final Tokenizer TOKENIZER = ShippedPair.get().tokenizer();

  /** The definition: what the whole text before each token and with it differ by. */
  private static List<String> defined(int[] tokens) {
    List<String> pieces = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < tokens.length; i++) {
      String text = TOKENIZER.decode(Arrays.copyOf(tokens, i + 1));
      int end = text.length();
      while (i < tokens.length - 1 && end > before && text.charAt(end - 1) == '\ufffd') {
        end--;
      }
      pieces.add(text.substring(Math.min(before, end), end));
      before = end;
    }
    return pieces;
  }

  private static void assertAsDefined(int[] tokens, String what) {
    assertEquals(defined(tokens), TokenTexts.pieces(TOKENIZER, tokens, tokens.length), what);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-t0", "tiny-t1"})
  void textsOfTheShippedTracesFallIntoTheirPieces(String trace) throws IOException {
    try (TraceReader reader = new TraceReader(Path.of("traces", trace + ".jsonl.gz"))) {
      for (TraceSequence sequence; (sequence = reader.next()) != null; ) {
        assertAsDefined(sequence.tokens(), sequence.id());
      }
    }
    for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
      assertAsDefined(TOKENIZER.encode(prompt.prompt()), prompt.id());
    }
  }

  @Test
  void aCharacterSpreadOverTokensIsAddedByTheLast() {
    String text = "a😀 naïve 👩‍👩‍👧<|end|>漢字 \ufffd!";
    int[] tokens = TOKENIZER.encode(text);
    assertAsDefined(tokens, text);
    List<String> pieces = TokenTexts.pieces(TOKENIZER, tokens, tokens.length);
    assertEquals(List.of("a", "", "", "", "😀"), pieces.subList(0, 5));
    assertEquals(text.replace("<|end|>", ""), String.join("", pieces));
    for (int count = 0; count <= tokens.length; count++) {
      List<String> first = TokenTexts.pieces(TOKENIZER, tokens, count);
      assertEquals(count, first.size());
      assertEquals(TOKENIZER.decode(Arrays.copyOf(tokens, count)), String.join("", first));
    }
  }

  @Test
  void tokensDrawnBlindlyFallIntoTheirPieces() {
    SplittableRandom random = new SplittableRandom(1);
    int vocabulary = ShippedPair.get().target().vocabularySize();
    for (int round = 0; round < 100; round++) {
      int most = round % 2 == 0 ? vocabulary : 300; // special tokens and single bytes come first
      int[] tokens = random.ints(150, 0, most).toArray();
      assertAsDefined(tokens, Arrays.toString(tokens));
    }
  }

  /** Counts tokens that were decoded. */
  private static final class Counting implements Tokenizer {
    private long decoded;

    @Override
    public int[] encode(String text) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] tokens) {
      decoded += tokens.length;
      return TOKENIZER.decode(tokens);
    }

    @Override
    public void close() {}
  }

  @Test
  void theWorkOfATokenDoesNotGrowWithTheText() {
    int part = TOKENIZER.encode("😀")[1]; // a byte that makes no character, however often
    int end = TOKENIZER.encode("<|end|>")[0];
    int[] words = TOKENIZER.encode("Ann has 3 pens and buys 4. ".repeat(400));
    for (int[] tokens : List.of(words, filled(part), filled(end))) {
      for (int count : new int[] {100, 1000, tokens.length}) {
        Counting counting = new Counting();
        assertEquals(count, TokenTexts.pieces(counting, tokens, count).size());
        assertTrue(counting.decoded < 40L * count, counting.decoded + " for " + count);
      }
    }
  }

  private static int[] filled(int token) {
    int[] tokens = new int[4000];
    Arrays.fill(tokens, token);
    return tokens;
  }
}
