package redraft.traffic.arrivals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.traffic.ArrivalSummary;

class ArrivalFormatsTest {
  private static final String AZURE =
      """
      TIMESTAMP,ContextTokens,GeneratedTokens
      2023-11-16 18:15:46.6805900,374,44
      2023-11-16 18:15:50.9951690,396,109
      """;
  private static final String BURSTGPT =
      """
      Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
      5,ChatGPT,472,18,490,Conversation log
      45,ChatGPT,1087,0,1087,Conversation log
      118,GPT-4,417,276,693,API log
      """;
  private static final String MOONCAKE =
      """
      {"timestamp": 500, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}
      {"timestamp": 3500, "input_length": 7322, "output_length": 490, "hash_ids": [0, 2]}
      """;
  private static final String MEASURED =
      """
      {"request_id": "b", "input_toks": 20, "output_toks": 3, "arrival_time": 9, "queued_ts": 103.5, "first_token_ts": 104, "last_token_ts": 105}
      {"request_id": "a", "input_toks": 10, "output_toks": 2, "arrival_time": 7, "queued_ts": 101.5, "first_token_ts": 101.75, "last_token_ts": 102.5}
      """;
  private static final String WORKLOAD =
      """
      {"input_toks": 10, "output_toks": 2, "arrival_time_ns": 0, "input_tok_ids": [1, 2]}
      {"input_toks": 20, "output_toks": 3, "arrival_time_ns": 250000000}
      """;
  private static final String BENCH =
      """
      {"date": "20260101", "tokenizer_id": "t", "request_rate": 2.0, "input_lens": [10, 20, 30], "output_lens": [2, 0, 3], "ttfts": [0.5, 0.0, 0.25], "itls": [[0.25], [], [0.5, 0.25]], "start_times": [7.0, 8.0, 6.5]}
      """;

  @TempDir Path folder;

  private List<Arrival> read(String text, String format) throws IOException {
    Path file = folder.resolve("requests");
    Files.writeString(file, text);
    List<Arrival> all = new ArrayList<>();
    try (Arrivals arrivals = ArrivalFormats.open(file, format)) {
      for (Arrival each = arrivals.next(); each != null; each = arrivals.next()) {
        all.add(each);
      }
    }
    return all;
  }

  private static Arrival arrival(String id, double seconds, int prompt, int output) {
    return new Arrival(id, seconds, prompt, output, null);
  }

  @Test
  void azureCountsFromTheFirstRequest() throws IOException {
    List<Arrival> all = read(AZURE, null);
    assertEquals(2, all.size());
    assertEquals(arrival("2", 0, 374, 44), all.get(0));
    assertEquals(4.314579, all.get(1).seconds(), 1e-6);
  }

  @Test
  void burstgptLeavesOutWhatFailed() throws IOException {
    assertEquals(
        List.of(arrival("2", 0, 472, 18), arrival("4", 113, 417, 276)), read(BURSTGPT, null));
  }

  @Test
  void mooncakeCountsMilliseconds() throws IOException {
    assertEquals(
        List.of(arrival("1", 0, 6758, 500), arrival("2", 3, 7322, 490)), read(MOONCAKE, null));
  }

  @Test
  void whatAServerTookCountsFromTheQueueAndIsSortedByIt() throws IOException {
    assertEquals(
        List.of(
            new Arrival("a", 0, 10, 2, new Arrival.Measured(.25, 1)),
            new Arrival("b", 2, 20, 3, new Arrival.Measured(.5, 1.5))),
        read(MEASURED, null));
    assertEquals(List.of(arrival("1", 0, 10, 2), arrival("2", .25, 20, 3)), read(WORKLOAD, null));
  }

  @Test
  void vllmBenchHasTheTimesOfTheClient() throws IOException {
    assertEquals(
        List.of(
            new Arrival("2", 0, 30, 3, new Arrival.Measured(.25, 1)),
            new Arrival("0", .5, 10, 2, new Arrival.Measured(.5, .75))),
        read(BENCH, null));
  }

