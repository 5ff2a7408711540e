package redraft.study;

/**
 * How often steps accept j tokens, as one source has it.
 *
 * @param source "trace", "formula" or the name of a preset
 * @param accepted j
 * @param share P(accepted = j)
 */
public record HistogramRow(Key key, String source, int draftLength, int accepted, double share) {
  /**
   * @param domain "all" for everything
   */
  public record Key(String trace, String domain, String draft, String rule) {}

  public String domain() {
    return key.domain;
  }
}
