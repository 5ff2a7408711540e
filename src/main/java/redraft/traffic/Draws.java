package redraft.traffic;

/**
 * Random numbers of requests by place: the same whatever setting they are drawn under, so that
 * settings differ by what they do and not by luck.
 *
 * @param seed of a run
 */
record Draws(long seed) {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /** Uniform from 0 to 1, by request and place in its text. */
  double uniform(long request, int place) {
    long mixed = mix(mix(seed + GOLDEN) ^ request * GOLDEN);
    return (mix(mixed + (place + 1) * GOLDEN) >>> 11) * 0x1p-53;
  }

  /** The finalizer of SplitMix64 (Steele et al. 2014). */
  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
