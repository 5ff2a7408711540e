package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import redraft.model.hub.PairCatalogue;
import redraft.model.hub.PairCatalogue.ModelSource;
import redraft.model.hub.PairCatalogue.Pair;
import redraft.report.TextTable;

@Command(
    name = "list",
    description = {
      "Shows the pairs that can be pulled.",
      "",
      "Each pair says how sure its figures and file names are; sizes are those of the weights, about.",
      "",
      "--json is a catalogue again, with every file name, which --catalogue reads."
    },
    footer = {
      "",
      "Examples:",
      "  redraft models list",
      "  redraft models list --json",
      "  redraft models list --catalogue pairs.json"
    })
final class ModelsListCommand implements Callable<Integer> {
  @Mixin private CatalogueOptions catalogue;

  @Mixin private JsonOptions output;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PairCatalogue pairs = catalogue.load();
    PrintWriter out = spec.commandLine().getOut();
    output.writeJson(new JsonMapper().valueToTree(pairs)); // a catalogue again, in its own words
    if (output.text()) {
      print(out, pairs.pairs());
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, List<Pair> pairs) {
    TextTable table =
        new TextTable("pair", "model", "as", "parameters", "MB", "repository", "licence");
    for (Pair pair : pairs) {
      for (ModelSource model : pair.models()) {
        table.add(
            pair.name(),
            model.name(),
            model == pair.target() ? "target" : "draft",
            model.parameters() == 0 ? "–" : Long.toString(model.parameters()),
            model.bytes() == 0 ? "–" : Long.toString(Math.round(model.bytes() / 1e6)),
            model.repository(),
            pair.licence() == null ? "–" : pair.licence());
      }
    }
    out.print(table.labels("pair", "licence").on(Terminal.screen()));
    out.println();
    Map<String, List<String>> byConfidence = new LinkedHashMap<>();
    for (Pair pair : pairs) {
      if (pair.description() != null) {
        out.println(pair.name() + ": " + pair.description());
      }
      String confidence = pair.confidence() == null ? "not said" : pair.confidence();
      byConfidence.computeIfAbsent(confidence, key -> new ArrayList<>()).add(pair.name());
    }
    byConfidence.forEach(
        (confidence, names) ->
            out.println("Confidence (" + String.join(", ", names) + "): " + confidence + "."));
    out.println();
    out.println("Pull one with: redraft models pull NAME");
  }
}
