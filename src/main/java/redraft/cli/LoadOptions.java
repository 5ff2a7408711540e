package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import redraft.json.ResultFiles;
import redraft.latency.Deployment;
import redraft.traffic.ArrivalSummary;
import redraft.traffic.OfferedLoad;
import redraft.traffic.Workload;
import redraft.traffic.arrivals.ArrivalFormats;
import redraft.traffic.arrivals.Arrivals;
import redraft.traffic.arrivals.Lengths;
import redraft.traffic.arrivals.RenewalArrivals;
import redraft.traffic.arrivals.SomeArrivals;

/** What comes to the server, and when. */
final class LoadOptions {
  private static final int LEAST_REQUESTS = 1000;
  private static final double LEAST_SECONDS = 60;
  private static final double EDGE = 0.1; // part of the requests that do not count at either end
  private static final int MOST_USERS = 1 << 20;
  private static final long MOST_REQUESTS = 1_000_000_000;

  @ArgGroup private Comes comes;

  /** One of these. */
  private static final class Comes {
    @Option(
        names = {"--rate", "--rates"},
        paramLabel = "R",
        converter = Rates.Converter.class,
        description =
            "Requests a second: 8, 1,2,4 or 1..64, by factors of √2 (default: from a tenth of what plain decoding can serve to all "
                + "of it).")
    private Rates rates;

    @Option(
        names = "--users",
        paramLabel = "N",
        split = ",",
        description = "So many users, each of whom asks again as soon as the answer is there.")
    private List<Integer> users;
  }

  @Option(
      names = "--arrivals",
      paramLabel = "FILE",
      description =
          "When requests came and how long they were, from a file; at its own rate, or at each --rate. Requests follow texts of about their length.")
  private Path arrivals;

  @Option(
      names = "--arrivals-format",
      paramLabel = "FORMAT",
      completionCandidates = Names.ArrivalsFormats.class,
      description = "Format of that file: ${COMPLETION-CANDIDATES} (default: by how it begins).")
  private String arrivalsFormat;

