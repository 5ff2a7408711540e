package redraft.model.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.model.Logits;
import redraft.model.ModelException;
import redraft.model.ModelSession;

/**
 * The KV cache of one text in native memory of our own. ONNX Runtime reads the past of a pass from
 * one half of a pair of buffers and writes the present to the other half, so that nothing is
 * allocated, copied to the heap or left to close after a pass.
 */
final class OnnxModelSession implements ModelSession {
  private static final String[] KINDS = {"key", "value"};

  private final OnnxLanguageModel model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final boolean exactRows;
  private final int heads;
  private final int headSize;

  private final String[] pastNames; // [2 · layers]
  private final String[] presentNames; // [2 · layers]
  private FloatBuffer[] past; // [2 · layers][heads, pastStride, headSize]
  private FloatBuffer[] present; // as past; the two swap after each pass
  private int capacity; // positions that a buffer holds for every head
  private int pastStride; // positions a head takes in past: length, or more after a rollback
  private int length;

  private FloatBuffer logits = direct(0); // [rows, vocabularySize]
  private final LongBuffer ids = directLongs(MAX_ROWS);
  private final LongBuffer positions = directLongs(MAX_ROWS);
  private LongBuffer mask = directLongs(0); // all ones

  OnnxModelSession(
      OnnxLanguageModel model,
      OrtEnvironment environment,
      OrtSession session,
      boolean exactRows,
      int layers,
      int heads,
      int headSize) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.exactRows = exactRows;
    this.heads = heads;
    this.headSize = headSize;
    pastNames = new String[2 * layers];
    presentNames = new String[2 * layers];
    for (int i = 0; i < 2 * layers; i++) {
      pastNames[i] = OnnxLanguageModel.pastName(i / 2, KINDS[i % 2]);
      presentNames[i] = OnnxLanguageModel.presentName(i / 2, KINDS[i % 2]);
    }
    past = new FloatBuffer[2 * layers];
    present = new FloatBuffer[2 * layers];
    reserve(256);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public Logits forward(int[] tokens, int from, int to) {
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
    int scored = exactRows && rows == 1 ? 2 : rows;
    reserve(length + scored);
    closeGaps();
    for (int i = 0; i < scored; i++) {
      int row = Math.min(i, rows - 1); // the row added for exactness repeats the last
      ids.put(i, tokens[from + row]);
      positions.put(i, length + row);
    }
    run(scored);
    Logits result = new Logits(model.name(), logits, rows, model.vocabularySize(), length);
    FloatBuffer[] swapped = past;
    past = present;
    present = swapped;
    pastStride = length + scored;
    length += rows;
    return result;
  }

  private void run(int rows) {
    int total = length + rows;
    List<OnnxTensor> opened = new ArrayList<>();
    try {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
      inputs.put("input_ids", track(opened, longs(ids, rows)));
      inputs.put("attention_mask", track(opened, longs(mask, total)));
      inputs.put("position_ids", track(opened, longs(positions, rows)));
      outputs.put(
          "logits",
          track(
              opened,
              floats(logits, rows * model.vocabularySize(), 1, rows, model.vocabularySize())));
      for (int i = 0; i < past.length; i++) {
        inputs.put(pastNames[i], track(opened, cache(past[i], length)));
        outputs.put(presentNames[i], track(opened, cache(present[i], total)));
      }
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new ModelException(
          "model '" + model.name() + "' fails: " + OnnxLanguageModel.firstLine(e), e);
    } finally {
      opened.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor track(List<OnnxTensor> opened, OnnxTensor tensor) {
    opened.add(tensor);
    return tensor;
  }

  private OnnxTensor longs(LongBuffer buffer, int count) throws OrtException {
    return OnnxTensor.createTensor(environment, buffer.slice(0, count), new long[] {1, count});
  }

  private OnnxTensor cache(FloatBuffer buffer, int stride) throws OrtException {
    return floats(buffer, heads * stride * headSize, 1, heads, stride, headSize);
  }

  private OnnxTensor floats(FloatBuffer buffer, int count, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, buffer.slice(0, count), shape);
  }

  @Override
  public void rollback(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException("rollback to " + length + " tokens of " + this.length);
    }
    this.length = length;
  }

  /**
   * Moves the heads together so that each takes {@code length} positions; with one head there is
   * nothing to move.
   */
  private void closeGaps() {
    if (pastStride != length && length > 0) {
      for (FloatBuffer buffer : past) {
        for (int head = 1; head < heads; head++) {
          buffer.put(
              head * length * headSize, buffer, head * pastStride * headSize, length * headSize);
        }
      }
    }
    pastStride = length;
  }

  /** Makes room for this many positions and rows. */
  private void reserve(int total) {
    if (total > capacity) {
      int larger = Math.max(total, Math.min(2 * capacity, model.contextLength() + 1));
      for (int i = 0; i < past.length; i++) {
        FloatBuffer grown = direct(heads * larger * headSize);
        if (past[i] != null) {
          grown.put(0, past[i], 0, heads * pastStride * headSize);
        }
        past[i] = grown;
        present[i] = direct(heads * larger * headSize);
      }
      mask = directLongs(larger);
      for (int i = 0; i < larger; i++) {
        mask.put(i, 1);
      }
      capacity = larger;
    }
    int rows = Math.max(2, Math.min(MAX_ROWS, total - length));
    if (logits.capacity() < rows * model.vocabularySize()) {
      logits = direct(rows * model.vocabularySize());
    }
  }

  private static FloatBuffer direct(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private static LongBuffer directLongs(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  /** Native memory goes with the buffers; ONNX Runtime holds nothing between passes. */
  @Override
  public void close() {}
}
