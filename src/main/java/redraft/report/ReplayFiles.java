package redraft.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import redraft.json.ResultFiles;
import redraft.metrics.ReplayRow;

/**
 * The rows of a replay or of a comparison as CSV and JSON: the fields of the record in snake case,
 * full precision.
 */
public final class ReplayFiles {
  private static final CsvMapper CSV =
      CsvMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING) // else long names are quoted
          .build();
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build();

  private ReplayFiles() {}

  /** Comma-separated with a header line; empty where there is no value. */
  public static void writeCsv(Writer out, List<ReplayRow> rows) throws IOException {
    writeCsv(out, ReplayRow.class, rows);
  }

  /** The same for rows of another type. */
  public static <T> void writeCsv(Writer out, Class<T> type, List<T> rows) throws IOException {
    CSV.writer(CSV.schemaFor(type).withHeader())
        .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .writeValues(out)
        .writeAll(rows)
        .flush();
  }

  /** As CSV into a file, whose folder is made where it is missing. */
  public static <T> void writeCsv(Path file, Class<T> row, List<T> rows) throws IOException {
    ResultFiles.write(
        file, out -> writeCsv(new OutputStreamWriter(out, StandardCharsets.UTF_8), row, rows));
  }

  /** A list of objects, or an object; null where there is no value. */
  public static void writeJson(Writer out, Object rows) throws IOException {
    JSON.writeValue(out, rows);
    out.write('\n');
  }
}
