package redraft.metrics;

import redraft.replay.Setting;

/**
 * How often steps accept j tokens under one configuration; expectations over steps.
 *
 * @param accepted j
 * @param steps expected number of steps that accept exactly j
 * @param share steps / all steps: P(accepted = j)
 * @param joint P(accepted ≥ j)
 * @param conditional P(accepted ≥ j | accepted ≥ j − 1); null for j = 0 and where nothing gets
 *     there
 */
public record AcceptanceRow(
    Key key, int accepted, double steps, double share, double joint, Double conditional) {
  /**
   * @param domain "all" for everything
   */
  public record Key(String trace, String domain, Setting setting) {}
}
