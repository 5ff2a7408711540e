package redraft.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.cli.Cli;

/** The statements of docs/archives.md say what the commands say. */
class ArchiveQueriesTest {
  private static final Path PAGE = Path.of("docs/archives.md");
  private static final Pattern BLOCK = Pattern.compile("```(sql|)\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  /** The blocks of the page, with another folder in place of {@code out}. */
  private List<String> blocks(String kind) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      if (matcher.group(1).equals(kind)) {
        blocks.add(matcher.group(2).replaceAll("(?<=[ '])out/", folder + "/"));
      }
    }
    return blocks;
  }

  /** Runs the commands at the top of the page but the recording. */
  private void runCommands() throws IOException {
    int run = 0;
    for (String line : blocks("").get(0).lines().toList()) {
      if (!line.startsWith("scripts/redraft record")) {
        Cli.fine(line.replaceFirst("scripts/redraft ", ""));
        run++;
      }
    }
    assertTrue(run >= 5, run + " commands");
  }

  private static List<String> rows(Statement statement, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        StringBuilder row = new StringBuilder("|");
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.append(' ').append(result.getString(i)).append(" |");
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  @Test
  void statementsOfThePageSayWhatCommandsSay() throws Exception {
    runCommands();
    JsonNode total =
        new ObjectMapper()
            .readTree(Cli.fine("inspect " + folder.resolve("archive") + " --json").out())
            .get("total");
    String page = Files.readString(PAGE);
    int answers = 0;
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      for (String block : blocks("sql")) {
        if (block.startsWith("select")) {
          for (String row : rows(statement, block)) {
            assertTrue(page.contains("\n" + row + "\n"), row + " is not on the page");
            answers++;
          }
        } else {
          statement.execute(block);
        }
      }
      assertEquals(5, answers);
      assertEquals(
          List.of("| " + total.get("sequences") + " | " + total.get("positions") + " |"),
          rows(statement, "select count(*), sum(len(tokens)) from sequences"));
      String positions = "'" + folder.resolve("positions.parquet") + "'";
      String overlap =
          rows(statement, "select avg(overlap) from " + positions).get(0).replaceAll("[| ]", "");
      assertEquals(
          total.get("drafts").get(0).get("overlap").asDouble(), Double.parseDouble(overlap), 1e-12);
      List<String> csv = Files.readAllLines(folder.resolve("replay.csv"));
      String replay = "'" + folder.resolve("replay.parquet") + "'";
      assertEquals(
          List.of("| " + (csv.size() - 1) + " |"),
          rows(statement, "select count(*) from " + replay));
      assertEquals(
          csv.get(0).replace(",", "\n"),
          String.join(
                  "\n", rows(statement, "select column_name from (describe from " + replay + ")"))
              .replaceAll("[| ]", ""));
    }
  }

  /** What a reader does without naming types, of one of the shipped traces as it is. */
  @Test
  void tracesAreReadUnchanged() throws Exception {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      assertEquals(
          List.of("| 192 | 26563 | 0.6587 |"),
          rows(
              statement,
              "select count(*), sum(len(tokens)), round(avg(list_avg(drafts[1].overlap)), 4) from"
                  + " read_json('traces/tiny-t1.jsonl.gz', format='newline_delimited',"
                  + " ignore_errors=true, union_by_name=true) where id is not null"));
    }
  }
}
