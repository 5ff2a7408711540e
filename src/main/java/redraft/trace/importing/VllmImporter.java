package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.importing.Scores.Reply;
import redraft.trace.importing.ServerImport.Server;

/**
 * Imports responses of <a href="https://docs.vllm.ai">vLLM</a>'s {@code /v1/completions}, {@code
 * /v1/chat/completions} and {@code /inference/v1/generate}, bare or as {@code run-batch} writes
 * them; fields as of releases 0.10 to 0.33.
 *
 * <p>Of the target, generated tokens with {@code return_token_ids} and {@code logprobs}. Of a
 * draft, the same tokens as a prompt with {@code prompt_logprobs}, which are always those at
 * temperature 1 without top-k and top-p; or decoding forced along them ({@code
 * trace_decode_token_ids}), whose {@code logprobs} are after the transforms where the server runs
 * with {@code --logprobs-mode processed_logprobs}.
 */
final class VllmImporter implements TraceImporter {
  private static final String ASK_FOR_TOKENS = "; ask for it with \"return_token_ids\":true";
  private static final int OK = 200; // status of HTTP

  @Override
  public String name() {
    return "vllm";
  }

  @Override
  public String description() {
    return "Responses of vLLM, one a line, bare or as run-batch writes them: what the target generated "
        + "(return_token_ids, logprobs), and the same tokens scored by each draft (prompt_logprobs, or decoding forced "
        + "along them). --temperature says how the text was drawn.";
  }

