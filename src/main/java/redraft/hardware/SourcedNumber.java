package redraft.hardware;

import redraft.json.CheckedObject;

/**
 * One number of a preset and where it is from.
 *
 * @param date of the source, or when the number was written down
 * @param confidence how it was obtained: read, read-secondary, recalled, derived or measured
 */
public record SourcedNumber(double value, String source, String date, String confidence) {
  /**
   * Reads one; a problem is left with the fields.
   *
   * @param least of its value
   * @param most of its value
   */
  public static SourcedNumber read(CheckedObject fields, double least, double most) {
    return new SourcedNumber(
        fields.number("value", least, most),
        fields.text("source"),
        fields.text("date"),
        fields.text("confidence"));
  }

  /** The number, its source and how sure it is, in a line. */
  public String cited() {
    return value + ": " + source + " (" + date + ", " + confidence + ")";
  }
}
