package redraft.model.server;

import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.model.RowGrouping;

/**
 * The model of a llama-server. Its logits are ln of the probabilities at temperature 1, which
 * differ from the raw ones by a constant of each row. The server is asked to generate one token
 * after each text, always the same, with the probabilities that the whole vocabulary had; the texts
 * that follow one another share their beginnings in its cache.
 */
final class ServerModel implements LanguageModel {
  private static final int SLOT = 0; // one text at a time: that of the recording
  private static final String LETTER = "a";

  private final LlamaServer server;
  private final String name;
  private final LlamaServer.Meta meta;
  private final LlamaServer.Properties properties;

  /**
   * What the server is made to generate: a whole letter. It keeps the probabilities back where it
   * generates a part of a character.
   */
  private final int letter;

  private final Set<Integer> endTokens;
  private final int[][] pieces; // [vocabulary]: bytes of each token's text; none of a special one's

  /**
   * Asks what the server runs.
   *
   * @param name null for what the server calls it
   * @throws ModelException if it runs no model, or gives no probabilities
   */
  ServerModel(LlamaServer server, String name) {
    this.server = server;
    List<LlamaServer.Model> models = server.get("/v1/models", LlamaServer.Models.class).data();
    if (models.size() != 1 || models.get(0).meta() == null) {
      throw server.failure(
          "serves "
              + models.size()
              + " models, or one that is not loaded; start one for each model (-m FILE)",
          null);
    }
    this.name = name == null ? fileName(models.get(0).id()) : name;
    meta = models.get(0).meta();
    properties = server.get("/props", LlamaServer.Properties.class);
    letter = tokenOf(LETTER);
    LlamaServer.Completion probe = complete(new int[] {0}, 1, false);
    endTokens =
        probe.settings().bias().stream()
            .map(LlamaServer.Bias::token)
            .filter(token -> token != letter)
            .collect(Collectors.toSet());
    pieces = new int[meta.vocabularySize()][];
    entries(probe).forEach(entry -> pieces[entry.id()] = entry.bytes());
  }

  /** The last token of a text. */
  private int tokenOf(String text) {
    int[] tokens =
        server
            .post(
                "/tokenize",
                Map.of("content", text, "add_special", false),
                LlamaServer.Tokens.class)
            .tokens();
    if (tokens.length == 0) {
      throw server.failure("makes no token of '" + text + "'; serve a model of texts", null);
    }
    return tokens[tokens.length - 1];
  }

