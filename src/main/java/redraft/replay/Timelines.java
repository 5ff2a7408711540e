package redraft.replay;

/**
 * Single runs drawn from the law that {@link ExactReplay} takes expectations of.
 *
 * @param steps [runs]
 * @param times [runs], in the unit of the latency model
 */
public record Timelines(double[] steps, double[] times) {}
