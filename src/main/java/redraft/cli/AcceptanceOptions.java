package redraft.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import redraft.metrics.ReplayRow;
import redraft.replay.SequenceSource;
import redraft.study.Grid;
import redraft.study.LawBounds;
import redraft.study.LocalStorage;
import redraft.study.Sources;
import redraft.study.Storage;
import redraft.synthetic.MeanLength;
import redraft.synthetic.TypedAcceptance;

/** What is replayed: traces that are named, or one acceptance that is typed in their place. */
final class AcceptanceOptions {
  private static final String CONDITIONAL = "conditional:";

  @ArgGroup private Typed typed;

  @Option(
      names = "--broken-files",
      paramLabel = "stop|skip",
      description =
          "What to do where a file of an archive is broken: stop (the default), or skip it and name it.")
  private BrokenFiles brokenFiles = BrokenFiles.STOP;

  private Map<String, String> names = Map.of(); // of the traces
  private Storage storage = new LocalStorage();

  /** What to do where a file of an archive is broken. */
  private enum BrokenFiles {
    STOP,
    SKIP
  }

  /** One of these. */
  private static final class Typed {
    @Option(
        names = "--acceptance",
        paramLabel = "A",
        required = true,
        description =
            "In place of a trace: every drafted token is accepted with probability A, independently of the others.")
    private String constant;

    @Option(
        names = "--acceptance-rates",
        paramLabel = "[conditional:]A,…",
        required = true,
        description =
            "In place of a trace: P(at least i drafted tokens accepted) for i = 1, 2, …, as vLLM prints them by position; after "
                + "conditional:, P(token i accepted | those before it were).")
    private String rates;

    @Option(
        names = "--acceptance-length",
        paramLabel = "L@K",
        required = true,
        description =
            "In place of a trace: L tokens a step, the bonus or recovered token included, at draft length K, such as 2.6@5; read "
                + "as the same conditional probability at every place, with bounds over all laws of that mean.")
    private String length;

    TypedAcceptance acceptance() {
      if (constant != null) {
        return read("--acceptance", constant, text -> TypedAcceptance.independent(number(text)));
      }
      if (rates != null) {
        return read("--acceptance-rates", rates, Typed::rates);
      }
      return read("--acceptance-length", length, Typed::length);
    }

    /** Names the option in what its value is refused for. */
    private static TypedAcceptance read(
        String option, String text, Function<String, TypedAcceptance> reader) {
      try {
        return reader.apply(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(option + " " + text + ": not a number, such as 0.8");
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(option + " " + text + ": " + e.getMessage());
      }
    }

    private static TypedAcceptance rates(String text) {
      boolean conditional = text.startsWith(CONDITIONAL);
      List<Double> numbers = new ArrayList<>();
      for (String part : text.substring(conditional ? CONDITIONAL.length() : 0).split(",", -1)) {
        numbers.add(number(part));
      }
      return conditional ? TypedAcceptance.conditional(numbers) : TypedAcceptance.joint(numbers);
    }

    private static TypedAcceptance length(String text) {
      String[] parts = text.split("@", -1);
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "a mean length is one of a draft length; write 2.6@5 for 2.6 tokens a step with 5 drafted");
      }
      double tokensPerStep = number(parts[0]);
      int draftLength;
      try {
        draftLength = Integer.parseInt(parts[1].strip());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "'" + parts[1] + "' is no draft length, a whole number such as 5");
      }
      return TypedAcceptance.length(new MeanLength(tokensPerStep, draftLength));
    }

    private static double number(String text) {
      return Double.parseDouble(text.strip());
    }
  }

  /** Whether an acceptance was typed. */
  boolean given() {
    return typed != null;
  }

  /**
   * What to read: the traces, or the name of what was typed.
   *
   * @param traces null or empty for none
   */
  List<String> orTyped(List<String> traces) {
    boolean named = traces != null && !traces.isEmpty();
    if (named == (typed != null)) {
      String options = "--acceptance, --acceptance-rates or --acceptance-length";
      throw new IllegalArgumentException(
          named
              ? "an acceptance stands in place of a trace, and "
                  + traces.get(0)
                  + " is one; name the trace, or one of "
                  + options
              : "nothing says what is accepted: name a TRACE, or one of " + options);
    }
    if (!named) {
      return List.of(typed.acceptance().name());
    }
    names = Sources.names(traces);
    return traces;
  }

  /** As {@link #orTyped(List)}, of one trace; null for none. */
  String orTyped(String trace) {
    return orTyped(trace == null ? List.of() : List.of(trace)).get(0);
  }

  /** As results call a trace that {@link #orTyped} gave. */
  String name(String trace) {
    return names.getOrDefault(trace, trace);
  }

  /** Where archives are read, in place of this machine. */
  void setStorage(Storage storage) {
    this.storage = storage;
  }

  /**
   * @param trace one that {@link #orTyped} gave
   */
  SequenceSource open(String trace, String domain) throws IOException {
    return open(trace, domain, source -> source);
  }

  /**
   * @param some of the sequences of the domain
   */
  SequenceSource open(String trace, String domain, UnaryOperator<SequenceSource> some)
      throws IOException {
    return typed == null
        ? Sources.open(
            trace,
            new Sources.Places(names, System.in, storage, brokenFiles == BrokenFiles.SKIP),
            source -> some.apply(Sources.ofDomain(source, domain)))
        : some.apply(Sources.of(typed.acceptance(), domain));
  }

  /** What a mean length leaves open of a row of its replay; null where none was typed. */
  LawBounds bounds(ReplayRow row) {
    return typed == null ? null : LawBounds.of(typed.acceptance(), row);
  }

  /**
   * What a reader should know of an acceptance that was typed, a line each.
   *
   * @param bounds of the one setting that is shown; null where all are
   */
  List<String> notes(Grid grid, LawBounds bounds) {
    return typed == null ? List.of() : LawBounds.notes(typed.acceptance(), grid, bounds);
  }
}
