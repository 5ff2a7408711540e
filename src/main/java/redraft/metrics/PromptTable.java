package redraft.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import redraft.replay.Setting;
import redraft.replay.TraceReplay.Outcome;
import redraft.trace.ReservedNames;

/**
 * What each prompt of a trace adds to the sums of every setting, so that two traces can be set
 * beside each other prompt by prompt. The samples of a prompt count as one.
 */
public final class PromptTable implements Consumer<Outcome> {
  /** Sums of a setting: {baseline time, time, tokens, steps}. */
  private static final int SUMS = 4;

  private final Map<Setting, Integer> places = new HashMap<>();
  private final Map<String, Prompt> prompts = new LinkedHashMap<>();

  private static final class Prompt {
    final String domain;
    double[] sums = {}; // [settings · SUMS]

    Prompt(String domain) {
      this.domain = domain;
    }
  }

  @Override
  public void accept(Outcome outcome) {
    int start =
        SUMS * places.computeIfAbsent(outcome.setting(), setting -> places.size()).intValue();
    Prompt prompt =
        prompts.computeIfAbsent(outcome.text().id(), id -> new Prompt(outcome.text().domain()));
    if (prompt.sums.length < start + SUMS) {
      prompt.sums = Arrays.copyOf(prompt.sums, start + SUMS);
    }
    prompt.sums[start] += outcome.cost().baselineTime();
    prompt.sums[start + 1] += outcome.cost().time();
    prompt.sums[start + 2] += outcome.expectation().tokens();
    prompt.sums[start + 3] += outcome.expectation().steps();
  }

  /** Of the prompts, in the order of the trace. */
  public Set<String> domains() {
    Set<String> domains = new LinkedHashSet<>();
    prompts.values().forEach(prompt -> domains.add(prompt.domain));
    return domains;
  }

  /**
   * {baseline time, time, tokens, steps} of each prompt of which something was decoded, by its id.
   *
   * @param domain {@link ReservedNames#ALL_DOMAINS} for everything
   */
  public Map<String, double[]> of(Setting setting, String domain) {
    int start = SUMS * places.get(setting);
    Map<String, double[]> sums = new LinkedHashMap<>();
    prompts.forEach(
        (id, prompt) -> {
          if ((domain.equals(ReservedNames.ALL_DOMAINS) || domain.equals(prompt.domain))
              && prompt.sums.length >= start + SUMS
              && prompt.sums[start + 2] > 0) {
            sums.put(id, Arrays.copyOfRange(prompt.sums, start, start + SUMS));
          }
        });
    return sums;
  }
}
