package redraft.trace.importing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.LineSource;
import redraft.trace.importing.TensorImport.Text;
import redraft.trace.importing.TensorImport.Texts;

/**
 * Imports logits as <a href="https://github.com/huggingface/safetensors">safetensors</a> keeps
 * them: {@code logits} [tokens, vocabulary], {@code tokens} [tokens] and, if it was kept, {@code
 * prompt}; of several texts in one file {@code ID.logits}, {@code ID.tokens} and {@code ID.prompt}.
 */
final class SafetensorsImporter implements TraceImporter {
  private static final long LONGEST_HEADER = 100_000_000; // bytes, as the library has it
  private static final String LOGITS = "logits";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  @Override
  public String name() {
    return "safetensors";
  }

  @Override
  public String description() {
    return "Logits as safetensors keeps them, of target and draft each: tensors logits [tokens, vocabulary], of which "
        + "row t predicts token t, as Hugging Face's output_logits has it, tokens and prompt; of several texts "
        + "ID.logits, ID.tokens, ID.prompt. The text is taken for a given one unless --sampled says that it is the "
        + "target's own.";
  }

  @Override
  public boolean apart() {
    return true;
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.length() > Long.BYTES
        && beginning.startsWith("{", Long.BYTES)
        && beginning.contains("\"dtype\"");
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    List<TensorFile> opened = new ArrayList<>();
    try {
      TensorFile target = new TensorFile(inputs.target(), opened);
      List<TensorFile> drafts = new ArrayList<>();
      for (LineSource draft : inputs.drafts().values()) {
        drafts.add(new TensorFile(draft, opened));
      }
      List<Texts> texts = new ArrayList<>();
      for (String prefix : target.prefixes()) {
        texts.add(
            new Texts(
                target.text(prefix, settings.domain()),
                drafts.stream().map(draft -> draft.text(prefix, settings.domain())).toList()));
      }
      return TensorImport.convert(name(), texts, inputs.drafts().keySet(), settings, trace);
    } finally {
      for (TensorFile file : opened) {
        file.in.close();
      }
    }
  }

  /** A file, whose header is read at once. */
  private static final class TensorFile {
    private final LineSource source;
    private final BinaryInput in;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    TensorFile(LineSource source, List<TensorFile> opened) throws IOException {
      this.source = source;
      in = new BinaryInput(source);
      opened.add(this);
      long size = in.bytes(Long.BYTES, "the length of its header").getLong();
      if (size < 2 || size > LONGEST_HEADER) {
        throw in.error("a header of " + size + " bytes, not from 2 to " + LONGEST_HEADER);
      }
      JsonNode header;
      try {
        header = JSON.readTree(in.bytes(size, "its header").array());
      } catch (JsonProcessingException e) {
        throw in.error("its header is no JSON: " + e.getOriginalMessage());
      }
      if (!header.isObject()) {
        throw in.error("its header is no JSON object");
      }
      for (Map.Entry<String, JsonNode> entry : header.properties()) {
        if (role(entry.getKey()) != null) {
          tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), Long.BYTES + size));
        }
      }
      readTokens();
      if (prefixes().isEmpty()) {
        throw in.error("has no tensor \"logits\", nor one whose name ends in \".logits\"");
      }
    }

    /** What a tensor's name says that it holds; null for something else. */
    private static String role(String name) {
      String last = name.substring(name.lastIndexOf('.') + 1);
      return List.of(LOGITS, "tokens", "prompt").contains(last) ? last : null;
    }

    private Tensor tensor(String name, JsonNode node, long start) {
      String place = source.name() + ": \"" + name + "\"";
      String dtype = node.path("dtype").asText();
      Tensor.Type type =
          Arrays.stream(Tensor.Type.values())
              .filter(one -> one.name().equals(dtype))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          place
                              + " has dtype \""
                              + dtype
                              + "\", not one of "
                              + Arrays.toString(Tensor.Type.values())));
      long[] shape = numbers(node.path("shape"), place + ".shape");
      long[] offsets = numbers(node.path("data_offsets"), place + ".data_offsets");
      long count = Tensor.count(shape);
      if (offsets.length != 2
          || count < 0
          || offsets[0] > offsets[1]
          || offsets[1] - offsets[0] != count * type.bytes()) {
        throw new IllegalArgumentException(
            place
                + " has data_offsets "
                + Arrays.toString(offsets)
                + ", which do not hold "
                + type
                + " of shape "
                + Arrays.toString(shape));
      }
      return new Tensor(place, in, type, shape, start + offsets[0]);
    }

    /** Reads all but the rows, in the order of the file, so that it is gone through once. */
    private void readTokens() throws IOException {
      List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
      ordered.sort(Map.Entry.comparingByValue(Comparator.comparingLong(Tensor::offset)));
      long end = 0;
      try (BinaryInput once = new BinaryInput(source)) {
        for (Map.Entry<String, Tensor> entry : ordered) {
          Tensor tensor = entry.getValue();
          if (tensor.offset() < end) {
            throw tensor.error("begins within the tensor before it");
          }
          end = tensor.offset() + Tensor.count(tensor.shape()) * tensor.type().bytes();
          if (!LOGITS.equals(role(entry.getKey()))) {
            once.goTo(tensor.offset(), tensor.place());
            BinaryInput part =
                new BinaryInput(source, once.bytes(end - tensor.offset(), tensor.place()));
            tensors.put(
                entry.getKey(), new Tensor(tensor.place(), part, tensor.type(), tensor.shape(), 0));
          }
        }
      }
    }

    private static long[] numbers(JsonNode list, String place) {
      long[] numbers = new long[list.size()];
      for (int i = 0; i < numbers.length; i++) {
        JsonNode number = list.get(i);
        if (!number.isIntegralNumber()
            || !number.canConvertToLong()
            || number.asLong() < 0
            || number.asLong() > Long.MAX_VALUE / 2) {
          throw new IllegalArgumentException(
              place + "[" + i + "] is " + number.asText() + ", not a whole number from 0 on");
        }
        numbers[i] = number.asLong();
      }
      return numbers;
    }

    /** Of the names of texts, in the order in which their rows stand in the file. */
    List<String> prefixes() {
      return tensors.entrySet().stream()
          .filter(entry -> LOGITS.equals(role(entry.getKey())))
          .sorted(Map.Entry.comparingByValue(Comparator.comparingLong(Tensor::offset)))
          .map(entry -> entry.getKey().substring(0, entry.getKey().length() - LOGITS.length()))
          .toList();
    }

    Text text(String prefix, String alone) {
      Tensor logits = tensors.get(prefix + LOGITS);
      if (logits == null) {
        throw in.error("has no tensor \"" + prefix + LOGITS + "\", which the target's file has");
      }
      return new Text(
          prefix.isEmpty() ? alone : prefix.substring(0, prefix.length() - 1),
          logits,
          tensors.get(prefix + "tokens"),
          tensors.get(prefix + "prompt"));
    }
  }
}