  @Option(
      names = "--burstiness",
      paramLabel = "SHAPE",
      defaultValue = "1",
      description =
          "Shape of the gamma distribution of the gaps between requests, as in vllm bench serve: 1 is Poisson arrivals, 0.25 comes in bursts, Infinity evenly spaced "
              + "(default: ${DEFAULT-VALUE}).")
  private double burstiness;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description =
          "Requests of a run; times count of all but the first and last tenth (default: a minute of them, and at least 1000).")
  private Long requests;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      description = "Tokens of every prompt (default: those of the text that a request follows).")
  private Integer promptTokens;

  @Option(
      names = "--output-tokens",
      paramLabel = "N",
      description = "Tokens of every answer (default: those of the text that a request follows).")
  private Integer outputTokens;

  /** Whether requests bring their lengths, so that plain decoding needs no trace. */
  boolean lengthsNamed() {
    return arrivals != null || promptTokens != null && outputTokens != null;
  }

  /** What the file of arrivals says; null where there is none. */
  ArrivalSummary summary() throws IOException {
    if (arrivals == null) {
      return null;
    }
    try (Arrivals opened = opened(1)) {
      return ArrivalSummary.of(opened);
    }
  }

  /** What a reader should know of the file of arrivals. */
  List<String> notes() throws IOException {
    if (arrivals == null) {
      return List.of();
    }
    try (Arrivals opened = opened(1)) {
      ArrivalSummary.of(opened); // what failed is known at the end
      return opened.notes();
    }
  }

  private Arrivals opened(double stretch) throws IOException {
    return new SomeArrivals(
        ArrivalFormats.open(arrivals, arrivalsFormat),
        requests == null ? Long.MAX_VALUE : requests,
        stretch);
  }

  /** A deployment whose prompts are as long as was named. */
  Deployment at(Deployment deployment) {
    return promptTokens == null
        ? deployment
        : new Deployment(
            deployment.name(),
            deployment.latency(),
            deployment.batch(),
            promptTokens,
            deployment.usdPerHour());
  }

  /** Whether nothing of the requests is drawn. */
  boolean certain() {
    return arrivals != null;
  }

  /** Whether rates are to be found. */
  boolean open() {
    return comes == null && arrivals == null;
  }

  /**
   * The loads that were named.
   *
   * @param found rates where none were named
   */
  List<OfferedLoad> loads(List<Double> found) throws IOException {
    List<OfferedLoad> loads = new ArrayList<>();
    if (arrivals != null) {
      if (comes == null) {
        return List.of(ofFile(null, 1));
      }
      double own = summary().rate();
      for (double rate : comes.rates.values()) {
        loads.add(ofFile(rate, own / rate));
      }
      return loads;
    }
    if (comes != null && comes.users != null) {
      for (int users : comes.users) {
        loads.add(closed(users));
      }
      return loads;
    }
    for (double rate : comes == null ? found : comes.rates.values()) {
      loads.add(open(rate));
    }
    return loads;
  }

  /** Users who ask again. */
  OfferedLoad closed(int users) {
    long count = requests == null ? Math.max(LEAST_REQUESTS, 10L * users) : requests;
    return new OfferedLoad(
        users + (users == 1 ? " user" : " users"),
        null,
        users,
        Workload.closed(users, count, this::lengths, first(count), last(count)),
        !lengthsNamed());
  }

  private OfferedLoad open(double rate) {
    long count =
        requests == null
            ? Math.max(LEAST_REQUESTS, (long) Math.ceil(rate * LEAST_SECONDS))
            : requests;
    return new OfferedLoad(
        OfferedLoad.rate(rate),
        rate,
        null,
        Workload.open(
            (texts, seed) -> new RenewalArrivals(rate, burstiness, count, seed, lengths(texts)),
            first(count),
            last(count)),
        !lengthsNamed());
  }

  /**
   * @param rate null for the file's own
   */
  private OfferedLoad ofFile(Double rate, double stretch) {
    return new OfferedLoad(
        ResultFiles.name(arrivals) + (rate == null ? "" : ", " + OfferedLoad.rate(rate)),
        rate,
        null,
        Workload.open((texts, seed) -> opened(stretch), 0, Long.MAX_VALUE),
        false);
  }

  /** Refuses what cannot be, before anything is computed. */
  void check() {
    RenewalArrivals.requireShape(burstiness);
    if (arrivals != null
        && (comes != null && comes.users != null
            || promptTokens != null
            || outputTokens != null
            || burstiness != 1)) {
      throw new IllegalArgumentException(
          "--arrivals says when requests come and how long they are: leave out --users, --burstiness, --prompt-tokens and --output-tokens");
    }
    if (arrivals == null && arrivalsFormat != null) {
      throw new IllegalArgumentException("--arrivals-format goes with --arrivals FILE");
    }
    if (requests != null && (requests < 1 || requests > MOST_REQUESTS)) {
      throw new IllegalArgumentException(
          "--requests " + requests + " must be from 1 to " + MOST_REQUESTS);
    }
    if (comes != null && comes.users != null) {
      comes.users.forEach(each -> WholeNumbers.require("--users", each, 1, MOST_USERS));
    }
    if (promptTokens != null) {
      WholeNumbers.require("--prompt-tokens", promptTokens, 1, 1 << 24);
    }
    if (outputTokens != null) {
      WholeNumbers.require("--output-tokens", outputTokens, 1, 1 << 24);
    }
  }

  private static long first(long count) {
    return Math.round(count * EDGE);
  }

  private static long last(long count) {
    return Math.max(first(count) + 1, Math.round(count * (1 - EDGE)));
  }

  /**
   * Those that were named, and for the rest those of the texts.
   *
   * @param texts null for none
   */
  private Lengths lengths(Lengths texts) {
    if (promptTokens == null && outputTokens == null) {
      return texts;
    }
    return new Lengths() {
      @Override
      public int promptTokens(long request) {
        return promptTokens == null ? texts.promptTokens(request) : promptTokens;
      }

      @Override
      public int outputTokens(long request) {
        return outputTokens == null ? texts.outputTokens(request) : outputTokens;
      }
    };
  }
}
