package redraft.validation.live;

/**
 * Who had the processors during a stretch of time.
 *
 * @param processors of the machine
 * @param waiting share of the time in which the decoding thread was ready and had no processor; NaN
 *     where that is not known
 * @param others share of all processors that other programs took; NaN where that is not known
 * @param stolen share of all processors that the host of this virtual machine gave to others; NaN
 *     where that is not known
 */
public record ProcessorUse(int processors, double waiting, double others, double stolen) {}
