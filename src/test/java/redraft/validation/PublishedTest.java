package redraft.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PublishedTest {
  private final Published published = load();

  private static Published load() {
    try {
      return Published.load();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private double meanError(Function<PublishedRow, Double> error) {
    return published.rows().stream()
        .map(error)
        .filter(Objects::nonNull)
        .mapToDouble(Math::abs)
        .average()
        .orElseThrow();
  }

  // (1 − .75⁸) / (.25 · 1.14) = 3.157
  @Test
  void theFormulaIsTheorem38() {
    PublishedRow first = published.rows().get(0);
    assertEquals((1 - Math.pow(.75, 8)) / (.25 * 1.14), first.formula().speedup(), 1e-12);
    assertEquals(first.formula().speedup() / 3.4 - 1, first.formulaError(), 1e-12);
  }

  @Test
  void theFormulaMissesItsAuthorsMeasurementsByAboutASixth() {
    assertEquals(.177, meanError(PublishedRow::formulaError), .0005);
    assertTrue(
        meanError(PublishedRow::rooflineError) < meanError(PublishedRow::formulaError),
        "the roofline knows the hardware and no published c");
  }

  @Test
  void nothingIsHiddenAndLargeErrorsAreExplained() {
    assertEquals(29, published.rows().size());
    for (PublishedRow row : published.rows()) {
      boolean predicted = row.formulaError() != null;
      double error =
          predicted ? row.formulaError() : Objects.requireNonNullElse(row.baselineError(), 1.0);
      if (Math.abs(error) > .2) {
        assertNotNull(row.note(), row.toString());
      }
    }
  }

  // Chen et al. publish no acceptance; the formula's own speedup at the implied one is theirs.
  @Test
  void withoutAnAcceptanceTheImpliedOneIsGiven() {
    List<PublishedRow> chen =
        published.rows().stream()
            .filter(row -> row.experiment().source().startsWith("Chen"))
            .toList();
    assertEquals(3, chen.size());
    for (PublishedRow row : chen) {
      assertNull(row.formula().speedup());
      double alpha = row.formula().impliedAcceptance();
      assertEquals(
          row.measured().speedup(),
          (1 - Math.pow(alpha, 5)) / ((1 - alpha) * (4 * row.measured().costRatio() + 1)),
          1e-9);
    }
  }

  @Test
  void theRooflinesConstantsFitTheLayersTheyWereFittedTo() {
    double mean =
        published.layers().stream().mapToDouble(row -> Math.abs(row.error())).average().orElse(1);
    assertEquals(50, published.layers().size());
    assertTrue(mean < .055, "mean error " + mean);
  }
}
