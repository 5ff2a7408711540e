package redraft.latency;

/**
 * One number of a preset and where it is from.
 *
 * @param date of the source, or when the number was written down
 * @param confidence how it was obtained: read, read-secondary, recalled, derived or measured
 */
public record Figure(double value, String source, String date, String confidence) {
  static Figure read(PresetFields fields, double least, double most) {
    return new Figure(
        fields.number("value", least, most),
        fields.text("source"),
        fields.text("date"),
        fields.text("confidence"));
  }
}
