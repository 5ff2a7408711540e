package redraft.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineReader.Fields;
import redraft.json.LineWriter;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceHeader.ModelInfo;
import redraft.trace.TraceHeader.Sampling;
import redraft.trace.TraceHeader.TokenizerInfo;

/** A header as it stands in a file. */
final class HeaderLine {
  private final LineReader lines;

  private HeaderLine(LineReader lines) {
    this.lines = lines;
  }

  /**
   * Reads the current line.
   *
   * @throws redraft.json.LineException if it is not the header of a trace of version 1
   */
  static TraceHeader parse(LineReader lines) {
    HeaderLine line = new HeaderLine(lines);
    lines.parse(line::checkVersion); // first: fields may mean something else in others
    return lines.parse(line::parseHeader);
  }

  private Void checkVersion() throws IOException {
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "format" -> {
          String format = lines.string();
          if (!format.equals(TraceHeader.FORMAT)) {
            throw lines.wrongValue("not \"" + TraceHeader.FORMAT + "\"");
          }
        }
        case "version" -> {
          long version = lines.wholeNumber();
          if (version != TraceHeader.VERSION) {
            throw lines.error(
                "\"version\" is "
                    + version
                    + ", not "
                    + TraceHeader.VERSION
                    + ", the only one that this program reads");
          }
        }
        default -> lines.skip();
      }
    }
    if (!fields.hasAny("format")) {
      throw lines.error("no trace: the first line must say \"format\":\"redraft-trace\"");
    }
    fields.require("version");
    return null;
  }

  private TraceHeader parseHeader() throws IOException {
    TokenizerInfo tokenizer = null;
    ModelInfo target = null;
    List<DraftInfo> drafts = null;
    Sampling sampling = null;
    LogitDetail logits = null;
    Grade grade = Grade.EXACT;
    String source = "";
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "tokenizer" -> tokenizer = parseTokenizer();
        case "target" -> target = parseModel();
        case "drafts" -> drafts = List.copyOf(lines.list(this::parseDraftInfo));
        case "sampling" -> sampling = parseSampling();
        case "logits" -> {
          String word = lines.string();
          logits =
              Arrays.stream(LogitDetail.values())
                  .filter(detail -> detail.word().equals(word))
                  .findFirst()
                  .orElseThrow(() -> lines.wrongValue("not \"none\", \"top\" or \"all\""));
        }
        case "grade" -> grade = parseGrade();
        case "source" -> source = lines.string();
        default -> lines.skip();
      }
    }
    fields.require("tokenizer", "target", "drafts", "sampling", "logits");
    return new TraceHeader(tokenizer, target, drafts, sampling, logits, grade, source);
  }

  private Grade parseGrade() throws IOException {
    String word = lines.string();
    for (Grade grade : Grade.values()) {
      if (grade.word().equals(word)) {
        return grade;
      }
    }
    throw lines.wrongValue("not \"exact\", \"coins\", \"histogram\" or \"given-text\"");
  }

  private TokenizerInfo parseTokenizer() throws IOException {
    String sha256 = null;
    int size = 0;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "sha256" -> sha256 = lines.string();
        case "vocabularySize" -> size = lines.integer();
        default -> lines.skip();
      }
    }
    fields.require("sha256", "vocabularySize");
    return new TokenizerInfo(sha256, size);
  }

  private ModelInfo parseModel() throws IOException {
    String name = null;
    String sha256 = null;
    long parameters = 0;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "name" -> name = lines.string();
        case "sha256" -> sha256 = lines.string();
        case "parameters" -> parameters = lines.wholeNumber();
        default -> lines.skip();
      }
    }
    fields.require("name", "sha256", "parameters");
    return new ModelInfo(name, sha256, parameters);
  }

  private DraftInfo parseDraftInfo() throws IOException {
    String name = null;
    String sha256 = null;
    long parameters = 0;
    DraftKind kind = DraftKind.PREFIX;
    int depth = 0;
    String rule = null;
    double untested = Double.NaN;
    boolean parallel = false;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "name" -> name = lines.string();
        case "sha256" -> sha256 = lines.string();
        case "parameters" -> parameters = lines.wholeNumber();
        case "kind" -> kind = parseKind();
        case "depth" -> depth = lines.integer();
        case "rule" -> rule = lines.string();
        case "untested" -> untested = lines.number();
        case "drafting" -> parallel = parseParallel();
        default -> lines.skip();
      }
    }
    fields.require("name", "sha256", "parameters");
    return new DraftInfo(name, sha256, parameters, kind, depth, rule, untested, parallel);
  }

  private boolean parseParallel() throws IOException {
    if (lines.string().equals("parallel")) {
      return true;
    }
    throw lines.wrongValue(
        "not \"parallel\", which is a whole block in one pass; leave it out for a pass a token");
  }

  private DraftKind parseKind() throws IOException {
    String word = lines.string();
    for (DraftKind kind : DraftKind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw lines.wrongValue(
        "not \"prefix\", \"lookup\" or \"depth\", the only kinds of draft that this program replays");
  }

  private Sampling parseSampling() throws IOException {
    double temperature = 0;
    int topK = 0;
    double topP = 0;
    long seed = 0;
    Fields fields = lines.fields();
    for (String field; (field = fields.next()) != null; ) {
      switch (field) {
        case "temperature" -> temperature = lines.number();
        case "topK" -> topK = lines.integer();
        case "topP" -> topP = lines.number();
        case "seed" -> seed = lines.wholeNumber();
        default -> lines.skip();
      }
    }
    fields.require("temperature", "topK", "topP", "seed");
    return new Sampling(temperature, topK, topP, seed);
  }

  /** The line of a header, its newline included. */
  static byte[] bytes(TraceHeader header) throws IOException {
    return LineWriter.line(
        json -> {
          json.writeStringField("format", TraceHeader.FORMAT);
          json.writeNumberField("version", TraceHeader.VERSION);
          json.writeObjectFieldStart("tokenizer");
          json.writeStringField("sha256", header.tokenizer().sha256());
          json.writeNumberField("vocabularySize", header.tokenizer().vocabularySize());
          json.writeEndObject();
          json.writeFieldName("target");
          json.writeStartObject();
          writeModel(
              json, header.target().name(), header.target().sha256(), header.target().parameters());
          json.writeEndObject();
          json.writeArrayFieldStart("drafts");
          for (DraftInfo draft : header.drafts()) {
            json.writeStartObject();
            writeModel(json, draft.name(), draft.sha256(), draft.parameters());
            if (draft.kind() != DraftKind.PREFIX) { // what a trace without the field means
              json.writeStringField("kind", draft.kind().word());
            }
            if (draft.depth() > 0) {
              json.writeNumberField("depth", draft.depth());
            }
            if (draft.rule() != null) {
              json.writeStringField("rule", draft.rule());
            }
            if (!Double.isNaN(draft.untested())) {
              json.writeNumberField("untested", draft.untested());
            }
            if (draft.parallel()) {
              json.writeStringField("drafting", "parallel");
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeObjectFieldStart("sampling");
          json.writeNumberField("temperature", header.sampling().temperature());
          json.writeNumberField("topK", header.sampling().topK());
          json.writeNumberField("topP", header.sampling().topP());
          json.writeNumberField("seed", header.sampling().seed());
          json.writeEndObject();
          json.writeStringField("logits", header.logits().word());
          if (header.grade() != Grade.EXACT) { // what a trace without the field means
            json.writeStringField("grade", header.grade().word());
          }
          if (!header.source().isEmpty()) {
            json.writeStringField("source", header.source());
          }
        });
  }

  private static void writeModel(JsonGenerator json, String name, String sha256, long parameters)
      throws IOException {
    json.writeStringField("name", name);
    json.writeStringField("sha256", sha256);
    json.writeNumberField("parameters", parameters);
  }
}
