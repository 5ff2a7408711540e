package redraft.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The passes of plain decoding with nothing around them: {@code session.run} on tensors that were
 * made before, every pass of two rows reading the cache that the one before it wrote.
 */
final class BareLoop implements AutoCloseable {
  private static final int ROWS = 2; // what a pass of one row is run as
  private static final String PAST = "past_key_values";

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, FloatBuffer[]> caches = new LinkedHashMap<>(); // name → past, present
  private final FloatBuffer logits;
  private final LongBuffer mask;
  private final List<List<Pass>> texts = new ArrayList<>(); // the first pass of each is prefill

  private record Pass(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

  BareLoop(Path model, int threads, int contextLength) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model.toString(), options);
    }
    for (String name : session.getInputNames()) {
      if (name.startsWith(PAST)) {
        int size = Math.toIntExact(count(cacheShape(name, contextLength + ROWS)));
        caches.put(name, new FloatBuffer[] {floats(size), floats(size)});
      }
    }
    logits = floats(contextLength * vocabularySize());
    mask = longs(contextLength + ROWS);
    for (int i = 0; i < mask.limit(); i++) {
      mask.put(i, 1);
    }
  }

  /** Adds a text: one pass for its prompt, one for each generated token. */
  void add(int[] prompt, int[] generated) throws OrtException {
    int last = prompt.length - 1;
    List<Pass> passes = new ArrayList<>();
    passes.add(pass(prompt, last, 0, 0));
    passes.add(pass(new int[] {prompt[last], prompt[last]}, ROWS, last, 1));
    for (int t = 0; t < generated.length - 1; t++) {
      int[] repeated = {generated[t], generated[t]};
      passes.add(pass(repeated, ROWS, prompt.length + t, t % 2));
    }
    texts.add(passes);
  }

  private Pass pass(int[] tokens, int rows, int length, int turn) throws OrtException {
    LongBuffer ids = longs(rows);
    LongBuffer positions = longs(rows);
    for (int row = 0; row < rows; row++) {
      ids.put(row, tokens[row]);
      positions.put(row, length + (length == 0 ? row : 0));
    }
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    inputs.put("input_ids", OnnxTensor.createTensor(environment, ids, new long[] {1, rows}));
    inputs.put(
        "attention_mask",
        OnnxTensor.createTensor(
            environment, mask.slice(0, length + rows), new long[] {1, length + rows}));
    inputs.put(
        "position_ids", OnnxTensor.createTensor(environment, positions, new long[] {1, rows}));
    outputs.put("logits", tensor(logits, 1, rows, vocabularySize()));
    for (var cache : caches.entrySet()) {
      FloatBuffer past = cache.getValue()[turn];
      FloatBuffer present = cache.getValue()[1 - turn];
      inputs.put(cache.getKey(), tensor(past, cacheShape(cache.getKey(), length)));
      outputs.put(
          cache.getKey().replace(PAST, "present"),
          tensor(present, cacheShape(cache.getKey(), length + rows)));
    }
    return new Pass(inputs, outputs);
  }

  /** Runs the passes of a text; the time of those that generate. */
  double nanos(int text) {
    try {
      long started = 0;
      for (Pass pass : texts.get(text)) {
        session.run(pass.inputs, pass.outputs).close();
        started = started == 0 ? System.nanoTime() : started;
      }
      return System.nanoTime() - started;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private int vocabularySize() throws OrtException {
    long[] shape = ((TensorInfo) session.getOutputInfo().get("logits").getInfo()).getShape();
    return (int) shape[2];
  }

  private long[] cacheShape(String name, int length) throws OrtException {
    long[] shape = ((TensorInfo) session.getInputInfo().get(name).getInfo()).getShape().clone();
    shape[0] = 1;
    shape[2] = length;
    return shape;
  }

  private OnnxTensor tensor(FloatBuffer buffer, long... shape) throws OrtException {
    return OnnxTensor.createTensor(
        environment, buffer.slice(0, Math.toIntExact(count(shape))), shape);
  }

  private static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }

  private static FloatBuffer floats(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private static LongBuffer longs(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  @Override
  public void close() throws OrtException {
    for (Pass pass : texts.stream().flatMap(List::stream).toList()) {
      pass.inputs.values().forEach(OnnxTensor::close);
      pass.outputs.values().forEach(OnnxTensor::close);
    }
    session.close();
  }
}
