package redraft.metrics;

/** A 95% interval. */
public record Interval(double low, double high) {}
