package redraft.model.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxSignature.CacheSlot;
import redraft.model.onnx.OnnxSignature.Input;

/**
 * The KV cache of one text in native memory of our own. ONNX Runtime reads the past of a pass from
 * one half of a pair of buffers and writes the present to the other half, so that nothing is
 * allocated, copied to the heap or left to close after a pass. A model without a cache reads the
 * whole text in every pass.
 */
final class OnnxModelSession implements ModelSession {
  private final OnnxLanguageModel model;
  private final OnnxSignature signature;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final boolean exactRows;

  private final CacheSlot[] slots;
  private ByteBuffer[] past; // [slots][blocks, pastStride, blockSize]
  private ByteBuffer[] present; // as past; the two swap after each pass
  private int capacity; // positions that a buffer holds for every block
  private int pastStride; // positions a block takes in past: length, or more after a rollback
  private int length;
  private int[] text = new int[256]; // [length], what the cache holds

  private ByteBuffer logits; // [rows, columns], as the model writes them
  private FloatBuffer floats; // a view of logits, or [rows, vocabularySize] widened
  private ByteBuffer ids;
  private ByteBuffer positions;
  private ByteBuffer mask; // all ones
  private final ByteBuffer branch;
  private final ByteBuffer kept;

  OnnxModelSession(
      OnnxLanguageModel model, OrtEnvironment environment, OrtSession session, boolean exactRows) {
    this.model = model;
    this.signature = model.signature();
    this.environment = environment;
    this.session = session;
    this.exactRows = exactRows && !model.singleRows();
    slots = signature.cache().toArray(CacheSlot[]::new);
    past = new ByteBuffer[slots.length];
    present = new ByteBuffer[slots.length];
    branch = direct(1);
    kept = direct(Long.BYTES);
    reserve(0, model.columns() == 0 ? 2 : MAX_ROWS);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public Logits forward(int[] tokens, int from, int to) {
    check(tokens, from, to);
    int rows = to - from;
    int first = length;
    if (rows == 1 || !model.singleRows()) {
      return pass(tokens, from, to);
    }
    int vocabulary = model.vocabularySize();
    int stride = model.heads() * vocabulary;
    FloatBuffer all = FloatBuffer.allocate(Math.multiplyExact(rows, stride));
    for (int row = 0; row < rows; row++) {
      Logits one = pass(tokens, from + row, from + row + 1);
      for (int head = 0; head < model.heads(); head++) {
        all.put(row * stride + head * vocabulary, one.head(head).row(0), 0, vocabulary);
      }
    }
    return new Logits(model.name(), all, rows, vocabulary, stride, first, model.heads());
  }

  @Override
  public void prefill(int[] tokens, int from, int to) {
    int rows = model.prefillRows(length);
    for (int start = from; start < to; start += rows) {
      int end = Math.min(to, start + rows);
      check(tokens, start, end);
      pass(tokens, start, end);
      rows = model.prefillRows(length);
    }
  }

  private void check(int[] tokens, int from, int to) {
    if (past == null) {
      throw new IllegalStateException("this session of model '" + model.name() + "' is closed");
    }
    int rows = to - from;
    if (rows < 1 || rows > MAX_ROWS) {
      throw new IllegalArgumentException(rows + " rows in one pass, not from 1 to " + MAX_ROWS);
    }
    if (length + rows > model.contextLength()) {
      throw new ModelException(
          (length + rows)
              + " tokens do not fit into the context of model '"
              + model.name()
              + "', "
              + model.contextLength());
    }
    for (int i = from; i < to; i++) {
      if (tokens[i] < 0 || tokens[i] >= model.vocabularySize()) {
        throw new ModelException(
            "token "
                + tokens[i]
                + " is not in the vocabulary of model '"
                + model.name()
                + "', 0 to "
                + (model.vocabularySize() - 1));
      }
    }
  }

  /** One pass of the model; where it gives the logits of the last row alone, those are row 0. */
  private Logits pass(int[] tokens, int from, int to) {
    int rows = to - from;
    int first = length;
    remember(tokens, from, rows);
    // For exactness a single row is run as two: with a copy of itself after it or, at the end of
    // the context, with the row before it.
    boolean alone = exactRows && rows == 1 && (slots.length > 0 || first == 0);
    boolean copied = alone && first + 2 <= model.contextLength();
    boolean repeated = alone && !copied && first > 0;
    int start = slots.length == 0 ? 0 : repeated ? first - 1 : first;
    int total = first + rows + (copied ? 1 : 0);
    reserve(start, total - start);
    closeGaps(start);
    for (int i = 0; i < total - start; i++) {
      int position = Math.min(start + i, first + rows - 1);
      putWhole(signature.ids(), ids, i, text[position]);
      putWhole(signature.positions(), positions, i, position);
    }
    run(start, total);
    int skipped = model.lastRowOnly() ? 0 : first - start;
    int read = model.lastRowOnly() ? 1 : rows;
    FloatBuffer values = floats(skipped, read);
    ByteBuffer[] swapped = past;
    past = present;
    present = swapped;
    pastStride = total;
    length = first + rows;
    return new Logits(
        model.name(), values, read, model.vocabularySize(), stride(), first, model.heads());
  }

  private void remember(int[] tokens, int from, int rows) {
    if (text.length < length + rows) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, length + rows));
    }
    System.arraycopy(tokens, from, text, length, rows);
  }

  /** The shape of the logits of a pass of two rows, where the model does not state it. */
  long[] logitsShape() {
    reserve(0, 2);
    return run(0, 2);
  }

  /** Scores positions start … total − 1; returns the shape of the logits. */
  private long[] run(int start, int total) {
    int rows = total - start;
    List<OnnxTensor> opened = new ArrayList<>();
    try {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
      bind(opened, inputs, signature.ids(), ids, 1, rows);
      bind(opened, inputs, signature.mask(), mask, 1, total);
      bind(opened, inputs, signature.positions(), positions, 1, rows);
      if (signature.cacheBranch() != null) {
        branch.put(0, (byte) (start > 0 ? 1 : 0));
        bind(opened, inputs, signature.cacheBranch(), branch, 1);
      }
      if (signature.keptLogits() != null) {
        putWhole(signature.keptLogits(), kept, 0, rows);
        bind(opened, inputs, signature.keptLogits(), kept, signature.keptLogits().shape());
      }
      for (int i = 0; i < slots.length; i++) {
        CacheSlot slot = slots[i];
        boolean grows = slot.fixedPositions() == 0;
        long[] before = slot.shapeWith(grows ? start : capacity);
        long[] after = slot.shapeWith(grows ? total : capacity);
        bind(opened, inputs, slot.past(), slot.type(), past[i], before);
        bind(opened, outputs, slot.present(), slot.type(), present[i], after);
      }
      if (model.columns() == 0) {
        try (OrtSession.Result result =
            session.run(inputs, Set.of(signature.logits().name()), outputs)) {
          OnnxTensor logits = (OnnxTensor) result.get(signature.logits().name()).orElseThrow();
          return logits.getInfo().getShape();
        }
      }
      long[] shape = signature.logits().shape().clone();
      shape[0] = 1;
      shape[shape.length - 1] = model.columns();
      if (shape.length > 2) {
        shape[1] = model.lastRowOnly() ? 1 : rows;
      }
      if (shape.length == 4) {
        shape[2] = model.heads();
      }
      bind(opened, outputs, signature.logits(), logits, shape);
      session.run(inputs, outputs).close();
      return shape;
    } catch (OrtException e) {
      throw new ModelException(
          "model '" + model.name() + "' fails: " + OnnxLanguageModel.reason(e), e);
    } finally {
      opened.forEach(OnnxTensor::close);
    }
  }

  private void bind(
      List<OnnxTensor> opened,
      Map<String, OnnxTensor> tensors,
      Input node,
      ByteBuffer buffer,
      long... shape)
      throws OrtException {
    if (node != null) {
      bind(opened, tensors, node.name(), node.type(), buffer, shape);
    }
  }

  private void bind(
      List<OnnxTensor> opened,
      Map<String, OnnxTensor> tensors,
      String name,
      OnnxJavaType type,
      ByteBuffer buffer,
      long... shape)
      throws OrtException {
    int bytes = type.size;
    for (long size : shape) {
      bytes = Math.toIntExact(bytes * size);
    }
    ByteBuffer view = buffer.slice(0, bytes).order(ByteOrder.nativeOrder());
    OnnxTensor tensor = OnnxTensor.createTensor(environment, view, shape, type);
    opened.add(tensor);
    tensors.put(name, tensor);
  }

  private static void putWhole(Input input, ByteBuffer buffer, int index, int value) {
    if (input == null) {
      return;
    }
    if (input.type() == OnnxJavaType.INT32) {
      buffer.putInt(index * Integer.BYTES, value);
    } else {
      buffer.putLong(index * Long.BYTES, value);
    }
  }

  /** The rows of logits from {@code row} on, as float32. */
  private FloatBuffer floats(int row, int rows) {
    if (!logitsWidened()) {
      return floats.slice(row * model.width(), rows * model.width());
    }
    var narrow = logits.asShortBuffer();
    int size = stride() / model.heads(); // of a head: without the padding
    for (int i = 0; i < rows * model.heads(); i++) {
      int from = row * model.width() + i * model.columns();
      Precision.widen(signature.logits().type(), narrow, from, floats, i * size, size);
    }
    return floats;
  }

  /** Floats from one row to the next: of every head, all columns or, widened, its vocabulary. */
  private int stride() {
    return logitsWidened() ? model.heads() * model.vocabularySize() : model.width();
  }

  private boolean logitsWidened() {
    return signature.logits().type() != OnnxJavaType.FLOAT;
  }

  @Override
  public void rollback(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException("rollback to " + length + " tokens of " + this.length);
    }
    this.length = length;
  }

  /**
   * Moves the blocks of each tensor together so that each takes {@code length} positions; with one
   * block, or in a cache of fixed size, there is nothing to move.
   */
  private void closeGaps(int length) {
    if (pastStride != length && length > 0) {
      for (int i = 0; i < slots.length; i++) {
        int position = slots[i].blockSize() * slots[i].type().size;
        for (int block = 1; block < slots[i].blocks() && slots[i].fixedPositions() == 0; block++) {
          past[i].put(
              block * length * position, past[i], block * pastStride * position, length * position);
        }
      }
    }
    pastStride = length;
  }

  /** Makes room for a pass of {@code rows} rows after {@code start} positions. */
  private void reserve(int start, int rows) {
    int total = start + rows;
    if (total > capacity) {
      int fixed = signature.fixedPositions();
      int larger =
          fixed > 0
              ? fixed
              : Math.max(Math.max(256, total), Math.min(2 * capacity, model.contextLength()));
      for (int i = 0; i < slots.length; i++) {
        int position = slots[i].blocks() * slots[i].blockSize() * slots[i].type().size;
        ByteBuffer grown = direct((long) position * larger);
        if (past[i] != null) {
          grown.put(0, past[i], 0, position * pastStride);
        }
        past[i] = grown;
        present[i] = direct((long) position * larger);
      }
      mask = direct(larger * Long.BYTES);
      for (int i = 0; i < larger; i++) {
        putWhole(signature.mask(), mask, i, 1);
      }
      capacity = larger;
    }
    if (ids == null || ids.capacity() < rows * Long.BYTES) {
      ids = direct(rows * Long.BYTES);
      positions = direct(rows * Long.BYTES);
    }
    int given = model.lastRowOnly() ? 1 : rows;
    long bytes = (long) given * model.width() * signature.logits().type().size;
    if (logits == null || logits.capacity() < bytes) {
      logits = direct(bytes);
      floats =
          logitsWidened()
              ? FloatBuffer.allocate(given * model.heads() * model.vocabularySize())
              : logits.asFloatBuffer();
    }
  }

  private ByteBuffer direct(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new ModelException(
          "model '"
              + model.name()
              + "' needs a tensor of "
              + bytes
              + " bytes, more than a buffer holds; give it a shorter context in pair.json");
    }
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Lets go of the buffers, whose native memory goes with them, whoever still holds this; ONNX
   * Runtime holds nothing between passes.
   */
  @Override
  public void close() {
    past = null;
    present = null;
    logits = null;
    floats = null;
    ids = null;
    positions = null;
    mask = null;
  }
}
