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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;

/**
 * A decoder exported to ONNX, with or without a KV cache; {@link OnnxSignature} finds what it takes
 * and gives, and a few short passes what that does not say.
 */
public final class OnnxLanguageModel implements LanguageModel {
  private static final int PROBE_PAST = 4;
  private static final int PROBE_ROWS = 8;
  private static final Pattern MISSING_DATA =
      Pattern.compile("External data path does not exist: \"([^\"]+)\"");

  private final String name;
  private final int contextLength;
  private final OnnxOptions options;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final OnnxSignature signature;
  private int columns; // of the logits; 0 until it is known
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
    try (OrtSession.SessionOptions sessionOptions = new OrtSession.SessionOptions()) {
      sessionOptions.setIntraOpNumThreads(options.threads());
      sessionOptions.setInterOpNumThreads(1);
      sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      session = environment.createSession(file.toString(), sessionOptions);
    } catch (OrtException e) {
      throw new ModelException(whyNotLoaded(file, e), e);
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
              "model file " + file + " cannot be read: " + ModelException.firstLine(e), e);
    }
  }

  private static String whyNotLoaded(Path file, OrtException e) {
    Matcher data = MISSING_DATA.matcher(String.valueOf(e.getMessage()));
    if (data.find()) {
      return "model file "
          + file
          + " keeps its weights in "
          + Path.of(data.group(1)).getFileName()
          + ", which is not beside it; fetch that file too";
    }
    return "model file " + file + " cannot be loaded: " + ModelException.firstLine(e);
  }

  /** How many logits a row has, and whether every row has them. */
  private void findLogits(Path file) {
    long[] shape = signature.logits().shape();
    boolean stated = shape[shape.length - 1] > 0 && (shape.length == 2 || shape[1] == 1);
    if (!stated) {
      try (OnnxModelSession probe = new OnnxModelSession(this, environment, session, false)) {
        shape = probe.logitsShape();
      }
    }
    columns = Math.toIntExact(shape[shape.length - 1]);
    lastRowOnly = shape.length == 2 || shape[1] == 1;
    if (columns < 1 || shape.length == 3 && shape[1] != 1 && shape[1] != 2) {
      throw OnnxSignature.refused(
          file,
          "gives logits of "
              + OnnxSignature.describe(signature.logits().type(), shape)
              + " for two tokens; needed is [1, 2, vocabulary]");
    }
  }

  /** Whether a row sees those after it, at the start of a text and after a cache. */
  private void findMasking(Path file) {
    if (contextLength < PROBE_PAST + PROBE_ROWS || lastRowOnly || vocabularySize < 2) {
      return;
    }
    boolean masked = !firstRowSeesTheOthers(0);
    if (!masked && signature.cache().isEmpty()) {
      throw OnnxSignature.refused(
          file,
          "is no causal language model: the logits of a token change with the tokens after it");
    }
    rowsSeeEachOther = !signature.cache().isEmpty() && firstRowSeesTheOthers(PROBE_PAST);
    masksStart = masked; // from here on sessions give each row a pass where they must
  }

  private boolean firstRowSeesTheOthers(int past) {
    int[] tokens = new int[past + PROBE_ROWS];
    float[][] first = new float[2][vocabularySize];
    try (ModelSession probe = new OnnxModelSession(this, environment, session, false)) {
      for (int way = 0; way < 2; way++) {
        for (int i = 0; i < tokens.length; i++) {
          int step = way == 0 || i <= past ? 1 : 3;
          tokens[i] = (step * i + 1) % vocabularySize;
        }
        probe.rollback(0);
        for (int i = 0; i < past; i++) {
          probe.forward(tokens, i, i + 1);
        }
        Logits logits = probe.forward(tokens, past, tokens.length);
        FloatBuffer row = logits.row(0);
        row.get(0, first[way]);
      }
    }
    double mean = 0;
    for (float logit : first[0]) {
      mean += logit / (double) vocabularySize;
    }
    double spread = 0;
    double change = 0;
    for (int token = 0; token < vocabularySize; token++) {
      spread += Math.pow(first[0][token] - mean, 2);
      change += Math.pow(first[0][token] - first[1][token], 2);
    }
    // Quantised models change a little, as one scale serves all rows of a pass; a row that sees
    // others changes as the text does. A fifth of the spread lies between.
    return change > 0.2 * 0.2 * spread;
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

  /** Logits in a row of the model's output: the vocabulary and its padding. */
  public int columns() {
    return columns;
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
      throw new ModelException(
          "model '" + name + "' cannot be read: " + ModelException.firstLine(e), e);
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
      throw new ModelException("model '" + name + "' cannot be closed: " + e.getMessage(), e);
    }
  }
}
