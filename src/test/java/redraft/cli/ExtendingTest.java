package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.draft.Proposal;
import redraft.json.CheckedObject;
import redraft.json.LineReader;
import redraft.latency.LatencyModel;
import redraft.latency.LatencyModels;
import redraft.policy.DraftLengthPolicy;
import redraft.policy.Policies;
import redraft.replay.AcceptanceLaw;
import redraft.replay.CertainLaw;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayDrafts;
import redraft.report.PageScript;
import redraft.report.Report;
import redraft.report.ReportFormat;
import redraft.report.ReportFormats;
import redraft.sampling.Distribution;
import redraft.steps.StepShape;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;
import redraft.trace.importing.TraceImporter;
import redraft.trace.importing.TraceImporters;
import redraft.verify.RecordedPath;
import redraft.verify.Verdict;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/**
 * One file and one registration: a toy of each kind that docs/extending.md names goes through
 * replay, CSV and page.
 */
@SuppressWarnings("try") // registrations are there to be closed
class ExtendingTest {
  private static final String TRACE = Path.of("traces", "tiny-t1.jsonl.gz").toString();
  @TempDir Path folder;

  private static String fine(String... arguments) {
    Cli run = Cli.run(arguments);
    assertEquals(0, run.exit(), run.err());
    return run.out();
  }

  private static JsonNode row(String options) throws IOException {
    return new JsonMapper().readTree(fine(("replay --json " + options).split(" "))).get(0);
  }

  /** Tokens per step in the page, at a draft and a rule and draft length 3. */
  private double onThePage(String draft, String rule) throws IOException {
    String options = "--format html --cost-ratio 0.1 --draft-length 3 --rule " + rule;
    options += " --draft " + draft + " --out " + folder;
    fine(("report " + TRACE + " " + options).split(" "));
    try (PageScript page = PageScript.of(folder.resolve("report.html"))) {
      return page.numbers(
              """
          (rule) => {
            const trace = report.traces[0];
            const costs = replay.costsOf(trace, report.deployments[0], trace.drafts[0], 0.1);
            return [replay.pool(trace, trace.drafts[0], rule, 3, costs, 'all').tokensPerStep];
          }
          """,
              rule)[0];
    }
  }

  /** Half of the first, third, … drafted tokens are kept, whatever they are. */
  private static final class Coin implements VerificationRule {
    @Override
    public String name() {
      return "coin";
    }

    @Override
    public String source() {
      return "a toy";
    }

    @Override
    public Verdict verify(Proposal proposal, List<Distribution> target, RandomGenerator random) {
      return new Verdict(0, target.get(0).sample(random));
    }

    @Override
    public void survival(RecordedPath path, int start, int draftLength, double[] survival) {
      survival[0] = 1;
      for (int k = 1; k <= draftLength; k++) {
        survival[k] = k % 2 == 0 ? survival[k - 1] : .5 * survival[k - 1];
      }
    }
  }

  // S = 1, 1/2, 1/2, 1/4: in the long run 1 + 1/2 + 1/2 + 1/4 tokens a step.
  @Test
  void aRuleIsReplayedWrittenAndShown() throws IOException {
    try (var registered = VerificationRules.REGISTRY.register(new Coin())) {
      assertTrue(fine("replay", "--help").contains("coin"));
      JsonNode row = row(TRACE + " --cost-ratio 0.1 --draft-length 3 --rule coin");
      assertEquals("coin", row.get("rule").asText());
      assertEquals(2.25, row.get("tokens_per_step").asDouble(), .03);
      assertTrue(
          fine(("replay --csv - --cost-ratio 0.1 --rule coin " + TRACE).split(" "))
              .contains(",tiny-draft,coin,fixed,"));
      assertEquals(row.get("tokens_per_step").asDouble(), onThePage("tiny-draft", "coin"), 1e-9);
      assertTrue(
          fine(("compare --cost-ratio 0.1 --rule coin " + TRACE).split(" ")).contains("rule coin"));
    }
    assertEquals(2, Cli.run(("replay --cost-ratio 0.1 --rule coin " + TRACE).split(" ")).exit());
  }

  /** Proposes the last token again and again. */
  private record Stutter() implements ReplayDraft {
    @Override
    public String name() {
      return "stutter";
    }

    @Override
    public StepShape step(int drafted) {
      return StepShape.copy(drafted);
    }

    @Override
    public AcceptanceLaw law(TraceSequence sequence, VerificationRule rule) {
      int[] tokens = sequence.tokens();
      int[] matched = new int[tokens.length];
      for (int t = tokens.length - 1; t > 0; t--) {
        boolean last = t + 1 == tokens.length || tokens[t + 1] != tokens[t];
        matched[t] = tokens[t] != tokens[t - 1] ? 0 : last ? 1 : matched[t + 1] + 1;
      }
      return new CertainLaw(matched, null);
    }
  }

  @Test
  void aDraftIsReplayedWrittenAndShown() throws IOException {
    try (var registered =
        ReplayDrafts.WITHOUT_RECORDING.register(Map.entry("stutter", ngrams -> new Stutter()))) {
      assertTrue(fine("best", "--help").contains("stutter"));
      JsonNode row = row(TRACE + " --cost-ratio 0.1 --draft-length 3 --draft stutter");
      assertEquals("stutter", row.get("draft").asText());
      assertTrue(row.get("tokens_per_step").asDouble() > 1);
      // No draft pass: as many target passes as steps.
      assertEquals(row.get("tokens_per_step").asDouble(), row.get("speedup").asDouble(), 1e-9);
      assertEquals(row.get("tokens_per_step").asDouble(), onThePage("stutter", "token"), 1e-9);
    }
  }

