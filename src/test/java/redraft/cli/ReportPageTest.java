package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import redraft.model.onnx.ShippedPair;
import redraft.report.PageScript;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;

/** The page in a real browser. */
class ReportPageTest {
  private static final Path TRACE = Path.of("traces", "tiny-t1.jsonl.gz");
  private static final String HARDWARE = "llama-3.1-8b-eagle3-h100";
  private static final String ROOFLINE = "llama-3.1-70b+llama-3.2-1b@h100x4";

  @TempDir static Path folder;
  private static Browser browser;
  private static Path shipped;

  @BeforeAll
  static void open() {
    browser = Browser.start(folder.resolve("profile"));
    shipped =
        report(
            "shipped",
            TRACE.toString(),
            "--models",
            ShippedPair.DIRECTORY.toString(),
            "--draft",
            "tiny-draft,prompt-lookup",
            "--latency",
            HARDWARE + "," + ROOFLINE,
            "--batch",
            "1,8",
            "--draft-length",
            "1,2,4,7");
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private static Path report(String name, String... arguments) {
    List<String> all = new ArrayList<>(List.of("report", "--format", "html", "--out"));
    all.add(folder.resolve(name).toString());
    all.addAll(List.of(arguments));
    Cli run = Cli.run(all.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    return folder.resolve(name).resolve("report.html");
  }

  private static void assertClose(double expected, double actual, String what) {
    assertEquals(expected, actual, 1e-9 * Math.max(1, Math.abs(expected)), what);
  }

  @Test
  void thePageShowsTheNumbersOfItsArithmetic() throws IOException {
    browser.open(shipped);
    try (PageScript script = PageScript.of(shipped)) {
      browser.set("pair", script.call("() => report.deployments[3].pair").asString());
      browser.set("machine", script.call("() => report.deployments[3].machine").asString());
      browser.set("batch", "8");
      browser.set("draft", "tiny-draft");
      browser.set("rule", "block");
      browser.set("domain", "code");
      browser.set("draft-length", "4");
      double[] numbers =
          script.numbers(
              """
              () => {
                const trace = report.traces[0];
                const price = report.deployments[3];
                const prices = replay.costsOf(trace, price, trace.drafts[0], 0);
                const result = replay.pool(trace, trace.drafts[0], 'block', 4, prices, 'code');
                const usd = result.timePerToken * price.usdPerHour / price.batch / 3.6;
                return [result.speedup, ...replay.interval(report, result), result.tokensPerStep, result.steps,
                  result.draftAcceptanceRate, result.drafted, result.timePerToken, result.baselineTimePerToken, usd];
              }
              """);
      double[] shown =
          Stream.of(
                  "speedup",
                  "interval",
                  "tokens-per-step",
                  "steps",
                  "acceptance-rate",
                  "drafted",
                  "ms-per-token",
                  "baseline-ms",
                  "usd")
              .flatMapToDouble(id -> DoubleStream.of(browser.values(id)))
              .toArray();
      assertArrayEquals(numbers, shown, 1e-9);
      assertTrue(
          browser.text("speedup").startsWith(String.format(Locale.ROOT, "%.3f", numbers[0])));
    }
    browser.set("sequence", "drama-03, sample 2 (drama)");
    browser.set("seed", "7");
    double[] run = browser.values("text-note"); // steps, drafted, accepted
    assertEquals(
        run[0] + run[2],
        ((Number) browser.eval("return document.querySelectorAll('#text .token').length"))
            .doubleValue());
    browser.assertQuiet();
  }

  private static String address() {
    return (String) browser.eval("return location.hash");
  }

  @Test
  void theAddressKeepsTheViewAndOnlyWhatIsNotUsual() {
    browser.open(shipped);
    assertEquals("", address());
    browser.set("rule", "token");
    browser.set("domain", "maths");
    browser.set("pair", "llama-3.1-70b + llama-3.2-1b");
    browser.set("batch", "8");
    browser.set("draft-length", "2");
    browser.set("sequence", "maths-02 (maths)");
    browser.set("seed", "7");
    double speedup = browser.value("speedup");
    double[] run = browser.values("text-note");
    String address = (String) browser.eval("return location.href");
    browser.driver.get("about:blank");
    browser.driver.get(address);
    assertEquals(speedup, browser.value("speedup"));
    assertArrayEquals(run, browser.values("text-note"));
    assertEquals(address, browser.eval("return location.href"));
    browser.driver.findElement(By.linkText("Charts")).click();
    assertEquals(address, browser.eval("return location.href"), "places leave it alone");
    browser.eval("document.getElementById('best-length').click()");
    assertEquals(
        browser.text("draft-length-value"),
        browser.text("best-length").replace("Best: ", ""),
        "K is the best");
    assertTrue(browser.value("speedup") >= speedup);
    browser.assertQuiet();
  }

  /** The rows of all draft lengths, and the command of one. */
  @Test
  void csvAndCommandAreThoseOfReplay() throws IOException {
    Path page =
        report(
            "taken",
            "traces/tiny-t0.jsonl.gz",
            "--sequences",
            "48",
            "--draft-length",
            "1..4",
            "--hardware",
            "l40s",
            "--target-model",
            "llama-3.1-8b",
            "--draft-model",
            "llama-3.2-1b",
            "--engine",
            "vllm",
            "--precision",
            "fp8");
    browser.open(page);
    browser.set("batch", "16");
    browser.set("domain", "code");
    browser.set("draft-length", "3");
    List<String> words = List.of(browser.text("command").split(" "));
    assertEquals(List.of("redraft", "replay", "traces/tiny-t0.jsonl.gz"), words.subList(0, 3));
    List<String> arguments = new ArrayList<>(words.subList(1, words.size()));
    arguments.add("--json");
    var row =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(Cli.run(arguments.toArray(String[]::new)).out())
            .get(0);
    String[] lines = ((String) browser.eval("return explorer.csv()")).split("\n");
    assertEquals(5, lines.length);
    String[] titles = lines[0].split(",");
    String[] cells = lines[3].split(",");
    for (int i = 0; i < titles.length; i++) {
      var expected = row.get(titles[i]);
      assertTrue(expected != null && !expected.isNull(), titles[i]);
      if (expected.isNumber()) {
        assertClose(expected.asDouble(), Double.parseDouble(cells[i]), titles[i]);
      } else {
        assertEquals(expected.asText(), cells[i]);
      }
    }
  }

  /** The page's question with one rate, the overlap, is the formula of compare. */
  @Test
  void trustingOneRateLosesWhatCompareSays() throws IOException {
    String trace = "traces/tiny-t0.jsonl.gz";
    String[] costs = {"--latency", ROOFLINE, "--batch", "64", "--draft-length", "1..8"};
    List<String> compared = new ArrayList<>(List.of("compare", trace, "--rule", "token", "--json"));
    compared.addAll(List.of(costs));
    var rows =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(Cli.run(compared.toArray(String[]::new)).out());
    List<String> asked = new ArrayList<>(List.of(trace, "--sequences", "48", "--rule", "token"));
    asked.addAll(List.of(costs));
    try (PageScript script = PageScript.of(report("trusting", asked.toArray(String[]::new)))) {
      int seen = 0;
      for (var row : rows) {
        if (row.get("source").asText().equals("formula") && row.get("chosen").asBoolean()) {
          double[] page =
              script.numbers(
                  """
                  (alpha) => {
                    const trace = report.traces[0];
                    const costs = replay.costsOf(trace, report.deployments[0], trace.drafts[0], 0);
                    const { results, best } = replay.sweep(trace, trace.drafts[0], 'token', report.draftLengths, costs, 'all');
                    const at = replay.trusting(replay.constant(alpha, 8), report.draftLengths, costs, replay.meanContext(trace, trace.drafts[0], costs, 'all'));
                    return [report.draftLengths[at], results[best].speedup - results[at].speedup];
                  }
                  """,
                  row.get("overlap").asDouble());
          assertEquals(row.get("draft_length").asInt(), (int) page[0]);
          assertEquals(row.get("speedup_lost").asDouble(), page[1], 1e-9);
          seen++;
        }
      }
      assertEquals(1, seen);
    }
  }

  private static long visible() {
    return (Long)
        browser.eval("return document.querySelectorAll('#text .token:not(.future)').length");
  }

  /** What a step keeps stands in the text, what it rejects beside it. */
  @Test
  void theRunPlaysStepByStep() {
    browser.open(shipped);
    double steps = browser.values("text-note")[0];
    long all = visible();
    browser.driver.findElement(By.id("forward")).sendKeys(Keys.ENTER);
    long first = visible();
    assertTrue(first < all && first >= 1, first + " of " + all);
    assertEquals("1 of " + (int) steps, browser.text("seek-value"));
    browser.set("seek", "5");
    long fifth = visible();
    browser.driver.findElement(By.id("back")).click();
    assertTrue(visible() < fifth);
    browser.set("seek", String.valueOf((int) steps));
    assertEquals(all, visible());
    browser.set("seek", "0");
    assertEquals(0, visible());
    browser.set("speed", "10");
    browser.driver.findElement(By.id("play")).click();
    browser.driver.executeAsyncScript(
        "const done = arguments[0]; const wait = () => document.querySelectorAll('#text .token:not(.future)').length > 3 ? done() : setTimeout(wait, 20); wait();");
    browser.driver.findElement(By.id("play")).click();
    assertEquals("Play", browser.text("play"));
    browser.assertQuiet();
  }

  /** A chart's values by keyboard. */
  @Test
  void aChartIsReadByArrowKeys() {
    browser.open(shipped);
    WebElement chart = browser.driver.findElement(By.cssSelector("#live-chart svg[tabindex]"));
    browser.eval("arguments[0].focus()", chart);
    chart.sendKeys(Keys.HOME, Keys.ARROW_RIGHT);
    String read =
        (String) browser.eval("return document.querySelector('#live-chart .tip').textContent");
    assertTrue(read.startsWith("draft length K: 2all "), read);
    chart.sendKeys(Keys.ESCAPE);
    assertEquals(true, browser.eval("return document.querySelector('#live-chart .tip').hidden"));
  }

  private static TraceSequence sequence(String id, int sample) throws IOException {
    try (TraceReader reader = new TraceReader(TRACE)) {
      for (TraceSequence one; (one = reader.next()) != null; ) {
        if (one.id().equals(id) && one.sample() == sample) {
          return one;
        }
      }
    }
    throw new AssertionError(id);
  }

  private static double detail(String name) {
    return Double.parseDouble(
        (String)
            browser.eval(
                "return [...document.querySelectorAll('#token dt')].find((one) => one.textContent === arguments[0])"
                    + ".nextElementSibling.dataset.value",
                name));
  }

  @Test
  void aTokenShowsWhatTheModelsThoughtOfIt() throws IOException {
    browser.open(shipped);
    browser.set("rule", "token");
    browser.set("sequence", "maths-02 (maths)");
    TraceSequence recorded = sequence("maths-02", 0);
    for (int t : new int[] {0, 5, 11}) {
      browser.eval(
          "document.querySelectorAll('#text .token')[arguments[0]].dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))",
          t);
      double p = Math.exp(recorded.target().logprob()[t]);
      double q = Math.exp(recorded.drafts().get(0).logprob()[t]);
      assertEquals(p, detail("target gives it p"), 1e-6);
      assertEquals(q, detail("draft gives it q"), 1e-6);
      assertClose(
          Math.min(1, q / p),
          detail("chance that the draft supplies it, starting here"),
          "acceptance");
      assertEquals(recorded.drafts().get(0).rank()[t], (int) detail("rank in the draft’s list"));
      assertEquals(recorded.target().entropy()[t], detail("target’s uncertainty (nats)"), 1e-6);
    }
    assertTrue(browser.text("text").contains(recorded.prompt()), "the prompt is there");
    // The pieces of the tokens make up the text.
    try (var tokenizer =
        new redraft.model.onnx.DjlTokenizer(ShippedPair.DIRECTORY.resolve("tokenizer.json"))) {
      String text =
          (String)
              browser.eval(
                  "return [...document.querySelectorAll('#text .token:not(.bare)')].map((one) => one.textContent).join('')");
      assertEquals(tokenizer.decode(recorded.tokens()), text.replace("⏎\n", "\n"));
    }
  }

  @Test
  void everythingWorksByKeyboard() {
    browser.open(shipped);
    WebElement slider = browser.driver.findElement(By.id("draft-length"));
    browser.set("draft-length", "3");
    double before = browser.value("speedup");
    slider.sendKeys(Keys.ARROW_RIGHT);
    browser.set("seed", "1"); // waits for a frame
    assertEquals("4", browser.text("draft-length-value"));
    assertNotEquals(before, browser.value("speedup"));
    browser.driver.findElement(By.id("seek")).sendKeys(Keys.TAB);
    WebElement token = browser.driver.switchTo().activeElement();
    assertEquals("0", token.getDomAttribute("data-index"));
    token.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    token = browser.driver.switchTo().activeElement();
    assertEquals("2", token.getDomAttribute("data-index"));
    assertEquals("true", token.getDomAttribute("aria-selected"));
    assertTrue(browser.text("token").contains("position2"), browser.text("token"));
    token.sendKeys(Keys.END);
    assertTrue(browser.text("token").contains("it ends the text"), browser.text("token"));
    browser.driver.findElement(By.id("theme")).sendKeys(Keys.ENTER);
    assertEquals("dark", browser.eval("return document.documentElement.dataset.theme"));
    browser.assertQuiet();
  }

  @Test
  void aPhoneShowsThePageWithoutScrollingSideways() {
    try {
      browser.width(360, 740);
      browser.open(shipped);
      assertEquals(360L, browser.eval("return document.documentElement.scrollWidth"));
      assertTrue( // charts keep their letters
          ((Number)
                      browser.eval(
                          "const svg = document.querySelector('#first-chart svg[role=img]');"
                              + "return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"))
                  .doubleValue()
              > 0.9);
    } finally {
      browser.driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }
  }

  /** Of a greedy draft the chain from where it leaves the text is what was rejected. */
  @Test
  void aRejectedTokenIsShownWithWhatTheDraftWouldHaveGoneOnWith() throws IOException {
    Path trace = folder.resolve("chains.jsonl");
    Cli.fine("record --limit 1 --max-new-tokens 40 --rollouts 4 --out " + trace);
    TraceSequence recorded;
    try (TraceReader reader = new TraceReader(trace)) {
      recorded = reader.next();
    }
    int[][] chains = recorded.drafts().get(0).signals().rollouts().get("sampled").tokens();
    browser.open(
        report("chains", trace.toString(), "--rule", "greedy-draft", "--draft-length", "4"));
    int seen = 0;
    for (int t = 0; t < recorded.length(); t++) {
      List<?> shown =
          (List<?>)
              browser.eval(
                  """
                  const token = document.querySelectorAll('#text .token')[arguments[0]];
                  token.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
                  const own = document.querySelector('#token code.rejected');
                  return [token.classList.contains('recovered'), own ? own.textContent : ''];
                  """,
                  t);
      boolean recovered = (Boolean) shown.get(0);
      assertEquals(recovered, !shown.get(1).equals(""), "at " + t);
      if (recovered) {
        assertNotEquals(recorded.tokens()[t], chains[t][0]);
        String text = ShippedPair.get().tokenizer().decode(chains[t]);
        assertEquals(
            text.strip(), shown.get(1).toString().replace('␣', ' ').replace("⏎", "\n").strip());
        seen++;
      }
    }
    assertTrue(seen > 2, "only " + seen + " rejected");
  }

  @Test
  void bothThemesAreReadable() {
    for (String theme : List.of("light", "dark")) {
      browser.driver.executeCdpCommand(
          "Emulation.setEmulatedMedia",
          Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
      browser.open(shipped);
      double contrast =
          ((Number)
                  browser.eval(
                      """
                      const light = (color) => {
                        const [r, g, b] = color.match(/\\d+/g).map((c) => {
                          const s = c / 255;
                          return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
                        });
                        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                      };
                      const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                      const paper = light(getComputedStyle(document.body).backgroundColor);
                      const note = ratio(light(getComputedStyle(document.querySelector('.note')).color), paper);
                      const tokens = [...document.querySelectorAll('#text .token')].map((one) => {
                        const style = getComputedStyle(one);
                        return ratio(light(style.color), light(style.backgroundColor));
                      });
                      return Math.min(note, ...tokens);
                      """))
              .doubleValue();
      assertTrue(contrast >= 4.5, theme + ": contrast " + contrast); // WCAG 2.1, AA
    }
    browser.driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
  }

  @Test
  void textOfATraceRunsNothing() throws IOException {
    String hostile =
        "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">\u2028<!--";
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    List<TraceSequence> sequences = new ArrayList<>();
    for (TraceSequence one : SampleTraces.sequences(4, LogitDetail.NONE, 3)) {
      sequences.add(
          new TraceSequence(
              new TraceSequence.Label(hostile + one.id(), one.sample(), "<b>" + one.domain()),
              new TraceSequence.Prefix(hostile, one.promptTokens()),
              one.path(),
              one.target(),
              one.drafts()));
    }
    Path trace = SampleTraces.write(folder.resolve("<i>hostile.jsonl"), header, sequences);
    browser.open(report("hostile", trace.toString()));
    assertTrue(browser.text("text").startsWith(hostile), browser.text("text"));
    assertFalse(browser.driver.getTitle().equals("ran"));
    assertEquals(0L, browser.eval("return document.querySelectorAll('img, b, i').length"));
    assertEquals(9L, browser.eval("return document.scripts.length")); // data and eight scripts
    assertTrue(browser.text("text-note").contains("Token numbers are shown"));
    browser.assertQuiet();
  }

  @Test
  void thePageMayRunNothingButItsOwnScript() {
    browser.open(shipped);
    browser.eval(
        "const script = document.createElement('script'); script.textContent = \"document.title = 'ran'\";"
            + "document.body.append(script);"
            + "const image = document.createElement('div'); image.innerHTML = '<img src=x onerror=\"document.title = 1\">';"
            + "document.body.append(image);");
    assertTrue(browser.driver.getTitle().startsWith("Redraft report"));
    // The policy reports both; that is not a fault of the page.
    browser.driver.manage().logs().get("browser");
  }

  @Test
  void acceptLengthsOnlyAreSaidToBeSo() throws IOException {
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    Path trace =
        SampleTraces.write(
            folder.resolve("measured.jsonl"), header, SampleTraces.acceptLengths(12, 4));
    browser.open(report("measured", trace.toString(), "--cost-ratio", "0.25"));
    assertTrue(browser.text("verdict").contains("The recording holds no probabilities"));
    assertTrue(browser.text("token").contains("accept lengths only"));
    Cli replay =
        Cli.run(
            "replay",
            trace.toString(),
            "--draft",
            "small",
            "--cost-ratio",
            "0.25",
            "--draft-length",
            "3",
            "--json");
    browser.set("draft", "small");
    browser.set("draft-length", "3");
    var row = new com.fasterxml.jackson.databind.ObjectMapper().readTree(replay.out()).get(0);
    assertClose(row.get("speedup").asDouble(), browser.value("speedup"), "speedup");
    assertClose(row.get("drafted").asDouble(), browser.value("drafted"), "drafted");
    assertTrue(browser.text("interval").endsWith("over prompts (Student’s t)"));
    browser.open(
        report(
            "one",
            SampleTraces.write(
                    folder.resolve("one.jsonl"), header, SampleTraces.acceptLengths(1, 4))
                .toString()));
    assertEquals("one prompt has no interval", browser.text("interval"));
  }

  @Test
  void itPrints() {
    browser.open(shipped);
    assertTrue(
        browser.driver.print(new org.openqa.selenium.print.PrintOptions()).getContent().length()
            > 10_000);
    browser.assertQuiet();
  }
}
