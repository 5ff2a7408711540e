package redraft.trace;

import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * The ids of a trace so far, kept as 128-bit hashes, which take at most 64 bytes each whatever
 * their length: of 10⁹ ids two share one with a probability of 10⁻²¹.
 */
public final class SeenIds {
  /** What is wrong with an id that is there already, after {@code "id" is "a"}. */
  public static final String AGAIN =
      "again, after another prompt: the samples of a prompt must stand together";

  private long[] hashes = new long[1 << 9]; // [places][2], 0 0 where free, at most ¾ taken
  private int count;

  /** Adds an id; false if it is there already. */
  public boolean add(String id) {
    long[] hash = hash(id);
    int place = place(hash[0], hash[1]);
    if (hashes[place] == hash[0] && hashes[place + 1] == hash[1]) {
      return false;
    }
    put(place, hash[0], hash[1]);
    count++;
    if (8L * count > 3L * hashes.length) {
      grow();
    }
    return true;
  }

  public boolean contains(String id) {
    long[] hash = hash(id);
    int place = place(hash[0], hash[1]);
    return hashes[place] == hash[0] && hashes[place + 1] == hash[1];
  }

  private static long[] hash(String id) {
    long[] hash = MurmurHash3.hash128x64(id.getBytes(StandardCharsets.UTF_8));
    hash[1] |= hash[0] == 0 ? 1 : 0; // not that of a free place
    return hash;
  }

  /** Where a hash is, or where it goes. */
  private int place(long high, long low) {
    int place = (int) high & hashes.length - 2;
    while ((hashes[place] | hashes[place + 1]) != 0
        && (hashes[place] != high || hashes[place + 1] != low)) {
      place = place + 2 & hashes.length - 2;
    }
    return place;
  }

  private void put(int place, long high, long low) {
    hashes[place] = high;
    hashes[place + 1] = low;
  }

  private void grow() {
    long[] old = hashes;
    hashes = new long[2 * old.length];
    for (int i = 0; i < old.length; i += 2) {
      if ((old[i] | old[i + 1]) != 0) {
        put(place(old[i], old[i + 1]), old[i], old[i + 1]);
      }
    }
  }
}
