package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrafficCommandTest {
  private static final String TRACE = "traces/tiny-t1.jsonl.gz";
  private static final String H100 =
      "--engine vllm --hardware h100-sxm --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b";

  @TempDir Path folder;

  private static String line(String words) {
    return "traffic " + words.strip();
  }

  private static JsonNode json(String words) throws IOException {
    return Cli.json(line(words).replaceAll(" +", " "));
  }

  @Test
  void anAnswerForOneRate() throws IOException {
    Cli run = Cli.fine(line(TRACE + " --rate 4 --draft-length 1,3 --requests 200 " + H100));
    assertTrue(run.out().contains("speculation helps"), run.out());
    assertTrue(run.err().contains("the acceptance is that of tiny-target"), run.err());
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws IOException {
    Path once = folder.resolve("once.csv");
    Path again = folder.resolve("again.csv");
    for (Path file : List.of(once, again)) {
      Cli.fine(
          line(
              TRACE
                  + " --rates 2..16 --draft-length 1..3 --policy fixed,goodput,off-above:4 --requests 100 --csv "
                  + file
                  + " "
                  + H100));
    }
    assertEquals(-1, Files.mismatch(once, again));
    List<String> lines = Files.readAllLines(once);
    assertTrue(lines.get(0).startsWith("load,rate,users,draft,rule,policy,draft_length,"));
    assertEquals(1 + 7 * (1 + 3 + 1 + 3), lines.size());
  }

  @Test
  void plainServingNeedsNoTraceWhereLengthsAreNamed() throws IOException {
    JsonNode json =
        json(
            ("--draft-length 0 --rate 2 --requests 100 --prompt-tokens 50 --output-tokens 20 "
                + H100));
    for (String key :
        List.of(
            "ttft_ms_mean",
            "ttft_ms_p99",
            "tpot_ms_mean",
            "latency_ms_mean",
            "latency_ms_p99",
            "requests",
            "tokens_per_second")) {
      assertTrue(json.get(key).asDouble() > 0, key);
    }
    assertEquals(1, json.get("rows").size());
    assertEquals(
        json.get("latency_ms_mean").asDouble(),
        json.get("ttft_ms_mean").asDouble() + 19 * json.get("tpot_ms_mean").asDouble(),
        1e-6);
  }

  @Test
  void adviceIsTheTableThatDecodesFastest() throws IOException {
    JsonNode json =
        json(
            (TRACE + " --rate 4 --draft-length 1..4 --rule token --requests 100 --advise " + H100));
    JsonNode advice = json.get("answers").get(0).get("advice");
    assertEquals(1, advice.get(0).get(0).asInt());
    JsonNode best = Cli.json("best " + TRACE + " --draft-length 1..4 --rule token " + H100);
    assertEquals(best.get("draft_length"), advice.get(0).get(2));
    boolean served = false;
    for (JsonNode row : json.get("rows")) {
      served |= row.get("policy").asText().startsWith("batch-table:1-");
    }
    assertTrue(served);
  }

  /** A tree of 2 + 4 nodes is 7 rows a step: fewer sequences fit into a pass. */
  @Test
  void treesTakeTheRowsOfTheirNodes() throws IOException {
    String t0 = "traces/tiny-t0.jsonl.gz --rate 2 --requests 100 --prompt-tokens 50 ";
    JsonNode tree = json(t0 + "--tree 2x2,best:12 " + H100);
    assertEquals(3, tree.get("rows").size());
    JsonNode chain = json(t0 + "--rule greedy-draft --draft-length 2 " + H100);
    double ofTree = tree.get("rows").get(1).get("tokens_per_step").asDouble();
    double ofChain = chain.get("rows").get(1).get("tokens_per_step").asDouble();
    assertTrue(ofTree > ofChain, ofTree + " " + ofChain);
    assertTrue(
        Cli.fine(line(t0 + "--tree 2x2,best:12 " + H100).replaceAll(" +", " "))
            .err()
            .contains("is judged on the others"));
  }

  private Path requests() throws IOException {
    Path file = folder.resolve("requests.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(
          String.format(
              Locale.ROOT,
              "{\"input_toks\": 100, \"output_toks\": 50, \"queued_ts\": %d, \"first_token_ts\": %d.5, \"last_token_ts\": %d}\n",
              i,
              i,
              i + 1));
    }
    Files.writeString(file, lines);
    return file;
  }

  @Test
  void requestsOfAFileStandBesideWhatAServerTookForThem() throws IOException {
    String plain = "--arrivals " + requests() + " --draft-length 0 ";
    JsonNode json = json(plain + H100);
    assertEquals(40, json.get("requests").asInt());
    assertEquals(1, json.get("runs").asInt());
    assertTrue(json.get("rate").isNull());
    Cli text = Cli.fine(line(plain + H100).replaceAll(" +", " "));
    assertTrue(text.out().contains("40 requests: TTFT 500.0 ms, here -9"), text.out());
    JsonNode faster = json(plain + "--rates 2,4 --requests 20 " + H100);
    assertEquals(2, faster.get("rows").size());
    assertEquals(4, faster.get("rows").get(1).get("rate").asDouble());
    assertEquals(20, faster.get("rows").get(1).get("requests").asInt());
    JsonNode drafting = json(TRACE + " --draft-length 2 --arrivals " + requests() + " " + H100);
    assertEquals(3, drafting.get("rows").get(1).get("runs").asInt());
    for (String wrong :
        List.of("--users 2", "--burstiness 2", "--prompt-tokens 3", "--arrivals-format pigeon")) {
      Cli run = Cli.run(line(plain + wrong + " " + H100).split(" +"));
      assertEquals(2, run.exit(), run.err());
    }
    assertEquals(2, Cli.run(line(TRACE + " --arrivals-format azure " + H100).split(" +")).exit());
  }

  @Test
  void longDraftsAreServedToo() throws IOException {
    JsonNode json =
        json(
            "--acceptance 0.99 --rate 1 --draft-length 100 --requests 20 --output-tokens 300 "
                + H100);
    assertTrue(json.get("rows").get(1).get("tokens_per_step").asDouble() > 20);
  }

  @Test
  void usersAskAgain() throws IOException {
    JsonNode json =
        json(
            ("--acceptance 0.7 --users 8 --draft-length 2 --requests 100 --prompt-tokens 50 "
                + H100));
    assertEquals(8, json.get("rows").get(0).get("users").asInt());
    assertTrue(json.get("rows").get(0).get("batch_mean").asDouble() > 7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TRACE --rate 0                                  | '0' is no rate",
        "TRACE --rates 8..1                              | '8..1' is no rate",
        "TRACE --rate 1 --users 2                        | mutually exclusive",
        "TRACE --users 0                                 | --users 0 must be at least 1",
        "TRACE --rate 1 --slo fast                       | 'fast' of the SLO",
        "TRACE --rate 1 --slo ttft=5                     | 'ttft=5' of the SLO",
        "TRACE --rate 1 --slo-part 2                     | --slo-part 2.0 must be",
        "TRACE --rate 1 --batch 4                        | --batch does not go with traffic",
        "TRACE --rate 1 --max-num-seqs 0                 | maximum sequences 0 must be",
        "TRACE --rate 1 --kv-tokens 3                    | holds no block of 16",
        "TRACE --rate 1 --kv-tokens 100                  | does not fit into a KV cache of 100 tokens",
        "TRACE --rate 1 --policy oracle                  | policy 'oracle' knows what will be accepted",
        "TRACE --rate 1 --advise --tree 2x2              | leave out --tree",
        "TRACE --rate 1 --policy bold                    | policy 'bold'",
        "TRACE --rate 1 --requests 0                     | --requests 0 must be",
        "TRACE --rate 1 --burstiness 0                   | burstiness of 0.0",
        "TRACE --rate 1 --draft pearl:tiny-draft         | works beside the target",
        "--rate 1                                        | name a TRACE",
        "--rate 1 --draft-length 0                       | name a TRACE",
        "nowhere.jsonl --rate 1                          | nowhere.jsonl"
      })
  void whatIsWrongIsSaidInALine(String words, String said) {
    Cli run = Cli.run(line(words.replace("TRACE", TRACE) + " " + H100).split(" +"));
    assertTrue(run.exit() == 1 || run.exit() == 2, run.err());
    assertTrue(run.err().contains(said), run.err());
    assertTrue(!run.err().contains("internal error"), run.err());
  }

  @Test
  void costsWithoutTimesAreRefusedAndThoseOfOneSequenceServeOneByOne() throws IOException {
    Cli ratio = Cli.run(line(TRACE + " --rate 1 --cost-ratio 0.1").split(" "));
    assertEquals(2, ratio.exit());
    assertTrue(ratio.err().contains("knows ratios and no times"), ratio.err());
    String stated = TRACE + " --rate 0.1 --requests 50 --target-speed 40 --draft-speed 200";
    Cli many = Cli.run(line(stated).split(" "));
    assertEquals(2, many.exit());
    assertTrue(many.err().contains("--max-num-seqs 1"), many.err());
    Cli one = Cli.fine(line(stated + " --max-num-seqs 1"));
    assertTrue(one.err().contains("does not say what reading a prompt takes"), one.err());
  }
}
