package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import redraft.json.Visible;
import redraft.latency.LatencyModels;
import redraft.verify.SampledCandidates;
import redraft.verify.VerificationRules;

/**
 * Answers questions of the page by the commands that people type: each is a command line that may
 * name the folder's traces and what the program ships, and no other file.
 */
final class ExploreAnswers {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MOST_KEPT = 64; // answers
  private static final int MOST_PAGES = 1000; // that have asked

  /** What a question asks, and of how many traces. */
  private record Question(List<String> command, List<String> traces, List<String> more) {}

  private static final Map<String, Question> QUESTIONS =
      Map.of(
          "best",
          new Question(List.of("best"), List.of("trace"), List.of()),
          "replay",
          new Question(List.of("replay"), List.of("trace"), List.of("--by-domain")),
          "sweep",
          new Question(List.of("sweep"), List.of("trace"), List.of()),
          "compare",
          new Question(List.of("report", "--compare"), List.of("trace", "second"), List.of()));

  /** Names of options that a question may have. */
  private static final Set<String> FREE =
      Set.of("draft", "rule", "draft-length", "domain", "cost-ratio", "batch", "context");

  /** That have names of the program's own; hardware and latencies may be several of one. */
  private final Map<String, List<String>> known = new TreeMap<>();

  private final ExploreFolder folder;
  private final Map<List<String>, byte[]> kept =
      new LinkedHashMap<>(MOST_KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, byte[]> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private final Map<String, Long> turns = new ConcurrentHashMap<>(); // the last of each page

  /** The page has asked something else since. */
  static final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** There is no such question. */
  static final class NoSuchQuestion extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoSuchQuestion(String message) {
      super(message);
    }
  }

  ExploreAnswers(ExploreFolder folder) {
    this.folder = folder;
    known.put("hardware", new Names.Hardware());
    known.put("target-model", new Names.Models());
    known.put("draft-model", new Names.Models());
    known.put("engine", new Names.Engines());
    List<String> latencies = new ArrayList<>(folder.latencies().keySet());
    latencies.addAll(LatencyModels.NAMES);
    known.put("latency", latencies);
  }

  /** What the page can choose from. */
  Map<String, Object> choices() {
    Map<String, Object> choices = new LinkedHashMap<>();
    Map<String, Object> traces = new LinkedHashMap<>();
    folder.traces().forEach((name, trace) -> traces.put(name, trace.json()));
    choices.put("folder", folder.folder().toString());
    choices.put("traces", traces);
    choices.put("drafts", new Names.Drafts());
    choices.put(
        "rules",
        VerificationRules.all().stream()
            .filter(rule -> !(rule instanceof SampledCandidates))
            .map(rule -> rule.name())
            .toList());
    choices.putAll(known);
    choices.put("notes", folder.notes());
    return choices;
  }

  /**
   * {@code {command, answer, notes}}, or {@code {command, error}}.
   *
   * @param parameters with {@code page} and {@code turn} where what is asked in later turns of that
   *     page makes this needless
   * @throws IllegalArgumentException if a parameter is not one of the question's
   */
  byte[] answer(String question, Map<String, String> parameters) throws IOException {
    Question asked = QUESTIONS.get(question);
    if (asked == null) {
      throw new NoSuchQuestion(
          "no question '" + question + "'; there are " + new TreeMap<>(QUESTIONS).keySet());
    }
    Map<String, String> left = new LinkedHashMap<>(parameters);
    String page = left.remove("page");
    long turn = turn(left.remove("turn"));
    if (page != null) {
      if (turns.size() > MOST_PAGES) {
        turns.clear();
      }
      turns.merge(page, turn, Math::max);
    }
    List<String> line = new ArrayList<>(asked.command);
    List<String> shown = new ArrayList<>(asked.command); // as people type it
    List<String> key = new ArrayList<>();
    for (String each : asked.traces) {
      String name = left.remove(each);
      ExploreFolder.Trace trace = name == null ? null : folder.traces().get(name);
      if (trace == null) {
        throw new IllegalArgumentException(
            name == null
                ? "'" + each + "' is missing: name a trace"
                : "no trace '" + name + "' in this folder");
      }
      line.add(trace.file().toString());
      shown.add(folder.folder().resolve(name).toString());
      key.add(state(trace.file()));
    }
    left.forEach(
        (option, value) -> {
          line.add("--" + option + "=" + value(option, value, true));
          shown.add("--" + option);
          shown.add(value(option, value, false));
        });
    line.addAll(asked.more);
    shown.addAll(asked.more);
    key.addAll(line);
    synchronized (this) { // one at a time: each uses all processors
      if (page != null && turns.getOrDefault(page, turn) > turn) {
        throw new Superseded();
      }
      return run(line, shown, key);
    }
  }

  private static long turn(String number) {
    try {
      return number == null ? 0 : Long.parseLong(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'turn' is a whole number, not '" + number + "'");
    }
  }

  /**
   * One that the option may have.
   *
   * @param run whether it is to be run here, and not to be shown
   */
  private String value(String option, String value, boolean run) {
    List<String> names = known.get(option);
    if (names == null && !FREE.contains(option)) {
      throw new IllegalArgumentException("'" + option + "' is nothing that can be chosen here");
    }
    if (value.isEmpty() || value.length() > 300) {
      throw new IllegalArgumentException("'" + option + "' has no value, or too long a one");
    }
    if (names == null) {
      return value;
    }
    String single = option.equals("hardware") ? value.replaceFirst("x\\d{1,3}$", "") : value;
    if (!names.contains(value) && !names.contains(single)) {
      throw new IllegalArgumentException("'" + value + "' is none of the names of " + option);
    }
    Path file = option.equals("latency") ? folder.latencies().get(value) : null;
    return file == null ? value : run ? file.toString() : folder.folder().resolve(value).toString();
  }

  /** What changes when a file does. */
  private static String state(Path file) throws IOException {
    FileTime time = Files.getLastModifiedTime(file);
    return time + " " + Files.size(file);
  }

  private byte[] run(List<String> line, List<String> shown, List<String> key) throws IOException {
    byte[] known = kept.get(key);
    if (known != null) {
      return known;
    }
    List<String> arguments = new ArrayList<>(line);
    arguments.add("--json");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Main.execute(out, err, arguments.toArray(String[]::new));
    Set<String> said = new LinkedHashSet<>();
    err.toString(StandardCharsets.UTF_8)
        .lines()
        .forEach(each -> said.add(Visible.line(each.replaceFirst("^redraft: ", ""))));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(
        "command",
        "redraft " + String.join(" ", shown.stream().map(CommandLines::quoted).toList()));
    if (exit == 0) {
      all.put("answer", new RawValue(out.toString(StandardCharsets.UTF_8)));
      all.put("notes", said);
    } else {
      all.put("error", said.isEmpty() ? "this failed" : said.iterator().next());
    }
    byte[] answer = JSON.writeValueAsBytes(all);
    kept.put(key, answer);
    return answer;
  }
}
