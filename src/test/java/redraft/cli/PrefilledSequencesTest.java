package redraft.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;

/** Texts of one token, which the prefill has produced, take no step and change no other's. */
class PrefilledSequencesTest {
  @TempDir Path folder;

  private static TraceSequence text(String id, int... acceptLengths) {
    return new TraceSequence(
        new Label(id, 0, "chat"),
        new Prefix("", new int[] {1}),
        new CommittedPath(new int[acceptLengths.length], 1, Finish.LENGTH),
        Target.UNKNOWN,
        List.of(Draft.ofAcceptLengths(acceptLengths), Draft.ofAcceptLengths(acceptLengths)));
  }

  private String steps(String name, TraceSequence... sequences) throws IOException {
    Path trace =
        SampleTraces.write(
            folder.resolve(name), SampleTraces.header(LogitDetail.NONE), List.of(sequences));
    return Cli.json(
            "replay " + trace + " --draft-length 2 --cost-ratio 0.1 --policy bandit --sampled 3")
        .findValues("steps")
        .toString();
  }

  @Test
  void takeNoStepInSampledTimelinesEither() throws IOException {
    TraceSequence decoded = text("a", 1, 2, 2, 1);
    String alone = steps("alone.jsonl", decoded);
    // From position 1 a step emits 2 tokens, from 3 the last one; the same for both drafts.
    assertEquals("[2.0, 2.0]", alone);
    assertEquals(alone, steps("after.jsonl", decoded, text("b", 1)));
    assertEquals(alone, steps("before.jsonl", text("b", 1), decoded));
  }
}
