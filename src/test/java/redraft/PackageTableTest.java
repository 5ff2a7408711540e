package redraft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
          // numbers
          entry("sampling", ""),
          entry("draft", "sampling"),
          entry("verify", "sampling draft"),
          entry("policy", ""),
          entry("steps", ""),
          entry("json", "jackson"),
          entry("hardware", "json"),
          entry("latency", "json hardware jackson"),
          entry("trace", "jackson"),
          // offline: traces in, expectations out
          entry("replay", "sampling draft verify policy steps latency trace"),
          entry("metrics", "steps replay latency trace sampling verify statistics"),
          entry("synthetic", "replay metrics sampling verify latency trace policy json jackson"),
          // live: runs models
          entry("model", "sampling"),
          entry("model.onnx", "model sampling onnxruntime djl jinjava json jackson"),
          entry("model.hub", "model model.onnx json jackson"),
          entry("decode", "model draft verify policy steps sampling"),
          entry("recording", "decode model trace latency sampling draft verify policy steps"),
          // both
          entry(
              "validation",
              "recording decode replay metrics synthetic latency model trace sampling verify"
                  + " policy steps json hardware"),
          entry(
              "report",
              "metrics synthetic validation replay verify steps trace latency json hardware jackson codec xchart commonmark"),
          entry("cli", "everything"));

  private static final Map<String, String> LIBRARIES =
      Map.of(
          "jackson", "com.fasterxml.jackson..",
          "onnxruntime", "ai.onnxruntime..",
          "djl", "ai.djl..",
          "jinjava", "com.hubspot.jinjava..",
          "xchart", "org.knowm.xchart..",
          "statistics", "org.apache.commons.statistics..",
          "codec", "org.apache.commons.codec..",
          "commonmark", "org.commonmark..",
          "everything", "*..");

  private static final String[] OFFLINE = packages("replay metrics report synthetic latency trace");
  private static final String[] LIVE = packages("model model.onnx model.hub decode recording");

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
          allowed.add("java..");
          tests.add(
              DynamicTest.dynamicTest(
                  name,
                  () ->
                      noClasses()
                          .that()
                          .resideInAPackage("redraft." + name)
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
      unlisted.remove("redraft." + name);
    }
    assertEquals(Set.of(), unlisted);
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
  void onlyTheOnnxWingAndTheCommandLineKnowTheModelLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackages(packages("model.onnx cli"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages("onnxruntime djl jinjava"))
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

  /** "trace jackson" becomes {"redraft.trace", "com.fasterxml.jackson.."}. */
  private static String[] packages(String words) {
    return Stream.of(words.strip().split(" "))
        .map(word -> LIBRARIES.getOrDefault(word, "redraft." + word))
        .toArray(String[]::new);
  }
}
