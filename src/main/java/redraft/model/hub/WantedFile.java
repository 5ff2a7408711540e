package redraft.model.hub;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redraft.model.hub.PairCatalogue.ModelSource;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.model.hub.PairCatalogue.TokenizerSource;

/**
 * A file of a model directory to be.
 *
 * @param local its name there
 * @param optional whether a repository without it will do
 */
record WantedFile(String local, String repository, String revision, String path, boolean optional) {
  /**
   * All files of a pair: the tokenizer's at the top, each model's in a folder of its name.
   * Configurations are called as Transformers calls them, whatever the repository does.
   */
  static List<WantedFile> of(Pair pair) {
    List<WantedFile> wanted = new ArrayList<>();
    TokenizerSource tokenizer = pair.tokenizer();
    String template = // of chats; newer repositories keep it apart from the configuration
        tokenizer.config().replaceFirst("[^/]*$", "chat_template.jinja");
    String tokenizerFile = fileName(tokenizer.file());
    wanted.add(of(tokenizer, tokenizer.file(), tokenizerFile, false));
    wanted.add(of(tokenizer, tokenizer.config(), "tokenizer_config.json", true));
    wanted.add(of(tokenizer, template, "chat_template.jinja", true));
    for (ModelSource model : pair.models()) {
      wanted.add(of(model, model.config(), "config.json", false));
      wanted.add(of(model, model.generationConfig(), "generation_config.json", true));
      String onnx = fileName(model.onnx());
      wanted.add(of(model, model.onnx(), onnx, false));
      wanted.add(of(model, model.onnx() + "_data", onnx + "_data", true)); // its large weights
    }
    Set<String> names = new HashSet<>();
    for (WantedFile file : wanted) {
      if (!names.add(file.local)) {
        throw new IllegalArgumentException(
            "pair '" + pair.name() + "': two files would be called " + file.local);
      }
    }
    return wanted;
  }

  private static WantedFile of(
      TokenizerSource tokenizer, String path, String name, boolean optional) {
    return new WantedFile(name, tokenizer.repository(), tokenizer.revision(), path, optional);
  }

  private static WantedFile of(ModelSource model, String path, String name, boolean optional) {
    return new WantedFile(
        model.name() + "/" + name, model.repository(), model.revision(), path, optional);
  }

  static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
