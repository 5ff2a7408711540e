package example;

import java.io.IOException;
import java.util.Locale;
import redraft.Redraft;
import redraft.Replayed;
import redraft.metrics.ReplayRow;

/** Replays a trace and says which draft length is fastest. */
public final class ReplayATrace {
  private ReplayATrace() {}

  /**
   * @param arguments a trace with a draft {@code smollm2-4-layers}
   */
  public static void main(String[] arguments) throws IOException {
    Redraft replay = Redraft.of(arguments[0]);
    replay.drafts("smollm2-4-layers").rules("token", "block").draftLengths("1..8");
    replay.engine("vllm", "h100-sxm", "llama-3.1-8b", "eagle3-llama-3.1-8b");
    Replayed replayed = replay.replay();
    ReplayRow best = replayed.fastest();

    System.out.printf(
        Locale.ROOT,
        "rule %s, draft length %d: %.2f tokens per step, %.2f times plain decoding (95%% over prompts %.2f to %.2f)%n",
        best.rule(),
        best.draftLength(),
        best.tokensPerStep(),
        best.speedup(),
        best.speedupLow(),
        best.speedupHigh());
    System.out.println(replayed.table().get(0).keySet().size() + " columns, as in the CSV");
    replayed.notes().forEach(System.out::println);
  }
}
