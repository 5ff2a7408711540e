package redraft.sampling;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Independent random numbers by name, all from one seed: a stream's numbers depend on the seed and
 * its own name only, never on which other streams exist or how far they were read.
 *
 * @param seed any number; 0 is a seed like the others
 */
public record RandomStreams(long seed) {
  /** A new generator at the start of the named stream. */
  public RandomGenerator stream(String name) {
    long hash = 0xcbf29ce484222325L; // FNV-1a, 64 bits
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    // Two rounds of SplittableRandom's mixing keep neighbouring seeds and similar names apart.
    return new SplittableRandom(
        new SplittableRandom(seed).nextLong() ^ new SplittableRandom(hash).nextLong());
  }
}
