package redraft.model.server;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URI;
import java.util.List;

/**
 * One llama-server of llama.cpp, as its HTTP interface has it (tools/server/README.md there). Every
 * request can be repeated: none changes what the next one answers.
 */
final class LlamaServer extends JsonServer {
  LlamaServer(URI address, ServerContact contact) {
    super(Program.LLAMA_CPP, address, contact);
  }

  // ---- answers, as far as they are read

  record Models(List<Model> data) {}

  /**
   * @param meta null in a router of several models
   */
  record Model(String id, Meta meta) {}

  record Meta(
      @JsonProperty("n_vocab") int vocabularySize, @JsonProperty("n_params") long parameters) {}

  record Properties(
      @JsonProperty("default_generation_settings") Defaults defaults,
      @JsonProperty("model_path") String modelPath) {}

  record Defaults(@JsonProperty("n_ctx") int contextLength) {}

  record Completion(
      @JsonProperty("completion_probabilities") List<Position> positions,
      @JsonProperty("generation_settings") Settings settings) {}

  /**
   * @param bias what {@code ignore_eos} rules out: every token that ends a text
   */
  record Settings(@JsonProperty("logit_bias") List<Bias> bias) {}

  record Bias(int token) {}

  /**
   * One generated token.
   *
   * @param top most probable tokens, in descending order
   */
  record Position(float logprob, @JsonProperty("top_logprobs") List<Entry> top) {}

  /**
   * @param logprob ln of its probability at temperature 1
   * @param bytes of its text; none for special tokens
   */
  record Entry(int id, float logprob, int[] bytes) {}

  record Tokens(int[] tokens) {}

  record Prompt(String prompt) {}
}
