package redraft.study;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import redraft.latency.Deployment;
import redraft.metrics.ExactSum;
import redraft.metrics.ReplayStatistics;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplaySequence;
import redraft.replay.Setting;
import redraft.replay.Tally;
import redraft.replay.TraceReplay.Outcome;

/** What a {@link Comparison} keeps of everything and of each domain. */
final class ComparisonTally implements Tally {
  private final ReplayDraft draft;
  private final int longest;
  private final Deployment deployment;
  private final Group all;
  private final Map<String, Group> byDomain = new TreeMap<>();

  /**
   * @param draft that is compared
   * @param longest draft length
   */
  ComparisonTally(ReplayDraft draft, int longest, Deployment deployment) {
    this.draft = draft;
    this.longest = longest;
    this.deployment = deployment;
    all = new Group();
  }

  Group all() {
    return all;
  }

  /** In alphabetical order. */
  Map<String, Group> byDomain() {
    return byDomain;
  }

  /** What was replayed of everything or of one domain. */
  final class Group {
    private final Map<Setting, ReplayStatistics> statistics = new LinkedHashMap<>();
    private final ExactSum contextTokens = new ExactSum(); // in the cache, over all tokens
    final Fit fit = new Fit(longest);
    long tokens; // that decoding commits
    long promptTokens;

    /** The draft of the trace, and those in its place. */
    Set<ReplayDraft> drafts() {
      Set<ReplayDraft> drafts = new LinkedHashSet<>();
      statistics.keySet().forEach(setting -> drafts.add(setting.draft()));
      return drafts;
    }

    ReplayStatistics of(ReplayDraft source, int draftLength) {
      return statistics.entrySet().stream()
          .filter(entry -> entry.getKey().draft() == source)
          .filter(entry -> entry.getKey().draftLength() == draftLength)
          .map(Map.Entry::getValue)
          .findFirst()
          .orElseThrow();
    }

    /** In the cache when a token is committed, on average. */
    int meanContext() {
      return (int) Math.max(0, Math.round(contextTokens.value() / tokens));
    }

    private void add(Outcome outcome) {
      Setting setting = outcome.setting();
      statistics.computeIfAbsent(setting, key -> new ReplayStatistics()).add(outcome);
      if (setting.draft() == draft && setting.draftLength() == longest) { // once a sequence
        ReplaySequence sequence = outcome.text().sequence();
        tokens += sequence.tokens();
        contextTokens.add(sequence.tokens() * sequence.meanContextTokens(deployment));
        promptTokens += deployment.promptTokens(sequence.promptTokens()) + sequence.decodeFrom();
        fit.add(sequence);
      }
    }

    private void write(DataOutput out, List<Setting> settings) throws IOException {
      for (Setting setting : settings) {
        statistics.getOrDefault(setting, new ReplayStatistics()).write(out);
      }
      contextTokens.write(out);
      fit.write(out);
      out.writeLong(tokens);
      out.writeLong(promptTokens);
    }

    private void addFrom(DataInput in, List<Setting> settings) throws IOException {
      for (Setting setting : settings) {
        statistics.computeIfAbsent(setting, key -> new ReplayStatistics()).addFrom(in);
      }
      contextTokens.addFrom(in);
      fit.addFrom(in);
      tokens += in.readLong();
      promptTokens += in.readLong();
    }
  }

  @Override
  public void accept(Outcome outcome) {
    all.add(outcome);
    byDomain.computeIfAbsent(outcome.text().domain(), domain -> new Group()).add(outcome);
  }

  @Override
  public Tally fresh() {
    return new ComparisonTally(draft, longest, deployment);
  }

  @Override
  public void write(DataOutput out, List<Setting> settings) throws IOException {
    all.write(out, settings);
    out.writeInt(byDomain.size());
    for (Map.Entry<String, Group> domain : byDomain.entrySet()) {
      Tally.writeText(out, domain.getKey());
      domain.getValue().write(out, settings);
    }
  }

  @Override
  public void addFrom(DataInput in, List<Setting> settings) throws IOException {
    all.addFrom(in, settings);
    for (int left = in.readInt(); left > 0; left--) {
      byDomain.computeIfAbsent(Tally.readText(in), domain -> new Group()).addFrom(in, settings);
    }
  }
}
