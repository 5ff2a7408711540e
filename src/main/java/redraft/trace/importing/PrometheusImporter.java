package redraft.trace.importing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * Imports what {@code /metrics} of vLLM or llama.cpp's server says in the text format of <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus</a>: the counters
 * {@code spec_decode_num_…} since the server began, or, of two files, what came between them.
 */
final class PrometheusImporter implements TraceImporter {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "(vllm|llamacpp):(spec_decode_num_\\w+?)(?:_total)?(\\{.*\\})?\\s+(\\S+)(\\s.*)?");
  private static final Pattern POSITION = Pattern.compile("[{,]\\s*position=\"(\\d{1,3})\"");
  private static final Pattern MODEL =
      Pattern.compile("[{,]\\s*model_name=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern DIFFUSION = Pattern.compile("vllm:diffusion_num_\\w+.*");

  @Override
  public String name() {
    return "prometheus";
  }

  @Override
  public String description() {
    return "What /metrics of vLLM or llama.cpp's server answered: counters of all steps since it began; two files, the"
        + " earlier one first, for those between them.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("# HELP ") && beginning.contains("# TYPE ");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    if (inputs.files().size() > 2) {
      throw new IllegalArgumentException(
          "format 'prometheus' is of one file, or of an earlier and a later one, not of "
              + inputs.files().size());
    }
    Scrape last = Scrape.of(inputs.files().get(inputs.files().size() - 1));
    SpeculationCounts counts =
        inputs.files().size() == 1 ? last.counts() : last.since(Scrape.of(inputs.files().get(0)));
    return MeasuredTraces.histogram(
        counts,
        settings,
        new MeasuredTraces.Usual(
            last.program.equals("vllm") ? "vllm" : "llama.cpp", "greedy-draft", 1),
        trace);
  }

  /**
   * One answer.
   *
   * @param program its metrics' prefix
   * @param reached accepted tokens by position
   */
  private record Scrape(
      String file,
      String program,
      SortedMap<String, Double> sums,
      SortedMap<Integer, Double> reached) {
    private static final String STEPS = "spec_decode_num_drafts";
    private static final String DRAFTED = "spec_decode_num_draft_tokens";
    private static final String ACCEPTED = "spec_decode_num_accepted_tokens";
    private static final String REACHED = "spec_decode_num_accepted_tokens_per_pos";

    static Scrape of(LineSource file) throws IOException {
      SortedMap<String, Double> sums = new TreeMap<>();
      SortedMap<Integer, Double> reached = new TreeMap<>();
      SortedSet<String> programs = new TreeSet<>();
      SortedSet<String> models = new TreeSet<>();
      boolean diffusion = false;
      try (LineReader lines = new LineReader(file)) {
        while (lines.advance()) {
          String line = new String(lines.bytes(), StandardCharsets.UTF_8).strip();
          diffusion |= DIFFUSION.matcher(line).matches();
          Matcher sample = SAMPLE.matcher(line);
          if (!sample.matches() || sample.group(2).endsWith("_created")) {
            continue;
          }
          double value = value(lines, sample.group(4));
          String labels = sample.group(3) == null ? "" : sample.group(3);
          programs.add(sample.group(1));
          Matcher model = MODEL.matcher(labels);
          if (model.find()) {
            models.add(model.group(1));
          }
          if (!sample.group(2).equals(REACHED)) {
            sums.merge(sample.group(2), value, Double::sum);
            continue;
          }
          Matcher position = POSITION.matcher(labels);
          if (!position.find()) {
            throw lines.error("\"" + REACHED + "\" has no label \"position\"");
          }
          reached.merge(Integer.parseInt(position.group(1)), value, Double::sum);
        }
        if (programs.isEmpty()) {
          throw new IllegalArgumentException(
              file.name()
                  + (diffusion
                      ? " counts denoising steps of a diffusion model (vllm:diffusion_num_…), which drafts and verifies nothing"
                      : " has no counter spec_decode_num_… of vllm or llamacpp: did the server speculate?"));
        }
      }
      if (programs.size() > 1 || models.size() > 1) {
        throw new IllegalArgumentException(
            file.name()
                + " has counters of several "
                + (programs.size() > 1 ? "programs: " : "models: ")
                + String.join(", ", programs.size() > 1 ? programs : models)
                + "; keep the lines of one");
      }
      Scrape scrape = new Scrape(file.name(), programs.first(), sums, reached);
      scrape.requireShape();
      return scrape;
    }

    private static double value(LineReader lines, String text) {
      try {
        double value = Double.parseDouble(text);
        if (value >= 0 && Double.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw lines.error("\"" + text + "\" is no count");
    }

    private void requireShape() {
      for (String name : List.of(STEPS, DRAFTED, ACCEPTED)) {
        if (!sums.containsKey(name)) {
          throw new IllegalArgumentException(
              file + " lacks the counter " + program + ":" + name + "_total");
        }
      }
      if (reached.isEmpty()) {
        throw new IllegalArgumentException(
            file
                + " counts accepted tokens of all positions together: a mean has no shape; "
                + program
                + ":"
                + REACHED
                + "_total is needed, which newer servers have");
      }
      if (reached.lastKey() != reached.size() - 1) {
        throw new IllegalArgumentException(
            file + " has positions " + reached.keySet() + ", not all from 0 on");
      }
    }

    SpeculationCounts counts() {
      return new SpeculationCounts(
          sums.get(STEPS),
          sums.get(DRAFTED),
          sums.get(ACCEPTED),
          reached.values().stream().mapToDouble(value -> value).toArray());
    }

    SpeculationCounts since(Scrape earlier) {
      if (!earlier.program.equals(program)) {
        throw new IllegalArgumentException(
            earlier.file + " is of " + earlier.program + ", " + file + " of " + program);
      }
      for (String name : List.of(STEPS, DRAFTED, ACCEPTED)) {
        requireRise(name, earlier.file, earlier.sums.get(name), sums.get(name));
      }
      SortedMap<Integer, Double> rise = new TreeMap<>();
      for (int position = 0;
          position < Math.max(reached.size(), earlier.reached.size());
          position++) {
        double before = earlier.reached.getOrDefault(position, 0.0);
        double after = reached.getOrDefault(position, 0.0);
        requireRise(REACHED + " at position " + position, earlier.file, before, after);
        rise.put(position, after - before);
      }
      return new SpeculationCounts(
          sums.get(STEPS) - earlier.sums.get(STEPS),
          sums.get(DRAFTED) - earlier.sums.get(DRAFTED),
          sums.get(ACCEPTED) - earlier.sums.get(ACCEPTED),
          rise.values().stream().mapToDouble(value -> value).toArray());
    }

    private void requireRise(String name, String earlier, double before, double after) {
      if (after < before) {
        throw new IllegalArgumentException(
            name
                + " fell from "
                + SpeculationCounts.plain(before)
                + " in "
                + earlier
                + " to "
                + SpeculationCounts.plain(after)
                + " in "
                + file
                + ": the server began anew between them, or the later file comes first");
      }
    }
  }
}
