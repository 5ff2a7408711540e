package redraft.traffic;

import redraft.traffic.arrivals.Lengths;

/** A number of users, each of whom asks again as soon as the answer is there. */
final class ClosedFeed implements RequestFeed {
  private final long count;
  private final Lengths lengths;
  private final TextPool texts;
  private double nowMs;
  private long waiting;
  private long number;

  /**
   * @param count requests in all
   * @param texts that requests follow; null where nothing is drafted
   */
  ClosedFeed(long users, long count, Lengths lengths, TextPool texts) {
    this.count = count;
    this.lengths = lengths;
    this.texts = texts;
    waiting = users;
  }

  @Override
  public double nextMs() {
    return waiting > 0 && number < count ? nowMs : Double.POSITIVE_INFINITY;
  }

  @Override
  public Request take() {
    int output = lengths.outputTokens(number);
    Request request =
        new Request(
            number,
            nowMs,
            lengths.promptTokens(number),
            output,
            texts == null ? null : texts.of(number, output));
    waiting--;
    number++;
    return request;
  }

  @Override
  public void finished(double now) {
    nowMs = now;
    waiting++;
  }
}
