package redraft.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A command line for a POSIX shell, made of a program, its flags and its environment. */
final class Shell {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

  private final List<String> words = new ArrayList<>();
  private final Map<String, Object> settings = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  Shell(String... program) {
    words.addAll(List.of(program));
  }

  /** Adds a flag with a value, quoted where a shell would not leave it as it is. */
  Shell flag(String flag, Object value) {
    words.add(flag);
    words.add(quoted(String.valueOf(value)));
    settings.put(flag, value);
    return this;
  }

  /** Adds a flag without one. */
  Shell flag(String flag) {
    words.add(flag);
    settings.put(flag, true);
    return this;
  }

  /** Adds a word of the program. */
  Shell word(String word) {
    words.add(quoted(word));
    return this;
  }

  /** Sets what a law asks for. */
  Shell law(EngineRelease.Law law) {
    law.set()
        .forEach(
            (flag, value) -> {
              if (value.isEmpty()) {
                flag(flag);
              } else {
                flag(flag, value);
              }
            });
    law.environment().forEach(this::variable);
    return this;
  }

  Shell variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Map<String, Object> settings() {
    return settings;
  }

  Map<String, String> environment() {
    return environment;
  }

  String line() {
    List<String> all = new ArrayList<>();
    environment.forEach((name, value) -> all.add(name + "=" + quoted(value)));
    all.addAll(words);
    return String.join(" ", all);
  }

  static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
