package redraft.cli;

import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;
import redraft.model.ModelException;
import redraft.model.Tokenizer;
import redraft.model.onnx.OnnxPair;

/** Whether a prompt is a text to continue or a message to answer. */
final class ChatOptions {
  @Option(
      names = "--chat",
      description =
          "Write the prompt as one user message in the model's chat template (chat_template.jinja or"
              + " tokenizer_config.json beside the model) and generate the answer.")
  boolean chat;

  /** What makes a prompt the text that the models see. */
  UnaryOperator<String> template(OnnxPair pair) {
    if (!chat) {
      return UnaryOperator.identity();
    }
    return pair.chatTemplate()
            .orElseThrow(
                () ->
                    new ModelException(
                        "pair '"
                            + pair.manifest().name()
                            + "' has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); leave out --chat"))
        ::apply;
  }

  /** Special tokens are in the text that a template wrote; others get those of the tokenizer. */
  Tokenizer tokenizer(OnnxPair pair) {
    return chat ? pair.chatTokenizer() : pair.tokenizer();
  }
}
