package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.draft.Drafter;
import redraft.model.onnx.OnnxPair;
import redraft.policy.Policies;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.VerificationRule;

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

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      required = true,
      description =
          "Text to continue; the shipped pair knows the tags <|maths|>, <|dialogue|>, <|drama|>, <|code|>.")
  private String prompt;

  @Mixin private ChatOptions chat;
  @Mixin private SamplingOptions sampling;
  @Mixin private DraftingOptions drafting;
  @Mixin private LookupOptions ngrams;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      defaultValue = "fixed",
      completionCandidates = Names.LivePolicies.class,
      description =
          "How draft lengths are chosen, from --draft-length on: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String policy;

  @Mixin private TimingOptions timing;
  @Mixin private JsonOptions output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int draftLength = drafting.draftLength(4);
    int rounds = timing.rounds(3, 1);
    SamplingParameters parameters = sampling.only(0);
    VerificationRule rule = drafting.rule();
    RandomStreams streams = new RandomStreams(sampling.seed);
    try (OnnxPair pair = models.load()) {
      Limits limits = new Limits(sampling.maxNewTokens, pair.endTokens());
      int[] tokens = chat.tokenizer(pair).encode(chat.template(pair).apply(prompt));
      try (PlainDecoding plain = new PlainDecoding(pair.target(), parameters, limits)) {
        if (draftLength == 0) {
          Continuation run = plain.run(tokens, streams, "prompt");
          return print(GeneratedText.plain(pair.tokenizer().decode(run.tokens()), run), rounds);
        }
        try (Drafter drafter =
                drafting.draft.drafter(pair, rule.draftSampling(parameters), ngrams.ngrams());
            SpeculativeDecoding speculative =
                new SpeculativeDecoding(
                    pair.target(),
                    drafter,
                    rule,
                    Policies.named(policy, draftLength),
                    parameters,
                    limits)) {
          LiveComparison run =
              LiveComparison.run(plain, speculative, tokens, streams, "prompt", rounds);
          String text = pair.tokenizer().decode(run.speculative().tokens());
          return print(GeneratedText.speculative(text, run), rounds);
        }
      }
    }
  }

  private int print(GeneratedText generated, int rounds) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    output.writeJson(generated.fields());
    out.print(output.text() ? generated.describe(rounds) : "");
    out.flush();
    return 0;
  }
}
