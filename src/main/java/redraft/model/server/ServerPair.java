package redraft.model.server;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.Tokenizer;
import redraft.model.pair.FileHashes;
import redraft.model.pair.ModelPair;
import redraft.model.pair.PairManifest;
import redraft.model.pair.PairManifest.ModelEntry;

/** Models that llama-server runs: the target's, and one for each draft. */
public final class ServerPair implements ModelPair {
  /**
   * Where a model is served.
   *
   * @param name null for what the server calls it
   */
  public record Served(String name, URI address) {}

  private final LlamaServer server; // the target's
  private final ServerModel target;
  private final List<LanguageModel> drafts;
  private final PairManifest manifest;

  /**
   * Asks the servers what they run.
   *
   * @param contact how they are spoken to
   * @throws ModelException if one cannot be reached, gives no probabilities, or has another
   *     vocabulary than the target's, or if two drafts have the same name
   */
  public ServerPair(Served target, List<Served> drafts, ServerContact contact) {
    server = new LlamaServer(target.address, contact);
    this.target = new ServerModel(server, target.name);
    List<ServerModel> models = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<ModelEntry> entries = new ArrayList<>();
    for (Served draft : drafts) {
      ServerModel model = new ServerModel(new LlamaServer(draft.address, contact), draft.name);
      model.requireVocabularyOf(this.target);
      if (!names.add(model.name())) {
        throw new ModelException(
            "two drafts are called '"
                + model.name()
                + "'; give one another name: --draft-server NAME="
                + draft.address);
      }
      models.add(model);
      entries.add(entry(model, draft.address));
    }
    this.drafts = Collections.unmodifiableList(models);
    manifest =
        new PairManifest(
            target.address.toString(),
            "",
            new PairManifest.TokenizerEntry("", "", this.target.vocabularySize()),
            List.copyOf(this.target.endTokens()),
            entry(this.target, target.address),
            entries,
            null,
            null);
  }

  private static ModelEntry entry(ServerModel model, URI address) {
    return new ModelEntry(
        model.name(),
        model.file(),
        hash(model.file(), address),
        model.parameters(),
        model.contextLength());
  }

  /** Of a file that a server of this machine names and that can be read; "" for others. */
  private static String hash(String name, URI address) {
    try {
      Path file = Path.of(name);
      return InetAddress.getByName(address.getHost()).isLoopbackAddress()
              && file.isAbsolute()
              && Files.isRegularFile(file)
              && Files.isReadable(file)
          ? FileHashes.of(file)
          : "";
    } catch (UnknownHostException | InvalidPathException e) {
      return "";
    }
  }

  @Override
  public PairManifest manifest() {
    return manifest;
  }

  @Override
  public Tokenizer tokenizer() {
    return new Tokenizer() {
      @Override
      public int[] encode(String text) {
        return server
            .post(
                "/tokenize",
                Map.of("content", text, "add_special", true, "parse_special", true),
                LlamaServer.Tokens.class)
            .tokens();
      }

      @Override
      public String decode(int[] tokens) {
        return target.text(tokens);
      }

      @Override
      public void close() {}
    };
  }

  /** The same: what the server's template writes lacks the tokens that its tokenizer adds. */
  @Override
  public Tokenizer chatTokenizer() {
    return tokenizer();
  }

  @Override
  public String chatPrompt(String message) {
    return server
        .post(
            "/apply-template",
            Map.of("messages", List.of(Map.of("role", "user", "content", message))),
            LlamaServer.Prompt.class)
        .prompt();
  }

  @Override
  public Set<Integer> endTokens() {
    return target.endTokens();
  }

  @Override
  public LanguageModel target() {
    return target;
  }

  @Override
  public List<LanguageModel> drafts() {
    return drafts;
  }

  @Override
  public void close() {}
}
