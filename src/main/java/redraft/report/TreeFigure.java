package redraft.report;

import static redraft.report.TextTable.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import redraft.latency.Deployment;
import redraft.metrics.ReplayRow;
import redraft.policy.DraftTree;
import redraft.policy.DraftTree.Candidate;
import redraft.replay.TreeReach;
import redraft.steps.StepShape;
import redraft.study.TreeStudy;

/**
 * A tree of candidates on a trace, as the page draws it.
 *
 * @param nodes each after its parent; of a large tree those of the highest reach
 * @param leftOut nodes that are not among these
 * @param comparison the tree and the chain of as many levels
 */
record TreeFigure(
    Words words, Key key, Found found, List<Node> nodes, int leftOut, Findings.Table comparison) {
  /** What it found, and how to read it. */
  record Words(String title, String caption) {}

  /** Names. */
  record Key(String tree, String draft, String rule) {}

  /**
   * @param steps expected
   * @param accepted tokens of a step
   * @param firstShare of these, the ones on the path of first choices; null where nothing is
   *     accepted
   */
  record Found(double steps, double accepted, Double firstShare) {}

  /** More than these crowd a page. */
  static final int MOST_NODES = 96;

  /**
   * @param parent among the nodes here, −1 for the root
   * @param reach probability that a step accepts it
   * @param first whether it lies on the path of first choices
   */
  record Node(int parent, int rank, int depth, double reach, boolean first) {}

  /** Of every tree, draft and rule, under the first deployment. */
  static List<TreeFigure> of(Report report, Report.Trace trace) {
    List<TreeFigure> figures = new ArrayList<>();
    Deployment deployment = report.compared().deployments().get(0);
    for (TreeStudy study : trace.trees()) {
      study.reach().forEach(reach -> figures.add(of(study, reach, deployment)));
    }
    return figures;
  }

  private static TreeFigure of(TreeStudy study, TreeReach counted, Deployment deployment) {
    DraftTree tree = counted.draft().candidates();
    List<Candidate> candidates = tree.candidates();
    double[] reach = counted.reach();
    boolean[] first = TreeReach.firstChoices(tree);
    double accepted = Arrays.stream(reach).sum();
    double ofFirst =
        IntStream.range(0, reach.length).filter(i -> first[i]).mapToDouble(i -> reach[i]).sum();
    Double share = accepted > 0 ? (Double) (ofFirst / accepted) : null;
    List<Integer> shown = shown(candidates, reach);
    List<Node> nodes = new ArrayList<>();
    double held = 0;
    for (int node : shown) {
      Candidate one = candidates.get(node);
      int parent = one.parent() < 0 ? -1 : shown.indexOf(one.parent());
      nodes.add(new Node(parent, one.rank(), one.depth(), reach[node], first[node]));
      held += reach[node];
    }
    int leftOut = candidates.size() - shown.size();
    double rest = leftOut == 0 ? 0 : Math.max(0, accepted - held);
    Key key = new Key(tree.name(), counted.draft().name(), counted.rule().name());
    Found found = new Found(counted.steps(), accepted, share);
    Words words = new Words(title(key, found), caption(key, found, study, leftOut, rest));
    return new TreeFigure(
        words, key, found, nodes, leftOut, comparison(study, counted, deployment));
  }

  private static String title(Key key, Found found) {
    return found.firstShare == null
        ? "No step accepts a token of tree " + key.tree
        : "The first choices of tree "
            + key.tree
            + " carry "
            + percent(found.firstShare)
            + " of the "
            + number(found.accepted, 2)
            + " tokens that its steps accept";
  }

  private static String caption(
      Key key, Found found, TreeStudy study, int leftOut, double leftOutReach) {
    return String.format(
            Locale.ROOT,
            "Draft %s, rule %s, over %,.0f steps of %,d texts of %s. In a node stands its rank, beside it its reach: the probability "
                + "that a step accepts it, which is the width of its branch too. Reach sums to the accepted tokens of a step.",
            key.draft,
            key.rule,
            found.steps,
            study.read().sequences(),
            study.read().name())
        + (leftOut == 0
            ? ""
            : String.format(
                Locale.ROOT,
                " Drawn are the %,d nodes of the highest reach; the other %,d together have %s.",
                MOST_NODES,
                leftOut,
                number(leftOutReach, 3)));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  /** Those of the highest reach, each after its parent. */
  private static List<Integer> shown(List<Candidate> candidates, double[] reach) {
    boolean[] held = new boolean[reach.length];
    IntStream.range(0, reach.length)
        .boxed()
        .sorted(Comparator.comparing((Integer node) -> -reach[node]).thenComparing(node -> node))
        .filter(
            node -> {
              int parent = candidates.get(node).parent();
              held[node] = parent < 0 || held[parent];
              return held[node];
            })
        .skip(MOST_NODES)
        .forEach(node -> held[node] = false);
    return IntStream.range(0, reach.length).filter(node -> held[node]).boxed().toList();
  }

  /** The tree's row under a deployment, and that of the chain of as many levels. */
  private static Findings.Table comparison(
      TreeStudy study, TreeReach counted, Deployment deployment) {
    List<List<String>> rows = new ArrayList<>();
    String everything = study.read().domain();
    study.rows().stream()
        .filter(row -> row.domain().equals(everything) && row.deployment() == deployment)
        .filter(row -> row.setting().draft() == counted.draft())
        .filter(row -> row.setting().rule() == counted.rule())
        .forEach(row -> rows.add(cells("tree " + counted.draft().tree(), row)));
    study.chains().stream()
        .filter(row -> row.deployment() == deployment)
        .filter(row -> row.draft().equals(counted.draft().name()))
        .forEach(
            row -> rows.add(cells("chain of " + row.draftLength() + ", rule " + row.rule(), row)));
    return new Findings.Table(
        "Beside the chain of as many levels",
        List.of("drafted", "tokens/step", "target rows", "draft passes", "speedup", "95% interval"),
        rows);
  }

  private static List<String> cells(String name, ReplayRow row) {
    StepShape shape = row.setting().draft().step(row.draftLength());
    return List.of(
        name,
        number(row.tokensPerStep(), 2),
        Integer.toString(shape.targetRows()),
        Integer.toString(shape.draftRows().size()),
        number(row.speedup(), 2),
        TextTable.interval(row.speedupLow(), row.speedupHigh(), 2));
  }
}
