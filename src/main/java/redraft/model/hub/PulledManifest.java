package redraft.model.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import redraft.model.ModelException;
import redraft.model.hub.HuggingFaceHub.RemoteFile;
import redraft.model.hub.PairCatalogue.ModelSource;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.FileEntry;
import redraft.model.pair.PairManifest.ModelEntry;
import redraft.model.pair.PairManifest.Origin;
import redraft.model.pair.PairManifest.TokenizerEntry;
import redraft.model.pair.TokenizerVocabulary;
import redraft.model.pair.TransformersConfig;

/** The {@code pair.json} of files that were pulled: what catalogue, hub and files say together. */
final class PulledManifest {
  private PulledManifest() {}

  /**
   * @param folder where the files are
   * @param hashes SHA-256 of each, by its name there
   * @throws ModelException if the files do not say how long a text may be, or what ends one
   */
  static PairManifest of(
      Pair pair, Path folder, Map<WantedFile, RemoteFile> files, Map<String, String> hashes) {
    String tokenizer = WantedFile.fileName(pair.tokenizer().file());
    Set<String> named = new HashSet<>(Set.of(tokenizer));
    List<ModelEntry> models = new ArrayList<>();
    for (ModelSource model : pair.models()) {
      String onnx = model.name() + "/" + WantedFile.fileName(model.onnx());
      named.add(onnx);
      models.add(
          new ModelEntry(
              model.name(),
              onnx,
              hashes.get(onnx),
              model.parameters(),
              contextLength(folder.resolve(model.name()))));
    }
    List<FileEntry> others = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    files.forEach(
        (file, remote) -> {
          if (!named.contains(file.local())) {
            others.add(new FileEntry(file.local(), hashes.get(file.local())));
          }
          origins.add(
              new Origin(
                  file.local(),
                  remote.repository(),
                  file.revision(),
                  remote.commit(),
                  remote.path(),
                  remote.bytes()));
        });
    TokenizerVocabulary vocabulary = TokenizerVocabulary.read(folder.resolve(tokenizer));
    return new PairManifest(
        pair.name(),
        pair.licence(),
        new TokenizerEntry(tokenizer, hashes.get(tokenizer), vocabulary.size()),
        endTokens(folder.resolve(pair.target().name()), folder, vocabulary),
        models.get(0),
        models.subList(1, models.size()),
        others,
        origins);
  }

  private static int contextLength(Path model) {
    return new TransformersConfig(List.of(model))
        .contextLength()
        .orElseThrow(
            () ->
                new ModelException(
                    model.resolve("config.json")
                        + " names no context length: none of \"max_position_embeddings\", \"n_positions\" and"
                        + " \"n_ctx\" is a number of tokens"));
  }

  private static List<Integer> endTokens(
      Path target, Path tokenizer, TokenizerVocabulary vocabulary) {
    List<Integer> found = new TransformersConfig(List.of(target, tokenizer)).endTokens(vocabulary);
    if (found.isEmpty()) {
      throw new ModelException(
          target.resolve("config.json")
              + " names no token that ends a text (\"eos_token_id\"), nor does the tokenizer's configuration"
              + " (\"eos_token\"); without one nothing would end");
    }
    return found;
  }
}
