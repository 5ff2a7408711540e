package redraft.validation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineSource;
import redraft.json.ResultFiles;

/**
 * Measured runs from the answers of llama-server, JSON Lines of whole ones, each with its {@code
 * timings}. Those without {@code draft_n} are plain decoding; the others of a file are one run of
 * speculative decoding.
 *
 * <p>{@code predicted_ms} begins when the first token is there, which the prompt's pass gives: it
 * is the time of {@code predicted_n − 1} tokens, and of {@code predicted_n − 1 − draft_n_accepted}
 * steps.
 */
public final class LlamaServerRuns {
  private LlamaServerRuns() {}

  /**
   * One request.
   *
   * @param promptTokens those that were in the cache included
   * @param tokens after the first
   */
  private record Request(int promptTokens, int tokens, double ms, int drafted, int accepted) {}

  /** Requests of one kind, as if one had followed the other. */
  private record Total(List<Request> requests) {
    int tokens() {
      return requests.stream().mapToInt(Request::tokens).sum();
    }

    int steps() {
      return tokens() - requests.stream().mapToInt(Request::accepted).sum();
    }

    int drafted() {
      return requests.stream().mapToInt(Request::drafted).sum();
    }

    double msPerToken() {
      return requests.stream().mapToDouble(Request::ms).sum() / tokens();
    }

    List<Integer> prompts() {
      return requests.stream().map(Request::promptTokens).sorted().toList();
    }

    /** Tokens in the cache halfway through. */
    int context() {
      return (int)
          Math.round(
              requests.stream()
                  .mapToDouble(request -> request.promptTokens + request.tokens / 2.0)
                  .average()
                  .orElseThrow());
    }
  }

  /**
   * One run for each file that has answers with drafted tokens.
   *
   * @throws redraft.json.LineException if a line is no answer with timings
   * @throws IllegalArgumentException if there is no plain decoding of the same prompts
   */
  public static List<MeasuredRun> read(List<Path> files, MeasuredRun.Setup setup)
      throws IOException {
    List<Request> plain = new ArrayList<>();
    List<Total> speculative = new ArrayList<>(); // by file
    for (Path file : files) {
      List<Request> here = new ArrayList<>();
      for (Request request : requests(file)) {
        (request.drafted == 0 ? plain : here).add(request);
      }
      speculative.add(new Total(here));
    }
    Total baseline = new Total(plain);
    List<MeasuredRun> runs = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (!speculative.get(i).requests.isEmpty()) {
        runs.add(run(files.get(i), speculative.get(i), baseline, setup));
      }
    }
    if (runs.isEmpty()) {
      throw new IllegalArgumentException(
          "no answer in " + files + " has \"draft_n\": give those of a server that speculates too");
    }
    return runs;
  }

  private static MeasuredRun run(
      Path file, Total speculative, Total plain, MeasuredRun.Setup setup) {
    if (!speculative.prompts().equals(plain.prompts())) {
      throw new IllegalArgumentException(
          file
              + " speculates on "
              + described(speculative)
              + ", plain answers (no \"draft_n\") are of "
              + described(plain)
              + "; give plain and speculative answers to the same prompts, each once in a file");
    }
    if (plain.tokens() == 0 || speculative.steps() == 0) {
      throw new IllegalArgumentException(
          file
              + ": no request generated more than its first token, which is no step; ask for more");
    }
    double ms = speculative.msPerToken();
    int draftLength =
        Math.max(1, (int) Math.round((double) speculative.drafted() / speculative.steps()));
    return new MeasuredRun(
        new MeasuredRun.Origin(ResultFiles.name(file), file.toString(), null),
        setup,
        new MeasuredRun.Load(1, speculative.context(), draftLength),
        new MeasuredRun.Measured(
            (double) speculative.tokens() / speculative.steps(),
            plain.msPerToken() / ms,
            plain.msPerToken(),
            ms));
  }

  private static String described(Total total) {
    int count = total.requests.size();
    return count
        + (count == 1 ? " prompt" : " prompts")
        + " with "
        + total.prompts().stream().mapToInt(Integer::intValue).sum()
        + " tokens in all";
  }

  // ---- lines

  private static List<Request> requests(Path file) throws IOException {
    List<Request> requests = new ArrayList<>();
    try (LineReader lines = new LineReader(LineSource.of(file))) {
      while (lines.advance()) {
        if (!lines.blank()) {
          requests.add(lines.parse(() -> answer(lines)));
        }
      }
    }
    return requests;
  }

  private static Request answer(LineReader lines) throws IOException {
    Request request = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      if (field.equals("timings")) {
        request = timings(lines);
      } else {
        lines.skip();
      }
    }
    if (request == null) {
      throw lines.error(
          "\"timings\" is missing: a line is a whole answer of llama-server, not streamed");
    }
    return request;
  }

  private static Request timings(LineReader lines) throws IOException {
    int prompt = 0;
    int predicted = 0;
    double ms = 0;
    int drafted = 0;
    int accepted = 0;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "cache_n", "prompt_n" -> prompt += count(lines);
        case "predicted_n" -> predicted = count(lines);
        case "predicted_ms" -> ms = lines.number();
        case "draft_n" -> drafted = count(lines);
        case "draft_n_accepted" -> accepted = count(lines);
        default -> lines.skip();
      }
    }
    fields.require("prompt_n", "predicted_n", "predicted_ms");
    if (!(ms > 0) || Double.isInfinite(ms)) {
      throw lines.error("\"timings.predicted_ms\" is " + ms + ", not a number above 0");
    }
    if (accepted > drafted || accepted > 0 && accepted >= predicted - 1) {
      throw lines.error(
          "\"timings.draft_n_accepted\" is "
              + accepted
              + ", not at most \"draft_n\" ("
              + drafted
              + ") and below \"predicted_n\" − 1 ("
              + (predicted - 1)
              + ")");
    }
    return new Request(prompt, Math.max(0, predicted - 1), ms, drafted, accepted);
  }

  private static int count(LineReader lines) throws IOException {
    int value = lines.integer();
    if (value < 0) {
      throw lines.wrongValue("not a whole number of at least 0");
    }
    return value;
  }
}
