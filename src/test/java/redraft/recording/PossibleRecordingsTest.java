package redraft.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redraft.decode.Limits;
import redraft.model.LanguageModel;
import redraft.model.TableModel;
import redraft.model.Tokenizer;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.LogitDetail;
import redraft.trace.Prompt;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceWriter;

/** Whatever two models say, and however it is sampled: what is recorded of it can be written. */
class PossibleRecordingsTest {
  private static final Tokenizer FIRST_TOKEN =
      new Tokenizer() {
        @Override
        public int[] encode(String text) {
          return new int[] {0};
        }

        @Override
        public String decode(int[] tokens) {
          return Arrays.toString(tokens);
        }

        @Override
        public void close() {}
      };

  @TempDir Path folder;

  /** Logits of many sizes, some of them equal, some −∞; the largest sometimes alone. */
  private static LanguageModel model(String name, int vocabulary, Random random) {
    float[][] logits = new float[vocabulary][vocabulary];
    for (float[] row : logits) {
      float scale = (float) Math.pow(10, 4 * random.nextDouble() - 2);
      float step = random.nextBoolean() ? 0 : scale;
      for (int v = 0; v < vocabulary; v++) {
        float logit = scale * (float) random.nextGaussian() + 20 * random.nextInt(2);
        row[v] = step == 0 ? logit : step * Math.round(logit / step);
        row[v] = v > 0 && random.nextInt(8) == 0 ? Float.NEGATIVE_INFINITY : row[v];
      }
      if (random.nextInt(20) == 0) {
        Arrays.fill(row, 1, vocabulary, Float.NEGATIVE_INFINITY);
      }
    }
    double[][] none = new double[vocabulary][vocabulary];
    return TableModel.ofProbabilities(name, none).with(ignored -> logits, 4096);
  }

  @ParameterizedTest
  @EnumSource(LogitDetail.class)
  void areNeverRefused(LogitDetail detail) throws Exception {
    Random random = new Random(8);
    for (double temperature : new double[] {0, 1e-3, 0.7, 1, 100}) {
      for (int topK : new int[] {0, 1, 5}) {
        for (double topP : new double[] {1, 0.9, 1e-9}) {
          for (int vocabulary : new int[] {1, 2, 40}) {
            write(detail, new SamplingParameters(temperature, topK, topP), vocabulary, random);
          }
        }
      }
    }
  }

  private void write(LogitDetail detail, SamplingParameters sampling, int vocabulary, Random random)
      throws Exception {
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", vocabulary),
            new TraceHeader.ModelInfo("target", "", 1),
            List.of(new TraceHeader.DraftInfo("draft", "", 1)),
            new TraceHeader.Sampling(
                sampling.temperature(), sampling.topK(), sampling.topP(), random.nextLong()),
            detail);
    Path file = folder.resolve("t.jsonl");
    try (Recorder recorder =
            new Recorder(
                FIRST_TOKEN,
                model("target", vocabulary, random),
                List.of(model("draft", vocabulary, random)),
                sampling,
                new Limits(60, Set.of()),
                new Detail(detail, 3),
                new RandomStreams(header.sampling().seed()));
        TraceWriter writer = new TraceWriter(file, header)) {
      writer.write(recorder.record(new Prompt("p", "d", ""), 0));
      writer.finish();
    }
    try (TraceReader reader = new TraceReader(file)) {
      assertEquals(60, reader.next().length());
    }
  }
}
