package redraft.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redraft.export.EngineExport.Names;
import redraft.export.EngineRelease.Law;
import redraft.export.EngineRelease.Method;
import redraft.metrics.AcceptanceRow;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.Setting;
import redraft.study.BestSetting;
import redraft.study.BestSetting.LengthAtBatch;

/**
 * The best setting of a trace in an engine's words.
 *
 * @param choice null where plain decoding was exported
 * @param laws which verification law that follows, and what others would give, a line each
 * @param notes what a reader should know besides, a line each
 */
public record Export(
    EngineRelease release, Choice choice, Printed printed, List<String> laws, List<String> notes) {
  /**
   * What to export.
   *
   * @param method the engine's word for how to draft; null for the usual one of the kind of draft
   * @param kind of the draft, one of {@link DraftKinds}
   * @param synthetic whether the engine is to accept by the trace's rates, for a load test
   * @param anyway whether to speculate where that does not pay
   */
  public record Asked(
      String version,
      String method,
      String kind,
      Names names,
      Ngrams ngrams,
      boolean synthetic,
      boolean anyway) {}

  /**
   * @param best asked {@link BestSetting#inFull}
   * @throws IllegalArgumentException if the release cannot do it, naming those that can
   */
  public static Export of(EngineExport export, Asked asked, BestSetting best) {
    ReleasedEngine engine = export.engine();
    EngineRelease release = engine.release(asked.version);
    List<String> notes = new ArrayList<>();
    if (!engine.isExactly(release, asked.version)) {
      notes.add(
          "nothing is known of "
              + engine.title()
              + " "
              + asked.version
              + " itself; these are settings of "
              + release.version()
              + ", the newest known release before it");
    }
    boolean pays = best.payoff().answer() != Payoff.Answer.DOES_NOT_PAY;
    if (!pays && !asked.anyway) {
      Printed plain = export.plain(asked.names);
      notes.addAll(plain.notes());
      return new Export(
          release,
          null,
          plain,
          List.of(
              "speculation does not pay here: the settings are those of plain decoding (--anyway for others)"),
          notes);
    }
    Choice choice = choice(engine, release, asked, best);
    Printed printed = export.speculative(choice, asked.names);
    requireKnown(engine, choice, printed);
    notes.addAll(printed.notes());
    return new Export(release, choice, printed, laws(engine, choice, best), notes);
  }

  private static Choice choice(
      ReleasedEngine engine, EngineRelease release, Asked asked, BestSetting best) {
    ReplayRow row = best.best();
    boolean looksUp = asked.kind.equals(DraftKinds.LOOKUP);
    Method method = engine.method(release, asked.method == null ? asked.kind : asked.method);
    if (method.looksUp() != looksUp && !method.drafts().equals(DraftKinds.ANY)) {
      throw new IllegalArgumentException(
          "method '"
              + method.name()
              + "' "
              + (looksUp ? "runs a model, and the draft " : "copies earlier text, and the draft ")
              + row.draft()
              + (looksUp ? " copies earlier text" : " does not")
              + "; name another --method or --draft");
    }
    Law law = looksUp ? release.usualLaw(method) : engine.law(release, method, row.rule());
    List<LengthAtBatch> batches = best.batches().lengths();
    int longest = row.draftLength();
    for (LengthAtBatch each : batches) {
      longest = Math.max(longest, each.draftLength());
    }
    int everywhere = longest;
    boolean alike =
        batches.stream().allMatch(each -> each.draftLength() == everywhere)
            || batches.stream()
                .allMatch(each -> each.draftLength() == 0); // the least bad is asked for
    return new Choice(
        release,
        method,
        law,
        longest,
        alike ? List.of() : batches,
        asked.ngrams,
        rates(best, row.setting(), longest),
        asked.synthetic);
  }

  /** P(at least 1, 2, … accepted) at a draft length, under a setting's draft and rule. */
  private static List<Double> rates(BestSetting best, Setting setting, int draftLength) {
    double[] rates = new double[draftLength];
    for (AcceptanceRow row : best.acceptance()) {
      Setting of = row.key().setting();
      if (of.draft() == setting.draft()
          && of.rule() == setting.rule()
          && of.draftLength() == draftLength
          && row.accepted() > 0
          && row.accepted() <= draftLength) {
        rates[row.accepted() - 1] = Math.min(1, row.joint());
      }
    }
    List<Double> all = new ArrayList<>();
    for (double rate : rates) {
      all.add(rate);
    }
    return all;
  }

  /** Nothing is printed that the release does not take. */
  private static void requireKnown(ReleasedEngine engine, Choice choice, Printed printed) {
    List<String> unknown = new ArrayList<>(printed.settings().keySet());
    unknown.addAll(printed.environment().keySet());
    unknown.removeAll(choice.release().settings());
    unknown.removeAll(choice.law().environment().keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalStateException(
          engine.title() + " " + choice.release().version() + " does not take " + unknown);
    }
  }

  private static List<String> laws(ReleasedEngine engine, Choice choice, BestSetting best) {
    ReplayRow row = best.best();
    Method method = choice.method();
    String release = engine.title() + " " + choice.release().version();
    if (method.looksUp()) {
      return List.of(
          "a copied token is kept while the target's text goes on with it, by every rule");
    }
    List<String> laws = new ArrayList<>();
    boolean usual = choice.release().usualLaw(method).equals(choice.law());
    boolean rates = choice.synthetic() || method.drafts().equals(DraftKinds.ANY);
    laws.add(
        rates
            ? "the rates are those of rule " + row.rule() + ": " + words(row)
            : "rule "
                + row.rule()
                + ", which "
                + release
                + " follows "
                + (usual ? "unless told otherwise" : "with " + choice.law().words())
                + (choice.law().needs() == null ? "" : "; it needs " + choice.law().needs())
                + ": "
                + words(row));
    for (ReplayRow other : best.beside()) {
      laws.add(
          "rule "
              + other.rule()
              + " would give "
              + words(other)
              + "; "
              + how(engine, choice, other.rule()));
    }
    return laws;
  }

  private static String how(ReleasedEngine engine, Choice choice, String rule) {
    Law law = choice.release().law(choice.method(), rule);
    if (choice.method().drafts().equals(DraftKinds.ANY)) {
      return "--rule " + rule + " exports its rates";
    }
    if (law != null) {
      return (law.words().isEmpty()
              ? "which is what it does with none of this set"
              : "set " + law.words())
          + " (--rule "
          + rule
          + ")"
          + (law.needs() == null ? "" : ", which needs " + law.needs());
    }
    String able = engine.able(choice.method(), rule);
    return able == null
        ? engine.title() + " has no setting for it in any known release"
        : "releases that can are " + able;
  }

  private static String words(ReplayRow row) {
    return String.format(
        Locale.ROOT,
        "draft %d, %.2f tokens per step, %.2f times plain decoding",
        row.draftLength(),
        row.tokensPerStep(),
        row.speedup());
  }
}
