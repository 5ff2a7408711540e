package redraft.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import redraft.model.RowGrouping;
import redraft.model.onnx.OnnxLanguageModel;
import redraft.model.onnx.OnnxOptions;

class HeadsTest {
  @Test
  void smoke() {
    try (OnnxLanguageModel m =
        new OnnxLanguageModel(
            Path.of("models/tiny/heads.onnx"), "tiny-heads", 512, new OnnxOptions(1, true))) {
      assertEquals(4, m.heads());
      System.out.println(RowGrouping.of(m, 40));
    }
  }
}
