package redraft.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import redraft.export.EngineRelease.Law;
import redraft.export.EngineRelease.Method;
import redraft.json.CheckedObject;

/**
 * An engine and what its releases take, read from data.
 *
 * @param costs engines of {@link redraft.latency.Engines} whose steps it makes, the usual one
 *     first; empty where none is known
 * @param releases in ascending order
 */
public record ReleasedEngine(
    String name, String title, List<String> costs, List<EngineRelease> releases) {
  private static final Pattern VERSION =
      Pattern.compile("v?(\\d{1,6}(?:\\.\\d{1,6}){0,3})(?:[.+-]?[a-z].*)?");

  /** Reads NAME.json beside this class. */
  static ReleasedEngine read(String name) {
    String file = name + ".json";
    try (InputStream in = ReleasedEngine.class.getResourceAsStream(file)) {
      CheckedObject fields = CheckedObject.read(file, in);
      ReleasedEngine engine =
          new ReleasedEngine(
              name,
              fields.text("title"),
              fields.texts("costs"),
              fields.children("releases").stream().map(EngineRelease::read).toList());
      fields.finish();
      return engine;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The newest release that is known and not later than this one.
   *
   * @throws IllegalArgumentException if it is no version, or older than all that are known
   */
  public EngineRelease release(String version) {
    List<Integer> wanted = parts(version);
    EngineRelease found = null;
    for (EngineRelease each : releases) {
      found = compare(parts(each.version()), wanted) <= 0 ? each : found;
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "nothing is known of "
              + title
              + " "
              + version
              + "; the oldest known release is "
              + releases.get(0).version());
    }
    return found;
  }

  /** Whether it is just this release; a shorter version stands for all that begin so. */
  boolean isExactly(EngineRelease release, String version) {
    List<Integer> known = parts(release.version());
    List<Integer> wanted = parts(version);
    return wanted.size() >= known.size()
        ? wanted.subList(0, known.size()).equals(known)
        : compare(known, wanted) == 0;
  }

  /** Releases of which something holds, as a list of their versions; null for none. */
  String releasesThat(Predicate<EngineRelease> holds) {
    String versions =
        releases.stream()
            .filter(holds)
            .map(EngineRelease::version)
            .collect(Collectors.joining(", "));
    return versions.isEmpty() ? null : versions;
  }

  /**
   * The way of drafting of that name or kind.
   *
   * @throws IllegalArgumentException naming what there is and which releases can, if there is none
   */
  Method method(EngineRelease release, String nameOrKind) {
    Method found = release.method(nameOrKind);
    if (found != null) {
      return found;
    }
    Method elsewhere =
        releases.stream()
            .map(each -> each.method(nameOrKind))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    String refused =
        release.refused().stream()
            .filter(
                each ->
                    elsewhere != null && each.method().equals(elsewhere.name())
                        || each.method().equals(nameOrKind))
            .map(each -> ": " + each.why())
            .findFirst()
            .orElse("");
    String able = releasesThat(each -> each.method(nameOrKind) != null);
    throw new IllegalArgumentException(
        title
            + " "
            + release.version()
            + " has no method '"
            + (elsewhere == null ? nameOrKind : elsewhere.name())
            + "'"
            + refused
            + "; it has "
            + release.methods().stream().map(Method::name).collect(Collectors.joining(", "))
            + (able == null ? "" : ", and releases that have it are " + able));
  }

  /**
   * How a release verifies by a rule.
   *
   * @throws IllegalArgumentException naming what it can do and which releases can, if it cannot
   */
  Law law(EngineRelease release, Method method, String rule) {
    Law found = release.law(method, rule);
    if (found != null) {
      return found;
    }
    String able = able(method, rule);
    throw new IllegalArgumentException(
        title
            + " "
            + release.version()
            + " cannot verify "
            + method.name()
            + " by rule '"
            + rule
            + "'; it can by "
            + release.laws().stream()
                .filter(law -> law.covers(method))
                .map(Law::rule)
                .distinct()
                .collect(Collectors.joining(", "))
            + (able == null
                ? ", and no known release can"
                : ", and releases that can are " + able));
  }

  /** Releases that can verify a kind of draft by a rule; null for none. */
  String able(Method method, String rule) {
    return releasesThat(
        each -> {
          Method same = each.method(method.drafts());
          return same != null && each.law(same, rule) != null;
        });
  }

  /**
   * @param what the setting does, for the message
   * @throws IllegalArgumentException naming the releases that have it, if this one has not
   */
  void require(EngineRelease release, String setting, String what) {
    if (!release.has(setting)) {
      String able = releasesThat(each -> each.has(setting));
      throw new IllegalArgumentException(
          title
              + " "
              + release.version()
              + " has no "
              + what
              + (able == null ? "" : "; releases that have it are " + able));
    }
  }

  private static List<Integer> parts(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + version + "' is no version of an engine, such as 0.33.0");
    }
    List<Integer> parts = new ArrayList<>();
    for (String part : matcher.group(1).split("\\.")) {
      parts.add(Integer.valueOf(part));
    }
    return parts;
  }

  private static int compare(List<Integer> one, List<Integer> other) {
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      int difference = (i < one.size() ? one.get(i) : 0) - (i < other.size() ? other.get(i) : 0);
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }
}
