package redraft.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands behind the name of a policy, as in {@code sglang-adaptive:1,3,5,7:alpha=0.2}: a list,
 * then numbers by name.
 */
final class PolicyParameters {
  private final String written;
  private final String example;
  private final List<String> list = new ArrayList<>();
  private final Map<String, String> named = new HashMap<>();

  /**
   * @param written with the name of the policy
   * @param example of how it is written, for messages
   * @param names that there are
   */
  PolicyParameters(String written, String example, List<String> names) {
    this.written = written;
    this.example = example;
    String[] parts = written.split(":", -1);
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      if (pair.length == 2 && names.contains(pair[0])) {
        if (named.put(pair[0], pair[1]) != null) {
          throw wrong("has " + pair[0] + " twice");
        }
      } else if (i == 1) {
        list.addAll(List.of(parts[i].split(",", -1)));
      } else {
        throw wrong("has '" + parts[i] + "'" + (names.isEmpty() ? "" : ", none of " + names));
      }
    }
  }

  /** What is wrong with it, and how it is written. */
  IllegalArgumentException wrong(String problem) {
    return new IllegalArgumentException(
        "policy '" + written + "' " + problem + "; it is written as in " + example);
  }

  /** The list before the names; empty where there is none. */
  List<String> list() {
    return list;
  }

  /** Of the list. */
  int whole(String text, int least, int most) {
    return (int) within(text, least, most, true);
  }

  int whole(String name, int least, int most, int otherwise) {
    return named.containsKey(name) ? (int) within(named.get(name), least, most, true) : otherwise;
  }

  /** Of the list. */
  double number(String text, double least, double most) {
    return within(text, least, most, false);
  }

  double number(String name, double least, double most, double otherwise) {
    return named.containsKey(name) ? within(named.get(name), least, most, false) : otherwise;
  }

  private double within(String text, double least, double most, boolean whole) {
    double value;
    try {
      value = whole ? Integer.parseInt(text) : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value >= least && value <= most)) {
      throw wrong(
          "has '"
              + text
              + "', not a "
              + (whole ? "whole number" : "number")
              + " from "
              + words(least)
              + " to "
              + words(most));
    }
    return value;
  }

  private static String words(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}
