package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.ReplayRow;
import redraft.report.RowFiles.CsvTexts;

class RowFilesTest {
  /** Columns may follow these, but these stay as they are. */
  private static final String CONTRACT =
      "trace,domain,draft,rule,policy,draft_length,target_model,draft_model,hardware,batch,"
          + "sequences,positions,steps,drafted,accepted,tokens_per_step,draft_acceptance_rate,"
          + "overlap,baseline_ms_per_token,ms_per_token,speedup,speedup_low,speedup_high,"
          + "usd_per_million_tokens";

  private static final List<ReplayRow> ROWS =
      List.of(Rows.of("a,b.jsonl", 4, 4 / 3., null), Rows.of("c.jsonl", null, 1e-7, 2.5));

  private static String csv() throws IOException {
    StringWriter out = new StringWriter();
    RowFiles.writeCsv(out, Columns.REPLAY, ROWS, CsvTexts.FOR_SPREADSHEETS);
    return out.toString();
  }

  private static JsonNode json(List<?> rows) throws IOException {
    StringWriter out = new StringWriter();
    RowFiles.writeJson(out, rows);
    assertTrue(out.toString().endsWith("]\n"), "no line end");
    return new ObjectMapper().readTree(out.toString());
  }

  @Test
  void theCsvBeginsWithTheColumnsOfTheContract() throws IOException {
    String header = csv().lines().findFirst().orElseThrow();
    assertTrue(header.equals(CONTRACT) || header.startsWith(CONTRACT + ","), header);
    List<String> columns = List.of(header.split(","));
    assertEquals(columns.size(), new TreeSet<>(columns).size(), "a column comes twice: " + header);
  }

  @Test
  void publishedMeasurementsAndPresetsHaveFlatKeysWhateverTheirPartsAre() {
    assertEquals(
        "source,hardware,target,draft,task,temperature,confidence,draft_length,acceptance,"
            + "cost_ratio,speedup,formula_speedup,formula_error,roofline_cost_ratio,"
            + "roofline_speedup,roofline_error,implied_acceptance,baseline_ms,"
            + "roofline_baseline_ms,baseline_error,note",
        String.join(",", Columns.PUBLISHED.names()));
    assertEquals(
        "name,aliases,title,tflops,memory_bandwidth_gbps,memory_gb,usd_per_hour,link_gbps,"
            + "all_reduce_us,bandwidth_fraction,arithmetic_fraction,layer_overhead_us",
        String.join(",", Columns.HARDWARE.names()));
    assertEquals(
        "name,title,layers,hidden,heads,kv_heads,head_size,feed_forward,gated_feed_forward,"
            + "cross_attention,vocabulary,tied_embeddings,parameters,source,date,confidence,"
            + "aliases,head,head_count,experts,kv_bytes_per_token,pass_weights",
        String.join(",", Columns.MODELS.names()));
    assertEquals(
        "name,target_model,draft_model,usd_per_hour,context_tokens,passes,plain_step_ms,"
            + "speculative_steps,shortfall",
        String.join(",", Columns.PASS_COSTS.names()));
  }

  @Test
  void theCsvReadsBackInFullPrecisionWithEmptyCellsForNoValue() throws IOException {
    List<Map<String, String>> rows =
        new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .<Map<String, String>>readValues(csv())
            .readAll();
    assertEquals(2, rows.size());
    assertEquals("a,b.jsonl", rows.get(0).get("trace"));
    assertEquals("4", rows.get(0).get("draft_length"));
    assertEquals("1.3333333333333333", rows.get(0).get("speedup"));
    assertEquals("", rows.get(0).get("ms_per_token"));
    assertEquals("", rows.get(0).get("usd_per_million_tokens"));
    assertEquals("", rows.get(1).get("draft_length"));
    assertEquals("1.0E-7", rows.get(1).get("speedup"));
    assertEquals("2.5", rows.get(1).get("ms_per_token"));
  }

  private static String cells(String text, CsvTexts texts) throws IOException {
    Columns<String> columns =
        new Columns<String>().add("text", row -> row).add("number", row -> -1.5);
    StringWriter out = new StringWriter();
    RowFiles.writeCsv(out, columns, List.of(text), texts);
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "\t=1", "\r=1", "\n=1"})
  void aTextThatSpreadsheetsRunIsQuotedUnlessItIsWantedAsItIs(String text) throws IOException {
    for (CsvTexts texts : CsvTexts.values()) {
      String shown = texts == CsvTexts.AS_THEY_ARE ? text : "'" + text;
      String cell = text.matches("[\r\n].*") ? "\"" + shown + "\"" : shown; // as CSV has line ends
      assertEquals("text,number\n" + cell + ",-1.5\n", cells(text, texts));
    }
  }

  @Test
  void aTextThatNoSpreadsheetRunsAndANegativeNumberStayAsTheyAre() throws IOException {
    for (CsvTexts texts : CsvTexts.values()) {
      assertEquals("text,number\na=1 -b,-1.5\n", cells("a=1 -b", texts));
      assertEquals("text,number\n\"a\r=\"\"1\",-1.5\n", cells("a\r=\"1", texts));
    }
  }

  @Test
  void jsonHasTheFieldsOfTheCsvAndNullForNoValue() throws IOException {
    JsonNode rows = json(Columns.REPLAY.ofAll(ROWS));
    assertEquals(2, rows.size());
    List<String> fields = rows.get(0).properties().stream().map(Map.Entry::getKey).toList();
    assertEquals(csv().lines().findFirst().orElseThrow(), String.join(",", fields));
    assertEquals("a,b.jsonl", rows.get(0).get("trace").asText());
    assertEquals(4 / 3., rows.get(0).get("speedup").doubleValue());
    assertTrue(rows.get(0).get("ms_per_token").isNull());
    assertTrue(rows.get(1).get("draft_length").isNull());
  }

  @Test
  void histogramsAreJsonToo() throws IOException {
    AcceptanceRow first =
        new AcceptanceRow(
            new AcceptanceRow.Key("t", "all", ROWS.get(0).setting()), 0, 2, .5, 1, null);
    JsonNode row = json(Columns.ACCEPTANCE.ofAll(List.of(first))).get(0);
    assertTrue(row.get("conditional").isNull());
    assertEquals(.5, row.get("share").doubleValue());
  }

  @Test
  void theWriterStaysOpen() throws IOException {
    int[] closed = {0};
    StringWriter out =
        new StringWriter() {
          @Override
          public void close() {
            closed[0]++;
          }
        };
    RowFiles.writeCsv(out, Columns.REPLAY, ROWS, CsvTexts.FOR_SPREADSHEETS);
    RowFiles.writeJson(out, Columns.REPLAY.ofAll(ROWS));
    assertEquals(0, closed[0]);
  }
}
