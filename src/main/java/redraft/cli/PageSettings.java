package redraft.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import redraft.export.EngineExport;
import redraft.export.EngineExport.Names;
import redraft.export.EngineExports;
import redraft.export.EngineRelease;
import redraft.export.Export;
import redraft.metrics.Payoff;
import redraft.metrics.ReplayRow;
import redraft.replay.LookupDraft.Ngrams;
import redraft.report.Report.EngineSetting;
import redraft.report.ReportBuilder;
import redraft.study.BestSetting;
import redraft.study.TraceStudy;
import redraft.trace.TraceHeader;

/**
 * What a page has to paste: of each serving engine the fastest setting that its newest known
 * release can be set to, in its words. Of batches it says nothing; {@code export} does.
 */
final class PageSettings implements ReportBuilder.EngineWords {
  private static final List<String> SIMULATORS = List.of("aiconfigurator", "dynamo-mocker");

  private final Ngrams ngrams;

  PageSettings(Ngrams ngrams) {
    this.ngrams = ngrams;
  }

  @Override
  public List<EngineSetting> of(TraceStudy study, List<ReplayRow> rows) {
    List<ReplayRow> fastestFirst =
        rows.stream().sorted(Comparator.comparing(ReplayRow::speedup).reversed()).toList();
    String priced = rows.get(0).deployment().latency().engineName();
    EngineExport own = priced == null ? null : EngineExports.ofCosts(priced);
    List<EngineSetting> settings = new ArrayList<>();
    for (EngineExport export : EngineExports.REGISTRY.all()) {
      EngineSetting setting =
          SIMULATORS.contains(export.name())
              ? null
              : of(export, study.texts().read().header(), fastestFirst);
      if (setting != null) {
        settings.add(export == own ? 0 : settings.size(), setting);
      }
    }
    return settings;
  }

  /** Null where the engine cannot do any of it. */
  private EngineSetting of(EngineExport export, TraceHeader header, List<ReplayRow> rows) {
    List<EngineRelease> releases = export.engine().releases();
    EngineRelease newest = releases.get(releases.size() - 1);
    for (ReplayRow row : rows) {
      if (newest.laws().stream().noneMatch(law -> law.rule().equals(row.rule()))) {
        continue;
      }
      try {
        Export exported =
            Export.of(
                export,
                new Export.Asked(
                    newest.version(),
                    null,
                    ExportCommand.kind(header, row),
                    new Names("TARGET", "DRAFT"),
                    ngrams,
                    false,
                    false),
                alone(row));
        List<String> lines = exported.printed().lines();
        String words =
            exported.choice() == null
                ? "plain decoding: speculation does not pay here"
                : exported.laws().get(0);
        return lines.isEmpty()
            ? null
            : new EngineSetting(export.engine().title() + " " + newest.version(), lines, words);
      } catch (IllegalArgumentException cannot) {
        // the next fastest that another rule gives
      }
    }
    return null;
  }

  /** A row as the answer to what is best; nothing is asked of batches or of acceptance in it. */
  private static BestSetting alone(ReplayRow row) {
    return new BestSetting(
        List.of(row),
        Payoff.of(row.speedup(), row.intervals().speedup(), row.deployment().latency().costError()),
        new BestSetting.Batches(null, 1, null, null, List.of()),
        new BestSetting.Acceptance(null, null),
        List.of(),
        List.of(),
        null,
        List.of());
  }
}
