package redraft.policy;

import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A draft length for each size of the batch, taken at one: vLLM's {@code
 * num_speculative_tokens_per_batch_size}, whose ranges are inclusive, begin at 1 and each hold
 * until the next begins ({@code vllm/v1/spec_decode/dynamic/utils.py} of vLLM 0.33). TensorRT-LLM's
 * {@code draft_len_schedule} is the same table with no drafting beyond its last batch.
 *
 * @param name the table as it was written
 * @param initialLength at the batch; 0 is no drafting
 */
public record BatchTable(String name, int initialLength) implements DraftLengthPolicy {
  static final String NAME = "batch-table";
  private static final Pattern ENTRY = Pattern.compile("(\\d{1,9})-(\\d{1,9})=(\\d{1,2})");

  /**
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static BatchTable of(String written, int batch) {
    PolicyParameters parameters =
        new PolicyParameters(written, NAME + ":1-4=5,5-32=2,33-512=0", List.of());
    if (parameters.list().isEmpty()) {
      throw parameters.wrong("has no table");
    }
    TreeMap<Integer, Integer> lengths = new TreeMap<>(); // by the batch that a range begins with
    TreeMap<Integer, Integer> ends = new TreeMap<>();
    for (String text : parameters.list()) {
      Matcher entry = ENTRY.matcher(text);
      if (!entry.matches()) {
        throw parameters.wrong("has '" + text + "', not START-END=K");
      }
      int start = Integer.parseInt(entry.group(1));
      if (ends.put(start, Integer.parseInt(entry.group(2))) != null) {
        throw parameters.wrong("has two ranges from " + start);
      }
      lengths.put(start, parameters.whole(entry.group(3), 0, 63));
    }
    int end = 0;
    for (int start : ends.keySet()) {
      if (start <= end || ends.get(start) < start || end == 0 && start != 1) {
        throw parameters.wrong(
            "has the range "
                + start
                + "-"
                + ends.get(start)
                + " after "
                + end
                + "; ranges begin at 1, ascend and do not overlap");
      }
      end = ends.get(start);
    }
    return new BatchTable(written, lengths.floorEntry(batch).getValue());
  }

  /** Whether a name is that of a table. */
  public static boolean isNamed(String name) {
    return name.equals(NAME) || name.startsWith(NAME + ":");
  }

  @Override
  public boolean fixed() {
    return initialLength > 0;
  }

  @Override
  public boolean monotone() {
    return true;
  }
}
