package redraft.synthetic;

import java.util.List;
import java.util.function.Consumer;
import redraft.latency.Deployment;
import redraft.replay.Expectation;
import redraft.replay.ReplayOptions;
import redraft.replay.ReplaySequence;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Outcome;
import redraft.replay.TraceReplay.Source;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;

/**
 * Replays a preset as if it were a trace: sequences of one length, which end at a known limit and
 * differ in their random numbers only. It is a draft of its own and has no use for rules.
 */
public final class PresetReplay {
  /** The domain of its sequences, and the target of its header. */
  public static final String SYNTHETIC = "synthetic";

  private static final double TEMPERATURE = 1;

  private final ReplayOptions options;

  /**
   * @param options of which the drafts are not used, and one rule is enough
   */
  public PresetReplay(ReplayOptions options) {
    this.options = options;
  }

  /**
   * @param outcomes told of every sequence under every setting
   */
  public Source run(Preset preset, Consumer<Outcome> outcomes) {
    boolean exact = options.timelines() == 0;
    new TraceReplay(options)
        .replayers(List.of(preset.name()), TEMPERATURE)
        .forEach(
            (setting, replayer) -> {
              Deployment deployment = setting.deployment();
              int prompt = deployment.promptTokens(preset.promptTokens());
              double prefill = deployment.latency().prefill(deployment.batch(), prompt);
              Expectation expectation = null;
              for (int i = 0; i < preset.sequences(); i++) {
                String id = Integer.toString(i);
                ReplaySequence course =
                    new ReplaySequence(id, preset.law(preset.tokens()), prompt, true);
                if (expectation == null || !exact) { // exactly alike
                  expectation = replayer.replay(course);
                }
                outcomes.accept(
                    new Outcome(
                        setting,
                        id,
                        SYNTHETIC,
                        preset.tokens(),
                        Double.NaN,
                        prefill,
                        course,
                        expectation,
                        null));
              }
            });
    TraceHeader header =
        new TraceHeader(
            new TraceHeader.TokenizerInfo("", 1),
            new TraceHeader.ModelInfo(SYNTHETIC, "", 0),
            List.of(new TraceHeader.DraftInfo(preset.name(), "", 0)),
            new TraceHeader.Sampling(TEMPERATURE, 0, 1, 0),
            LogitDetail.NONE);
    return new Source(header, preset.sequences(), true);
  }
}
