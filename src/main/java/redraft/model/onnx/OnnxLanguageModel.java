package redraft.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.model.pair.OnnxFile;

/**
 * A decoder exported to ONNX, with or without a KV cache; {@link OnnxSignature} finds what it takes
 * and gives, and a few short passes what that does not say.
 */
public final class OnnxLanguageModel implements LanguageModel {
  private static final int PROBE_PAST = 4;
  private static final int PROBE_ROWS = 9;

  private final String name;
  private final int contextLength;
  private final OnnxOptions options;
  private final OnnxFile content;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final OnnxSignature signature;
  private int columns; // of the logits of a head; 0 until it is known
  private int heads = 1;
  private int vocabularySize; // columns, or fewer where the model pads its vocabulary
  private boolean lastRowOnly;
  private boolean masksStart = true; // rows that follow no cache are masked from one another
  private boolean rowsSeeEachOther; // rows that follow a cache are not

  /** Loads a model whose vocabulary is all that it gives logits for. */
  public OnnxLanguageModel(Path file, String name, int contextLength, OnnxOptions options) {
    this(file, name, contextLength, Integer.MAX_VALUE, options);
  }

  /**
   * Loads a model.
   *
   * @param vocabularyLimit logits from this token on are padding and are left out
   * @throws ModelException if the file is missing or is no ONNX model, or if the model cannot be
   *     run; the message says what was found, what is needed and how to export it
   */
  public OnnxLanguageModel(
      Path file, String name, int contextLength, int vocabularyLimit, OnnxOptions options) {
    this.name = name;
    this.options = options;
    if (!Files.isRegularFile(file)) {
      throw new ModelException("model file " + file + " does not exist");
    }
    content = OnnxFile.read(file);
    content.requireData(file);
    try (OrtSession.SessionOptions sessionOptions = new OrtSession.SessionOptions()) {
      sessionOptions.setIntraOpNumThreads(options.threads());
      sessionOptions.setInterOpNumThreads(1);
      sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      session = environment.createSession(file.toString(), sessionOptions);
    } catch (OrtException e) {
      throw new ModelException("model file " + file + " cannot be loaded: " + reason(e), e);
    }
    try {
      signature = OnnxSignature.of(file, session.getInputInfo(), session.getOutputInfo());
      int fixed = signature.fixedPositions();
      this.contextLength = fixed == 0 ? contextLength : Math.min(fixed, contextLength);
      findLogits(file);
      vocabularySize = Math.min(columns, vocabularyLimit);
      findMasking(file);
    } catch (OrtException | RuntimeException e) {
      close();
      throw e instanceof ModelException known
          ? known
          : new ModelException(
              "model file "
                  + file
                  + " cannot be read: "
                  + (e instanceof OrtException failed
                      ? reason(failed)
                      : ModelException.firstLine(e)),
              e);
    }
  }

  /** What a failure of ONNX Runtime means, and what to do; its own words are for developers. */
  static String reason(OrtException e) {
    String runtime = "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
    String meaning =
        switch (e.getCode()) {
          case ORT_INVALID_PROTOBUF ->
              "it is no ONNX file, or was cut short; fetch or export it again";
          case ORT_INVALID_GRAPH -> "its graph is not valid ONNX; " + OnnxSignature.EXPORT;
          case ORT_NOT_IMPLEMENTED ->
              runtime + " lacks an operator that it uses; " + OnnxSignature.EXPORT;
          default -> runtime + " cannot run its graph; " + OnnxSignature.EXPORT;
        };
    return meaning + " (REDRAFT_DEBUG=1 shows more)";
  }

  /** How many logits a row has, and whether every row has them. */
  private void findLogits(Path file) {
    long[] shape = signature.logits().shape();
    boolean stated =
        shape[shape.length - 1] > 0 && (shape.length == 2 || shape.length == 3 && shape[1] == 1);
    if (!stated) {
      try (OnnxModelSession probe = new OnnxModelSession(this, environment, session, false)) {
        shape = probe.logitsShape();
      }
    }
    columns = Math.toIntExact(shape[shape.length - 1]);
    heads = shape.length == 4 ? Math.toIntExact(shape[2]) : 1;
    lastRowOnly = shape.length == 2 || shape[1] == 1;
    if (columns < 1
        || heads < 1
        || shape.length > 2 && shape[1] != 1 && shape[1] != 2
        || shape.length == 4 && shape[0] != 1) {
      throw OnnxSignature.refused(
          file,
          "gives logits of "
              + OnnxSignature.describe(signature.logits().type(), shape)
              + " for two tokens; needed is [1, 2, vocabulary], or [1, 2, heads, vocabulary]");
    }
    if (heads >= ModelSession.MAX_ROWS) {
      throw OnnxSignature.refused(
          file, "has " + heads + " heads; at most " + (ModelSession.MAX_ROWS - 1) + " are drafted");
    }
  }