  /** One token, two tokens, one token, ... */
  private record Alternating(int initialLength) implements DraftLengthPolicy {
    @Override
    public String name() {
      return "alternating";
    }

    @Override
    public int nextLength(int length, int drafted, int accepted) {
      return 3 - length;
    }
  }

  @Test
  void aPolicyIsReplayedAndWritten() throws IOException {
    try (var registered = Policies.REGISTRY.register(Map.entry("alternating", Alternating::new))) {
      assertTrue(fine("replay", "--help").contains("alternating"));
      JsonNode row = row(TRACE + " --cost-ratio 0.1 --draft-length 1 --policy alternating");
      assertEquals("alternating", row.get("policy").asText());
      double drafted = row.get("drafted").asDouble() / row.get("steps").asDouble();
      assertEquals(1.5, drafted, .05);
    }
  }

  /** A target pass of a stated time and a draft that takes none. */
  private record Flat(String name, double ms) implements LatencyModel {
    static LatencyModel read(CheckedObject fields) {
      return new Flat(fields.text("name"), fields.number("ms", 0, 1000));
    }

    @Override
    public Unit unit() {
      return Unit.MILLISECONDS;
    }

    @Override
    public double targetPass(int batch, int rows, int contextTokens) {
      return ms;
    }

    @Override
    public double draftPass(int batch, int rows, int contextTokens) {
      return 0;
    }

    @Override
    public double stepOverhead(int batch) {
      return 0;
    }
  }

  @Test
  void aLatencyModelCostsWhatItSays() throws IOException {
    Path file = folder.resolve("flat.json");
    Files.writeString(
        file,
        "{\"name\":\"flat-7\",\"model\":\"flat\",\"ms\":7,\"source\":\"s\",\"date\":\"d\",\"confidence\":\"c\"}");
    try (var registered = LatencyModels.FILES.register(Map.entry("flat", Flat::read))) {
      JsonNode row = row(TRACE + " --draft-length 3 --batch 4 --latency " + file);
      assertEquals("flat-7", row.get("hardware").asText());
      assertEquals(7, row.get("baseline_ms_per_token").asDouble(), 1e-9);
      String options = "--format html --draft-length 1..3 --latency " + file + " --out " + folder;
      fine(("report " + TRACE + " " + options).split(" "));
      try (PageScript page = PageScript.of(folder.resolve("report.html"))) {
        assertEquals("flat-7", page.call("() => report.deployments[0].name").asString());
      }
    }
  }

  /** Lines of {@code {"lengths":[…]}}: accept lengths and nothing else. */
  private static final class Lengths implements TraceImporter {
    @Override
    public String name() {
      return "lengths";
    }

    @Override
    public String description() {
      return "accept lengths alone";
    }

    @Override
    public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
      TraceHeader header =
          new TraceHeader(
              new TraceHeader.TokenizerInfo("", 2),
              new TraceHeader.ModelInfo(settings.models().target(), "", 0),
              List.of(new TraceHeader.DraftInfo("imported", "", 0)),
              new TraceHeader.Sampling(0, 0, 1, 0),
              LogitDetail.NONE);
      try (LineReader lines = new LineReader(inputs.files().get(0));
          TraceWriter writer = new TraceWriter(trace, header)) {
        for (int line = 0; lines.advance(); line++) {
          int[] lengths =
              lines.parse(
                  () -> {
                    var fields = lines.fields();
                    fields.next();
                    int[] read = lines.integers();
                    fields.next();
                    return read;
                  });
          writer.write(
              new TraceSequence(
                  new TraceSequence.Label("line-" + line, 0, settings.domain()),
                  new TraceSequence.Prefix("", new int[1]),
                  new TraceSequence.CommittedPath(
                      new int[lengths.length], TraceSequence.Finish.LENGTH),
                  TraceSequence.Target.UNKNOWN,
                  List.of(TraceSequence.Draft.ofAcceptLengths(lengths))));
        }
        writer.finish();
      }
      return List.of();
    }
  }

  // Lengths 2 1 2 1: steps at 0, 2 for 4 tokens.
  @Test
  void anImportedFormatIsReplayed() throws IOException {
    Path file = folder.resolve("lengths.jsonl");
    Files.writeString(file, "{\"lengths\":[2,1,2,1]}\n");
    Path trace = folder.resolve("trace.jsonl");
    try (var registered = TraceImporters.REGISTRY.register(new Lengths())) {
      fine("import", "--from", "lengths", file.toString(), "--out", trace.toString());
    }
    JsonNode row = row(trace + " --cost-ratio 0.1 --draft-length 1");
    assertEquals(2, row.get("tokens_per_step").asDouble(), 1e-12);
  }

  /** How many rows there are. */
  private static final class RowCount implements ReportFormat {
    @Override
    public String name() {
      return "rows";
    }

    @Override
    public void write(Report report, Path folder) throws IOException {
      Files.writeString(
          folder.resolve("rows.txt"), Integer.toString(report.traces().get(0).rows().size()));
    }
  }

  @Test
  void aReportFormatIsWritten() throws IOException {
    try (var registered = ReportFormats.REGISTRY.register(new RowCount())) {
      assertTrue(fine("report", "--help").contains("rows"));
      String options = "--format rows --draft-length 1..3 --rule token --out " + folder;
      fine(("report " + TRACE + " " + options).split(" "));
    }
    // All and four domains at three draft lengths.
    assertEquals("15", Files.readString(folder.resolve("rows.txt")));
  }
}
