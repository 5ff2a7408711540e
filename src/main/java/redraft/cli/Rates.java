package redraft.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 8}, {@code 1,2,4} or {@code 1..64}, which goes by factors of √2, in ascending order. */
record Rates(List<Double> values) {
  private static final double LARGEST = 1e6;

  static final class Converter implements ITypeConverter<Rates> {
    @Override
    public Rates convert(String text) {
      TreeSet<Double> rates = new TreeSet<>();
      for (String part : text.split(",", -1)) {
        String[] ends = part.split("\\.\\.", -1);
        double first = rate(text, ends[0]);
        double last = rate(text, ends[ends.length - 1]);
        if (ends.length > 2 || first > last) {
          throw wrong(text);
        }
        rates.add(first);
        rates.addAll(steps(first, last));
        rates.add(last);
      }
      return new Rates(new ArrayList<>(rates));
    }

    private static double rate(String text, String number) {
      try {
        double rate = Double.parseDouble(number.trim());
        if (rate > 0 && rate <= LARGEST) {
          return rate;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw wrong(text);
    }

    private static TypeConversionException wrong(String text) {
      return new TypeConversionException(
          "'"
              + text
              + "' is no rate of requests a second above 0 and at most a million, such as 8, 1,2,4 or 1..64");
    }
  }

  /** From the first by factors of √2 to below the last, to three digits. */
  static List<Double> steps(double first, double last) {
    List<Double> steps = new ArrayList<>();
    for (int i = 1; ; i++) {
      double step = rounded(first * Math.pow(2, i / 2.0));
      if (step > last * 0.9) {
        return steps;
      }
      steps.add(step);
    }
  }

  /** To three digits. */
  static double rounded(double rate) {
    return new BigDecimal(rate).round(new MathContext(3)).doubleValue();
  }
}
