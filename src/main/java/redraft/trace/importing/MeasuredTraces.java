package redraft.trace.importing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redraft.trace.DraftKind;
import redraft.trace.Grade;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.CommittedPath;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;
import redraft.trace.TraceSequence.Label;
import redraft.trace.TraceSequence.Prefix;
import redraft.trace.TraceSequence.Target;
import redraft.trace.TraceWriter;
import redraft.trace.importing.TraceImporter.Schedule;
import redraft.trace.importing.TraceImporter.Settings;

/** Writes traces of grades coins and histogram. */
final class MeasuredTraces {
  /**
   * Tokens of the one text that stands for all that was counted: the block that its end cuts short
   * is then less than a percent of its steps.
   */
  static final int TEXT = 1024;

  /** Steps that drafted less than this of the draft length are worth a note. */
  private static final double WHOLE = 0.98;

  private MeasuredTraces() {}

  /** The texts of a measurement, read anew each time. */
  interface Reading {
    void each(Reader reader) throws IOException;
  }

  /** What is told of each text. */
  interface Reader {
    void read(MeasuredSteps text) throws IOException;
  }

  /**
   * What a program does unless its user says otherwise.
   *
   * @param source that the trace names
   * @param rule by which it verifies
   * @param temperature at which it samples
   */
  record Usual(String source, String rule, double temperature) {
    /** The same, kept by another program. */
    Usual from(String other) {
      return new Usual(other, rule, temperature);
    }
  }

  /** The rule of the run. */
  private static String rule(Settings settings, Usual usual) {
    return settings.models().rule() == null ? usual.rule : settings.models().rule();
  }

  /**
   * Writes texts whose steps are known one by one.
   *
   * @param texts read twice: the header says what is assumed where no step tested
   * @return notes
   */
  static List<String> coins(Reading texts, Settings settings, Usual usual, Path trace)
      throws IOException {
    String rule = rule(settings, usual);
    if (rule.equals("block")) {
      throw new IllegalArgumentException(
          "rule 'block' keeps tokens together, so that steps of a run with it say nothing of other draft"
              + " lengths; name the rule of the run with --rule if it was another");
    }
    CoinTally tally = new CoinTally();
    long[] elsewhere = new long[2]; // tokens that no step committed, tokens
    texts.each(
        text -> {
          tally.add(text.coins());
          elsewhere[0] += text.elsewhere();
          elsewhere[1] += text.tokens() - text.prefilled();
        });
    if (!tally.any()) {
      throw new IllegalArgumentException("no step drafted a token, so there is nothing to replay");
    }
    DraftInfo draft =
        new DraftInfo(
            settings.models().draft(), "", 0, settings.models().kind(), 0, rule, tally.untested());
    try (TraceWriter writer = new TraceWriter(trace, header(settings, usual, draft, Grade.COINS))) {
      texts.each(
          text -> {
            if (text.sequence().length() > text.prefilled()) {
              writer.write(text.sequence());
            }
          });
      writer.finish();
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            "positions that no step tested are taken to accept %.4f: as often as token %d of a block,"
                + " given those before it, was accepted (%,d tests)",
            tally.untested(),
            tally.place(),
            tally.tests()));
    if (elsewhere[0] > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d decoded tokens came from steps that drafted nothing, of which the file does"
                  + " not say where they were; they are left out, so tokens per step is that of the steps that drafted",
              elsewhere[0],
              elsewhere[1]));
    }
    if (settings.drafting().schedule() == Schedule.FIXED
        && tally.drafted() < WHOLE * tally.most()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "steps drafted %.2f tokens on average, and up to %d: replay drafts as many as it is asked for,"
                  + " and takes what the run did not draft for accepted as often as above, which is too often if it"
                  + " stopped where it was unsure; the lower bound takes it for rejected",
              tally.drafted(),
              tally.most()));
    }
    if (settings.models().kind() == DraftKind.DEPTH) {
      notes.add(
          "a draft of kind 'depth' drafts other tokens at other places of a block, and a coin fell at"
              + " one of them only: replay at another draft length than that of the run is an approximation");
    }
    notes.addAll(assumed(settings, usual, rule));
    return notes;
  }

  /**
   * Writes what was counted of all steps together.
   *
   * @return notes
   */
  static List<String> histogram(
      SpeculationCounts counts, Settings settings, Usual usual, Path trace) throws IOException {
    String rule = rule(settings, usual);
    if (!(counts.steps() > 0)) {
      throw new IllegalArgumentException(
          "no step drafted anything while it was counted, so there is nothing to replay");
    }
    String contradiction = counts.contradiction();
    if (contradiction != null) {
      throw new IllegalArgumentException(
          "the counts contradict each other, so they are not of one run: " + contradiction);
    }
    DraftInfo draft =
        new DraftInfo(
            settings.models().draft(),
            "",
            0,
            settings.models().kind(),
            counts.depth(),
            rule,
            Double.NaN);
    try (TraceWriter writer =
        new TraceWriter(trace, header(settings, usual, draft, Grade.HISTOGRAM))) {
      writer.write(
          new TraceSequence(
              new Label("counted", 0, settings.domain()),
              new Prefix("", TraceSequence.unknown(settings.promptLength())),
              new CommittedPath(TraceSequence.unknown(TEXT), 0, Finish.LENGTH),
              Target.UNKNOWN,
              List.of(Draft.ofSurvival(counts.survival()))));
      writer.finish();
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            "%,.0f steps, %s accepted at least 1, 2, … tokens; they stand in one text of %,d tokens",
            counts.steps(),
            percents(counts.survival()),
            TEXT));
    if (counts.drafted() < WHOLE * counts.steps() * counts.depth()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "steps drafted %.2f tokens on average, not %d: those that drafted fewer count as if the"
                  + " rest had been rejected",
              counts.drafted() / counts.steps(),
              counts.depth()));
    }
    notes.addAll(assumed(settings, usual, rule));
    return notes;
  }

  private static String percents(double[] survival) {
    List<String> percents = new ArrayList<>();
    for (double share : survival) {
      percents.add(String.format(Locale.ROOT, "%.1f%%", 100 * share));
    }
    return String.join(", ", percents);
  }

  /** What nobody said. */
  private static List<String> assumed(Settings settings, Usual usual, String rule) {
    List<String> assumed = new ArrayList<>();
    if (settings.models().rule() == null) {
      assumed.add("rule '" + rule + "' (--rule)");
    }
    if (settings.sampling().temperature() == null) {
      assumed.add("temperature " + usual.temperature + " (--temperature)");
    }
    return assumed.isEmpty()
        ? List.of()
        : List.of(
            "taken for what "
                + usual.source
                + " usually does, because the file does not say: "
                + String.join(", ", assumed));
  }

  private static TraceHeader header(Settings settings, Usual usual, DraftInfo draft, Grade grade) {
    return new TraceHeader(
        new TraceHeader.TokenizerInfo(
            "", settings.vocabularySize() == null ? 1 : settings.vocabularySize()),
        new TraceHeader.ModelInfo(settings.models().target(), "", 0),
        List.of(draft),
        settings.sampling().or(usual.temperature, 0, 1),
        LogitDetail.NONE,
        grade,
        usual.source);
  }
}
