package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accessibility of the pages, by Deque's axe-core: it finds nothing. */
class PageAuditTest {
  private static final String AUDIT =
      """
      const done = arguments[arguments.length - 1];
      document.querySelectorAll('details').forEach((one) => { one.open = true; });
      const next = document.getElementById('forward');
      if (next) next.click();
      axe.run(document, { resultTypes: ['violations'] }).then((found) => done([
        found.passes.length,
        found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(' ')}`).join('\\n'),
      ]));
      """;

  @TempDir static Path folder;
  private static Browser browser;
  private static String axe;

  @BeforeAll
  static void open() throws IOException {
    browser = Browser.start(folder.resolve("profile"));
    try (InputStream in = PageAuditTest.class.getResourceAsStream("/axe.min.js")) {
      axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private static void audit(Path page) {
    audit(() -> browser.open(page));
  }

  private static void audit(Runnable opening) {
    for (String theme : List.of("light", "dark")) {
      for (int width : new int[] {400, 1280}) {
        browser.driver.executeCdpCommand(
            "Emulation.setEmulatedMedia",
            Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
        browser.width(width, 900);
        opening.run();
        browser.eval(axe);
        List<?> found = (List<?>) browser.driver.executeAsyncScript(AUDIT);
        assertTrue(((Number) found.get(0)).intValue() > 20, "rules that were looked at: " + found);
        assertEquals("", found.get(1), theme + ", " + width + " pixels");
      }
    }
  }

  @Test
  void theReportHasNoFindings() {
    Cli.fine(
        "report traces/tiny-t0.jsonl.gz traces/tiny-t1.jsonl.gz --tree 2x2 --sequences 8 --draft-length 1..4 --format html --hardware h100-sxm,a100-80gb"
            + " --target-model llama-3.1-8b --draft-model llama-3.2-1b --out "
            + folder.resolve("r"));
    audit(folder.resolve("r/report.html"));
  }

  @Test
  void aComparisonHasNoFindings() {
    Cli.fine(
        "report --compare traces/tiny-t0.jsonl.gz traces/tiny-t1.jsonl.gz --draft-length 1..4 --out "
            + folder.resolve("c"));
    audit(folder.resolve("c/compare.html"));
  }

  @Test
  void trafficHasNoFindings() {
    Cli.fine(
        "traffic traces/tiny-t1.jsonl.gz --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b --engine vllm"
            + " --rate 4,8 --requests 200 --runs 2 --out "
            + folder.resolve("t"));
    audit(folder.resolve("t/index.html"));
  }

  @Test
  void explorersHaveNoFindings() throws IOException {
    try (ExploreServer server = ExploreServer.start(ExploreFolder.of(Path.of("traces")), 0)) {
      audit(
          () -> {
            browser.driver.get(server.address());
            ExploreTest.ready(browser);
          });
    }
  }
}
