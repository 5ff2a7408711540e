package redraft.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import redraft.model.server.ScoringModel;
import redraft.model.server.ServerApi;
import redraft.model.server.ServerContact;
import redraft.model.server.ServerPair;
import redraft.model.server.ServerPair.Served;

/** Models that servers run, in place of those of a directory. */
final class ServerOptions {
  private static final List<String> OF_DIRECTORIES =
      List.of("--models", "--threads", "--draft-threads", "--single-rows");

  @Option(
      names = "--from-server",
      paramLabel = "[NAME=]URL",
      description =
          "Ask the server at this address for the target's probabilities, in place of running the models of a directory:"
              + " llama-server, or vLLM and what answers as it does. Of a server of several models, the name says which;"
              + " of one model, it is its name in the trace (default: what the server calls it). A key that it wants is"
              + " taken from LLAMA_API_KEY, or OPENAI_API_KEY, in the environment.")
  private String target;

  @Option(
      names = "--draft-server",
      paramLabel = "[NAME=]URL",
      description = "With --from-server: the server of a draft, likewise. Can be repeated.")
  private List<String> drafts = List.of();

  @Option(
      names = "--server-api",
      paramLabel = "llama.cpp|openai",
      completionCandidates = Names.ServerApis.class,
      description =
          "With --from-server: how the servers are asked (default: by how the target's lists its models).")
  private String api;

  @Option(
      names = "--server-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "With --from-server: longest time for one answer, that after a long prompt included (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "With --from-server: how often to ask again, after 1 second, 2, 4 …, where a server is busy (429), fails (5xx),"
              + " is late or breaks off (default: ${DEFAULT-VALUE}).")
  private int retries;

  @Mixin private ScoringOptions scoring;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean given() {
    return target != null;
  }

  /** Refuses what does not go together. */
  void check() {
    ParseResult arguments = command.commandLine().getParseResult();
    if (!given()) {
      for (String option : List.of("--server-api", "--retries")) {
        refuse(option, arguments, "goes with --from-server URL, the target's");
      }
      if (!drafts.isEmpty() || arguments.hasMatchedOption("--server-timeout")) {
        throw new IllegalArgumentException(
            "--draft-server and --server-timeout go with --from-server URL, the target's");
      }
      ScoringOptions.NAMES.forEach(
          option -> refuse(option, arguments, "goes with --from-server URL, the target's"));
      return;
    }
    if (drafts.isEmpty()) {
      throw new IllegalArgumentException(
          "--from-server "
              + target
              + " needs a draft to score the same tokens; name its server with --draft-server URL");
    }
    for (String option : OF_DIRECTORIES) {
      refuse(option, arguments, "is for models of a directory; leave it out with --from-server");
    }
    if (timeout < 1) {
      throw new IllegalArgumentException("--server-timeout " + timeout + " must be at least 1");
    }
    WholeNumbers.require("--retries", retries, 0, 100);
    if (api != null && Arrays.stream(ServerApi.values()).noneMatch(a -> a.word().equals(api))) {
      throw new IllegalArgumentException(
          "--server-api "
              + api
              + " is none of "
              + Arrays.stream(ServerApi.values())
                  .map(ServerApi::word)
                  .collect(Collectors.joining(", ")));
    }
    scoring.check();
    target(); // before anything is asked
    drafts();
  }

  private static void refuse(String option, ParseResult arguments, String why) {
    if (arguments.hasMatchedOption(option)) {
      throw new IllegalArgumentException(option + " " + why);
    }
  }

  /**
   * How the servers are to be asked.
   *
   * @param out is told what was found out
   */
  ServerApi api(PrintWriter out) {
    for (ServerApi known : ServerApi.values()) {
      if (known.word().equals(api)) {
        return known;
      }
    }
    URI address = withoutVersion(target().address());
    ServerApi found = ServerApi.of(address, contact(null));
    out.println(address + " is asked as --server-api " + found.word());
    out.flush();
    return found;
  }

  /** Those that are asked token by token. */
  ServerPair pair() {
    ScoringOptions.NAMES.forEach(
        option ->
            refuse(
                option,
                command.commandLine().getParseResult(),
                "is for servers that score a text at once, as vLLM does; llama-server is asked token by token"));
    return new ServerPair(target(), drafts(), contact("LLAMA_API_KEY"));
  }

  /** Those that score a text at once: the target, then the drafts. */
  List<ScoringModel> scoringModels() {
    ServerContact contact = contact("OPENAI_API_KEY");
    return Stream.concat(Stream.of(target()), drafts().stream())
        .map(
            served ->
                new ScoringModel(
                    served.name(),
                    withoutVersion(served.address()),
                    contact,
                    scoring.vocabularySize))
        .toList();
  }

  ScoringOptions scoring() {
    return scoring;
  }

  /** OpenAI's clients want addresses that end with it. */
  private static URI withoutVersion(URI address) {
    return URI.create(address.toString().replaceFirst("/v1$", ""));
  }

  /**
   * @param variable of the environment that holds the key; null for none
   */
  private ServerContact contact(String variable) {
    String key = variable == null ? "" : System.getenv().getOrDefault(variable, "").strip();
    if (!key.matches("[!-~]*")) {
      throw new IllegalArgumentException(
          variable + " is no key: it holds a character that keys do not have");
    }
    return new ServerContact(Duration.ofSeconds(timeout), key.isEmpty() ? null : key, retries);
  }

  private Served target() {
    return served("--from-server", target);
  }

  private List<Served> drafts() {
    return drafts.stream().map(draft -> served("--draft-server", draft)).toList();
  }

  private static Served served(String option, String text) {
    int equals = text.matches("(?i)https?://.*") ? -1 : text.indexOf('=');
    if (equals == 0) {
      throw new IllegalArgumentException(
          option + " " + text + " has no name before '='; write NAME=URL or URL");
    }
    return new Served(
        equals < 0 ? null : text.substring(0, equals), address(option, text.substring(equals + 1)));
  }

  private static URI address(String option, String text) {
    try {
      URI address = URI.create(text.replaceFirst("/+$", ""));
      if (address.getHost() != null
          && text.matches("(?i)https?://.*")
          && address.getQuery() == null
          && address.getFragment() == null) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new IllegalArgumentException(
        option + " " + text + " is no address of a server, such as http://localhost:8080");
  }
}
