package redraft.model.pair;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import redraft.model.ModelException;

/**
 * What an ONNX file says of itself, read without loading it: weights are passed over.
 *
 * @param operators names of the operators that its graph and the graphs within it use
 * @param dataFiles files that hold weights outside of it, as it names them: relative to its folder
 * @param parameters elements of its weights, as stored: a matrix that embeds tokens and also gives
 *     logits counts twice where it is stored twice. Shapes, and scales of whole tensors, are not
 *     counted.
 */
public record OnnxFile(SortedSet<String> operators, SortedSet<String> dataFiles, long parameters) {
  /** Operators that find the scale of their input in every pass, from all its rows. */
  private static final Set<String> DYNAMIC =
      Set.of("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM");

  /**
   * Reads a file.
   *
   * @throws ModelException if it is no ONNX file, or keeps weights outside its folder
   */
  public static OnnxFile read(Path file) {
    Scan scan = new Scan();
    try (InputStream stream = new FileInputStream(file.toFile())) {
      CodedInputStream input = CodedInputStream.newInstance(stream);
      input.setSizeLimit(Integer.MAX_VALUE); // as large as such a file can be
      scan.model(input);
    } catch (IOException e) {
      throw new ModelException(
          "model file " + file + " is no ONNX file, or was cut; fetch it, or export it, again", e);
    }
    if (scan.operators.isEmpty()) {
      throw new ModelException(
          "model file "
              + file
              + " is no ONNX file, for it holds no graph; fetch it, or export it, again");
    }
    for (String name : scan.dataFiles) {
      if (!PairJson.isInside(name)) {
        throw new ModelException(
            "model file "
                + file
                + " keeps weights in '"
                + name
                + "', which is no name within its folder; it is not opened, export it again with its weights beside it");
      }
    }
    return new OnnxFile(scan.operators, scan.dataFiles, scan.parameters());
  }

  /**
   * Whether activations are quantised by a scale that all rows of a pass share, so that logits
   * depend on how rows are grouped into passes.
   */
  public boolean quantisesByPass() {
    return operators.stream().anyMatch(DYNAMIC::contains);
  }

  /**
   * Checks the files that hold its weights.
   *
   * @param file that was read
   * @throws ModelException naming the first that is missing
   */
  public void requireData(Path file) {
    for (String name : dataFiles) {
      if (!Files.isRegularFile(file.resolveSibling(name))) {
        throw new ModelException(
            "model file "
                + file
                + " keeps its weights in "
                + name
                + ", which is not beside it; fetch that file too");
      }
    }
  }

  /**
   * Bytes of memory that it takes to load and run the model, about and at most: weights in the file
   * are read whole and packed for the processor, those beside it are mapped and packed. Factors as
   * measured (docs/performance.md); long contexts come on top.
   *
   * @param file that was read
   */
  public long memory(Path file) throws IOException {
    long own = Files.size(file);
    return (long) (1.9 * own + 1.3 * (bytes(file) - own));
  }

  /**
   * Bytes of the file and of the weights beside it, those that are there.
   *
   * @param file that was read
   */
  public long bytes(Path file) throws IOException {
    long bytes = Files.size(file);
    for (String name : dataFiles) {
      Path data = file.resolveSibling(name);
      bytes += Files.exists(data) ? Files.size(data) : 0;
    }
    return bytes;
  }

  /**
   * A walk over the messages of a file; field numbers are those of <a
   * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
   */
  private static final class Scan {
    private static final int DEEPEST = 100; // as protobuf's own readers
    private static final int INT4 = 22;
    private static final Set<Integer> WEIGHTS = // float, uint8, int8, float16, double, bfloat16
        Set.of(1, 2, 3, 10, 11, 16, 21, INT4);

    private final SortedSet<String> operators = new TreeSet<>();
    private final SortedSet<String> dataFiles = new TreeSet<>();
    private final Map<String, Long> elements = new HashMap<>(); // of each tensor of weights
    private final Map<String, Long> packed = new HashMap<>(); // of each that is packed into bytes
    private final Set<String> scales = new HashSet<>(); // of packed ones
    private int depth;

