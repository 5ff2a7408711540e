package redraft.cli;

import picocli.CommandLine.Option;
import redraft.model.Tokenizer;
import redraft.model.pair.ModelPair;

/** Whether a prompt is a text to continue or a message to answer. */
final class ChatOptions {
  @Option(
      names = "--chat",
      description =
          "Write the prompt as one user message in the model's chat template (chat_template.jinja or"
              + " tokenizer_config.json beside the model, or the server's) and generate the answer.")
  boolean chat;

  /** The text that the models see of a prompt. */
  String text(ModelPair pair, String prompt) {
    return chat ? pair.chatPrompt(prompt) : prompt;
  }

  /** Special tokens are in the text that a template wrote; others get those of the tokenizer. */
  Tokenizer tokenizer(ModelPair pair) {
    return chat ? pair.chatTokenizer() : pair.tokenizer();
  }
}
