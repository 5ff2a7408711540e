package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;
import redraft.trace.ReservedNames;
import redraft.trace.SeenIds;
import redraft.trace.TraceSequence.Coins;
import redraft.trace.TraceSequence.Label;

/**
 * Imports answer files of <a href="https://github.com/hemingkx/Spec-Bench">Spec-Bench</a> and of
 * those that write as it does: {@code choices[].accept_lengths}, the tokens that each step emitted,
 * of all turns of a question one after the other, and {@code decoding_steps}, the steps of each
 * turn. How many tokens a step drafted is not there: it is what the user says, or follows from
 * Hugging Face's schedule.
 */
final class SpecBenchImporter implements TraceImporter {
  private static final MeasuredTraces.Usual USUAL =
      new MeasuredTraces.Usual("spec-bench", "greedy-draft", 0);

  /** Hugging Face's first draft length. */
  private static final int FIRST = 5;

  /**
   * One line.
   *
   * @param turns [texts][steps]: emitted tokens, of all turns of all choices
   */
  private record Question(String id, String domain, List<int[]> turns) {}

  @Override
  public String name() {
    return "spec-bench";
  }

  @Override
  public String description() {
    return "Answers of Spec-Bench, JSON Lines of question_id, category and choices[].accept_lengths. Name the tokens that"
        + " a step drafted with --drafted, or --schedule heuristic for assisted generation of Hugging Face with that"
        + " schedule.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"question_id\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    LineSource source = TraceImporters.onlyFile(this, inputs);
    Drafting drafting = settings.drafting();
    if (drafting.length() == null && drafting.schedule() == Schedule.FIXED) {
      throw new IllegalArgumentException(
          "format 'spec-bench' does not say how many tokens a step drafted; name them with --drafted K, or"
              + " --schedule heuristic");
    }
    return MeasuredTraces.coins(
        reader -> {
          SeenIds ids = new SeenIds();
          try (LineReader lines = new LineReader(source)) {
            boolean any = false;
            while (lines.advance()) {
              Question question = lines.parse(() -> parse(lines, settings.domain()));
              any = true;
              if (!ids.add(question.id)) {
                throw lines.error("\"question_id\" " + question.id + " comes twice");
              }
              for (int sample = 0; sample < question.turns.size(); sample++) {
                int[] emitted = question.turns.get(sample);
                reader.read(
                    textOf(
                        new Label(question.id, sample, question.domain),
                        settings.promptLength(),
                        coins(lines, emitted, drafting)));
              }
            }
            if (!any) {
              throw lines.error("the file is empty");
            }
          }
        },
        settings,
        USUAL,
        trace);
  }

  private static MeasuredSteps textOf(Label label, int prompt, Coins coins) {
    return new MeasuredSteps(label, prompt, 0, Math.toIntExact(coins.committed()), coins);
  }

  private static Coins coins(LineReader lines, int[] emitted, Drafting drafting) {
    boolean heuristic = drafting.schedule() == Schedule.HEURISTIC;
    int length = drafting.length() == null ? FIRST : drafting.length();
    int[] accepted = new int[emitted.length];
    int[] drafted = new int[emitted.length];
    for (int i = 0; i < emitted.length; i++) {
      if (emitted[i] > length + 1) {
        throw lines.error(
            "a step emitted "
                + emitted[i]
                + " tokens, and one that drafts "
                + length
                + " emits at most "
                + (length + 1)
                + (heuristic ? "; the schedule was another" : "; name more with --drafted"));
      }
      accepted[i] = emitted[i] - 1;
      drafted[i] = length;
      if (heuristic) {
        length = accepted[i] == length ? length + 2 : Math.max(1, length - 1);
      }
    }
    return new Coins(accepted, drafted);
  }

  private static Question parse(LineReader lines, String domain) throws IOException {
    String id = null;
    String category = domain;
    List<List<int[]>> choices = List.of();
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      switch (name) {
        case "question_id" -> id = RequestRecords.label(lines);
        case "category" -> category = lines.string();
        case "choices" -> choices = lines.list(() -> choice(lines));
        default -> lines.skip();
      }
    }
    fields.require("question_id", "choices");
    List<int[]> turns = new ArrayList<>();
    choices.forEach(turns::addAll);
    String problem =
        id.isEmpty()
            ? "\"question_id\" is empty"
            : category.isEmpty()
                ? "\"category\" is empty"
                : category.equals(ReservedNames.ALL_DOMAINS)
                    ? "\"category\" is \"all\", which is that of all together"
                    : turns.isEmpty() ? "\"choices\" is empty" : null;
    if (problem != null) {
      throw lines.error(problem);
    }
    return new Question(id, category, turns);
  }

  /** The turns of a choice. */
  private static List<int[]> choice(LineReader lines) throws IOException {
    int[] emitted = null;
    int[] steps = null; // of each turn
    int turns = 1;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      switch (name) {
        case "accept_lengths" -> emitted = lines.integers();
        case "decoding_steps" -> steps = lines.integers();
        case "turns" -> turns = lines.list(lines::string).size();
        default -> lines.skip();
      }
    }
    fields.require("accept_lengths");
    if (emitted.length == 0) {
      throw lines.error("\"accept_lengths\" is empty: no step was measured");
    }
    for (int i = 0; i < emitted.length; i++) {
      if (emitted[i] < 1 || emitted[i] > Drafting.MOST + 1) {
        throw lines.error(
            "\"accept_lengths["
                + i
                + "]\" is "
                + emitted[i]
                + ", not from 1 to "
                + (Drafting.MOST + 1));
      }
    }
    return split(lines, emitted, turns == 1 ? null : steps);
  }

  /** All in one text where it is not known where a turn ends. */
  private static List<int[]> split(LineReader lines, int[] emitted, int[] steps) {
    if (steps == null) {
      return List.of(emitted);
    }
    List<int[]> turns = new ArrayList<>();
    long end = 0;
    for (int count : steps) {
      if (count < 0 || end + count > emitted.length) {
        throw lines.error(
            "\"decoding_steps\" "
                + Arrays.toString(steps)
                + " are not those of \"accept_lengths\", which has "
                + emitted.length
                + " entries");
      }
      if (count > 0) {
        turns.add(Arrays.copyOfRange(emitted, (int) end, (int) end + count));
      }
      end += count;
    }
    if (end != emitted.length) {
      throw lines.error(
          "\"decoding_steps\" add up to "
              + end
              + ", \"accept_lengths\" has "
              + emitted.length
              + " entries");
    }
    return turns;
  }
}
