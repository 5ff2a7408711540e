package redraft.validation;

/**
 * One published time of the matrix products of a layer and what the roofline says of it.
 *
 * @param rows multiplied together
 * @param publishedMs median
 * @param error predicted / published − 1
 */
public record LayerRow(
    String hardware, String model, int rows, double publishedMs, double rooflineMs, double error) {}
