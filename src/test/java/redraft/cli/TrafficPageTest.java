package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code traffic --out} writes. */
class TrafficPageTest {
  private static final String LINE =
      "traffic traces/tiny-t1.jsonl.gz --rates 2,8,24 --slo ttft=500ms,tpot=15ms --engine vllm --hardware h100-sxm"
          + " --target-model llama-3.1-8b --draft-model eagle3-llama-3.1-8b --prompt-tokens 1000 --output-tokens 100"
          + " --requests 300 --runs 2 --draft-length 1,4 --out ";

  @TempDir static Path folder;
  private static Path out;
  private static Cli run;

  @BeforeAll
  static void write() {
    out = folder.resolve("traffic");
    run = Cli.fine(LINE + out + " --csv " + folder.resolve("rows.csv"));
  }

  private static List<Path> files(Path of) throws IOException {
    try (Stream<Path> all = Files.walk(of)) {
      return all.filter(Files::isRegularFile).map(of::relativize).sorted().toList();
    }
  }

  @Test
  void itWritesThePageTheRowsAndThePictures() throws IOException {
    assertEquals(
        List.of(
            "charts/batch-over-time.png",
            "charts/goodput-by-load.png",
            "charts/latency-by-load.png",
            "charts/speedup-by-load.png",
            "charts/tpot-by-load.png",
            "charts/ttft-by-load.png",
            "index.html",
            "traffic.csv"),
        files(out).stream().map(Path::toString).toList());
    assertEquals(-1, Files.mismatch(folder.resolve("rows.csv"), out.resolve("traffic.csv")));
    assertTrue(run.out().endsWith("open " + out.resolve("index.html") + "\n"), run.out());
    String page = Files.readString(out.resolve("index.html"));
    assertFalse(page.contains("{{"), "a place of the template is left");
    assertTrue(page.contains("acceptance is that of tiny-target"), "no caveat");
    assertTrue(page.contains("--rates 2,8,24 --slo ttft=500ms,tpot=15ms"), "no command");
    for (String line : run.out().split("\n")) {
      if (line.startsWith("K = ")) {
        assertTrue(page.contains(line), line);
      }
    }
  }

  @Test
  void theSameBytesComeAgainElsewhere() throws IOException {
    Path again = folder.resolve("again");
    Cli.fine(LINE + again);
    for (Path file : files(out)) {
      assertEquals(-1, Files.mismatch(out.resolve(file), again.resolve(file)), file.toString());
    }
  }

  @Test
  void aFailureWritesNothing() {
    Path none = folder.resolve("none");
    Cli failed = Cli.run((LINE + none + " --policy x").split(" "));
    assertEquals(2, failed.exit());
    assertFalse(Files.exists(none));
  }

  @Test
  void policiesNamedTwiceAreServedOnce() {
    Cli twice = Cli.fine(LINE + folder.resolve("twice") + " --policy fixed,fixed --csv -");
    assertEquals(1 + 3 * 3, twice.out().lines().count());
  }

  @Test
  void thePageDrawsEveryChart() {
    try (Browser browser = Browser.start(folder.resolve("profile"))) {
      for (int width : new int[] {1280, 400}) {
        browser.width(width, 900);
        browser.open(out.resolve("index.html"));
        assertEquals(
            6L, browser.eval("return document.querySelectorAll('figure.chart > h4').length"));
        assertEquals(6L, browser.eval("return document.querySelectorAll('.cell').length"));
        assertEquals(
            "2 8 24",
            browser.eval(
                "return [...document.querySelectorAll('svg.cells > text.tick:not(:has(title))')].map((one) => one.textContent).join(' ')"));
        assertEquals(
            true,
            browser.eval("return document.documentElement.scrollWidth <= innerWidth"),
            "wider than " + width);
        assertEquals(
            0L,
            browser.eval(
                "return [...document.querySelectorAll('svg *')].filter((one) => [...one.attributes].some((a) => /NaN|Infinity/.test(a.value))).length"));
      }
      Object light = browser.eval("return getComputedStyle(document.body).backgroundColor");
      browser.eval("document.getElementById('theme').click()");
      assertNotEquals(
          light, browser.eval("return getComputedStyle(document.body).backgroundColor"));
      browser.assertQuiet();
    }
  }
}
