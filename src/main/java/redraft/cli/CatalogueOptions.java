package redraft.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import redraft.model.hub.PairCatalogue;

/** Which pairs there are. */
final class CatalogueOptions {
  @Option(
      names = "--catalogue",
      paramLabel = "FILE",
      description =
          "A catalogue of your own, as docs/models.md describes it, in place of the shipped one.")
  private Path file;

  PairCatalogue load() throws IOException {
    return file == null ? PairCatalogue.shipped() : PairCatalogue.read(file);
  }
}
