package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.importing.ScoredTokens.Entry;
import redraft.trace.importing.Scores.Reply;
import redraft.trace.importing.ServerImport.Server;

/**
 * Imports responses of <a href="https://docs.sglang.io">SGLang</a>'s {@code /generate} with {@code
 * return_logprob}; fields as of release 0.5.23. Log-probabilities stand there as {@code [logprob,
 * token id, text]}.
 *
 * <p>Those of generated tokens are after temperature and before top-k and top-p, those of a
 * prompt's are at temperature 1, so that both are of one kind at temperature 1 only, or at 0, where
 * only the most probable token matters. Ranks are places in {@code input_top_logprobs}.
 */
final class SglangImporter implements TraceImporter {
  @Override
  public String name() {
    return "sglang";
  }

  @Override
  public String description() {
    return "Responses of SGLang's /generate, one a line: what the target generated, with its prompt's tokens "
        + "(return_logprob, logprob_start_len 0), and the same tokens scored as a prompt by each draft. "
        + "--temperature says how the text was drawn.";
  }

  @Override
  public boolean apart() {
    return true;
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"meta_info\"") && beginning.contains("_token_logprobs\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    Server server =
        new Server(
            name(),
            SglangImporter::replies,
            "draw the text at temperature 1 without them, or keep logits of both models and import these",
            "ask for \"top_logprobs_num\":1 or more");
    return new ServerImport(server, inputs, settings).convert(trace);
  }

  /** What a response says, as far as it is needed. */
  private static final class Response {
    private String id;
    private int[] prompt;
    private int promptLength = -1;
    private boolean stopped;
    private ScoredTokens input;
    private ScoredTokens output;
    private List<List<Entry>> inputTop;
  }

  static List<Reply> replies(LineReader lines) throws IOException {
    Response response = new Response();
    String customId = null;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "custom_id" -> customId = lines.string();
        case "prompt_token_ids" -> response.prompt = ScoredTokens.tokens(lines);
        case "meta_info" -> metaInfo(lines, response);
        default -> lines.skip();
      }
    }
    if (fields.hasAny("error") && !fields.hasAny("meta_info")) {
      return List.of();
    }
    fields.require("meta_info");
    String id = customId == null ? response.id : customId;
    if (id == null || id.isEmpty()) {
      throw lines.error("neither \"custom_id\" nor \"meta_info.id\" names the response");
    }
    return List.of(reply(lines, id, response));
  }

  private static void metaInfo(LineReader lines, Response response) throws IOException {
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      if (lines.isNull()) {
        continue;
      }
      switch (field) {
        case "id" -> response.id = lines.string();
        case "prompt_tokens" -> response.promptLength = lines.integer();
        case "prompt_token_ids" -> response.prompt = ScoredTokens.tokens(lines);
        case "finish_reason" -> response.stopped = stopped(lines);
        case "input_token_logprobs" -> response.input = scores(lines, field);
        case "output_token_logprobs" -> response.output = scores(lines, field);
        case "input_top_logprobs" -> response.inputTop = lines.list(() -> triples(lines));
        default -> lines.skip();
      }
    }
  }

  /** Whether an end token ended the text, and no text that was to stop it. */
  private static boolean stopped(LineReader lines) throws IOException {
    boolean stopped = false;
    boolean byText = false;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "type" -> stopped = lines.string().equals("stop");
        case "matched" -> {
          byText = lines.isText();
          lines.skip();
        }
        default -> lines.skip();
      }
    }
    return stopped && !byText;
  }

  private static ScoredTokens scores(LineReader lines, String field) throws IOException {
    return new ScoredTokens("meta_info." + field, lines.list(() -> List.of(triple(lines))));
  }

  private static List<Entry> triples(LineReader lines) throws IOException {
    return lines.isNull() ? List.of() : lines.list(() -> triple(lines));
  }

  /** A log-probability, null where there is none, a token id, and its text. */
  private static Entry triple(LineReader lines) throws IOException {
    double[] logprob = {Double.NaN};
    int[] token = {-1};
    int[] count = {0};
    lines.list(
        () -> {
          switch (count[0]++) {
            case 0 -> logprob[0] = ScoredTokens.logprob(lines);
            case 1 -> token[0] = ScoredTokens.token(lines);
            default -> lines.skip();
          }
          return null;
        });
    if (token[0] < 0) {
      throw lines.error("a log-probability stands without its token id");
    }
    return new Entry(token[0], logprob[0], 0);
  }

  private static Reply reply(LineReader lines, String id, Response response) {
    ScoredTokens input = response.input;
    int[] prompt = response.prompt;
    if (prompt == null && input != null && input.size() == response.promptLength) {
      prompt = input.tokens();
    }
    if (prompt == null) {
      throw lines.error(
          "the prompt's tokens are not there; ask for \"return_logprob\":true with \"logprob_start_len\":0");
    }
    Scores given = null;
    if (input != null && input.size() > 1 && input.size() <= prompt.length) {
      int offset = prompt.length - input.size();
      List<List<Entry>> ranked = ranked(input, response.inputTop);
      int first = offset + (Double.isNaN(ranked.get(0).get(0).logprob()) ? 1 : 0);
      given = new ScoredTokens(input.place(), ranked).of(lines, prompt, offset, first);
    }
    Scores drawn = null;
    if (response.output != null && response.output.size() > 0) {
      int[] text = ScoredTokens.joined(prompt, response.output.tokens());
      drawn = response.output.of(lines, text, prompt.length, prompt.length);
    }
    Finish finish = response.stopped ? Finish.EOS : Finish.LENGTH;
    return new Reply(lines.lineNumber(), id, drawn, finish, given);
  }

  /** Each token with its place among the most probable ones, where these were asked for. */
  private static List<List<Entry>> ranked(ScoredTokens scores, List<List<Entry>> top) {
    if (top == null || top.size() != scores.size()) {
      return scores.positions();
    }
    List<List<Entry>> ranked = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      Entry own = scores.positions().get(i).get(0);
      ranked.add(List.of(new Entry(own.token(), own.logprob(), rank(own.token(), top.get(i)))));
    }
    return ranked;
  }

  /** Of equal ones the lower id comes first; 0 where no list is there. */
  private static int rank(int token, List<Entry> top) {
    for (Entry own : top) {
      if (own.token() == token) {
        int before = 0;
        for (Entry entry : top) {
          boolean equal = entry.logprob() == own.logprob() && entry.token() < token;
          before += entry.logprob() > own.logprob() || equal ? 1 : 0;
        }
        return before + 1;
      }
    }
    return top.isEmpty() ? 0 : Scores.NOT_FIRST;
  }
}
