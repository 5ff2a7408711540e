package redraft.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import redraft.replay.AcceptanceLaw;
import redraft.replay.CertainLaw;

/**
 * A rule's law of acceptance on the texts of a page, one text after the other, as numbers: the page
 * knows no rule by its name. Exactly one of {@code like}, {@code factors}, {@code matched} and
 * {@code survival} is there.
 *
 * @param like the rule whose law it is, or of whose factors
 * @param atMost what those factors are cut off at; null for not at all
 * @param factors [positions]: survival[k] is the least running product of the next k
 * @param matched [positions]: leading tokens that are accepted for certain
 * @param survival [positions][longest draft length]: survival[1], survival[2], …
 * @param available [positions]: the most tokens that a draft can have; null for no bound
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PageLaw(
    String like, Double atMost, Packed factors, Packed matched, Packed survival, Packed available) {

  private static PageLaw like(String rule, Double atMost) {
    return new PageLaw(rule, atMost, null, null, null, null);
  }

  /**
   * The laws of several rules under one draft, none written twice.
   *
   * @param laws of every text, by rule
   * @param longest draft length that the page offers
   */
  static Map<String, PageLaw> of(Map<String, List<AcceptanceLaw>> laws, int longest) {
    Map<String, PageLaw> written = new LinkedHashMap<>();
    Map<String, double[]> factors = new LinkedHashMap<>();
    laws.forEach(
        (rule, texts) -> {
          written.put(rule, of(texts, longest));
          if (written.get(rule).factors != null) {
            factors.put(rule, factors(texts));
          }
        });
    Map<String, PageLaw> once = new LinkedHashMap<>();
    written.forEach((rule, law) -> once.put(rule, once(rule, law, written, factors)));
    return once;
  }

  /** The law, or the first other one that it follows from. */
  private static PageLaw once(
      String rule, PageLaw law, Map<String, PageLaw> written, Map<String, double[]> factors) {
    for (Map.Entry<String, PageLaw> other : written.entrySet()) {
      if (other.getKey().equals(rule)) {
        break;
      }
      if (other.getValue().equals(law)) {
        return like(other.getKey(), null);
      }
    }
    for (Map.Entry<String, double[]> other : factors.entrySet()) {
      if (law.factors != null
          && !law.factors.equals(written.get(other.getKey()).factors)
          && Arrays.equals(factors.get(rule), cut(other.getValue()))) {
        return like(other.getKey(), 1.0);
      }
    }
    return law;
  }

  private static double[] cut(double[] factors) {
    return DoubleStream.of(factors).map(factor -> Math.min(1, factor)).toArray();
  }

  private static PageLaw of(List<AcceptanceLaw> texts, int longest) {
    Packed available = available(texts);
    if (texts.stream().allMatch(law -> law instanceof CertainLaw)) {
      int[] matched =
          texts.stream().flatMapToInt(law -> IntStream.of(((CertainLaw) law).matched())).toArray();
      return new PageLaw(null, null, null, Packed.of(matched), null, available);
    }
    return texts.stream().allMatch(law -> law.factors() != null)
        ? new PageLaw(null, null, Packed.exactly(factors(texts)), null, null, available)
        : new PageLaw(null, null, null, null, Packed.exactly(table(texts, longest)), available);
  }

  private static double[] factors(List<AcceptanceLaw> texts) {
    return texts.stream().flatMapToDouble(law -> DoubleStream.of(law.factors())).toArray();
  }

  private static Packed available(List<AcceptanceLaw> texts) {
    int[] available =
        texts.stream()
            .flatMapToInt(law -> IntStream.range(0, law.length()).map(law::available))
            .toArray();
    return IntStream.of(available).allMatch(tokens -> tokens == Integer.MAX_VALUE)
        ? null
        : Packed.of(available);
  }

  /** 0 where nothing is known of so long a draft. */
  private static double[] table(List<AcceptanceLaw> texts, int longest) {
    double[] table = new double[longest * texts.stream().mapToInt(AcceptanceLaw::length).sum()];
    double[] survival = new double[longest + 1];
    int row = 0;
    for (AcceptanceLaw law : texts) {
      for (int t = 0; t < law.length(); t++, row++) {
        int known = Math.min(longest, law.known(t));
        law.survival(t, known, survival);
        System.arraycopy(survival, 1, table, row * longest, known);
      }
    }
    return table;
  }
}
