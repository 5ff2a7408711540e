package redraft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import redraft.replay.SequenceSource;
import redraft.study.Grid;
import redraft.study.PricedPairs;
import redraft.study.Reach;

/** A command that replays traces: the options that all of them have, and their way of talking. */
abstract class TraceCommand implements Callable<Integer> {
  static final String TRACE =
      "Trace (JSON Lines, plain or compressed by gzip or zstd), a folder of traces of one recording, - for standard input, or preset:NAME or preset:FILE for an "
          + "acceptance preset (see compare); or no trace and one of --acceptance, --acceptance-rates and --acceptance-length.";

  private static final long SMALL = 10_000_000; // bytes

  @Mixin AcceptanceOptions accepted;

  @Mixin GridOptions grid;

  @Mixin DeploymentOptions deployment;

  @Option(
      names = "--assume-acceptance",
      description =
          "Take the recorded acceptance for that of the models that are priced, and do not warn that they are others.")
  private boolean assumeAcceptance;

  @Spec CommandSpec spec;

  final Reach reach = new Reach();
  private final Set<String> said = new LinkedHashSet<>();

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Says on standard error what a reader should know, once. */
  void note(List<String> notes) {
    notes.stream()
        .filter(said::add)
        .forEach(note -> spec.commandLine().getErr().println(Message.line(note)));
  }

  /** All that was said so. */
  List<String> said() {
    return List.copyOf(said);
  }

  /** Answers a question while the bytes of the file tell how far that is, or else its sequences. */
  private static <T> T answer(SequenceSource source, Question<T> question) throws IOException {
    long bytes = source.bytes();
    try (Progress progress =
        bytes < 0
            ? new Progress(source.name(), -1)
            : bytes < SMALL
                ? new Progress(source.name(), bytes, " kB", 1_000)
                : new Progress(source.name(), bytes, " MB", 1_000_000)) {
      return question.answer(
          source, sequences -> progress.stepTo(bytes < 0 ? sequences : source.bytesRead()));
    }
  }

  /** A question to a trace. */
  interface Question<T> {
    T answer(SequenceSource source, LongConsumer progress) throws IOException;
  }

  /**
   * Asks a trace while it is read once, and says so where the pair that is priced is another than
   * the recorded one.
   *
   * @param trace one that {@link AcceptanceOptions#orTyped} gave
   * @param wanted of the trace
   */
  <T> T ask(String trace, Grid wanted, Question<T> question) throws IOException {
    return ask(trace, wanted, source -> source, question);
  }

  /**
   * The same of some of its sequences.
   *
   * @param some of the source's sequences
   */
  <T> T ask(String trace, Grid wanted, UnaryOperator<SequenceSource> some, Question<T> question)
      throws IOException {
    try (SequenceSource source =
        accepted.open(trace, grid.domain, all -> reach.within(some.apply(all), wanted))) {
      String otherPair =
          assumeAcceptance || !source.sampled()
              ? null
              : PricedPairs.note(source.header(), wanted.on(source).drafts(), wanted.deployments());
      T answer = answer(source, question);
      note(otherPair == null ? List.of() : List.of(otherPair));
      note(reach.takeLeftOut());
      note(source.notes());
      return answer;
    }
  }
}
