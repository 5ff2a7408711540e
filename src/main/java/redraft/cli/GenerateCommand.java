package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.draft.Drafter;
import redraft.draft.PromptLookup;
import redraft.metrics.Metrics;
import redraft.model.onnx.OnnxPair;
import redraft.policy.Policies;
import redraft.report.TextTable;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

@Command(
    name = "generate",
    description = {
      "Continues a prompt by speculative decoding, timed in turns with plain decoding.",
      "",
      "The text is the target's own: the draft changes the speed only. At temperature 0 it is plain decoding's text, "
          + "token for token; otherwise another draw from the same distribution."
    },
    footer = {
      "",
      "Examples:",
      "  redraft generate --prompt '<|drama|>STEWARD:%n' --temperature 1 --draft-length 4 --seed 7",
      "  redraft generate --prompt '<|code|>def main():%n' --draft-length 0",
      "  redraft generate --models models/NAME --chat --prompt 'Why is the sky blue?'"
    })
final class GenerateCommand implements Callable<Integer> {
  @Mixin private ModelOptions models;
  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      required = true,
      description =
          "Text to continue; the shipped pair knows the tags <|maths|>, <|dialogue|>, <|drama|>, <|code|>.")
  private String prompt;

  @Mixin private ChatOptions chat;

  @Option(
      names = "--draft-length",
      paramLabel = "K",
      defaultValue = "4",
      description = "Tokens drafted a step; 0 is plain decoding (default: ${DEFAULT-VALUE}).")
  private int draftLength;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      description = "Draft of the pair, or " + PromptLookup.NAME + " (default: the pair's first).")
  private String draft;

  @Mixin private LookupOptions ngrams;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      defaultValue = "fixed",
      description =
          "How draft lengths are chosen, from --draft-length on: fixed or heuristic (default: ${DEFAULT-VALUE}).")
  private String policy;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      defaultValue = "token",
      description = "Verification rule (default: ${DEFAULT-VALUE}).")
  private String rule;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Timed runs of each, in turns, after one to warm up; medians count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (draftLength < 0) {
      throw new IllegalArgumentException(
          "draft length " + draftLength + " must be at least 1, or 0 for plain decoding");
    }
    SamplingParameters parameters = sampling.parameters();
    VerificationRule named = VerificationRules.named(rule);
    RandomStreams streams = new RandomStreams(sampling.seed);
    try (OnnxPair pair = models.load()) {
      Limits limits = new Limits(sampling.maxNewTokens, pair.endTokens());
      int[] tokens = chat.tokenizer(pair).encode(chat.template(pair).apply(prompt));
      try (PlainDecoding plain = new PlainDecoding(pair.target(), parameters, limits)) {
        if (draftLength == 0) {
          Continuation run = plain.run(tokens, streams, "prompt");
          print(pair.tokenizer().decode(run.tokens()), run, run.decodeNanos() / 1e9, null, null);
          return 0;
        }
        try (Drafter drafter = drafter(pair, named.draftSampling(parameters));
            SpeculativeDecoding speculative =
                new SpeculativeDecoding(
                    pair.target(),
                    drafter,
                    named,
                    Policies.named(policy, draftLength),
                    parameters,
                    limits)) {
          LiveComparison comparison =
              LiveComparison.run(plain, speculative, tokens, streams, "prompt", rounds);
          print(
              pair.tokenizer().decode(comparison.speculative().tokens()),
              comparison.speculative(),
              comparison.speculativeNanos() / 1e9,
              comparison.plainNanos() / 1e9,
              comparison.speedup());
        }
      }
    }
    return 0;
  }

  private Drafter drafter(OnnxPair pair, SamplingParameters parameters) {
    if (PromptLookup.NAME.equals(draft)) {
      return new PromptLookup(
          pair.target().vocabularySize(), ngrams.ngrams().longest(), ngrams.ngrams().shortest());
    }
    return new ModelDrafter(draft == null ? pair.drafts().get(0) : pair.draft(draft), parameters);
  }

  private void print(
      String text, Continuation run, double seconds, Double baselineSeconds, Double speedup)
      throws IOException {
    int drafted = run.drafted();
    int accepted = run.accepted();
    boolean speculative = speedup != null;
    int steps = speculative ? run.steps().size() : run.tokens().length;
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      JsonMapper mapper = new JsonMapper();
      ObjectNode object = mapper.createObjectNode();
      object.put("text", text);
      object.put("tokens", run.tokens().length);
      object.put("steps", steps);
      object.put("drafted", drafted);
      object.put("accepted", accepted);
      object.put("seconds", seconds);
      object.put("baselineSeconds", baselineSeconds);
      object.put("speedup", speedup);
      out.println(mapper.writeValueAsString(object));
      out.flush();
      return;
    }
    out.println(text);
    out.println();
    out.printf(
        Locale.ROOT,
        "%d tokens (%s) in %d steps, %.3f s%n",
        run.tokens().length,
        run.ended() ? "end token" : "length limit",
        steps,
        seconds);
    if (speculative) {
      out.printf(
          Locale.ROOT,
          "drafted %d, accepted %d (accepted/drafted %s), tokens per step %.3f%n",
          drafted,
          accepted,
          TextTable.number(Metrics.draftAcceptanceRate(drafted, accepted), 3),
          Metrics.tokensPerStep(steps, accepted));
      out.printf(
          Locale.ROOT,
          "speedup %.2f over plain decoding (%.3f s for its text; time per token, median of %d runs in turns)%n",
          speedup,
          baselineSeconds,
          rounds);
    }
    out.flush();
  }
}
