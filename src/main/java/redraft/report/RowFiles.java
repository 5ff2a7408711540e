package redraft.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
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

  private RowFiles() {}

  /** Comma-separated with a header line; empty where there is no value. */
  public static <T> void writeCsv(Writer out, Columns<T> columns, List<T> rows) throws IOException {
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.names().forEach(schema::addColumn);
    SequenceWriter writer =
        CSV.writer(schema.build().withHeader())
            .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .writeValues(out);
    for (T row : rows) {
      writer.write(columns.of(row));
    }
    writer.flush();
  }

  /** As CSV into a file, whose folder is made where it is missing. */
  public static <T> void writeCsv(Path file, Columns<T> columns, List<T> rows) throws IOException {
    ResultFiles.write(
        file, out -> writeCsv(new OutputStreamWriter(out, StandardCharsets.UTF_8), columns, rows));
  }

  /** A list of objects, or an object; null where there is no value. */
  public static void writeJson(Writer out, Object rows) throws IOException {
    JSON.writeValue(out, rows);
    out.write('\n');
  }
}
