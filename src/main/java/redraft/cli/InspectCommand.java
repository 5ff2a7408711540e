package redraft.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import redraft.model.ModelSession;
import redraft.report.TextTable;
import redraft.trace.DraftKind;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSummary;
import redraft.trace.TraceSummary.DraftSummary;

@Command(
    name = "inspect",
    description = {
      "Says what a trace or a model directory holds, or what is wrong with it.",
      "",
      "Of a trace, the whole file is read and checked. Exit code 1 if it is no valid trace; one that was cut while it was recorded is "
          + "valid, as its complete sequences can be used.",
      "",
      "Of models, what they take and give, and whether they run; it measures whether logits depend on how rows are "
          + "grouped into passes. Exit code 1 if one of them cannot be run."
    },
    footer = {
      "",
      "Examples:",
      "  redraft inspect traces/tiny-t1.jsonl.gz",
      "  redraft inspect models/tiny",
      "  redraft inspect onnx/decoder_model_merged.onnx"
    })
final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|DIR",
      description =
          "Trace (.jsonl, .jsonl.gz), model directory (with a pair.json) or model (.onnx).")
  private Path file;

  @Option(
      names = "--check-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Tokens that a model scores in each grouping of rows, 2 to 64 (default: ${DEFAULT-VALUE}).")
  private int checkTokens;

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (Files.isDirectory(file) || file.toString().endsWith(".onnx")) {
      return inspectModels(out);
    }
    TraceSummary summary = TraceSummary.of(file);
    if (json) {
      printJson(out, fields(summary));
    } else {
      print(out, summary);
    }
    out.flush();
    return 0;
  }

  private static void printJson(PrintWriter out, Map<String, Object> fields) throws IOException {
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .build()
        .writeValue(out, fields);
    out.println();
  }

  private int inspectModels(PrintWriter out) throws IOException {
    if (checkTokens < 2 || checkTokens > ModelSession.MAX_ROWS) {
      throw new IllegalArgumentException(
          "--check-tokens " + checkTokens + " must be from 2 to " + ModelSession.MAX_ROWS);
    }
    ModelInspection inspection = ModelInspection.of(file, checkTokens);
    if (json) {
      printJson(out, inspection.fields());
    } else {
      print(out, inspection.fields());
    }
    out.flush();
    return inspection.runs() ? 0 : 1;
  }

  /** A line for each value; lists of objects set off by blank lines. */
  private static void print(PrintWriter out, Map<?, ?> fields) {
    fields.forEach(
        (title, value) -> {
          for (Object item : value instanceof List<?> list ? list : Arrays.asList(value)) {
            if (item instanceof Map<?, ?> object) {
              out.println();
              print(out, object);
            } else {
              line(out, title.toString(), "%s", item == null ? "not said" : item);
            }
          }
        });
  }

  private void print(PrintWriter out, TraceSummary summary) {
    TraceHeader header = summary.header();
    TraceHeader.Sampling sampling = header.sampling();
    line(out, "trace", "%s, version %d, %,d bytes", file, TraceHeader.VERSION, summary.bytes());
    line(
        out,
        "state",
        summary.complete()
            ? "complete, unchanged since it was written"
            : "cut: no footer; its %,d complete sequences can be used, record --resume continues it",
        summary.sequences());
    line(
        out,
        "sequences",
        "%,d of %,d prompts, %,d positions",
        summary.sequences(),
        summary.prompts(),
        summary.positions());
    summary
        .domains()
        .forEach(
            (name, domain) ->
                line(
                    out,
                    "domain",
                    "%s: %,d sequences, %,d positions",
                    name,
                    domain.sequences(),
                    domain.positions()));
    line(
        out,
        "finish",
        "eos %,d, length %,d",
        summary.finishes().getOrDefault(Finish.EOS, 0L),
        summary.finishes().getOrDefault(Finish.LENGTH, 0L));
    line(out, "target", "%s", describe(header.target().name(), header.target().parameters()));
    for (int i = 0; i < header.drafts().size(); i++) {
      DraftSummary draft = summary.drafts().get(i);
      String known =
          draft.overlap() != null
              ? ", mean overlap Σ min(p, q) " + TextTable.number(draft.overlap(), 4)
              : draft.acceptLength() != null
                  ? ", accept lengths only, mean " + TextTable.number(draft.acceptLength(), 4)
                  : "";
      DraftInfo info = header.drafts().get(i);
      line(out, "draft", "%s", describe(info.name(), info.parameters()) + known);
      if (info.kind() == DraftKind.LOOKUP) {
        line(out, "", "lookup: copies earlier text, needs no draft model");
      }
    }
    line(out, "tokenizer", "%,d tokens", header.tokenizer().vocabularySize());
    line(
        out,
        "sampling",
        "temperature %s, top-k %s, top-p %s, seed %d",
        sampling.temperature(),
        sampling.topK() == 0 ? "all" : sampling.topK(),
        sampling.topP(),
        sampling.seed());
    line(
        out,
        "logits",
        summary.logitsPerPosition() == 0 ? "%s" : "%s, %,d at a position",
        header.logits().word(),
        summary.logitsPerPosition());
  }

  private static void line(PrintWriter out, String title, String format, Object... values) {
    out.printf(Locale.ROOT, "%-12s  %s%n", title, String.format(Locale.ROOT, format, values));
  }

  private static String describe(String name, long parameters) {
    return parameters == 0
        ? name
        : String.format(Locale.ROOT, "%s, %,d parameters", name, parameters);
  }

  private Map<String, Object> fields(TraceSummary summary) {
    TraceHeader header = summary.header();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file.toString());
    fields.put("version", TraceHeader.VERSION);
    fields.put("bytes", summary.bytes());
    fields.put("complete", summary.complete());
    fields.put("sequences", summary.sequences());
    fields.put("prompts", summary.prompts());
    fields.put("positions", summary.positions());
    fields.put("domains", summary.domains());
    Map<String, Long> finishes = new LinkedHashMap<>();
    for (Finish finish : Finish.values()) {
      finishes.put(
          finish.name().toLowerCase(Locale.ROOT), summary.finishes().getOrDefault(finish, 0L));
    }
    fields.put("finish", finishes);
    fields.put("tokenizer", header.tokenizer());
    fields.put("target", header.target());
    List<Map<String, Object>> drafts = new ArrayList<>();
    for (int i = 0; i < header.drafts().size(); i++) {
      Map<String, Object> draft = new LinkedHashMap<>();
      draft.put("name", header.drafts().get(i).name());
      draft.put("sha256", header.drafts().get(i).sha256());
      draft.put("parameters", header.drafts().get(i).parameters());
      draft.put("kind", header.drafts().get(i).kind().word());
      draft.put("overlap", summary.drafts().get(i).overlap());
      draft.put("acceptLength", summary.drafts().get(i).acceptLength());
      drafts.add(draft);
    }
    fields.put("drafts", drafts);
    fields.put("sampling", header.sampling());
    fields.put("logits", header.logits().word());
    fields.put("logitsPerPosition", summary.logitsPerPosition());
    return fields;
  }
}
