package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "explore",
    description = {
      "Serves a page over a folder of traces, to choose, sweep and compare in a browser while the engine answers.",
      "",
      "The page is for this machine alone: it listens on the loopback interface, under an address with a secret in it, and answers no "
          + "other origin. It reads the folder's traces and writes nothing. Ctrl-C ends it."
    },
    footer = {"", "Examples:", "  redraft explore", "  redraft explore out/traces --port 8080"})
final class ExploreCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = "traces",
      description = "Folder of traces, with its folders (default: ${DEFAULT-VALUE}).")
  private Path folder;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "Port to listen on (default: one that is free).")
  private int port;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    WholeNumbers.require("--port", port, 0, 65535);
    ExploreFolder traces = ExploreFolder.of(folder);
    try (ExploreServer server = ExploreServer.start(traces, port)) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      traces.notes().forEach(note -> spec.commandLine().getErr().println(Message.line(note)));
      var out = spec.commandLine().getOut();
      out.println(traces.traces().size() + " traces of " + folder);
      out.println("open " + server.address());
      out.println("Ctrl-C ends it");
      out.flush();
      new CountDownLatch(1).await(); // until the program is ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }
}
