package redraft.cli;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import redraft.model.server.ServerPair;

/** Models that llama-server runs, in place of those of a directory. */
final class ServerOptions {
  private static final List<String> OF_DIRECTORIES =
      List.of("--models", "--threads", "--draft-threads", "--single-rows");

  @Option(
      names = "--from-server",
      paramLabel = "URL",
      description =
          "Ask the llama-server at this address for the target's probabilities, in place of running the models of a"
              + " directory; any GGUF will do. A key that it wants is taken from LLAMA_API_KEY in the environment.")
  private String target;

  @Option(
      names = "--draft-server",
      paramLabel = "[NAME=]URL",
      description =
          "With --from-server: the llama-server of a draft, with the name of the draft in the trace (default: what the server"
              + " calls it). Can be repeated.")
  private List<String> drafts = List.of();

  @Option(
      names = "--server-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "With --from-server: longest time for one answer, that after a long prompt included (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean given() {
    return target != null;
  }

  /** Refuses what does not go together. */
  void check() {
    ParseResult arguments = command.commandLine().getParseResult();
    if (!given() && (!drafts.isEmpty() || arguments.hasMatchedOption("--server-timeout"))) {
      throw new IllegalArgumentException(
          "--draft-server and --server-timeout go with --from-server URL, the target's");
    }
    if (given() && drafts.isEmpty()) {
      throw new IllegalArgumentException(
          "--from-server "
              + target
              + " needs a draft to score the same tokens; name its server with --draft-server URL");
    }
    for (String option : OF_DIRECTORIES) {
      if (given() && arguments.hasMatchedOption(option)) {
        throw new IllegalArgumentException(
            option + " is for models of a directory; leave it out with --from-server");
      }
    }
    if (timeout < 1) {
      throw new IllegalArgumentException("--server-timeout " + timeout + " must be at least 1");
    }
  }

  ServerPair open() {
    return new ServerPair(
        address("--from-server", target),
        drafts.stream().map(ServerOptions::draft).toList(),
        Duration.ofSeconds(timeout),
        key());
  }

  private static String key() {
    String key = System.getenv().getOrDefault("LLAMA_API_KEY", "").strip();
    if (!key.matches("[!-~]*")) {
      throw new IllegalArgumentException(
          "LLAMA_API_KEY is no key: it holds a character that keys do not have");
    }
    return key.isEmpty() ? null : key;
  }

  private static ServerPair.DraftServer draft(String option) {
    int equals = option.matches("(?i)https?://.*") ? -1 : option.indexOf('=');
    if (equals == 0) {
      throw new IllegalArgumentException(
          "--draft-server " + option + " has no name before '='; write NAME=URL or URL");
    }
    return new ServerPair.DraftServer(
        equals < 0 ? null : option.substring(0, equals),
        address("--draft-server", option.substring(equals + 1)));
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
