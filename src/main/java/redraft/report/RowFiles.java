package redraft.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import redraft.json.ResultFiles;

/** Rows as CSV and JSON, in snake case and full precision. */
public final class RowFiles {
  private static final CsvMapper CSV =
      CsvMapper.builder()
          .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING) // else long names are quoted
          .build();
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build();

  /**
   * How a text begins that spreadsheets run as a formula (<a
   * href="https://owasp.org/www-community/attacks/CSV_Injection">OWASP, CSV injection</a>).
   */
  private static final Pattern FORMULA = Pattern.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]");

  private RowFiles() {}

  /** What becomes of texts in CSV; numbers are always what they are. */
  public enum CsvTexts {
    /** A single quote stands before one that spreadsheets would run as a formula. */
    FOR_SPREADSHEETS,
    AS_THEY_ARE
  }

  /** Comma-separated with a header line; empty where there is no value. */
  public static <T> void writeCsv(Writer out, Columns<T> columns, List<T> rows, CsvTexts texts)
      throws IOException {
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.names().forEach(schema::addColumn);
    SequenceWriter writer =
        CSV.writer(schema.build().withHeader())
            .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .writeValues(out);
    for (T row : rows) {
      Map<String, Object> cells = columns.of(row);
      cells.replaceAll((column, cell) -> cell instanceof String text ? cell(text, texts) : cell);
      writer.write(cells);
    }
    writer.flush();
  }

  private static Object cell(String text, CsvTexts texts) {
    boolean formula = texts == CsvTexts.FOR_SPREADSHEETS && FORMULA.matcher(text).lookingAt();
    String cell = formula ? "'" + text : text;
    // Jackson quotes a line feed, and not a carriage return, which ends a row too.
    return cell.indexOf('\r') < 0 ? cell : new RawValue("\"" + cell.replace("\"", "\"\"") + "\"");
  }

  /** As CSV into a file, whose folder is made where it is missing. */
  public static <T> void writeCsv(Path file, Columns<T> columns, List<T> rows, CsvTexts texts)
      throws IOException {
    ResultFiles.write(
        file,
        out -> writeCsv(new OutputStreamWriter(out, StandardCharsets.UTF_8), columns, rows, texts));
  }

  /** The same for spreadsheets. */
  public static <T> void writeCsv(Path file, Columns<T> columns, List<T> rows) throws IOException {
    writeCsv(file, columns, rows, CsvTexts.FOR_SPREADSHEETS);
  }

  /** A list of objects, or an object; null where there is no value. */
  public static void writeJson(Writer out, Object rows) throws IOException {
    JSON.writeValue(out, rows);
    out.write('\n');
  }
}
