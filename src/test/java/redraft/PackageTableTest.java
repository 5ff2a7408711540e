package redraft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Arrows between packages go down only, and the offline wing never reaches the live one. */
class PackageTableTest {
  /** What each package may import besides the JDK and itself; "everything" lifts the limit. */
  private static final Map<String, String> MAY_IMPORT =
      Map.ofEntries(
          // the ground floor: numbers
          entry("json", "jackson zstd"),
          entry("sampling", ""),
          entry("draft", "sampling json"),
          entry("verify", "sampling draft json"),
          entry("policy", "draft json"),
          entry("steps", ""),
          entry("hardware", "json"),
          entry("latency", "steps hardware json jackson"),
          // the offline wing: traces in, expectations out
          entry("trace", "json jackson codec"),
          entry("trace.archive", "json trace jackson codec"),
          entry("trace.importing", "json trace sampling jackson"),
          entry("replay", "sampling draft verify policy steps latency trace json"),
          entry("metrics", "replay policy verify steps latency trace statistics"),
          entry("synthetic", "replay metrics steps verify trace json jackson"),
          entry(
              "study",
              "traffic synthetic metrics replay latency steps policy verify trace trace.archive json"),
          entry("export", "study metrics replay json jackson"),
          entry("validation", "metrics latency hardware steps json hipparchus"),
          entry("traffic.arrivals", "sampling json jackson statistics"),
          entry(
              "traffic",
              "traffic.arrivals replay metrics latency steps policy verify trace json hdrhistogram statistics"),
          entry(
              "report",
              "study traffic synthetic validation metrics replay latency hardware steps policy verify trace trace.archive json"
                  + " jackson codec xchart commonmark jline"),
          // for callers
          entry("redraft", "study report metrics replay latency hardware policy verify json"),
          // the live wing: runs models
          entry("model", "sampling"),
          entry("model.pair", "model json jinjava codec jackson protobuf"),
          entry("model.onnx", "model model.pair sampling onnxruntime djl"),
          entry("model.hub", "model model.pair codec json jackson"),
          entry("model.server", "model model.pair jackson"),
          entry("decode", "model draft verify policy steps sampling statistics"),
          entry(
              "recording",
              "decode model model.pair model.server trace trace.archive latency sampling draft verify policy steps json statistics"),
          entry(
              "validation.live",
              "validation recording decode model replay metrics latency trace sampling verify policy steps statistics"),
          // both
          entry("cli", "everything"));

  private static final Map<String, String> LIBRARIES =
      Map.ofEntries(
          entry("jackson", "com.fasterxml.jackson.."),
          entry("onnxruntime", "ai.onnxruntime.."),
          entry("djl", "ai.djl.."),
          entry("protobuf", "com.google.protobuf.."),
          entry("jinjava", "com.hubspot.jinjava.."),
          entry("xchart", "org.knowm.xchart.."),
          entry("statistics", "org.apache.commons.statistics.."),
          entry("hipparchus", "org.hipparchus.."),
          entry("codec", "org.apache.commons.codec.."),
          entry("hdrhistogram", "org.HdrHistogram.."),
          entry("zstd", "com.github.luben.zstd.."),
          entry("commonmark", "org.commonmark.."),
          entry("redraft", "redraft"), // the root package, which has no name of its own
          entry("jline", "org.jline.."),
          entry("everything", "*.."));

  /** Names of libraries in docs/extending.md. */
  private static final Map<String, String> DOCUMENTED_AS =
      Map.ofEntries(
          entry("Jackson", "jackson"),
          entry("ONNX Runtime", "onnxruntime"),
          entry("DJL", "djl"),
          entry("protobuf", "protobuf"),
          entry("Jinjava", "jinjava"),
          entry("XChart", "xchart"),
          entry("commons-statistics", "statistics"),
          entry("Hipparchus", "hipparchus"),
          entry("HdrHistogram", "hdrhistogram"),
          entry("commons-codec", "codec"),
          entry("JLine", "jline"),
          entry("zstd-jni", "zstd"));

  private static final String[] OFFLINE =
      packages(
          "json sampling draft verify policy steps hardware latency trace trace.archive trace.importing replay metrics"
              + " synthetic study export validation traffic.arrivals traffic report redraft");
  private static final String[] LIVE =
      packages(
          "model model.pair model.onnx model.hub model.server decode recording validation.live");

  private static final Set<String> PRINTING_OR_EXITING =
      Set.of(
          "java.lang.System.out",
          "java.lang.System.err",
          "java.lang.System.exit",
          "java.lang.System.console",
          "java.lang.Runtime.exit",
          "java.lang.Runtime.halt");

