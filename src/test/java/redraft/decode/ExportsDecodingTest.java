package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.Drafter;
import redraft.model.LanguageModel;
import redraft.model.onnx.Exports;
import redraft.model.onnx.OnnxPair;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.verify.TokenRule;

/** Greedy speculation says what greedy plain decoding says, for every way of exporting a target. */
class ExportsDecodingTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "gpt-neox",
        "llama",
        "qwen2",
        "bloom",
        "deepseek",
        "no-cache",
        "merged",
        "external",
        "int32",
        "fused",
        "gqa",
        "gqa-fixed",
        "gqa-int4",
        "fp16"
      })
  void speculationIsPlainDecodingTokenForToken(String name) {
    SamplingParameters greedy = SamplingParameters.GREEDY;
    Limits limits = new Limits(64, Set.of());
    try (OnnxPair pair = Exports.pair(name);
        PlainDecoding plain = new PlainDecoding(pair.target(), greedy, limits)) {
      int[] prompt = pair.tokenizer().encode("the ferry carries");
      int[] expected = plain.run(prompt, new RandomStreams(1), name).tokens();
      assertTrue(prompt.length + expected.length == 64, "not to the end of the context");
      int accepted = 0;
      int rejected = 0;
      // The target drafting for itself at a temperature is accepted at times, the draft hardly
      // ever.
      for (LanguageModel draft : new LanguageModel[] {pair.target(), pair.drafts().get(0)}) {
        try (Drafter drafter = new ModelDrafter(draft, SamplingParameters.temperature(0.7));
            SpeculativeDecoding speculative =
                new SpeculativeDecoding(
                    pair.target(), drafter, new TokenRule(), new FixedLength(3), greedy, limits)) {
          Continuation run = speculative.run(prompt, new RandomStreams(1), name);
          assertArrayEquals(expected, run.tokens(), name + " drafted by " + draft.name());
          accepted += run.accepted();
          rejected += run.drafted() - run.accepted();
        }
      }
      assertTrue(accepted > 0 && rejected > 0, accepted + " accepted, " + rejected + " rejected");
    }
  }
}