  @Test
  void theFirstOfThemAtAnotherRate() throws IOException {
    Path file = folder.resolve("requests");
    Files.writeString(file, MEASURED);
    Arrivals some = new SomeArrivals(ArrivalFormats.open(file, "llmservingsim"), 1, 1);
    assertEquals(new Arrival.Measured(.25, 1), some.next().measured());
    assertNull(some.next());
    Arrivals slower = new SomeArrivals(ArrivalFormats.open(file, null), 9, 2);
    assertNull(slower.next().measured());
    assertEquals(4, slower.next().seconds());
    assertNull(slower.next());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AZURE    | ,374,44                    | ,none,44            | requests:2: \"ContextTokens\" is 'none'",
        "AZURE    | ,374,44                    | ,374                | requests:2: \"GeneratedTokens\" is missing",
        "AZURE    | 2023-11-16 18:15:46.6805900 | yesterday          | requests:2: \"TIMESTAMP\" is 'yesterday'",
        "AZURE    | 18:15:50                   | 18:15:40            | requests:3: the request came before",
        "AZURE    | ,396,                      | ,-396,              | requests:3: \"ContextTokens\" is '-396'",
        "BURSTGPT | 118,                       | NaN,                | requests:4: \"Timestamp\" is 'NaN'",
        "MOONCAKE | 7322                       | 0                   | requests:2:",
        "MOONCAKE | 7322                       | \"many\"            | requests:2:",
        "MOONCAKE | , \"output_length\": 490   | ''                  | \"output_length\" is missing",
        "MOONCAKE | 3500                       | 100                 | requests:2: the request came before",
        "MEASURED | \"last_token_ts\": 105     | \"last_token_ts\": 5 | must be there and follow each other",
        "MEASURED | \"input_toks\": 10         | \"input_toks\": -1  | requests:2:",
        "WORKLOAD | , \"arrival_time_ns\": 250000000 | ''            | \"queued_ts\" is missing",
        "BENCH    | [2, 0, 3]                  | [2, 0]              | of different lengths",
        "BENCH    | \"start_times\"            | \"started\"         | no \"start_times\"",
        "AZURE    | 396,109                    | '396,-1'            | requests:3: \"GeneratedTokens\" is '-1'",
        "MOONCAKE | 3500                       | 1e999               | requests:2:",
        "WORKLOAD | \"arrival_time_ns\": 250000000 | \"queued_ts\": 3, \"first_token_ts\": 4, \"last_token_ts\": 5 | requests:2: \"queued_ts\" must be there for all",
        "BENCH    | [7.0, 8.0                  | [null, 8.0          | \"start_times[0]\" is no time",
        "BENCH    | 6.5]}                      | 6.5]} {             | text after the object",
        "BENCH    | [[0.25]                    | [[-0.25]            | must be at least 0",
        "BENCH    | [10, 20, 30]               | [0, 20, 30]         | request 0 has 0 + 2 tokens"
      })
  void whatIsWrongIsNamedWithItsLine(String which, String there, String instead, String said) {
    String text =
        switch (which) {
          case "AZURE" -> AZURE;
          case "BURSTGPT" -> BURSTGPT;
          case "MOONCAKE" -> MOONCAKE;
          case "MEASURED" -> MEASURED;
          case "WORKLOAD" -> WORKLOAD;
          default -> BENCH;
        };
    assertTrue(text.contains(there), there);
    RuntimeException refused =
        assertThrows(RuntimeException.class, () -> read(text.replace(there, instead), null));
    assertTrue(refused.getMessage().contains(said), refused.getMessage());
  }

  @Test
  void aFileWithoutRequestsAndOneOfNoFormatAreRefused() {
    for (String nothing : List.of("TIMESTAMP,ContextTokens,GeneratedTokens\n", "{}\n", "")) {
      assertThrows(IllegalArgumentException.class, () -> read(nothing, null));
    }
    assertThrows(IllegalArgumentException.class, () -> read(AZURE, "pigeon"));
  }

  @Test
  void whatFailedIsCounted() throws IOException {
    for (String text : List.of(BURSTGPT, BENCH)) {
      Path file = folder.resolve("requests");
      Files.writeString(file, text);
      try (Arrivals arrivals = ArrivalFormats.open(file, null)) {
        assertEquals(2, ArrivalSummary.of(arrivals).requests());
        assertEquals(List.of("1 request failed (no answer), left out"), arrivals.notes());
      }
    }
  }

  @Test
  void severalRunsOfVllmBenchAreNoneOfThem() {
    RuntimeException refused =
        assertThrows(RuntimeException.class, () -> read(BENCH + BENCH, null));
    assertTrue(refused.getMessage().startsWith("requests:2: another run"), refused.getMessage());
  }

  @Test
  void compressedFilesAreReadAndCutOnesRefused() throws IOException {
    StringBuilder text = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    for (int i = 0; i < 5000; i++) {
      text.append("2023-11-16 18:15:46.68,").append(1 + i * 7919 % 4001).append(",44\n");
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("requests");
    Files.write(file, packed.toByteArray());
    try (Arrivals arrivals = ArrivalFormats.open(file, null)) {
      assertEquals(5000, ArrivalSummary.of(arrivals).requests());
    }
    Files.write(file, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
    try (Arrivals arrivals = ArrivalFormats.open(file, null)) {
      RuntimeException refused =
          assertThrows(RuntimeException.class, () -> ArrivalSummary.of(arrivals));
      assertTrue(refused.getMessage().contains("the file was cut"), refused.getMessage());
    }
  }
}
