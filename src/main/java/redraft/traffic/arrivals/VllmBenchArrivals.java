package redraft.traffic.arrivals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * Requests of {@code vllm bench serve --save-result --save-detailed}: lists of {@code start_times}
 * (seconds), {@code input_lens}, {@code output_lens}, {@code ttfts} and {@code itls}, an entry for
 * each request. Times are those of the client.
 */
final class VllmBenchArrivals implements ArrivalFormat {
  @Override
  public String format() {
    return "vllm-bench";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"tokenizer_id\"") && beginning.contains("\"request_rate\"");
  }

  @Override
  public Arrivals open(LineSource source) throws IOException {
    List<Arrival> all = new ArrayList<>();
    long failed;
    try (LineReader reader = new LineReader(source)) {
      if (!reader.advance() || reader.blank()) {
        throw new IllegalArgumentException(source.name() + " holds no run");
      }
      failed = reader.parse(() -> requests(reader, all));
      while (reader.advance()) {
        if (!reader.blank()) {
          throw reader.error("another run: put each in a file of its own");
        }
      }
    }
    return new SortedArrivals(all) {
      @Override
      public List<String> notes() {
        return InOrder.failed(failed);
      }
    };
  }

  /** Adds the requests of a run that have an answer; returns how many have none. */
  private static long requests(LineReader reader, List<Arrival> requests) throws IOException {
    double[] starts = null;
    int[] prompts = null;
    int[] outputs = null;
    double[] ttfts = null;
    List<double[]> gaps = null;
    LineReader.Fields fields = reader.fields();
    for (String name = fields.next(); name != null; name = fields.next()) {
      switch (name) {
        case "start_times" -> starts = reader.numbers();
        case "input_lens" -> prompts = reader.integers();
        case "output_lens" -> outputs = reader.integers();
        case "ttfts" -> ttfts = reader.numbers();
        case "itls" -> gaps = reader.list(reader::numbers);
        default -> reader.skip();
      }
    }
    if (starts == null) {
      throw reader.error(
          "no \"start_times\", so it does not say when requests came; save the run with --save-detailed, or state --rate");
    }
    fields.require("input_lens", "output_lens");
    int count = starts.length;
    if (count == 0
        || prompts.length != count
        || outputs.length != count
        || ttfts != null && ttfts.length != count
        || gaps != null && gaps.size() != count) {
      throw reader.error("lists of requests are empty or of different lengths");
    }
    for (int i = 0; i < count; i++) {
      if (outputs[i] < 1) {
        continue; // it failed
      }
      if (!(Math.abs(starts[i]) <= Tokens.LATEST)) {
        throw reader.error("\"start_times[" + i + "]\" is no time");
      }
      if (prompts[i] < 1 || Math.max(prompts[i], outputs[i]) > MOST_TOKENS) {
        throw reader.error(
            "request "
                + i
                + " has "
                + prompts[i]
                + " + "
                + outputs[i]
                + " tokens, not from 1 to "
                + MOST_TOKENS);
      }
      requests.add(
          new Arrival(
              Integer.toString(i),
              starts[i],
              prompts[i],
              outputs[i],
              ttfts == null || gaps == null ? null : measured(reader, ttfts[i], gaps.get(i))));
    }
    if (requests.isEmpty()) {
      throw reader.error("every request failed");
    }
    return count - requests.size();
  }

  private static Arrival.Measured measured(LineReader reader, double ttft, double[] gaps) {
    double last = ttft;
    boolean back = !(ttft >= 0);
    for (double gap : gaps) {
      back |= !(gap >= 0);
      last += gap;
    }
    if (back) {
      throw reader.error("\"ttfts\" and \"itls\" must be at least 0");
    }
    return new Arrival.Measured(ttft, last);
  }
}
