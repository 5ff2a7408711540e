package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a window, for tests of the page; without Chromium they are skipped. */
final class Browser implements AutoCloseable {
  private static final List<String> ARGUMENTS =
      List.of(
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--force-color-profile=srgb",
          "--window-size=1200,900");

  /** It warns of every browser that is newer than itself; kept, or the level would be forgotten. */
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /**
   * @param profile a new folder for the browser's own files
   */
  static Browser start(Path profile) {
    Optional<Path> browser = onPath("chromium", "chromium-browser", "google-chrome");
    Optional<Path> control = onPath("chromedriver");
    assumeTrue(
        browser.isPresent() && control.isPresent(),
        "no chromium and chromedriver on the PATH (Debian: apt-get install chromium chromium-driver): "
            + "the page is not tested in a browser");
    SELENIUM.setLevel(Level.SEVERE);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.get().toFile());
    options.addArguments(ARGUMENTS);
    options.addArguments("--user-data-dir=" + profile);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(control.get().toFile())
            .withSilent(true)
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<Path> onPath(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Opens a page, whose script runs while it loads; fails on any message of its console. */
  void open(Path page) {
    driver.get(page.toUri().toString());
    assertQuiet();
    assertEquals("true", eval("return document.documentElement.dataset.ready"));
  }

  /** That nothing was reported on the console: no error, nothing that the policy forbids. */
  void assertQuiet() {
    assertEquals(
        "",
        String.join(
            "\n",
            driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(Object::toString)
                .toList()));
  }

  Object eval(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** What an element shows. */
  String text(String id) {
    return (String) eval("return document.getElementById(arguments[0]).textContent", id);
  }

  /** The numbers behind what an element shows, in full precision. */
  double[] values(String id) {
    String value = (String) eval("return document.getElementById(arguments[0]).dataset.value", id);
    return Stream.of(value.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  double value(String id) {
    return values(id)[0];
  }

  /** Sets a control as a user would, by the text of an option or by its value. */
  void set(String id, String value) {
    Object found =
        eval(
            """
            const control = document.getElementById(arguments[0]);
            const option = [...(control.options || [])].find((one) => one.textContent === arguments[1]);
            control.value = option ? option.value : arguments[1];
            control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
            return control.value === (option ? option.value : arguments[1]);
            """,
            id,
            value);
    assertEquals(true, found, id + " cannot be " + value);
    // Sliders wait for the next frame.
    driver.executeAsyncScript(
        "const done = arguments[0]; requestAnimationFrame(() => setTimeout(done))");
  }

  /** Lays the page out for a screen of this width. */
  void width(int pixels, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", pixels, "height", height, "deviceScaleFactor", 1, "mobile", pixels < 600));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
