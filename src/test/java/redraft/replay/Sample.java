package redraft.replay;

import java.util.stream.DoubleStream;

/** What is known of a mean from repeated trials. */
record Sample(double mean, double variance, int size) {
  static Sample of(double[] values) {
    double mean = DoubleStream.of(values).sum() / values.length;
    double squares = DoubleStream.of(values).map(value -> (value - mean) * (value - mean)).sum();
    return new Sample(mean, squares / (values.length - 1), values.length);
  }

  double standardError() {
    return Math.sqrt(variance / size);
  }
}
