package redraft.traffic.arrivals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import redraft.json.LineException;
import redraft.json.LineSource;

/**
 * Comma-separated requests, a line each, with their time and tokens. A line of no answer is a
 * request that failed, and left out.
 *
 * <ul>
 *   <li>{@code azure}: the Azure LLM inference trace of 2023 (github.com/Azure/AzurePublicDataset).
 *   <li>{@code burstgpt}: BurstGPT (Wang et al. 2024, arXiv:2401.17644), seconds.
 * </ul>
 */
enum CsvArrivals implements ArrivalFormat {
  AZURE("azure", "TIMESTAMP", "ContextTokens", "GeneratedTokens"),
  BURSTGPT("burstgpt", "Timestamp", "Request tokens", "Response tokens");

  private static final CsvMapper CSV = new CsvMapper();

  /** Such as 2023-11-16 18:17:03.9799600. */
  private static final DateTimeFormatter DATE =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd['T'][' ']HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendPattern("[XXX]")
          .toFormatter(Locale.ROOT);

  private final String format;
  private final String time;
  private final String prompt;
  private final String output;

  CsvArrivals(String format, String time, String prompt, String output) {
    this.format = format;
    this.time = time;
    this.prompt = prompt;
    this.output = output;
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public boolean recognises(String beginning) {
    String header = beginning.lines().findFirst().orElse("");
    return List.of(header.split(",")).containsAll(List.of(time, prompt, output));
  }

  @Override
  public Arrivals open(LineSource source) throws IOException {
    MappingIterator<Map<String, String>> rows =
        CSV.readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(new InputStreamReader(source.decompressed(), StandardCharsets.UTF_8));
    return new InOrder(source.name(), rows, notes()) {
      private long line = 1;

      @Override
      Arrival read() throws IOException {
        try {
          while (rows.hasNextValue()) {
            Map<String, String> row = rows.nextValue();
            line = rows.getCurrentLocation().getLineNr() - 1L;
            int answer = tokens(row, output, 0);
            if (answer > 0) {
              return new Arrival(
                  Long.toString(line), seconds(row), tokens(row, prompt, 1), answer, null);
            }
          }
          return null;
        } catch (JsonProcessingException | RuntimeJsonMappingException e) {
          throw new LineException(source.name(), line + 1, "no line of comma-separated values");
        }
      }

      @Override
      long line() {
        return line;
      }

      private String field(Map<String, String> row, String name) {
        String value = row.get(name);
        if (value == null) {
          throw new LineException(source.name(), line, "\"" + name + "\" is missing");
        }
        return value.strip();
      }

      private int tokens(Map<String, String> row, String name, int least) {
        String value = field(row, name);
        try {
          int tokens = Integer.parseInt(value);
          if (tokens >= least && tokens <= MOST_TOKENS) {
            return tokens;
          }
        } catch (NumberFormatException e) {
          // reported below
        }
        throw new LineException(
            source.name(),
            line,
            "\""
                + name
                + "\" is '"
                + value
                + "', no whole number from "
                + least
                + " to "
                + MOST_TOKENS);
      }

      private double seconds(Map<String, String> row) {
        String value = field(row, time);
        try {
          double seconds = CsvArrivals.this.seconds(value);
          if (Double.isFinite(seconds)) {
            return seconds;
          }
        } catch (NumberFormatException | DateTimeParseException e) {
          // reported below
        }
        throw new LineException(
            source.name(), line, "\"" + time + "\" is '" + value + "', no " + timeWords());
      }
    };
  }

  private double seconds(String value) {
    if (this == BURSTGPT) {
      return Double.parseDouble(value);
    }
    LocalDateTime date = LocalDateTime.parse(value, DATE);
    return date.toEpochSecond(ZoneOffset.UTC) + date.getNano() / 1e9;
  }

  private String timeWords() {
    return this == BURSTGPT ? "number of seconds" : "time such as 2023-11-16 18:17:03.97996";
  }

  private List<String> notes() {
    return this == BURSTGPT
        ? List.of("requests without response tokens failed, and are left out")
        : List.of();
  }
}