  /** The model's file without its folders, whichever system they are of. */
  private static String fileName(String id) {
    return id.replaceFirst(".*[/\\\\]", "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int vocabularySize() {
    return meta.vocabularySize();
  }

  @Override
  public int contextLength() {
    return properties.defaults().contextLength();
  }

  long parameters() {
    return meta.parameters();
  }

  /** Where the server has the model. */
  String file() {
    return properties.modelPath();
  }

  Set<Integer> endTokens() {
    return endTokens;
  }

  /**
   * Checks that another model means the same by every token.
   *
   * @throws ModelException naming the first token that differs
   */
  void requireVocabularyOf(ServerModel target) {
    if (vocabularySize() != target.vocabularySize()) {
      throw new ModelException(
          "draft '"
              + name
              + "' has a vocabulary of "
              + vocabularySize()
              + " tokens, target '"
              + target.name
              + "' of "
              + target.vocabularySize()
              + "; serve a draft that shares the target's tokenizer");
    }
    int differing = Arrays.mismatch(pieces, target.pieces, Arrays::compare);
    if (differing >= 0) {
      throw new ModelException(
          "token "
              + differing
              + " is '"
              + text(differing)
              + "' to draft '"
              + name
              + "' and '"
              + target.text(differing)
              + "' to target '"
              + target.name
              + "'; serve a draft that shares the target's tokenizer");
    }
  }

  /** The text of tokens, without special ones. */
  String text(int... tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int token : tokens) {
      Arrays.stream(pieces[token]).forEach(bytes::write);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  // ---- rows

  /**
   * @param length tokens of the text
   * @param cached whether the server may start from what it has in its cache
   */
  private LlamaServer.Completion complete(int[] text, int length, boolean cached) {
    Map<String, Object> request = new HashMap<>();
    request.put("prompt", length == text.length ? text : Arrays.copyOf(text, length));
    request.put("n_predict", 1);
    request.put("n_probs", vocabularySize());
    request.put("cache_prompt", cached);
    request.put("id_slot", SLOT);
    request.put("ignore_eos", true); // the answer names the end tokens
    request.put("logit_bias", List.of(List.of(letter, 1e6))); // leaves the probabilities alone
    request.put("samplers", List.of("top_k"));
    request.put("top_k", 1);
    return server.post("/completion", request, LlamaServer.Completion.class);
  }

  /** Every token once. */
  private List<LlamaServer.Entry> entries(LlamaServer.Completion completion) {
    if (completion.positions().isEmpty()) {
      throw server.failure(
          "gives no probabilities with the token that it generates; start it without stop words of its own (-r)",
          null);
    }
    LlamaServer.Position position = completion.positions().get(0);
    List<LlamaServer.Entry> entries = position.top();
    if (entries.isEmpty() && position.logprob() == 0) {
      throw server.failure(
          "says that every token has probability 1, as it does while it speculates; start it without a draft of its own",
          null);
    }
    long known =
        entries.stream()
            .mapToInt(LlamaServer.Entry::id)
            .filter(id -> id >= 0 && id < vocabularySize())
            .distinct()
            .count();
    if (known != vocabularySize() || entries.size() != known) {
      throw server.failure(
          "gives the probabilities of "
              + known
              + " of its "
              + vocabularySize()
              + " tokens; p and q need all of them: start it without --backend-sampling, and ask it, not a program that caps"
              + " n_probs",
          null);
    }
    return entries;
  }

  /**
   * @param row of {@code logits} that becomes what follows the text
   */
  private void score(int[] text, int length, boolean cached, float[] logits, int row) {
    for (LlamaServer.Entry entry : entries(complete(text, length, cached))) {
      logits[row * vocabularySize() + entry.id()] =
          entry.logprob() == -Float.MAX_VALUE // a probability that is 0 in single precision
              ? Float.NEGATIVE_INFINITY
              : entry.logprob();
    }
  }

  /** Random tokens read in one pass and one by one: what follows the last of them. */
  @Override
  public RowGrouping grouping(int tokens) {
    int count = Math.min(tokens, contextLength() - 1);
    int[] text = new SplittableRandom(1).ints(count, 0, vocabularySize()).toArray();
    float[] whole = new float[vocabularySize()];
    float[] grouped = new float[vocabularySize()];
    score(text, count, false, whole, 0);
    for (int length = 1; length <= count; length++) {
      score(text, length, length > 1, grouped, 0);
    }
    return RowGrouping.ofLastRow(count, whole, grouped);
  }

  @Override
  public ModelSession open() {
    return new Session();
  }

  @Override
  public void close() {}

  /**
   * Knows its text; the server knows how much of it is in the cache. A text is read from its start
   * whatever the cache holds: what an earlier text left there was read in other passes, and would
   * make a recording depend on what came before it.
   */
  private final class Session implements ModelSession {
    private int[] text = new int[64];
    private int length;
    private boolean begun;

    @Override
    public int length() {
      return length;
    }

    @Override
    public Logits forward(int[] tokens, int from, int to) {
      int first = length;
      prefill(tokens, from, to);
      float[] logits = new float[(to - from) * vocabularySize()];
      for (int row = 0; row < to - from; row++) {
        score(text, first + row + 1, begun, logits, row);
        begun = true;
      }
      return new Logits(name, FloatBuffer.wrap(logits), to - from, vocabularySize(), first);
    }

    @Override
    public void rollback(int length) {
      this.length = length;
      begun &= length > 0;
    }

    /** Asks nothing: the next row comes with the text before it. */
    @Override
    public void prefill(int[] tokens, int from, int to) {
      if (length + to - from > text.length) {
        text = Arrays.copyOf(text, 2 * (length + to - from));
      }
      System.arraycopy(tokens, from, text, length, to - from);
      length += to - from;
    }

    @Override
    public void close() {}
  }
}
