package redraft.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactSumTest {
  @Test
  void keepsWhatDoublesLose() {
    assertEquals(1, ExactSum.of(1e300, 1, -1e300).value());
    assertEquals(Double.MIN_VALUE, ExactSum.of(1, Double.MIN_VALUE, -1).value());
    assertEquals(0, ExactSum.of(0.1, 0.2, -0.1, -0.2).value());
    assertEquals(0, new ExactSum().value());
  }

  @Test
  void roundsToTheNearestDoubleAndTiesToTheEvenOne() {
    double half = Math.ulp(1.0) / 2;
    assertEquals(1, ExactSum.of(1, half).value());
    assertEquals(1 + 2 * half, ExactSum.of(1, half, Double.MIN_VALUE).value());
    assertEquals(1 + 4 * half, ExactSum.of(1, 3 * half).value());
    assertEquals(-1 - 2 * half, ExactSum.of(-1, -half, -Double.MIN_VALUE).value());
  }

  @Test
  void saysInfinitiesAndWhatIsNoNumber() {
    assertEquals(Double.POSITIVE_INFINITY, ExactSum.of(1, Double.POSITIVE_INFINITY).value());
    assertTrue(Double.isNaN(ExactSum.of(1, Double.NaN, 2).value()));
    assertTrue(
        Double.isNaN(ExactSum.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY).value()));
    assertEquals(Double.POSITIVE_INFINITY, ExactSum.of(Double.MAX_VALUE, Double.MAX_VALUE).value());
  }

  private static List<Double> numbers(long seed, int exponents) {
    Random random = new Random(seed);
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      numbers.add(
          Math.scalb(random.nextDouble() * 2 - 1, random.nextInt(exponents) - exponents / 2));
    }
    return numbers;
  }

  private static ExactSum sum(List<Double> numbers) {
    return ExactSum.of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 2000})
  void isTheSumOfDecimals(int exponents) {
    for (long seed = 0; seed < 20; seed++) {
      List<Double> numbers = numbers(seed, exponents);
      BigDecimal decimal =
          numbers.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
      assertEquals(decimal.doubleValue(), sum(numbers).value());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 2000})
  void isTheSameInAnyOrderAndAnyParts(int exponents) throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      List<Double> numbers = numbers(seed, exponents);
      double whole = sum(numbers).value();
      Collections.shuffle(numbers, new Random(seed));
      ExactSum added = new ExactSum();
      ExactSum written = new ExactSum();
      Random cuts = new Random(seed);
      for (int from = 0; from < numbers.size(); ) {
        int to = Math.min(numbers.size(), from + 1 + cuts.nextInt(300));
        ExactSum part = sum(numbers.subList(from, to));
        added.add(part);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        part.write(new DataOutputStream(bytes));
        written.addFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        from = to;
      }
      assertEquals(whole, added.value());
      assertEquals(whole, written.value());
    }
  }
}
