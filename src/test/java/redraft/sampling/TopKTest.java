package redraft.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKTest {
  @Test
  void ofEqualLogitsTheLowerIdIsFirst() {
    float[] logits = {1, 3, 2, 3, 3};
    assertArrayEquals(new int[] {1, 3}, TopK.tokens(logits, 2));
    assertArrayEquals(new int[] {1, 3, 4, 2, 0}, TopK.tokens(logits, 5));
  }

  @Test
  void theTwoZerosAreEqual() {
    assertArrayEquals(new int[] {1, 2, 3}, TopK.tokens(new float[] {-1, -0f, 0f, -0f, 0f}, 3));
  }

  @Test
  void aTokenThatIsRuledOutComesLast() {
    float never = Float.NEGATIVE_INFINITY;
    float[] logits = {never, -9, never, -8, never};
    assertArrayEquals(new int[] {3, 1, 0}, TopK.tokens(logits, 3));
    assertArrayEquals(new int[] {3, 1, 0, 2, 4}, TopK.tokens(logits, 5));
  }

  /** Random, ascending, descending and mostly equal rows, beside a sort of the whole row. */
  @Test
  void agreesWithSortingTheWholeRow() {
    SplittableRandom random = new SplittableRandom(1);
    for (int row = 0; row < 400; row++) {
      int size = 1 + random.nextInt(300);
      float[] logits = new float[size];
      for (int v = 0; v < size; v++) {
        logits[v] =
            switch (row % 4) {
              case 0 -> (float) random.nextGaussian();
              case 1 -> v;
              case 2 -> -v / 3;
              default -> random.nextInt(3) - 1f;
            };
        if (random.nextInt(20) == 0) {
          logits[v] = Float.NEGATIVE_INFINITY;
        }
      }
      int k = 1 + random.nextInt(size);
      int[] sorted =
          IntStream.range(0, size)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(token -> -(double) logits[token])
                      .thenComparing(Comparator.naturalOrder()))
              .limit(k)
              .mapToInt(token -> token)
              .toArray();
      assertArrayEquals(sorted, TopK.tokens(logits, k), "row " + row + ", k = " + k);
    }
  }
}
