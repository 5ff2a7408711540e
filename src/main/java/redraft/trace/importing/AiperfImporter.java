package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.trace.importing.RequestRecords.Request;

/**
 * Imports {@code profile_export.jsonl} of AIPerf: a record of each request, whose {@code
 * spec_decode_acceptance} is what the server said of it, and holds the same sums, which are checked
 * here as AIPerf does.
 */
final class AiperfImporter implements TraceImporter {
  private static final String FIELD = "spec_decode_acceptance";

  @Override
  public String name() {
    return "aiperf";
  }

  @Override
  public String description() {
    return "profile_export.jsonl of AIPerf with spec_decode_acceptance: records of requests to a vLLM that runs with"
        + " --per-request-spec-decode-metrics detailed. Requests to warm up and those that failed are left out.";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.contains("\"benchmark_phase\"") && beginning.contains("\"metadata\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    return new RequestRecords(
            inputs.files(),
            AiperfImporter::parse,
            settings,
            VllmMetricsImporter.USUAL.from("aiperf"),
            "run vLLM with --per-request-spec-decode-metrics detailed, and AIPerf with --export-level records")
        .convert(trace);
  }

  private static Request parse(LineReader lines) throws IOException {
    Metadata metadata = null;
    Integer prompt = null;
    AcceptanceRecord record = null;
    boolean failed = false;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (lines.isNull()) {
        continue;
      }
      switch (name) {
        case "metadata" -> metadata = metadata(lines);
        case "metrics" -> prompt = prompt(lines);
        case FIELD -> record = AcceptanceRecord.parse(lines, FIELD, true);
        case "error" -> {
          failed = true;
          lines.skip();
        }
        default -> lines.skip();
      }
    }
    if (record == null || failed) {
      return Request.skipped(failed ? "the request failed" : "no \"" + FIELD + "\"");
    }
    fields.require("metadata");
    return metadata.warmup
        ? Request.skipped("sent to warm the server up")
        : new Request(null, metadata.id, prompt, record);
  }

  private record Metadata(String id, boolean warmup) {}

  private static Metadata metadata(LineReader lines) throws IOException {
    String request = null;
    String session = null;
    String turn = "";
    boolean warmup = false;
    Fields fields = lines.fields();
    for (String name; (name = fields.next()) != null; ) {
      if (lines.isNull()) {
        continue;
      }
      switch (name) {
        case "x_request_id" -> request = lines.string();
        case "session_num" -> session = RequestRecords.label(lines);
        case "turn_index" -> turn = "." + RequestRecords.label(lines);
        case "benchmark_phase" -> warmup = lines.string().equals("warmup");
        default -> lines.skip();
      }
    }
    fields.require("session_num");
    return new Metadata(request == null ? session + turn : request, warmup);
  }

  /** Tokens of the prompt; null where the metric is not there. */
  private static Integer prompt(LineReader lines) throws IOException {
    Integer prompt = null;
    Fields metrics = lines.fields();
    for (String name; (name = metrics.next()) != null; ) {
      if (!name.equals("input_sequence_length")) {
        lines.skip();
        continue;
      }
      Fields metric = lines.fields();
      for (String part; (part = metric.next()) != null; ) {
        if (part.equals("value") && !lines.isNull()) {
          prompt = RequestRecords.tokens(lines);
        } else {
          lines.skip();
        }
      }
    }
    return prompt;
  }
}
