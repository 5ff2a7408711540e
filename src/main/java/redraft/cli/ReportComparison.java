package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;
import redraft.json.LineSource;
import redraft.json.Visible;
import redraft.latency.ConstantRatio;
import redraft.latency.Deployment;
import redraft.replay.Setting;
import redraft.report.RowFiles;
import redraft.report.SideBySideReport;
import redraft.study.Grid;
import redraft.study.Recording;
import redraft.study.SideBySide;

/** {@code report --compare A B}. */
final class ReportComparison {
  /** What the other page is made of. */
  private static final List<String> NOT_HERE =
      List.of(
          "--format",
          "--preset",
          "--sequences",
          "--models",
          "--seed",
          "--summary",
          "--tree",
          "--rate",
          "--rates",
          "--users",
          "--arrivals",
          "--acceptance",
          "--acceptance-rates",
          "--acceptance-length");

  private ReportComparison() {}

  /**
   * @param traces as they were named
   * @param json whether all of it is printed for programs; files are then written only where a
   *     folder was named
   */
  static int write(TraceCommand command, List<String> traces, Path out, boolean json)
      throws IOException {
    ParseResult given = command.spec.commandLine().getParseResult();
    for (String option : NOT_HERE) {
      if (given.hasMatchedOption(option)) {
        throw new IllegalArgumentException(
            option
                + " does not go with --compare, which sets two traces beside each other; leave it out");
      }
    }
    if (traces == null || traces.size() != 2) {
      throw new IllegalArgumentException(
          "--compare takes two traces, not " + (traces == null ? 0 : traces.size()));
    }
    if (traces.stream().allMatch(LineSource.STANDARD_INPUT::equals)) {
      throw new IllegalArgumentException(
          "only one of the two traces can come from standard input; name a file for the other");
    }
    command.accepted.orTyped(traces);
    List<Deployment> deployments =
        command.deployment.orElse(
            List.of(new ConstantRatio(ReportCommand.ASSUMED_COST_RATIO)),
            List.of(1),
            null,
            command.reach);
    atMostTwo("costs (--cost-ratio, --latency, --hardware, --batch, --context)", deployments);
    atMostTwo("--draft", command.grid.drafts);
    Grid every =
        command.grid.grid(
            GridOptions.Defaults.CHOOSE, List.of("fixed"), deployments, command.reach);
    List<Recording> recordings = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Grid own =
          new Grid(
              one(every.drafts(), i),
              every.ngrams(),
              null,
              every.rules(),
              every.policies(),
              every.lengthsNamed(),
              one(every.deployments(), i));
      recordings.add(
          command.ask(
              traces.get(i), own, (source, progress) -> Recording.of(source, own, progress)));
    }
    SideBySide study = SideBySide.of(recordings.get(0), recordings.get(1));
    command.note(study.notes());
    List<String> caveats = new ArrayList<>();
    if (!command.deployment.given()) {
      caveats.add(
          "no cost was named, so a draft pass is taken to cost "
              + ReportCommand.ASSUMED_COST_RATIO
              + " of a target pass on both sides");
    }
    Setting first = study.bests().first().setting();
    Setting second = study.bests().second().setting();
    if (deployments.size() == 1
        && first.draft().hasModel()
        && second.draft().hasModel()
        && !first.draft().name().equals(second.draft().name())) {
      caveats.add(
          "both drafts are taken to cost the same; name two costs, such as --cost-ratio 0.1,0.03, for one each");
    }
    command.note(caveats);
    command.note(
        List.of(
            "the best of many settings is a little flattered by having been chosen on the same prompts, on both sides alike"));
    SideBySideReport report =
        new SideBySideReport(CommandLines.again(command.spec), study, command.said());
    if (!json || given.hasMatchedOption("--out")) {
      report.write(out, RowFiles.CsvTexts.FOR_SPREADSHEETS);
    }
    if (json) {
      RowFiles.writeJson(TextForPeople.exact(command.spec.commandLine()), report.json());
    } else {
      report.answers().forEach(line -> command.out().println(Visible.line(line)));
      command.out().println("open " + out.resolve("compare.html"));
    }
    return 0;
  }

  private static void atMostTwo(String what, List<?> all) {
    if (all.size() > 2) {
      throw new IllegalArgumentException(
          "--compare takes one of "
              + what
              + " for both traces, or one for each, not "
              + all.size());
    }
  }

  /** The one of a side: its own where there are two. */
  private static <T> List<T> one(List<T> all, int side) {
    return all.size() < 2 ? all : List.of(all.get(side));
  }
}
