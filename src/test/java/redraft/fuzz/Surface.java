package redraft.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import redraft.cli.Cli;

/** A place where what others wrote gets into the program. */
abstract class Surface {
  static final List<Surface> ALL =
      List.of(
          new TraceFuzz(),
          new ImportFuzz(),
          new OptionFuzz(),
          new PromptFuzz(),
          new MeasuredFuzz(),
          new ArrivalsFuzz(),
          new PairFuzz(),
          new ChatFuzz(),
          new HubFuzz());

  final String name;
  final int weight; // of 100 inputs

  Surface(String name, int weight) {
    this.name = name;
    this.weight = weight;
  }

  /** The next input, which only the random numbers decide. */
  abstract FuzzCase next(Random random) throws IOException;

  /** Whether a failure may leave a file, by its path in {@code {out}}. */
  boolean leaves(Path file) {
    return false;
  }

  /** Runs the program on an input whose files are in place. */
  Cli run(FuzzCase input, Path in, Path out) throws IOException {
    return Cli.run(input.arguments(in, out));
  }
}
