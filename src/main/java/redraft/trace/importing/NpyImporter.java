package redraft.trace.importing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.LineSource;
import redraft.trace.importing.TensorImport.Text;
import redraft.trace.importing.TensorImport.Texts;

/**
 * Imports logits of one text as NumPy saves them (<a
 * href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>):
 * beside {@code X.npy} [tokens, vocabulary] are {@code X.tokens.npy} [tokens] and, if it was kept,
 * {@code X.prompt.npy}.
 */
final class NpyImporter implements TraceImporter {
  private static final String MAGIC = "\u0093NUMPY";
  private static final Pattern NAME = Pattern.compile("(.*)(\\.npy(\\.gz|\\.zst)?)");
  private static final Pattern DTYPE = Pattern.compile("'descr': *'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");
  private static final Map<String, Tensor.Type> TYPES =
      Map.of(
          "<f2", Tensor.Type.F16,
          "<f4", Tensor.Type.F32,
          "<f8", Tensor.Type.F64,
          "<i4", Tensor.Type.I32,
          "<i8", Tensor.Type.I64);

  @Override
  public String name() {
    return "npy";
  }

  @Override
  public String description() {
    return "Logits of one text as numpy.save writes them, X.npy [tokens, vocabulary], of target and draft each; token "
        + "ids are beside it in X.tokens.npy, those of the prompt in X.prompt.npy. The text is taken for a given one "
        + "unless --sampled says that it is the target's own.";
  }

  @Override
  public boolean apart() {
    return true;
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.startsWith(MAGIC);
  }

  @Override
  public List<String> convert(Inputs inputs, Settings settings, Path trace) throws IOException {
    List<BinaryInput> opened = new ArrayList<>();
    try {
      Text target = text(inputs.target(), opened);
      if (target.tokens() == null) {
        throw new IllegalArgumentException(
            inputs.target().name()
                + " has no token ids beside it; save them as "
                + beside(inputs.target(), ".tokens"));
      }
      List<Text> drafts = new ArrayList<>();
      for (LineSource draft : inputs.drafts().values()) {
        drafts.add(text(draft, opened));
      }
      return TensorImport.convert(
          name(), List.of(new Texts(target, drafts)), inputs.drafts().keySet(), settings, trace);
    } finally {
      for (BinaryInput in : opened) {
        in.close();
      }
    }
  }

  private static Text text(LineSource logits, List<BinaryInput> opened) throws IOException {
    LineSource tokens = logits.beside(beside(logits, ".tokens"));
    LineSource prompt = logits.beside(beside(logits, ".prompt"));
    return new Text(
        NAME.matcher(logits.name()).replaceFirst("$1"),
        tensor(logits, opened),
        tokens == null ? null : tensor(tokens, opened),
        prompt == null ? null : tensor(prompt, opened));
  }

  private static String beside(LineSource logits, String what) {
    Matcher name = NAME.matcher(logits.name());
    if (!name.matches()) {
      throw new IllegalArgumentException(
          logits.name() + " is not named X.npy, so nothing can be named after it");
    }
    return name.group(1) + what + name.group(2);
  }

  private static Tensor tensor(LineSource source, List<BinaryInput> opened) throws IOException {
    BinaryInput in = new BinaryInput(source);
    opened.add(in);
    ByteBuffer head = in.bytes(MAGIC.length() + 2, "its head");
    byte[] magic = new byte[MAGIC.length()];
    head.get(magic);
    int version = head.get();
    if (!MAGIC.equals(new String(magic, StandardCharsets.ISO_8859_1))
        || version < 1
        || version > 3) {
      throw in.error("does not begin as a file of numpy.save of version 1 to 3");
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    ByteBuffer length = in.bytes(lengthBytes, "the length of its header");
    long size =
        version == 1 ? Short.toUnsignedInt(length.getShort()) : length.getInt() & 0xFFFFFFFFL;
    if (size > 1 << 16) {
      throw in.error(
          "a header of " + size + " bytes, more than the " + (1 << 16) + " that are read");
    }
    String header = new String(in.bytes(size, "its header").array(), StandardCharsets.UTF_8);
    Matcher dtype = DTYPE.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!dtype.find() || !order.find() || !shape.find()) {
      throw in.error("its header does not say descr, fortran_order and shape of one array");
    }
    Tensor.Type type = TYPES.get(dtype.group(1));
    if (type == null) {
      throw in.error(
          "descr is '"
              + dtype.group(1)
              + "', not one of "
              + TYPES.keySet().stream().sorted().toList());
    }
    if (order.group(1).equals("True")) {
      throw in.error("fortran_order is True; save numpy.ascontiguousarray of it");
    }
    return new Tensor(
        source.name(),
        in,
        type,
        shape(in, shape.group(1)),
        MAGIC.length() + 2 + lengthBytes + size);
  }

  private static long[] shape(BinaryInput in, String text) {
    List<Long> sizes = new ArrayList<>();
    for (String size : text.split(",")) {
      if (!size.isBlank()) {
        if (size.strip().length() > 15) {
          throw in.error("shape (" + text + ") is larger than any file");
        }
        sizes.add(Long.parseLong(size.strip()));
      }
    }
    long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
    if (Tensor.count(shape) < 0) {
      throw in.error("shape (" + text + ") is larger than any file");
    }
    return shape;
  }
}
