package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import redraft.metrics.ExactSum;
import redraft.metrics.ReplayTable;
import redraft.metrics.StepUsage;
import redraft.replay.ReplaySequence;
import redraft.replay.Setting;
import redraft.replay.Tally;
import redraft.replay.TraceReplay.Outcome;
import redraft.steps.StepLog;

/**
 * What settings do, and of those that are asked for the steps themselves, so that they can be
 * priced at other batches.
 */
final class StepReading implements Tally {
  final ReplayTable table = new ReplayTable(0);
  private final Predicate<Setting> asked;
  private final Map<Setting, Steps> steps = new LinkedHashMap<>();

  /** Of one setting. */
  static final class Steps {
    final StepUsage usage = new StepUsage();
    final StepUsage baseline = new StepUsage();
    private final ExactSum contextTokens = new ExactSum(); // in the cache, over all tokens
    private long tokens;
    private int longestText; // tokens

    /** In the cache when a token is committed, on average. */
    int meanContext() {
      return (int) Math.max(0, Math.round(contextTokens.value() / tokens));
    }

    int longestText() {
      return longestText;
    }
  }

  StepReading(Predicate<Setting> asked) {
    this.asked = asked;
  }

  /** By setting; empty where no sequence had a token to commit. */
  Map<Setting, Steps> steps() {
    return steps;
  }

  @Override
  public void accept(Outcome outcome) {
    table.accept(outcome);
    Setting setting = outcome.setting();
    ReplaySequence sequence = outcome.text().sequence();
    if (!asked.test(setting) || sequence.tokens() == 0) {
      return;
    }
    int first = sequence.firstContextTokens(setting.deployment());
    Steps of = steps.computeIfAbsent(setting, key -> new Steps());
    of.usage.add(outcome.log(), first);
    of.baseline.add(StepLog.plain(sequence.tokens()), first);
    of.contextTokens.add(sequence.tokens() * sequence.meanContextTokens(setting.deployment()));
    of.tokens += sequence.tokens();
    of.longestText = Math.max(of.longestText, sequence.textTokens(setting.deployment()));
  }

  @Override
  public Tally fresh() {
    return new StepReading(asked);
  }

  @Override
  public void write(DataOutput out, List<Setting> settings) throws IOException {
    table.write(out, settings);
    out.writeInt(steps.size());
    for (int i = 0; i < settings.size(); i++) {
      Steps of = steps.get(settings.get(i));
      if (of != null) {
        out.writeInt(i);
        of.usage.write(out);
        of.baseline.write(out);
        of.contextTokens.write(out);
        out.writeLong(of.tokens);
        out.writeInt(of.longestText);
      }
    }
  }

  @Override
  public void addFrom(DataInput in, List<Setting> settings) throws IOException {
    table.addFrom(in, settings);
    for (int left = in.readInt(); left > 0; left--) {
      Steps of = steps.computeIfAbsent(settings.get(in.readInt()), key -> new Steps());
      of.usage.addFrom(in);
      of.baseline.addFrom(in);
      of.contextTokens.addFrom(in);
      of.tokens += in.readLong();
      of.longestText = Math.max(of.longestText, in.readInt());
    }
  }
}
