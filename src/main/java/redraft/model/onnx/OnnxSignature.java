package redraft.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.model.ModelException;

/**
 * What an exported decoder takes and gives, found in its inputs and outputs. Exporters agree on
 * {@code input_ids} and {@code logits}; all else varies.
 *
 * @param ids token ids, [batch, rows]
 * @param mask 1 for each token of the past and of this pass, [batch, total]; null if not taken
 * @param positions of the rows, [batch, rows]; null if not taken
 * @param cacheBranch of a merged decoder: whether to read the cache; null in others
 * @param keptLogits how many last rows to give logits for; null if not taken
 * @param cache empty if the model has none
 * @param logits [batch, rows, columns], or [batch, columns] for the last row; [batch, rows, heads,
 *     columns] of a model with heads
 */
record OnnxSignature(
    Input ids,
    Input mask,
    Input positions,
    Input cacheBranch,
    Input keptLogits,
    List<CacheSlot> cache,
    Input logits) {

  /**
   * An input, or the output {@code logits}.
   *
   * @param shape −1 where it varies
   */
  record Input(String name, OnnxJavaType type, long[] shape) {
    static Input of(String name, TensorInfo info) {
      return info == null ? null : new Input(name, info.type, info.getShape());
    }

    @Override
    public String toString() {
      return name + " " + describe(type, shape);
    }
  }

  /**
   * One tensor of the cache, read as {@code past} and written as {@code present}. In memory it is
   * [blocks, positions, blockSize]: the dimensions before the positions (heads, or keys and values
   * of heads), the positions, and those after.
   *
   * @param shape for one text; −1 for the positions
   * @param fixedPositions of a cache that does not grow; 0 if it does
   */
  record CacheSlot(
      String past, String present, OnnxJavaType type, long[] shape, int fixedPositions) {
    int blocks() {
      return product(0, positionsAxis());
    }

    int blockSize() {
      return product(positionsAxis() + 1, shape.length);
    }

    private int positionsAxis() {
      int axis = 0;
      while (shape[axis] != -1) {
        axis++;
      }
      return axis;
    }

    private int product(int from, int to) {
      return Math.toIntExact(Arrays.stream(shape, from, to).reduce(1, Math::multiplyExact));
    }

    long[] shapeWith(int positions) {
      return Arrays.stream(shape).map(size -> size == -1 ? positions : size).toArray();
    }
  }

  private static final Set<OnnxJavaType> WHOLE = EnumSet.of(OnnxJavaType.INT64, OnnxJavaType.INT32);
  private static final Set<OnnxJavaType> REAL =
      EnumSet.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  /** The rest of a name after past or present: a layer, and key or value if they are apart. */
  private static final Pattern LAYER =
      Pattern.compile("(\\d+)(?:\\D*(key|value))?|(key|value)\\D*(\\d+)");

  static final String EXPORT =
      "export it with scripts/export_model.py, or optimum-cli export onnx --task text-generation-with-past";

  /** Of what no export of ours changes: the kind of model. */
  static final String KIND =
      "only causal language models of text alone whose state is a KV cache can be run; where this is one, "
          + EXPORT
          + ", and else choose another model";

  /**
   * Reads a signature.
   *
   * @throws ModelException saying what was found, what is needed and how to export it
   */
  static OnnxSignature of(Path file, Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    Map<String, TensorInfo> given = tensors(file, inputs);
    Map<String, TensorInfo> made = tensors(file, outputs);
    Input ids = whole(file, given, "input_ids", true);
    Input mask = whole(file, given, "attention_mask", false);
    Input positions = whole(file, given, "position_ids", false);
    Input branch = Input.of("use_cache_branch", given.remove("use_cache_branch"));
    Input kept = whole(file, given, "num_logits_to_keep", false);
    if (kept == null) {
      kept = whole(file, given, "logits_to_keep", false);
    }
    List<CacheSlot> cache = cache(file, given, made);
    if (!given.isEmpty()) {
      throw otherKind(
          file,
          "takes '"
              + String.join("', '", given.keySet())
              + "', which a decoder of text alone does not need");
    }
    Input logits = Input.of("logits", made.get("logits"));
    if (logits == null) {
      throw otherKind(
          file, "has no output 'logits' (it has " + String.join(", ", made.keySet()) + ")");
    }
    require(file, logits, REAL, "float32, float16 or bfloat16");
    if (logits.shape.length < 2 || logits.shape.length > 4) {
      throw refused(file, "gives " + logits + ", not logits for each row");
    }
    require(file, ids, 2);
    require(file, mask, 2);
    require(file, positions, 2);
    if (ids.shape[1] > 0) {
      throw refused(
          file,
          "takes "
              + ids.shape[1]
              + " tokens a pass, no more and no fewer; rows must be free to vary");
    }
    return new OnnxSignature(ids, mask, positions, branch, kept, cache, logits);
  }

  private static List<CacheSlot> cache(
      Path file, Map<String, TensorInfo> given, Map<String, TensorInfo> made) {
    Map<String, String> presents = new LinkedHashMap<>();
    for (String name : made.keySet()) {
      if (name.startsWith("present")) {
        presents.put(key(name), name);
      }
    }
    List<CacheSlot> slots = new ArrayList<>();
    for (String past : given.keySet().stream().filter(name -> name.startsWith("past")).toList()) {
      String key = key(past);
      String present = key == null ? null : presents.get(key);
      if (key == null) {
        continue;
      }
      if (present == null) {
        throw refused(file, "takes '" + past + "' but gives no cache back for it");
      }
      slots.add(slot(file, past, given.remove(past), present, made.get(present)));
    }
    return List.copyOf(slots);
  }

  /** "3 key", "3 value" or, for both in one tensor, "3"; null if the name is of another kind. */
  private static String key(String name) {
    String rest = name.replaceFirst("^(past|present)(_key_values?)?", "");
    Matcher matcher = LAYER.matcher(rest);
    if (!matcher.find() || rest.contains("encoder") || rest.contains("cross")) {
      return null;
    }
    String layer = matcher.group(1) != null ? matcher.group(1) : matcher.group(4);
    String kind = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
    return kind == null ? layer : layer + " " + kind;
  }

  private static CacheSlot slot(
      Path file, String past, TensorInfo in, String present, TensorInfo out) {
    Input read = Input.of(past, in);
    Input written = Input.of(present, out);
    require(file, read, REAL, "float32, float16 or bfloat16");
    if (written.type != read.type) {
      throw refused(
          file, "reads " + read + " and writes " + written + "; they must be of one type");
    }
    long[] shape = read.shape.clone();
    // [batch, heads, positions, size], or [2, batch, heads, positions, size] with key and value in
    // one
    boolean known = shape.length == 4 || shape.length == 5 && shape[0] == 2;
    int batch = shape.length - 4;
    if (known && shape[batch] == -1) {
      shape[batch] = 1;
    }
    long varying = Arrays.stream(shape).filter(size -> size == -1).count();
    int fixed = 0;
    if (known && varying == 0 && Arrays.equals(out.getShape(), in.getShape())) {
      fixed = (int) shape[batch + 2];
      shape[batch + 2] = -1;
      varying = 1;
    }
    if (!known || varying != 1 || shape[batch] != 1) {
      throw refused(
          file,
          "has the cache "
              + read
              + "; needed is [batch, heads, positions, size] with heads and size stated");
    }
    return new CacheSlot(past, present, read.type, shape, fixed);
  }

  private static Map<String, TensorInfo> tensors(Path file, Map<String, NodeInfo> nodes) {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    nodes.forEach(
        (name, node) -> {
          if (!(node.getInfo() instanceof TensorInfo tensor)) {
            throw refused(file, "has '" + name + "', which is no tensor");
          }
          tensors.put(name, tensor);
        });
    return tensors;
  }

  private static Input whole(
      Path file, Map<String, TensorInfo> given, String name, boolean required) {
    Input input = Input.of(name, given.remove(name));
    if (input == null) {
      if (required) {
        throw otherKind(
            file, "has no input '" + name + "' (it has " + String.join(", ", given.keySet()) + ")");
      }
      return null;
    }
    require(file, input, WHOLE, "int64 or int32");
    return input;
  }

  private static void require(Path file, Input tensor, Set<OnnxJavaType> types, String words) {
    if (!types.contains(tensor.type)) {
      throw refused(file, "has " + tensor + ", which must be " + words);
    }
  }

  private static void require(Path file, Input input, int rank) {
    if (input != null && (input.shape.length != rank || input.shape[0] > 1)) {
      throw refused(file, "has " + input + "; needed is [batch, tokens] with a batch of 1");
    }
  }

  static ModelException refused(Path file, String found) {
    return new ModelException("model file " + file + " " + found + "; " + EXPORT);
  }

  static ModelException otherKind(Path file, String found) {
    return new ModelException("model file " + file + " " + found + "; " + KIND);
  }

  /** "float16 [1, 2, *, 64]". */
  static String describe(OnnxJavaType type, long[] shape) {
    return word(type) + " " + Arrays.toString(shape).replace("-1", "*");
  }

  private static String word(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> "float32";
      case DOUBLE -> "float64";
      default -> type.name().toLowerCase(java.util.Locale.ROOT);
    };
  }

  /** Its tensors by type and shape, how many of each, and what they take for a token. */
  String describeCache() {
    if (cache.isEmpty()) {
      return "none";
    }
    Map<String, Integer> kinds = new LinkedHashMap<>();
    long bytes = 0;
    for (CacheSlot slot : cache) {
      kinds.merge(describe(slot.type, slot.shape), 1, Integer::sum);
      bytes += (long) slot.blocks() * slot.blockSize() * slot.type.size;
    }
    List<String> parts = new ArrayList<>();
    kinds.forEach((kind, count) -> parts.add(count + " × " + kind));
    return String.join(", ", parts)
        + ", "
        + bytes
        + " bytes a token, "
        + (fixedPositions() == 0 ? "grows" : fixedPositions() + " positions fixed");
  }

  /** Most positions of a cache that does not grow; 0 if it does. */
  int fixedPositions() {
    return cache.stream().mapToInt(CacheSlot::fixedPositions).max().orElse(0);
  }
}
