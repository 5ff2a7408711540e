package redraft.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings as an engine takes them.
 *
 * @param lines to paste
 * @param comments whether lines that begin with # may stand among them
 * @param settings by name: texts, numbers, lists and maps
 * @param environment variables that are to be set
 * @param notes what a reader should know of them, a line each
 */
public record Printed(
    List<String> lines,
    boolean comments,
    Map<String, Object> settings,
    Map<String, String> environment,
    List<String> notes) {
  public Printed {
    lines = List.copyOf(lines);
    notes = List.copyOf(notes);
  }

  /** A command line, or what is to be added to one. */
  static Printed command(List<String> before, Shell command, List<String> notes) {
    List<String> lines = new ArrayList<>(before);
    lines.add(command.line());
    return new Printed(lines, true, command.settings(), command.environment(), notes);
  }

  /** Where plain decoding is what the engine does with nothing set. */
  static Printed nothing(String why, boolean comments) {
    return new Printed(
        List.of(), comments, new LinkedHashMap<>(), new LinkedHashMap<>(), List.of(why));
  }
}
