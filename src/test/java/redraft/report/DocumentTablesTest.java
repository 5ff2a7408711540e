package redraft.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the documents' tables stands in a table, as the report page renders them. */
class DocumentTablesTest {
  private static final Set<Extension> TABLES = Set.of(TablesExtension.create());

  static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyRowIsRenderedInATable(Path document) throws IOException {
    String markdown = Files.readString(document);
    String html =
        HtmlRenderer.builder()
            .extensions(TABLES)
            .build()
            .render(Parser.builder().extensions(TABLES).build().parse(markdown));
    List<String> rows = markdown.lines().filter(line -> line.startsWith("|")).toList();
    long rules = rows.stream().filter(line -> line.matches("[|: -]+")).count();
    assertEquals(rows.size() - rules, html.lines().filter("<tr>"::equals).count());
    assertTrue(html.lines().noneMatch(line -> line.matches("(<p>)?\\| .*")), html);
  }
}
