package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.replay.SequenceSource;
import redraft.study.TreeGrowth;

/** Trees of candidates in place of chains. */
final class TreeOptions {
  private static final Pattern GROWN = Pattern.compile("best:(\\d{1,9})");

  /** For --help. */
  static final class Trees extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Trees() {
      super(DraftTrees.names());
    }
  }

  @Option(
      names = "--tree",
      paramLabel = "NAME|FILE",
      split = ",",
      completionCandidates = Trees.class,
      description =
          "Draft a static tree of the likeliest tokens instead of a chain: ${COMPLETION-CANDIDATES}; WIDTHxDEPTH, such as 2x4; "
              + "best:N, the best tree of N nodes, grown on every other prompt of the trace and judged on the others; or a file "
              + "{\"name\":…,\"paths\":[[1],[1,1],[2],…]} of ranks. The target's own draws follow it, which is rule greedy-draft; --draft-length "
              + "cuts it to its first levels.")
  private List<String> names = List.of();

  @Written
  @Option(
      names = "--tree-out",
      paramLabel = "FILE",
      description = "With --tree best:N: write the tree, for --tree and for engines.")
  private Path out;

  /** A tree that was asked for, on one trace. */
  record Wanted(DraftTree tree, boolean grown) {
    /** What a reader should know of it. */
    List<String> notes(String trace) {
      return grown
          ? List.of(
              "tree '"
                  + tree.name()
                  + "' was grown on every other prompt of each domain of "
                  + trace
                  + ", and is judged on the others")
          : List.of();
    }

    /** What it is judged on. */
    SequenceSource of(SequenceSource source) {
      return grown ? new TreeGrowth.Half(source, true) : source;
    }
  }

  /** Opens a trace. */
  interface Opener {
    SequenceSource open() throws IOException;
  }

  /** Refuses what does not go together. */
  void check(List<String> traces) {
    if (names.size() > 1 && traces != null && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "standard input can be read only once; name one --tree, or a file");
    }
    boolean grows = names.stream().anyMatch(name -> GROWN.matcher(name).matches());
    if (grows && traces != null && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "a tree is grown in a reading of its own, and standard input can be read only once; name a file");
    }
    if (out != null && (!grows || names.size() > 1 || traces == null || traces.size() > 1)) {
      throw new IllegalArgumentException("--tree-out goes with one --tree best:N and one trace");
    }
  }

  /**
   * Chains where no tree was named.
   *
   * @param drafts that were named
   * @param trace to grow trees on
   */
  List<Wanted> on(List<String> drafts, Opener trace) throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    for (String name : names) {
      Matcher grown = GROWN.matcher(name);
      if (grown.matches()) {
        DraftTree tree = grow(drafts, trace, Integer.parseInt(grown.group(1)));
        wanted.add(new Wanted(tree, true));
      } else {
        wanted.add(new Wanted(DraftTrees.load(name), false));
      }
    }
    return wanted.isEmpty() ? List.of(new Wanted(null, false)) : wanted;
  }

  private DraftTree grow(List<String> drafts, Opener trace, int nodes) throws IOException {
    try (SequenceSource source = trace.open()) {
      List<String> recorded = source.header().drafts().stream().map(each -> each.name()).toList();
      if (drafts.size() > 1 || (drafts.isEmpty() && recorded.size() != 1)) {
        throw new IllegalArgumentException(
            "--tree best:"
                + nodes
                + " is grown for one draft; name it with --draft: "
                + String.join(", ", recorded));
      }
      int index = source.header().draftIndex(drafts.isEmpty() ? recorded.get(0) : drafts.get(0));
      DraftTree tree = TreeGrowth.grow(source, index, nodes);
      if (out != null) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", tree.name());
        json.put("paths", tree.paths());
        ResultFiles.write(out, new JsonMapper().writeValueAsString(json) + "\n");
      }
      return tree;
    }
  }
}
