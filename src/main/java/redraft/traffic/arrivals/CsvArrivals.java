package redraft.traffic.arrivals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import redraft.json.LineException;
import redraft.json.LineReader;
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

  private static final ObjectReader CSV = new CsvMapper().readerFor(String[].class);

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
    return new Rows(source.name(), new LineReader(source));
  }

  /** The lines below the header. */
  private final class Rows extends InOrder {
    private final LineReader reader;
    private List<String> header;
    private long failed;

    Rows(String file, LineReader reader) {
      super(file, reader);
      this.reader = reader;
    }

    @Override
    Arrival read() throws IOException {
      while (reader.advance()) {
        if (reader.blank()) {
          continue;
        }
        List<String> row = row();
        if (header == null) {
          header = row;
          continue;
        }
        int answer = tokens(row, output, 0);
        if (answer > 0) {
          return new Arrival(
              Long.toString(reader.lineNumber()), time(row), tokens(row, prompt, 1), answer, null);
        }
        failed++;
      }
      return null;
    }

    @Override
    LineException error(String problem) {
      return reader.error(problem);
    }

    @Override
    public List<String> notes() {
      return InOrder.failed(failed);
    }

    private List<String> row() throws IOException {
      try {
        String[] fields = CSV.readValue(reader.bytes());
        return List.of(fields);
      } catch (JsonProcessingException e) {
        throw reader.error("no line of comma-separated values");
      }
    }

    private String field(List<String> row, String name) {
      int column = header.indexOf(name);
      if (column < 0 || column >= row.size()) {
        throw reader.error("\"" + name + "\" is missing");
      }
      return row.get(column).strip();
    }

    private int tokens(List<String> row, String name, int least) {
      String value = field(row, name);
      try {
        int tokens = Integer.parseInt(value);
        if (tokens >= least && tokens <= MOST_TOKENS) {
          return tokens;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw reader.error(
          "\""
              + name
              + "\" is '"
              + value
              + "', no whole number from "
              + least
              + " to "
              + MOST_TOKENS);
    }

    private double time(List<String> row) {
      String value = field(row, time);
      try {
        double seconds = seconds(value);
        if (Math.abs(seconds) <= Tokens.LATEST) {
          return seconds;
        }
      } catch (NumberFormatException | DateTimeParseException e) {
        // reported below
      }
      throw reader.error("\"" + time + "\" is '" + value + "', no " + timeWords());
    }
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
}
