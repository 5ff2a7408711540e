package redraft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** What a distribution is made of, without making one (scripts/check_distribution runs one). */
class DistributionTest {
  private static final Pattern MODULE = Pattern.compile("-> (javax?\\.\\S+|jdk\\.\\S+)\\s*$");

  @Test
  void itsJavaHasEveryModuleThatTheClassesNeed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    int exit = jdeps.run(printed, printed, "-s", "--ignore-missing-deps", "target/classes");
    String dependencies = out.toString(StandardCharsets.UTF_8);
    assertEquals(0, exit, dependencies);
    Set<String> needed = new TreeSet<>();
    for (String line : dependencies.lines().toList()) {
      Matcher module = MODULE.matcher(line);
      if (module.find()) {
        needed.add(module.group(1));
      }
    }
    assertTrue(needed.contains("java.net.http"), needed.toString());
    needed.remove("java.base");
    String pom = Files.readString(Path.of("pom.xml"));
    String modules =
        pom.substring(pom.indexOf("<dist.modules>") + 14, pom.indexOf("</dist.modules>"));
    needed.removeAll(Arrays.asList(modules.split(",")));
    assertEquals(Set.of(), needed);
  }

  /** The virtual machine of the distribution is told what that of scripts/redraft is told. */
  @Test
  void bothLaunchersSetTheSameProperties() throws IOException {
    assertEquals(
        properties(Path.of("scripts/redraft")), properties(Path.of("src/dist/bin/redraft")));
  }

  private static Set<String> properties(Path launcher) throws IOException {
    Set<String> properties = new TreeSet<>();
    Matcher property =
        Pattern.compile("-D[a-z.]+=|export [A-Z_]+|-XX:\\+UseSerialGC|--enable-[a-z-]+=")
            .matcher(Files.readString(launcher));
    while (property.find()) {
      properties.add(property.group());
    }
    return properties;
  }
}