  /** Whether a row sees those after it, at the start of a text and after a cache. */
  private void findMasking(Path file) {
    if (contextLength < PROBE_PAST + PROBE_ROWS || lastRowOnly || vocabularySize < 2) {
      return;
    }
    boolean masked = !rowsSeeLaterOnes(0);
    if (!masked && signature.cache().isEmpty()) {
      throw OnnxSignature.otherKind(
          file,
          "is no causal language model: the logits of a token change with the tokens after it");
    }
    rowsSeeEachOther = !signature.cache().isEmpty() && rowsSeeLaterOnes(PROBE_PAST);
    masksStart = masked; // from here on sessions give each row a pass where they must
  }

  /**
   * Without a mask a row depends on those after it as on those before it; with one not at all, or
   * where activations are quantised in each pass a little, as one scale serves all rows.
   */
  private boolean rowsSeeLaterOnes(int past) {
    int row = PROBE_ROWS / 2;
    try (ModelSession probe = new OnnxModelSession(this, environment, session, false)) {
      float[] logits = probe(probe, past, row, row);
      double earlier = distance(logits, probe(probe, past, 0, row));
      double later = distance(logits, probe(probe, past, row + 1, PROBE_ROWS));
      return later > earlier / 3;
    }
  }

  /** The logits of the middle row of a pass in which the tokens of some rows are others. */
  private float[] probe(ModelSession probe, int past, int from, int to) {
    int[] tokens = new int[past + PROBE_ROWS];
    for (int i = 0; i < tokens.length; i++) {
      boolean other = i >= past + from && i < past + to;
      tokens[i] = (i + (other ? 1 + vocabularySize / 2 : 1)) % vocabularySize;
    }
    probe.rollback(Math.min(past, probe.length()));
    for (int i = probe.length(); i < past; i++) {
      probe.forward(tokens, i, i + 1);
    }
    FloatBuffer row = probe.forward(tokens, past, tokens.length).row(PROBE_ROWS / 2);
    float[] logits = new float[vocabularySize];
    row.get(0, logits);
    return logits;
  }

  /** Euclidean. */
  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow(a[i] - b[i], 2);
    }
    return Math.sqrt(sum);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public int contextLength() {
    return contextLength;
  }

  /** Logits of a head in a row of the model's output: the vocabulary and its padding. */
  public int columns() {
    return columns;
  }

  /** Logits in a row of the model's output, of all heads. */
  int width() {
    return heads * columns;
  }

  @Override
  public int heads() {
    return heads;
  }

  OnnxSignature signature() {
    return signature;
  }

  boolean lastRowOnly() {
    return lastRowOnly;
  }

  /** Whether each row whose logits count needs a pass of its own. */
  boolean singleRows() {
    return lastRowOnly || rowsSeeEachOther || !masksStart;
  }

  /** Most rows of a pass after {@code length} tokens whose logits do not count. */
  int prefillRows(int length) {
    boolean masked = length == 0 ? masksStart : !rowsSeeEachOther;
    return masked ? ModelSession.MAX_ROWS : 1;
  }

  @Override
  public String draftOnly() {
    if (lastRowOnly) {
      return "it gives the logits of the last row of a pass only; export it without pruning its head";
    }
    if (singleRows()) {
      return "rows after its cache see each other, as in exports traced with one row; "
          + OnnxSignature.EXPORT;
    }
    return null;
  }

  @Override
  public String dependsOnGrouping() {
    return content.quantisesByPass()
        ? "activations are quantised in each pass, by a scale that all its rows share"
        : null;
  }

  /** Its inputs and outputs with type and shape, {@code *} where a size varies. */
  public List<String> inputs() {
    return describe(session::getInputInfo);
  }

  /** As {@link #inputs()}. */
  public List<String> outputs() {
    return describe(session::getOutputInfo);
  }

  private interface Nodes {
    Map<String, NodeInfo> get() throws OrtException;
  }

  private List<String> describe(Nodes nodes) {
    try {
      return nodes.get().values().stream()
          .map(node -> OnnxSignature.Input.of(node.getName(), (TensorInfo) node.getInfo()))
          .map(Object::toString)
          .toList();
    } catch (OrtException e) {
      throw new ModelException("model '" + name + "' cannot be read: " + reason(e), e);
    }
  }

  /** "2 layers of 2 heads × 64 in float16, 4,096 positions". */
  public String cache() {
    return signature.describeCache();
  }

  /** What makes this model slow although it runs. */
  public Optional<String> slow() {
    return signature.cache().isEmpty()
        ? Optional.of(
            "model '"
                + name
                + "' has no KV cache, so every pass reads the whole text again; "
                + OnnxSignature.EXPORT)
        : Optional.empty();
  }

  @Override
  public ModelSession open() {
    return new OnnxModelSession(this, environment, session, options.exactRows());
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new ModelException("model '" + name + "' cannot be closed: " + reason(e), e);
    }
  }
}
