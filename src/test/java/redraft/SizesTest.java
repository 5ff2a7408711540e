package redraft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What has more parts than a reader keeps in mind is grouped by what the parts are. */
class SizesTest {
  private static final int MOST_COMPONENTS = 8;
  private static final int MOST_LINES = 400;
  private static final Path MAIN = Path.of("src/main/java");
  private static final Path HUB_CLIENT = MAIN.resolve("redraft/model/hub/HuggingFaceHub.java");

  @Test
  void noConstructorHasMoreThanEightComponents() {
    List<String> tooLarge = new ArrayList<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("redraft")) {
      int added = type.isEnum() ? 2 : 0; // name and ordinal, by the compiler
      for (JavaConstructor constructor : type.getConstructors()) {
        int components = constructor.getRawParameterTypes().size() - added;
        if (components > MOST_COMPONENTS && !type.isAnonymousClass()) {
          tooLarge.add(type.getName() + " takes " + components);
        }
      }
    }
    assertEquals(List.of(), tooLarge.stream().sorted().toList());
  }

  @Test
  void noFileIsLongerThanFourHundredLinesButTheHubClient() throws IOException {
    List<String> tooLong = new ArrayList<>();
    try (Stream<Path> files = Files.walk(MAIN)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).sorted().toList()) {
        int lines = Files.readAllLines(file).size();
        if (lines > MOST_LINES && !file.equals(HUB_CLIENT)) {
          tooLong.add(file + " has " + lines);
        }
      }
    }
    assertEquals(List.of(), tooLong);
  }
}
