package redraft.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.json.CheckedObject;

/**
 * What one release of an engine takes, of all that an export may print.
 *
 * @param settings names of fields, flags and environment variables
 * @param methods ways of drafting, the usual one of each kind first
 * @param refused ways of drafting that it lists or once had, and refuses
 * @param laws how it can verify, the usual way of each method first
 * @param source what was read
 */
public record EngineRelease(
    String version,
    List<String> settings,
    List<Method> methods,
    List<Refused> refused,
    List<Law> laws,
    Source source) {
  /**
   * A way of drafting, in the engine's word.
   *
   * @param drafts the kind of draft that it runs, such as "model" or "lookup"; "any" where the
   *     engine does not ask
   */
  public record Method(String name, String drafts) {
    /** Whether it copies earlier text. */
    public boolean looksUp() {
      return drafts.equals(DraftKinds.LOOKUP);
    }

    boolean runs(String kind) {
      return drafts.equals(kind) || drafts.equals(DraftKinds.ANY);
    }
  }

  /**
   * @param why the release refuses it
   */
  public record Refused(String method, String why) {}

  /**
   * A verification rule and what makes the engine follow it.
   *
   * @param methods that can be verified so; empty for all
   * @param set fields or flags; an empty value for a flag that takes none
   * @param needs what else it takes; null for nothing
   */
  public record Law(
      String rule,
      List<String> methods,
      Map<String, String> set,
      Map<String, String> environment,
      String needs) {
    boolean covers(Method method) {
      return methods.isEmpty() || methods.contains(method.name);
    }

    /** Fields, flags and variables as one would say them; empty where nothing is to be set. */
    public String words() {
      List<String> words = new ArrayList<>();
      set.forEach((name, value) -> words.add(value.isEmpty() ? name : name + " " + value));
      environment.forEach((name, value) -> words.add(name + "=" + value));
      return String.join(" and ", words);
    }
  }

  /** Where it is from that the release takes this. */
  public record Source(String text, String date, String confidence) {}

  public EngineRelease {
    settings = List.copyOf(settings);
    methods = List.copyOf(methods);
    refused = List.copyOf(refused);
    laws = List.copyOf(laws);
  }

  public boolean has(String setting) {
    return settings.contains(setting);
  }

  /** Its way of drafting of that name or of that kind; null where there is none. */
  Method method(String nameOrKind) {
    return methods.stream()
        .filter(each -> each.name.equalsIgnoreCase(nameOrKind) || each.runs(nameOrKind))
        .findFirst()
        .orElse(null);
  }

  /**
   * The rule that it verifies by unless told otherwise.
   *
   * @param method null for that of a draft model
   */
  public String usualRule(String method) {
    Method named = method(method == null ? DraftKinds.MODEL : method);
    return (named == null ? laws.get(0) : usualLaw(named)).rule();
  }

  /** How it verifies what a method drafts unless told otherwise. */
  Law usualLaw(Method method) {
    return laws.stream().filter(law -> law.covers(method)).findFirst().orElseThrow();
  }

  /** How it verifies by that rule; null where it cannot. */
  Law law(Method method, String rule) {
    return laws.stream()
        .filter(law -> law.rule.equals(rule) && law.covers(method))
        .findFirst()
        .orElse(null);
  }

  static EngineRelease read(CheckedObject fields) {
    return new EngineRelease(
        fields.text("version"),
        fields.texts("settings"),
        fields.children("methods").stream()
            .map(each -> new Method(each.text("name"), each.text("drafts")))
            .toList(),
        fields.children("refused").stream()
            .map(each -> new Refused(each.text("method"), each.text("why")))
            .toList(),
        fields.children("laws").stream().map(EngineRelease::law).toList(),
        new Source(fields.text("source"), fields.text("date"), fields.text("confidence")));
  }

  private static Law law(CheckedObject fields) {
    return new Law(
        fields.text("rule"),
        fields.texts("methods"),
        values(fields, "set"),
        values(fields, "environment"),
        fields.given("needs") ? fields.text("needs") : null);
  }

  private static Map<String, String> values(CheckedObject fields, String field) {
    Map<String, String> values = new LinkedHashMap<>();
    if (fields.has(field)) {
      fields.children(field).forEach(each -> values.put(each.text("name"), each.line("value")));
    }
    return values;
  }
}
