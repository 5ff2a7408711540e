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
import redraft.latency.Deployment;
import redraft.policy.DraftTree;
import redraft.policy.DraftTrees;
import redraft.policy.SequoiaTree;
import redraft.replay.ReplayDraft;
import redraft.replay.ReplayDrafts;
import redraft.replay.SequenceSource;
import redraft.report.TextTable;
import redraft.study.Grid;
import redraft.study.Reach;
import redraft.study.TreeChoice;
import redraft.study.TreeGrowth;
import redraft.verify.SampledCandidates;

/** Trees of candidates in place of chains. */
final class TreeOptions {
  private static final Pattern GROWN =
      Pattern.compile("best:(\\d{1,9})(?:\\.\\.(\\d{1,9}))?|sequoia:(\\d{1,9})(?:x(\\d{1,9}))?");
  private static final int MOST_LEVELS = 32; // as of trees that are grown on ranks

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
          "Draft a static tree of the likeliest tokens instead of a chain: ${COMPLETION-CANDIDATES}; WIDTHxDEPTH, such as 2x4; topkK-stepsS-tokensN of SGLang's settings, where they make a static tree; "
              + "best:N, the best tree of N nodes, best:MIN..MAX, trees of MIN to MAX nodes, of which best takes the fastest, or "
              + "sequoia:N or sequoia:NxDEPTH, Sequoia's tree, which takes acceptance to be alike at every node: all grown on every other "
              + "prompt of the trace and judged on the others; or a file "
              + "{\"name\":…,\"paths\":[[1],[1,1],[2],…]} of ranks. The target's own draws follow it, which is rule greedy-draft; --draft-length "
              + "cuts it to its first levels.")
  private List<String> names = List.of();

  @Written
  @Option(
      names = "--tree-out",
      paramLabel = "FILE",
      description = "With a --tree that is grown: write the tree, for --tree and for engines.")
  private Path out;

  /**
   * A tree that was asked for, on one trace.
   *
   * @param tree null for chains
   * @param half whether it is judged on the half that no tree is grown on
   * @param notes what a reader should know of it
   */
  record Wanted(DraftTree tree, boolean half, List<String> notes) {
    /** What it is judged on. */
    SequenceSource of(SequenceSource source) {
      return half ? new TreeGrowth.Half(source, true) : source;
    }

    /** The same beside one that was grown. */
    Wanted onHalf() {
      return half
          ? this
          : new Wanted(
              tree,
              true,
              List.of(
                  "tree '"
                      + tree.name()
                      + "' is judged on the same prompts as trees that were grown"));
    }
  }

  /** Opens a trace. */
  interface Opener {
    SequenceSource open() throws IOException;
  }

  /** Whether a tree was named. */
  boolean given() {
    return !names.isEmpty();
  }

  /**
   * Refuses what does not go together.
   *
   * @param oneOfRange whether one tree is chosen of a range of sizes, instead of showing all
   */
  void check(List<String> traces, boolean oneOfRange) {
    if (names.size() > 1 && traces != null && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "standard input can be read only once; name one --tree, or a file");
    }
    List<Matcher> grown = names.stream().map(GROWN::matcher).filter(Matcher::matches).toList();
    if (!grown.isEmpty() && traces != null && traces.contains(LineSource.STANDARD_INPUT)) {
      throw new IllegalArgumentException(
          "a tree is grown in a reading of its own, and standard input can be read only once; name a file");
    }
    boolean one =
        grown.size() == 1 && names.size() == 1 && (oneOfRange || grown.get(0).group(2) == null);
    if (out != null && (!one || traces == null || traces.size() > 1)) {
      throw new IllegalArgumentException(
          "--tree-out goes with one --tree "
              + (oneOfRange ? "best:N, best:MIN..MAX" : "best:N")
              + " or sequoia:N and one trace");
    }
  }

  /**
   * Chains where no tree was named, and every size of a range. Beside a tree that is grown all are
   * judged on the same half.
   *
   * @param grids the options of the grid
   * @param trace to grow trees on
   */
  List<Wanted> on(GridOptions grids, Opener trace) throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    Grown grown = null;
    for (String name : names) {
      Matcher asked = GROWN.matcher(name);
      if (!asked.matches()) {
        wanted.add(new Wanted(DraftTrees.load(name), false, List.of()));
        continue;
      }
      grown = grown == null ? grow(grids, trace, name) : grown;
      for (int size : asked.group(3) == null ? sizes(asked) : List.of(0)) {
        Wanted one = size == 0 ? sequoia(grown, asked) : grown.best(size, "grown on");
        write(one.tree);
        wanted.add(one);
      }
    }
    if (grown != null) {
      wanted.replaceAll(Wanted::onHalf);
    }
    return wanted.isEmpty() ? List.of(new Wanted(null, false, List.of())) : wanted;
  }

  private static List<Integer> sizes(Matcher asked) {
    int from = Integer.parseInt(asked.group(1));
    int to = asked.group(2) == null ? from : Integer.parseInt(asked.group(2));
    if (from < 1 || to < from || to > DraftTree.MOST_NODES) {
      throw new IllegalArgumentException(
          "tree '"
              + asked.group()
              + "' must have from 1 to "
              + DraftTree.MOST_NODES
              + " nodes"
              + (asked.group(2) == null ? "" : ", the smaller number first"));
    }
    return TreeChoice.sizes(from, to);
  }

  /** What trees are grown on. */
  private record Grown(
      TreeGrowth growth,
      ReplayDraft draft,
      List<SampledCandidates> drawing,
      double temperature,
      String trace) {
    /**
     * @param how the tree came from the first half
     */
    Wanted judged(DraftTree tree, String how) {
      String words =
          "tree '"
              + tree.name()
              + "' was "
              + how
              + " every other prompt of each domain of "
              + trace
              + ", and is judged on the others";
      return new Wanted(tree, true, List.of(words));
    }

    /** The tree that ranks grew, of the likeliest tokens. */
    Wanted best(int nodes, String how) {
      Wanted grown = judged(growth.best(nodes), how);
      List<String> notes = new ArrayList<>(grown.notes);
      drawing.forEach(
          rule ->
              notes.add(
                  "tree '"
                      + grown.tree.name()
                      + "' was grown on the ranks of likeliest tokens, and rule '"
                      + rule.name()
                      + "' draws its candidates; sequoia:N takes these"));
      return new Wanted(grown.tree, true, notes);
    }
  }

  private Grown grow(GridOptions grids, Opener trace, String name) throws IOException {
    List<String> drafts = grids.drafts;
    try (SequenceSource source = trace.open()) {
      List<String> recorded = source.header().drafts().stream().map(each -> each.name()).toList();
      if (drafts.size() > 1 || (drafts.isEmpty() && recorded.size() != 1)) {
        throw new IllegalArgumentException(
            "--tree "
                + name
                + " is grown for one draft; name it with --draft: "
                + String.join(", ", recorded));
      }
      String draft = drafts.isEmpty() ? recorded.get(0) : drafts.get(0);
      int index = source.header().draftIndex(draft);
      List<ReplayDraft> found = source.drafts(List.of(draft), null);
      ReplayDrafts.trees(source, found, DraftTree.chain(1)); // or refuse a draft without ranks
      return new Grown(
          TreeGrowth.on(source, index),
          found.get(0),
          grids.drawing(),
          source.header().sampling().temperature(),
          source.name());
    }
  }

  private static Wanted sequoia(Grown grown, Matcher asked) {
    int depth = asked.group(4) == null ? MOST_LEVELS : Integer.parseInt(asked.group(4));
    boolean drawn = !grown.drawing.isEmpty();
    double[] shares =
        drawn
            ? grown.growth.ladderShares(
                Names.only(
                    "--rule of candidates that are drawn, with --tree sequoia:N", grown.drawing))
            : grown.growth.rankShares();
    SequoiaTree found =
        SequoiaTree.of(asked.group(), shares, Integer.parseInt(asked.group(3)), depth);
    List<String> notes =
        new ArrayList<>(
            grown.judged(
                    found.tree(),
                    "made of the " + (drawn ? "candidates'" : "ranks'") + " shares on")
                .notes);
    notes.add(
        "tree '"
            + asked.group()
            + "' would take "
            + TextTable.number(found.tokensPerStep(), 3)
            + " tokens per step if "
            + (drawn ? "candidates" : "ranks")
            + " did not depend on each other and texts had no end");
    return new Wanted(found.tree(), true, notes);
  }

  private void write(DraftTree tree) throws IOException {
    if (out != null) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", tree.name());
      json.put("paths", tree.paths());
      ResultFiles.write(out, new JsonMapper().writeValueAsString(json) + "\n");
    }
  }

  /**
   * The one tree that was asked for, its levels, and the best chain beside it.
   *
   * @param judged what it is judged on: none of what was chosen knows it
   * @param grid the one setting, or of a tree that was not grown all levels
   * @param beside grids of which the fastest settings stand beside it
   */
  record Chosen(Wanted judged, Grid grid, List<Grid> beside) {}

  /**
   * @param grids the options of the grid
   * @param reach told what is left out
   * @return null where no tree was named
   */
  Chosen choose(GridOptions grids, Deployment deployment, Reach reach, Opener trace)
      throws IOException {
    if (names.isEmpty()) {
      return null;
    }
    String name = Names.only("--tree", names);
    Grid chains = grids.chains(List.of(deployment));
    Matcher asked = GROWN.matcher(name);
    if (!asked.matches()) {
      Wanted tree = new Wanted(DraftTrees.load(name), false, List.of());
      return new Chosen(tree, grid(grids, deployment, reach, tree.tree, true), List.of(chains));
    }
    boolean range = asked.group(2) != null;
    if (range && !grids.drawing().isEmpty()) {
      throw new IllegalArgumentException(
          "--tree "
              + name
              + " is grown on the ranks of likeliest tokens, and rule '"
              + grids.drawing().get(0).name()
              + "' draws its candidates; name sequoia:N or a tree");
    }
    if (range && grids.lengthNamed()) {
      throw new IllegalArgumentException(
          "--tree " + name + " chooses its levels too; leave out --draft-length");
    }
    List<Integer> sizes = asked.group(3) == null ? sizes(asked) : List.of();
    Grown grown = grow(grids, trace, name);
    List<Grid> trees = new ArrayList<>();
    List<Grid> others = new ArrayList<>(List.of(chains));
    Wanted one = null;
    if (range) {
      int to = reach.nodes(List.of(deployment), sizes.get(0), sizes.get(sizes.size() - 1));
      TreeChoice.family(
              name,
              grown.growth,
              TreeChoice.sizes(sizes.get(0), to),
              deployment,
              grown.draft,
              grown.temperature)
          .forEach(tree -> trees.add(grid(grids, deployment, reach, tree, false)));
    } else if (sizes.isEmpty()) {
      one = sequoia(grown, asked);
      if (grown.drawing.isEmpty()) {
        DraftTree best = grown.growth.best(one.tree.nodes());
        others.add(grid(grids, deployment, new Reach(), best, true));
      }
    } else {
      one = grown.best(sizes.get(0), "grown, and its levels chosen, on");
    }
    if (one != null) {
      trees.add(grid(grids, deployment, reach, one.tree, true));
    }
    try (SequenceSource half = new TreeGrowth.Half(trace.open(), false)) {
      TreeChoice choice = TreeChoice.on(new Reach().within(half, trees.get(0)), trees, others);
      DraftTree tree = choice.tree().tree();
      Wanted judged =
          one != null
              ? one
              : grown.judged(
                  tree,
                  "grown and chosen as the fastest, with a depth of "
                      + tree.depth()
                      + " and "
                      + tree.nodes()
                      + " nodes, on");
      write(tree);
      return new Chosen(judged, choice.tree(), choice.beside());
    }
  }

  private static Grid grid(
      GridOptions grids, Deployment deployment, Reach reach, DraftTree tree, boolean allLevels) {
    return grids.grid(
        GridOptions.Defaults.CHOOSE, List.of("fixed"), List.of(deployment), reach, tree, allLevels);
  }
}
