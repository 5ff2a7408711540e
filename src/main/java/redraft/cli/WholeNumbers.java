package redraft.cli;

/** Whole numbers that options take. */
final class WholeNumbers {
  private WholeNumbers() {}

  /**
   * @throws IllegalArgumentException naming the option, if its value is not within the bounds
   */
  static int require(String option, int value, int least, int most) {
    if (value < least) {
      throw new IllegalArgumentException(option + " " + value + " must be at least " + least);
    }
    if (value > most) {
      throw new IllegalArgumentException(option + " " + value + " must be at most " + most);
    }
    return value;
  }
}