    long parameters() {
      elements.keySet().removeAll(scales);
      elements.putAll(packed);
      return elements.values().stream().mapToLong(Long::longValue).sum();
    }

    private interface Field {
      /** Reads a field of that number, or returns false. */
      boolean read(int number) throws IOException;
    }

    private static void fields(CodedInputStream input, Field field) throws IOException {
      for (int tag; (tag = input.readTag()) != 0; ) {
        if (!field.read(WireFormat.getTagFieldNumber(tag))) {
          input.skipField(tag);
        }
      }
    }

    private boolean nested(CodedInputStream input, Field field) throws IOException {
      if (++depth > DEEPEST) {
        throw new IOException("more than " + DEEPEST + " messages within one another");
      }
      int outer = input.pushLimit(input.readRawVarint32());
      fields(input, field);
      if (input.getBytesUntilLimit() != 0) {
        throw new EOFException();
      }
      input.popLimit(outer);
      depth--;
      return true;
    }

    void model(CodedInputStream input) throws IOException {
      fields(
          input,
          number ->
              switch (number) {
                case 7 -> graph(input);
                case 25 -> nested(input, field -> field == 7 && node(input)); // a function
                default -> false;
              });
    }

    private boolean graph(CodedInputStream input) throws IOException {
      return nested(
          input,
          number ->
              switch (number) {
                case 1 -> node(input);
                case 5 -> tensor(input);
                case 15 -> sparse(input);
                default -> false;
              });
    }

    private boolean node(CodedInputStream input) throws IOException {
      List<String> inputs = new ArrayList<>();
      List<String> operator = new ArrayList<>();
      Map<String, Long> sizes = new HashMap<>();
      nested(
          input,
          number ->
              switch (number) {
                case 1 -> inputs.add(input.readString());
                case 4 -> operator.add(input.readString());
                case 5 -> attribute(input, sizes);
                default -> false;
              });
      operators.addAll(operator);
      if (operator.contains("MatMulNBits") && inputs.size() > 2) {
        packed.put(inputs.get(1), sizes.getOrDefault("K", 0L) * sizes.getOrDefault("N", 0L));
        scales.addAll(inputs.subList(2, inputs.size()));
      }
      return true;
    }

    private boolean attribute(CodedInputStream input, Map<String, Long> sizes) throws IOException {
      String[] name = {""};
      return nested(
          input,
          number -> {
            switch (number) {
              case 1 -> name[0] = input.readString();
              case 3 -> sizes.put(name[0], input.readInt64());
              case 5, 10 -> tensor(input);
              case 6, 11 -> graph(input);
              case 22, 23 -> sparse(input);
              default -> {
                return false;
              }
            }
            return true;
          });
    }

    private boolean sparse(CodedInputStream input) throws IOException {
      return nested(input, number -> (number == 1 || number == 2) && tensor(input));
    }

    private boolean tensor(CodedInputStream input) throws IOException {
      List<Long> shape = new ArrayList<>();
      int[] type = {0};
      String[] name = {"constant " + elements.size()};
      nested(
          input,
          number -> {
            switch (number) {
              case 1 -> shape.add(input.readInt64());
              case 2 -> type[0] = input.readInt32();
              case 8 -> name[0] = input.readString();
              case 13 -> externalData(input);
              default -> {
                return false;
              }
            }
            return true;
          });
      if (WEIGHTS.contains(type[0]) && !shape.isEmpty()) {
        elements.put(name[0], shape.stream().reduce(1L, (a, b) -> a * b));
      }
      return true;
    }

    private void externalData(CodedInputStream input) throws IOException {
      String[] entry = new String[3];
      nested(
          input,
          number -> {
            if (number > 2) {
              return false;
            }
            entry[number] = input.readString();
            return true;
          });
      if ("location".equals(entry[1])) {
        dataFiles.add(entry[2]);
      }
    }
  }
}
