package redraft.fuzz;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** Files that say when requests came, on their way to a server. */
final class ArrivalsFuzz extends Surface {
  private static final String SERVE =
      " --draft-length 0 --latency llama-3.1-8b-eagle3-h100 --runs 1 --requests 50";

  /** A file of a format. */
  private record Kind(String format, String text) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "azure",
              "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
                  + "2023-11-16 18:15:50.9951690,396,109\n"),
          new Kind(
              "burstgpt",
              "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n"
                  + "45,ChatGPT,1087,0,1087,Conversation log\n118,GPT-4,417,276,693,API log\n"),
          new Kind(
              "mooncake",
              "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 50, \"hash_ids\": [0, 1]}\n"
                  + "{\"timestamp\": 3500, \"input_length\": 7322, \"output_length\": 90, \"hash_ids\": [0, 2]}\n"),
          new Kind(
              "llmservingsim",
              "{\"request_id\": \"a\", \"input_toks\": 20, \"output_toks\": 3, \"arrival_time\": 9.5, \"queued_ts\": 103.5,"
                  + " \"first_token_ts\": 104, \"last_token_ts\": 105}\n"
                  + "{\"input_toks\": 10, \"output_toks\": 2, \"queued_ts\": 3.5, \"first_token_ts\": 4, \"last_token_ts\": 5}\n"),
          new Kind(
              "vllm-bench",
              "{\"tokenizer_id\": \"t\", \"request_rate\": 2.0, \"input_lens\": [10, 20], \"output_lens\": [2, 3], \"ttfts\":"
                  + " [0.5, 0.25], \"itls\": [[0.25], [0.5, 0.25]], \"start_times\": [7.0, 6.5]}\n"));

  ArrivalsFuzz() {
    super("arrivals", 15);
  }

  @Override
  FuzzCase next(Random random) {
    Kind kind = Mutation.any(KINDS, random);
    byte[] file = Mutation.utf8(kind.text);
    byte[] changed =
        random.nextInt(3) > 0 ? Mutation.lines(file, random) : Mutation.bytes(file, random);
    String format = random.nextBoolean() ? "" : " --arrivals-format " + kind.format;
    return new FuzzCase("traffic --arrivals {in}/a" + format + SERVE, Map.of("a", changed));
  }
}
