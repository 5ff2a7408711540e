package redraft.trace.importing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * Imports what vLLM and llama.cpp's server log of speculation. vLLM says every so many seconds how
 * steps went since it last did; llama.cpp says it of each request, and at trace level only by
 * position. Both round shares to three digits, so steps are counted back from accepted tokens.
 */
final class EngineLogImporter implements TraceImporter {
  private static final Pattern VLLM =
      Pattern.compile(
          ".*SpecDecoding metrics: .*?Mean acceptance length: ([\\d.]+).*?Accepted: (\\d+) tokens.*?Drafted: (\\d+) tokens"
              + ".*?Per-position acceptance rate: ([\\d., ]+?), Avg.*");
  private static final Pattern VLLM_WITHOUT_SHAPE = Pattern.compile(".*SpecDecoding metrics: .*");
  private static final Pattern DIFFUSION = Pattern.compile(".*DiffusionDecoding metrics: .*");
  private static final Pattern LLAMA =
      Pattern.compile(
          ".*draft acceptance(?: rate)? = +([\\d.]+) \\( *(\\d+) accepted / *(\\d+) generated\\)(?:, mean len = +([\\d.]+))?.*");
  private static final Pattern LLAMA_SHAPE = Pattern.compile(".*acc per pos = \\(([\\d., ]*)\\).*");

  /** Half of the last digit. */
  private static final double OF_SHARE = 0.0005;

  private static final double OF_LENGTH = 0.005;

  @Override
  public String name() {
    return "engine-log";
  }

  @Override
  public String description() {
    return "Log of vLLM (SpecDecoding metrics: …) or of llama.cpp's server (draft acceptance = …, and acc per pos = (…),"
        + " which it says with -lv 4).";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("SpecDecoding metrics: ") || beginning.contains("draft acceptance");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    Log log = new Log();
    for (LineSource file : inputs.files()) {
      log.read(file);
    }
    String file = inputs.files().get(0).name();
    if (log.counts.isEmpty()) {
      throw new IllegalArgumentException(
          file
              + (log.withoutShape
                  ? " says how many tokens were accepted, of all positions together: a mean has no shape; run llama-server"
                      + " with -lv 4 for \"acc per pos\", or a newer vLLM"
                  : log.diffusion
                      ? " is of a diffusion model, which drafts and verifies nothing"
                      : " has no line \"SpecDecoding metrics: …\" or \"draft acceptance = …\": did the server speculate?"));
    }
    if (log.vllm && log.llama) {
      throw new IllegalArgumentException(file + " is of vLLM and of llama.cpp; import one of them");
    }
    int depth = log.counts.stream().mapToInt(SpeculationCounts::depth).max().orElseThrow();
    SpeculationCounts all = null;
    for (SpeculationCounts counts : log.counts) {
      SpeculationCounts deep =
          new SpeculationCounts(
              counts.steps(),
              counts.drafted(),
              counts.accepted(),
              Arrays.copyOf(counts.reached(), depth));
      all = all == null ? deep : all.plus(deep);
    }
    List<String> notes = new ArrayList<>();
    if (log.withoutShape) {
      notes.add("lines without acceptance by position were passed over");
    }
    notes.addAll(
        MeasuredTraces.histogram(
            all,
            settings,
            new MeasuredTraces.Usual(log.vllm ? "vllm" : "llama.cpp", "greedy-draft", 1),
            trace));
    return notes;
  }

  /** What was read so far. */
  private static final class Log {
    private final List<SpeculationCounts> counts = new ArrayList<>();
    private boolean vllm;
    private boolean llama;
    private boolean diffusion;
    private boolean withoutShape;

    void read(LineSource file) throws IOException {
      try (LineReader lines = new LineReader(file)) {
        Matcher request = null; // of llama.cpp, whose shape comes on the next line
        while (lines.advance()) {
          String line = new String(lines.bytes(), StandardCharsets.UTF_8);
          Matcher said = VLLM.matcher(line);
          Matcher shape = LLAMA_SHAPE.matcher(line);
          Matcher next = LLAMA.matcher(line);
          if (said.matches()) {
            vllm = true;
            add(
                lines,
                number(lines, said, 1),
                number(lines, said, 2),
                number(lines, said, 3),
                said.group(4));
          } else if (VLLM_WITHOUT_SHAPE.matcher(line).matches()) {
            withoutShape = true;
          } else if (next.matches()) {
            withoutShape |= request != null;
            request = next;
          } else if (shape.matches() && request != null) {
            llama = true;
            add(
                lines,
                request.group(4) == null ? Double.NaN : number(lines, request, 4),
                number(lines, request, 2),
                number(lines, request, 3),
                shape.group(1));
            request = null;
          }
          diffusion |= DIFFUSION.matcher(line).matches();
        }
        withoutShape |= request != null;
      }
    }

    /**
     * @param length mean tokens of a step; NaN where it is not said
     */
    private void add(
        LineReader lines, double length, double accepted, double drafted, String shares) {
      String[] words = shares.isBlank() ? new String[0] : shares.strip().split(", *");
      if (words.length == 0 || words.length > TraceImporter.Drafting.MOST || drafted == 0) {
        return; // nothing was drafted
      }
      double[] reached = new double[words.length];
      double sum = 0;
      for (int k = 0; k < reached.length; k++) {
        reached[k] = number(lines, words[k]);
        sum += reached[k];
      }
      double rounding = OF_SHARE * reached.length;
      if (!Double.isNaN(length) && Math.abs(1 + sum - length) > rounding + OF_LENGTH + 1e-9) {
        throw lines.error(
            "acceptance by position adds up to "
                + SpeculationCounts.plain(1 + sum)
                + " tokens a step, and the mean length is "
                + length);
      }
      double steps = sum > 0 ? accepted / sum : drafted / reached.length;
      for (int k = 0; k < reached.length; k++) {
        if (reached[k] > (k == 0 ? 1 : reached[k - 1] / steps)) {
          throw lines.error("acceptance by position rises at " + words[k]);
        }
        reached[k] *= steps;
      }
      if (accepted > drafted) {
        throw lines.error(
            SpeculationCounts.plain(accepted)
                + " tokens were accepted of "
                + SpeculationCounts.plain(drafted)
                + " drafted");
      }
      counts.add(new SpeculationCounts(steps, drafted, accepted, reached));
    }

    private static double number(LineReader lines, Matcher matcher, int group) {
      return number(lines, matcher.group(group));
    }

    private static double number(LineReader lines, String text) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw lines.error("\"" + text + "\" is no number");
      }
    }
  }
}
