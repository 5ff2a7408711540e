package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.decode.Limits;
import redraft.model.ModelSession;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.sampling.TopK;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceWriter;

class RecorderTest {
  private static final SamplingParameters WARM = SamplingParameters.temperature(1);
  private final OnnxPair pair = ShippedPair.get();

  private Recorder recorder(SamplingParameters sampling, LogitDetail logits, long seed) {
    return new Recorder(
        pair.tokenizer(),
        pair.target(),
        pair.drafts(),
        sampling,
        new Limits(70, pair.endTokens()),
        new Detail(logits, 8),
        new RandomStreams(seed));
  }

  private Path write(Path file, long seed) throws Exception {
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo(pair.manifest().tokenizer().sha256(), 2048),
            new TraceHeader.ModelInfo("target", "", 1),
            List.of(new TraceHeader.DraftInfo("draft", "", 1)),
            new TraceHeader.Sampling(1, 0, 1, seed),
            LogitDetail.TOP);
    try (Recorder recorder = recorder(WARM, LogitDetail.TOP, seed);
        TraceWriter writer = new TraceWriter(file, header)) {
      for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS).subList(10, 16)) {
        writer.write(recorder.record(prompt, 0));
        writer.write(recorder.record(prompt, 1));
      }
      writer.finish();
    }
    return file;
  }

  @Test
  void theSameSeedGivesTheSameBytes(@TempDir Path folder) throws Exception {
    byte[] first = Files.readAllBytes(write(folder.resolve("a.jsonl.gz"), 5));
    assertArrayEquals(first, Files.readAllBytes(write(folder.resolve("b.jsonl.gz"), 5)));
    assertFalse(Arrays.equals(first, Files.readAllBytes(write(folder.resolve("c.jsonl.gz"), 6))));
  }

  /** Every recorded number, worked again row by row from the models themselves. */
  @Test
  void recordedNumbersAreTheModelsOwn() throws Exception {
    SamplingParameters sampling = new SamplingParameters(0.9, 50, 0.98);
    TraceSequence recorded = null;
    try (Recorder recorder = recorder(sampling, LogitDetail.NONE, 1)) {
      for (Prompt prompt : Prompt.readAll(ShippedPair.PROMPTS)) {
        TraceSequence candidate = recorder.record(prompt, 0);
        recorded =
            recorded == null || candidate.length() > recorded.length() ? candidate : recorded;
      }
    }
    assertTrue(recorded.length() > 32, "longer than one pass of the draft");
    int[] text =
        Arrays.copyOf(recorded.promptTokens(), recorded.promptTokens().length + recorded.length());
    System.arraycopy(recorded.tokens(), 0, text, recorded.promptTokens().length, recorded.length());
    try (ModelSession target = pair.target().open();
        ModelSession draft = pair.drafts().get(0).open()) {
      int start = recorded.promptTokens().length - 1;
      target.prefill(text, 0, start);
      draft.prefill(text, 0, start);
      for (int t = 0; t < recorded.length(); t++) {
        int token = recorded.tokens()[t];
        Distribution p = target.forward(text, start + t, start + t + 1).distribution(0, sampling);
        var draftLogits = draft.forward(text, start + t, start + t + 1);
        Distribution q = draftLogits.distribution(0, sampling);
        assertEquals(Math.log(p.probability(token)), recorded.target().logprob()[t]);
        assertEquals(p.entropy(), recorded.target().entropy()[t]);
        assertEquals(Math.log(q.probability(token)), recorded.drafts().get(0).logprob()[t]);
        assertEquals(p.overlap(q), recorded.drafts().get(0).overlap()[t]);
        float[] row = new float[2048];
        draftLogits.row(0).get(row);
        assertEquals(Recorder.rank(row, token), recorded.drafts().get(0).rank()[t]);
      }
    }
  }

  @Test
  void aSampleDoesNotDependOnTheOthers() throws Exception {
    Prompt prompt = Prompt.readAll(ShippedPair.PROMPTS).get(0);
    try (Recorder recorder = recorder(WARM, LogitDetail.NONE, 2)) {
      recorder.record(prompt, 0);
      int[] afterAnother = recorder.record(prompt, 1).tokens();
      try (Recorder fresh = recorder(WARM, LogitDetail.NONE, 2)) {
        assertArrayEquals(fresh.record(prompt, 1).tokens(), afterAnother);
      }
    }
  }

  @Test
  void tiesRankByLowerId() {
    float[] logits = {1, 3, 2, 3};
    assertEquals(1, Recorder.rank(logits, 1));
    assertEquals(2, Recorder.rank(logits, 3));
    assertEquals(3, Recorder.rank(logits, 2));
    assertEquals(4, Recorder.rank(logits, 0));
    assertEquals(0, Recorder.margin(logits));
    assertEquals(2, Recorder.margin(new float[] {-1, 5, 3}));
  }

  /** Rank and margin beside a sort of the row: rows with ties and with tokens ruled out. */
  @Test
  void rankAndMarginAgreeWithSortingTheRow() {
    SplittableRandom random = new SplittableRandom(1);
    for (int row = 0; row < 300; row++) {
      int size = 1 + random.nextInt(40);
      float[] logits = new float[size];
      for (int v = 0; v < size; v++) {
        boolean ruledOut = v > 0 && random.nextInt(10) == 0;
        logits[v] = ruledOut ? Float.NEGATIVE_INFINITY : random.nextInt(12) / 2f;
      }
      int[] sorted = TopK.tokens(logits, size);
      for (int i = 0; i < size; i++) {
        assertEquals(i + 1, Recorder.rank(logits, sorted[i]));
      }
      float second = size == 1 ? Float.NEGATIVE_INFINITY : logits[sorted[1]];
      boolean alone = second == Float.NEGATIVE_INFINITY;
      assertEquals(alone ? 0 : logits[sorted[0]] - second, Recorder.margin(logits));
    }
  }

  @Test
  void topLogitsAreSortedAndTheTailIsTheRest() throws Exception {
    Prompt prompt = Prompt.readAll(ShippedPair.PROMPTS).get(3);
    try (Recorder recorder = recorder(WARM, LogitDetail.TOP, 2);
        Recorder whole = recorder(WARM, LogitDetail.ALL, 2)) {
      var top = recorder.record(prompt, 0).target().top();
      var all = whole.record(prompt, 0).target().top();
      for (int t = 0; t < top.tail().length; t++) {
        assertEquals(8, top.tokens()[t].length);
        assertEquals(2048, all.tokens()[t].length);
        assertEquals(Double.NEGATIVE_INFINITY, all.tail()[t]);
        double sum = 0;
        double rest = 0;
        for (int i = 0; i < 2048; i++) {
          assertTrue(i == 0 || all.logits()[t][i] <= all.logits()[t][i - 1]);
          sum += Math.exp(all.logits()[t][i]);
          rest += i < 8 ? 0 : Math.exp(all.logits()[t][i]);
        }
        assertArrayEquals(Arrays.copyOf(all.tokens()[t], 8), top.tokens()[t]);
        assertEquals(Math.log(rest / sum), top.tail()[t], 1e-9);
      }
    }
  }
}
