package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.importing.RequestRecords.Request;

/**
 * Imports responses of vLLM's OpenAI server run with {@code --per-request-spec-decode-metrics},
 * which 0.29 and later have: {@code metrics.speculative_decoding} beside {@code usage}. Of a stream
 * it is the last chunk before {@code [DONE]}. The prefill gives the first token of a text, and each
 * step its accepted tokens and one more; steps that drafted nothing are not listed there.
 */
final class VllmMetricsImporter implements TraceImporter {
  private static final String FIELD = "metrics.speculative_decoding";

  /** The draft's likeliest token is drafted, unless the server says otherwise. */
  static final MeasuredTraces.Usual USUAL = new MeasuredTraces.Usual("vllm", "greedy-draft", 1);

  @Override
  public String name() {
    return "vllm-metrics";
  }

  @Override
  public String description() {
    return "Responses of vLLM, a line each, with metrics.speculative_decoding: run the server with"
        + " --per-request-spec-decode-metrics detailed. summary keeps no more than a histogram.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"speculative_decoding\"") && beginning.contains("\"usage\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    return new RequestRecords(
            inputs.files(),
            VllmMetricsImporter::parse,
            settings,
            USUAL,
            "run vLLM with --per-request-spec-decode-metrics detailed, and ask for one text a request")
        .convert(trace);
  }

  /** What a response says, which run-batch wraps. */
  private static final class Body {
    private String id;
    private Integer prompt;
    private Integer completion;
    private AcceptanceRecord record;
  }

  private static Request parse(LineReader lines) throws IOException {
    Body body = new Body();
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (name.equals("custom_id")) {
        body.id = RequestRecords.label(lines);
      } else if (name.equals("response") && !lines.isNull()) {
        wrapped(lines, body);
      } else {
        field(lines, name, body);
      }
    }
    if (body.record == null) {
      return Request.skipped("no \"" + FIELD + "\"");
    }
    if (body.id == null || body.id.isEmpty()) {
      throw lines.error("neither \"custom_id\" nor \"id\" names the response");
    }
    return new Request(null, body.id, body.prompt, body.record.with(body.completion));
  }

  private static void wrapped(LineReader lines, Body body) throws IOException {
    Fields response = lines.fields();
    for (String part; (part = response.next()) != null; ) {
      if (!part.equals("body") || lines.isNull()) {
        lines.skip();
        continue;
      }
      String id = body.id;
      Fields fields = lines.fields();
      for (String name; (name = fields.next()) != null; ) {
        field(lines, name, body);
      }
      body.id = id == null ? body.id : id;
    }
  }

  private static void field(LineReader lines, String name, Body body) throws IOException {
    if (lines.isNull()) {
      return;
    }
    switch (name) {
      case "id" -> body.id = body.id == null ? RequestRecords.label(lines) : body.id;
      case "usage" -> {
        Fields usage = lines.fields();
        for (String part; (part = usage.next()) != null; ) {
          switch (lines.isNull() ? "" : part) {
            case "prompt_tokens" -> body.prompt = RequestRecords.tokens(lines);
            case "completion_tokens" -> body.completion = RequestRecords.tokens(lines);
            default -> lines.skip();
          }
        }
      }
      case "metrics" -> {
        Fields metrics = lines.fields();
        for (String part; (part = metrics.next()) != null; ) {
          if (part.equals("speculative_decoding") && !lines.isNull()) {
            body.record = AcceptanceRecord.parse(lines, FIELD, false);
          } else {
            lines.skip();
          }
        }
      }
      default -> lines.skip();
    }
  }
}