  @Override
  public boolean apart() {
    return true;
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.matches("(?s).*\"object\": ?\"(text_completion|chat\\.completion)\".*")
        || beginning.contains("\"prompt_logprobs\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    Server server =
        new Server(
            name(),
            VllmImporter::replies,
            "score by forced decoding (trace_decode_token_ids of /inference/v1/generate) on servers with"
                + " --logprobs-mode processed_logprobs, or draw the text at temperature 1",
            "ask for \"prompt_logprobs\":0");
    return new ServerImport(server, inputs, settings).convert(trace);
  }

  // ---- a line

  private static final class Body {
    private String id;
    private List<Choice> choices; // null where there is no answer
    private int[] prompt;
    private ScoredTokens promptScores;
  }

  private static final class Choice {
    private int[] prompt;
    private int[] tokens;
    private ScoredTokens promptScores;
    private ScoredTokens scores;
    private boolean stopped;
    private boolean stoppedByText;
  }

  static List<Reply> replies(LineReader lines) throws IOException {
    String customId = null;
    Body body = new Body();
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "custom_id" -> customId = lines.string();
        case "response" -> response(lines, body);
        default -> body(lines, field, "", body);
      }
    }
    if (customId == null && fields.hasAny("response")) {
      fields.require("custom_id");
    }
    String id = customId == null ? body.id : customId;
    if (body.choices == null) {
      if (!fields.hasAny("response", "error")) {
        fields.require("choices");
      }
      return List.of();
    }
    if (id == null || id.isEmpty()) {
      throw lines.error("neither \"custom_id\" nor \"id\" names the response");
    }
    List<Reply> replies = new ArrayList<>();
    for (int i = 0; i < body.choices.size(); i++) {
      Reply reply = reply(lines, id, body, body.choices.get(i), "choices[" + i + "]");
      if (reply != null) {
        replies.add(reply);
      }
    }
    return replies;
  }

  /** What run-batch writes around a body. */
  private static void response(LineReader lines, Body body) throws IOException {
    if (lines.isNull()) {
      return;
    }
    int status = OK;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "status_code" -> status = lines.integer();
        case "body" -> {
          if (!lines.isNull()) {
            Fields inner = lines.fields();
            for (String name; (name = inner.next()) != null; ) {
              body(lines, name, "response.body.", body);
            }
          }
        }
        default -> lines.skip();
      }
    }
    if (status != OK) {
      body.choices = null;
    }
  }

  private static void body(LineReader lines, String field, String prefix, Body body)
      throws IOException {
    switch (field) {
      case "id", "request_id" -> {
        if (!lines.isNull()) {
          body.id = lines.string();
        }
      }
      case "choices" -> body.choices = lines.list(() -> choice(lines, prefix + "choices"));
      case "prompt_token_ids" -> body.prompt = ScoredTokens.tokens(lines);
      case "prompt_logprobs" -> body.promptScores = promptScores(lines, prefix + field);
      case "completion_probabilities" ->
          throw lines.error(
              "\"completion_probabilities\" is of llama-server, which scores no given tokens, so no draft can be"
                  + " held against it; see format 'llama.cpp-logits'");
      default -> lines.skip();
    }
  }

  private static ScoredTokens promptScores(LineReader lines, String place) throws IOException {
    return lines.isNull() ? null : ScoredTokens.maps(lines, place);
  }

  private static Choice choice(LineReader lines, String place) throws IOException {
    Choice choice = new Choice();
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "token_ids" -> choice.tokens = ScoredTokens.tokens(lines);
        case "prompt_token_ids" -> choice.prompt = ScoredTokens.tokens(lines);
        case "prompt_logprobs" ->
            choice.promptScores = promptScores(lines, place + "[].prompt_logprobs");
        case "logprobs" -> choice.scores = scores(lines, place + "[].logprobs");
        case "finish_reason" -> choice.stopped = !lines.isNull() && lines.string().equals("stop");
        case "stop_reason" -> {
          choice.stoppedByText = lines.isText();
          lines.skip();
        }
        default -> lines.skip();
      }
    }
    return choice;
  }

  /** Of generated tokens, and of the prompt before them where it was echoed. */
  private static ScoredTokens scores(LineReader lines, String place) throws IOException {
    if (lines.isNull()) {
      return null;
    }
    ScoredTokens scores = null;
    List<String> names = null;
    double[] logprobs = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "content" -> {
          if (!lines.isNull()) {
            scores = ScoredTokens.objects(lines, place + ".content");
          }
        }
        case "tokens" -> names = lines.list(lines::string);
        case "token_logprobs" ->
            logprobs =
                lines.list(() -> ScoredTokens.logprob(lines)).stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
        default -> lines.skip();
      }
    }
    return names == null || logprobs == null
        ? scores
        : ScoredTokens.lists(lines, place + ".token_logprobs", names, logprobs);
  }

  // ---- what it says

  /** Null where nothing was generated and nothing scored. */
  private static Reply reply(LineReader lines, String id, Body body, Choice choice, String place) {
    ScoredTokens promptScores =
        choice.promptScores == null ? body.promptScores : choice.promptScores;
    int[] prompt = choice.prompt == null ? body.prompt : choice.prompt;
    ScoredTokens scores = choice.scores;
    int[] tokens = choice.tokens;
    if (prompt == null && scores != null && scores.size() > 1 && scores.certain()) {
      throw lines.error(ServerImport.NOT_COMPUTED);
    }
    if (prompt == null) {
      throw lines.error("\"prompt_token_ids\" of " + place + " is missing" + ASK_FOR_TOKENS);
    }
    if (tokens == null && scores != null) {
      throw lines.error("\"" + place + ".token_ids\" is missing" + ASK_FOR_TOKENS);
    }
    int generated = tokens == null ? 0 : tokens.length;
    Scores given = null;
    if (promptScores != null) {
      requireSize(lines, promptScores, prompt.length, "tokens of the prompt");
      given = promptScores.of(lines, prompt, 0, 1);
    }
    boolean echoed = scores != null && scores.size() == prompt.length + generated;
    if (given == null && echoed) {
      given = scores.of(lines, prompt, 0, 1);
    }
    Scores drawn = null;
    if (scores != null && generated > 0) {
      ScoredTokens own = echoed ? scores.from(prompt.length) : scores;
      requireSize(lines, own, generated, "generated tokens");
      int[] text = ScoredTokens.joined(prompt, tokens);
      drawn = own.of(lines, text, prompt.length, prompt.length);
    }
    Finish finish = choice.stopped && !choice.stoppedByText ? Finish.EOS : Finish.LENGTH;
    return given == null && drawn == null && generated == 0
        ? null
        : new Reply(lines.lineNumber(), id, drawn, finish, given);
  }

  private static void requireSize(LineReader lines, ScoredTokens scores, int size, String what) {
    if (scores.size() != size) {
      throw lines.error(
          "\""
              + scores.place()
              + "\" has "
              + scores.size()
              + " entries, not one for each of the "
              + size
              + " "
              + what);
    }
  }
}
