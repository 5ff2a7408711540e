package redraft.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import redraft.model.LanguageModel;
import redraft.model.ModelException;
import redraft.model.ModelSession;

/**
 * A decoder exported to ONNX with a KV cache, with the names of Hugging Face Optimum: {@code
 * input_ids}, {@code attention_mask}, {@code position_ids} (int64), {@code
 * past_key_values.N.key/value} to {@code logits}, {@code present.N.key/value} (float32).
 */
public final class OnnxLanguageModel implements LanguageModel {
  private final String name;
  private final int contextLength;
  private final OnnxOptions options;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int vocabularySize;

  /**
   * Loads a model.
   *
   * @throws ModelException if the file is missing, is no ONNX model, or has other inputs and
   *     outputs than named above
   */
  public OnnxLanguageModel(Path file, String name, int contextLength, OnnxOptions options) {
    this.name = name;
    this.contextLength = contextLength;
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
      throw new ModelException("model file " + file + " cannot be loaded: " + firstLine(e), e);
    }
    try {
      Map<String, NodeInfo> inputs = session.getInputInfo();
      Map<String, NodeInfo> outputs = session.getOutputInfo();
      for (String input : new String[] {"input_ids", "attention_mask", "position_ids"}) {
        tensor(file, inputs, input, OnnxJavaType.INT64);
      }
      layers =
          (int)
              inputs.keySet().stream()
                  .filter(key -> key.matches("past_key_values\\.\\d+\\.key"))
                  .count();
      long[] cache = tensor(file, inputs, "past_key_values.0.key", OnnxJavaType.FLOAT).getShape();
      long[] logits = tensor(file, outputs, "logits", OnnxJavaType.FLOAT).getShape();
      for (int layer = 0; layer < layers; layer++) {
        for (String kind : new String[] {"key", "value"}) {
          tensor(file, inputs, pastName(layer, kind), OnnxJavaType.FLOAT);
          tensor(file, outputs, presentName(layer, kind), OnnxJavaType.FLOAT);
        }
      }
      if (cache.length != 4
          || cache[1] < 1
          || cache[3] < 1
          || logits.length != 3
          || logits[2] < 1) {
        throw new ModelException(
            "model file "
                + file
                + " does not state its KV heads, head size and vocabulary in the shapes of "
                + "past_key_values.0.key and logits");
      }
      heads = (int) cache[1];
      headSize = (int) cache[3];
      vocabularySize = (int) logits[2];
    } catch (OrtException | RuntimeException e) {
      close();
      throw e instanceof ModelException known
          ? known
          : new ModelException("model file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static TensorInfo tensor(
      Path file, Map<String, NodeInfo> nodes, String node, OnnxJavaType type) {
    NodeInfo info = nodes.get(node);
    if (info == null || !(info.getInfo() instanceof TensorInfo tensor)) {
      throw new ModelException(
          "model file "
              + file
              + " has no '"
              + node
              + "'; export it with a KV cache (Hugging Face Optimum, task "
              + "text-generation-with-past)");
    }
    if (tensor.type != type) {
      throw new ModelException(
          "model file "
              + file
              + ": '"
              + node
              + "' is "
              + tensor.type
              + ", not "
              + type
              + "; export it in fp32");
    }
    return tensor;
  }

  static String pastName(int layer, String kind) {
    return "past_key_values." + layer + "." + kind;
  }

  static String presentName(int layer, String kind) {
    return "present." + layer + "." + kind;
  }

  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
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

  @Override
  public ModelSession open() {
    return new OnnxModelSession(
        this, environment, session, options.exactRows(), layers, heads, headSize);
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
