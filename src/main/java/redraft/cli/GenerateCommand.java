package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.decode.Limits;
import redraft.decode.LiveComparison;
import redraft.decode.PlainDecoding;
import redraft.decode.Speculation;
import redraft.decode.SpeculativeDecoding;
import redraft.decode.TreeDecoding;
import redraft.draft.Drafter;
import redraft.model.onnx.OnnxPair;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.policy.Policies;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.validation.live.ProcessorClock;

@Command(
    name = "generate",
    description = {
      "Continues a prompt, or each of a file, by speculative decoding, timed in turns with plain decoding.",
      "",
      "The text is the target's own: the draft changes the speed only. At temperature 0 it is plain decoding's text, "
          + "token for token; otherwise another draw from the same distribution."
    },
    footer = {
      "",
      "Examples:",
      "  redraft generate --prompt '<|drama|>STEWARD:%n' --temperature 1 --draft-length 4 --seed 7",
      "  redraft generate --prompt '<|code|>def main():%n' --draft-length 0",
      "  redraft generate --prompt '<|code|>def main():%n' --temperature 1 --policy sglang-adaptive:1,3,5,7",
      "  redraft generate --prompt '<|code|>def main():%n' --temperature 1 --policy p-min:0.4 --draft-length 8",
      "  redraft generate --models models/NAME --chat --prompt 'Why is the sky blue?'",
      "  redraft generate --prompt '<|drama|>STEWARD:%n' --temperature 1 --tree 3x2 --rule wor",
      "  redraft generate --prompts QUESTIONS.jsonl --prompt-field question --limit 5 --rounds 0"
    })
final class GenerateCommand implements Callable<Integer> {
  @Mixin private ModelOptions models;

  @ArgGroup(multiplicity = "1")
  private Texts texts;

  /** What is continued: one text, or those of a file. */
  private static final class Texts {
    @Option(
        names = "--prompt",
        paramLabel = "TEXT",
        required = true,
        description =
            "Text to continue; the shipped pair knows the tags <|maths|>, <|dialogue|>, <|drama|>, <|code|>.")
    private String prompt;

    @ArgGroup(exclusive = false)
    private PromptOptions file;

    List<Prompt> read() throws IOException {
      return file == null ? List.of(new Prompt("prompt", Prompt.DOMAIN, prompt)) : file.read();
    }
  }

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
          "How draft lengths are chosen, from --draft-length on: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); with their "
              + "parameters as in replay.")
  private String policy;

  @Option(
      names = "--tree",
      paramLabel = "NAME|FILE",
      completionCandidates = TreeOptions.Trees.class,
      description =
          "Draft a tree of candidates instead of a chain: ${COMPLETION-CANDIDATES}; WIDTHxDEPTH, such as 2x4; or a file "
              + "{\"name\":…,\"paths\":[[1],[1,1],[2],…]}. The likeliest tokens with rule greedy-draft (the default), drawn ones with iid, wor or "
              + "k-seq. The target scores one branch a pass, so that the speed is not that of an engine which scores a tree in one.")
  private String tree;

  @Mixin private TimingOptions timing;
  @Mixin private JsonOptions output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int draftLength = drafting.draftLength(4);
    int rounds = timing.rounds(tree == null ? 3 : 0, 0); // a tree takes a pass for each branch
    SamplingParameters parameters = sampling.only(0);
    DraftTree candidates = candidates();
    List<Prompt> prompts = texts.read();
    try (OnnxPair pair =
        models.load((first, name) -> draftLength > 0 && drafting.draft.needs(first, name))) {
      Limits limits = new Limits(sampling.maxNewTokens, pair.endTokens());
      try (PlainDecoding plain = new PlainDecoding(pair.target(), parameters, limits)) {
        if (draftLength == 0) {
          return print(
              pair,
              prompts,
              (tokens, streams, id) -> GeneratedText.untimed(plain.run(tokens, streams, id)));
        }
        try (Drafter drafter = candidates == null ? drafter(pair, parameters) : null;
            Speculation speculative =
                candidates == null
                    ? chain(pair, drafter, draftLength, parameters, limits)
                    : new TreeDecoding(
                        pair.target(),
                        drafting.draft.model(pair),
                        drafting.treeRule(),
                        candidates,
                        parameters,
                        limits)) {
          return print(
              pair,
              prompts,
              (tokens, streams, id) -> {
                if (rounds == 0) {
                  return GeneratedText.untimed(speculative.run(tokens, streams, id));
                }
                ProcessorClock started = ProcessorClock.now();
                LiveComparison run =
                    LiveComparison.run(plain, speculative, tokens, streams, id, rounds);
                return GeneratedText.timed(
                    run, ProcessorClock.now().since(started), models.targetThreads());
              });
        }
      }
    }
  }

  /** The tree of candidates; null for a chain. */
  private DraftTree candidates() throws IOException {
    if (tree == null) {
      return null;
    }
    if (drafting.namesDraftLength() || !policy.equals("fixed")) {
      throw new IllegalArgumentException(
          "--tree "
              + tree
              + " says itself how much is drafted; leave out --draft-length and --policy, or --tree");
    }
    drafting.treeRule(); // or refuse it
    return DraftTrees.load(tree);
  }

  private Drafter drafter(OnnxPair pair, SamplingParameters parameters) {
    return drafting.draft.drafter(pair, drafting.rule().draftSampling(parameters), ngrams.ngrams());
  }

  private Speculation chain(
      OnnxPair pair,
      Drafter drafter,
      int draftLength,
      SamplingParameters parameters,
      Limits limits) {
    return new SpeculativeDecoding(
        pair.target(),
        drafter,
        drafting.rule(),
        Policies.named(policy, draftLength),
        parameters,
        limits);
  }

  private interface Generator {
    GeneratedText generate(int[] prompt, RandomStreams streams, String id);
  }

  private int print(OnnxPair pair, List<Prompt> prompts, Generator generator) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    RandomStreams streams = new RandomStreams(sampling.seed);
    List<Map<String, Object>> all = new ArrayList<>();
    for (Prompt prompt : prompts) {
      int[] tokens = chat.tokenizer(pair).encode(chat.text(pair, prompt.prompt()));
      GeneratedText generated = generator.generate(tokens, streams, prompt.id());
      String text = pair.tokenizer().decode(generated.run().tokens());
      Map<String, Object> fields = generated.fields(text);
      if (texts.file != null) {
        fields.put("id", prompt.id());
      }
      all.add(fields);
      if (output.text()) {
        if (texts.file != null) {
          out.print((all.size() == 1 ? "" : "\n") + "[" + prompt.id() + "]\n");
        }
        out.print(generated.describe(text));
        out.flush();
      }
    }
    output.writeJson(texts.file == null ? all.get(0) : all);
    out.flush();
    return 0;
  }
}