  private static final DescribedPredicate<JavaAccess<?>> PRINTS_OR_EXITS =
      describe(
          "prints or exits",
          access ->
              access.getName().equals("printStackTrace")
                  || PRINTING_OR_EXITING.contains(
                      access.getTargetOwner().getName() + "." + access.getName()));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("redraft");

  @TestFactory
  List<DynamicTest> importsOnlyWhatTheTableAllows() {
    List<DynamicTest> tests = new ArrayList<>();
    MAY_IMPORT.forEach(
        (name, imports) -> {
          List<String> allowed = new ArrayList<>(List.of(packages(name + " " + imports)));
          allowed.addAll(List.of("java..", "javax.imageio..")); // of the JDK
          tests.add(
              DynamicTest.dynamicTest(
                  name,
                  () ->
                      noClasses()
                          .that()
                          .resideInAPackage(packages(name)[0])
                          .should()
                          .dependOnClassesThat()
                          .resideOutsideOfPackages(allowed.toArray(String[]::new))
                          .allowEmptyShould(true) // a package of the design that is not there yet
                          .check(CLASSES)));
        });
    return tests;
  }

  @Test
  void everyPackageHasItsLineInTheTable() {
    Set<String> unlisted =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    for (String name : MAY_IMPORT.keySet()) {
      unlisted.remove(packages(name)[0]);
    }
    assertEquals(Set.of(), unlisted);
  }

  @Test
  void everyPackageSaysWhatLivesThereAsTheDocumentedTableDoes() throws IOException {
    assertEquals(MAY_IMPORT.keySet(), documented().keySet());
    for (Map.Entry<String, Documented> row : documented().entrySet()) {
      Path file =
          Path.of(
              "src/main/java", packages(row.getKey())[0].replace('.', '/'), "package-info.java");
      assertTrue(Files.isRegularFile(file), file + " is missing");
      assertEquals(row.getValue().words(), javadoc(Files.readString(file)), file.toString());
    }
  }

  @Test
  void theDocumentedTableAllowsWhatThisOneDoes() throws IOException {
    documented()
        .forEach(
            (name, row) ->
                assertEquals(
                    Set.copyOf(List.of(MAY_IMPORT.get(name).split(" "))), row.imports(), name));
  }

  /** A line of the table in docs/extending.md. */
  private record Documented(String words, Set<String> imports) {}

  private static Map<String, Documented> documented() throws IOException {
    Map<String, Documented> rows = new TreeMap<>();
    Pattern row = Pattern.compile("\\| `([a-z.]+)` \\| (.+) \\| (.*)\\|");
    for (String line : Files.readAllLines(Path.of("docs/extending.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        Set<String> imports =
            Stream.of(matcher.group(3).strip().split(", "))
                .map(word -> DOCUMENTED_AS.getOrDefault(word, word))
                .collect(Collectors.toSet());
        rows.put(matcher.group(1), new Documented(matcher.group(2).replace("`", ""), imports));
      }
    }
    return rows;
  }

  /** The Javadoc of a package as it stands in the table: one sentence in small, without marks. */
  private static String javadoc(String source) {
    String text =
        source
            .substring(source.indexOf("/**") + 3, source.indexOf("*/"))
            .replaceAll("\\s*\\n \\* ?", " ")
            .replaceAll("\\{@\\w+ ([^}]+)}", "$1")
            .strip();
    assertTrue(text.endsWith("."), text);
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1, text.length() - 1);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("redraft.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void offlineNeverReachesLiveEvenThroughOthers() {
    noClasses()
        .that()
        .resideInAnyPackage(OFFLINE)
        .should()
        .transitivelyDependOnClassesThat()
        .resideInAnyPackage(LIVE)
        .check(CLASSES);
  }

  @Test
  void onlyTheirPackagesAndTheCommandLineKnowTheModelLibraries() {
    onlyTheseKnow("model.onnx cli", "onnxruntime djl");
    onlyTheseKnow("model.pair cli", "jinjava");
  }

  private static void onlyTheseKnow(String names, String libraries) {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages(names))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(libraries))
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrintsOrExits() {
    noClasses()
        .that()
        .resideOutsideOfPackage("redraft.cli")
        .should()
        .accessTargetWhere(PRINTS_OR_EXITS)
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineReadsStandardInput() {
    noClasses()
        .that()
        .resideOutsideOfPackage("redraft.cli")
        .should()
        .accessField(System.class, "in")
        .check(CLASSES);
  }

  /** "trace jackson" becomes {"redraft.trace", "com.fasterxml.jackson.."}. */
  private static String[] packages(String words) {
    return Stream.of(words.strip().split(" "))
        .map(word -> LIBRARIES.getOrDefault(word, "redraft." + word))
        .toArray(String[]::new);
  }
}
