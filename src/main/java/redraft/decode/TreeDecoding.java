package redraft.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import redraft.model.LanguageModel;
import redraft.model.Logits;
import redraft.model.ModelSession;
import redraft.policy.DraftTree;
import redraft.sampling.Distribution;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.steps.Step;
import redraft.verify.CandidateRule;
import redraft.verify.SampledCandidates;

/**
 * Speculative decoding with a static tree of candidates: all of them are drafted and scored, then
 * accepted from the root on, at most one child of each node.
 *
 * <p>Exported models take no attention mask of a tree, so that one pass holds one branch: a step
 * runs as many passes of the target as the tree has leaves, and says nothing of the speed of an
 * engine that scores it in one.
 */
public final class TreeDecoding implements Speculation {
  private final LanguageModel target;
  private final LanguageModel draft;
  private final ModelSession targetSession;
  private final ModelSession draftSession;
  private final CandidateRule rule;
  private final DraftTree tree;
  private final SamplingParameters sampling;
  private final Limits limits;

  /**
   * @throws IllegalArgumentException if the draft speaks of several tokens at once, or the rule
   *     cannot draw the tree's candidates
   */
  public TreeDecoding(
      LanguageModel target,
      LanguageModel draft,
      CandidateRule rule,
      DraftTree tree,
      SamplingParameters sampling,
      Limits limits) {
    if (draft.heads() > 1) {
      throw new IllegalArgumentException(
          "draft '"
              + draft.name()
              + "' has heads, which draft one chain here; leave out --tree, or name another draft");
    }
    if (rule instanceof SampledCandidates && tree.drawingRefusal(rule.name()) != null) {
      throw new IllegalArgumentException(tree.drawingRefusal(rule.name()));
    }
    this.target = target;
    this.draft = draft;
    this.rule = rule;
    this.tree = tree;
    this.sampling = sampling;
    this.limits = limits;
    targetSession = target.open();
    draftSession = draft.open();
  }

  /** A drafted token and what may follow it; the root's is the last committed one. */
  private static final class Node {
    final int token;
    final List<Node> children = new ArrayList<>();
    Distribution q; // null of a leaf
    Distribution p;

    Node(int token) {
      this.token = token;
    }

    int drafted() {
      return children.stream().mapToInt(child -> 1 + child.drafted()).sum();
    }
  }

  @Override
  public Continuation run(int[] prompt, RandomStreams streams, String name) {
    RandomGenerator draftRandom = streams.stream("draft/" + name);
    RandomGenerator random = streams.stream("verify/" + name);
    Text text = new Text(target, prompt, limits);
    List<Step> steps = new ArrayList<>();
    for (ModelSession session : List.of(targetSession, draftSession)) {
      session.rollback(0);
      session.prefill(prompt, 0, prompt.length - 1);
    }
    long started = System.nanoTime();
    while (text.open()) {
      // The step emits one token more than it accepts, so the last place needs no draft.
      int levels = Math.min(text.room() - 1, draft.contextLength() - text.length);
      Node root = new Node(text.tokens[text.length - 1]);
      catchUp(draftSession, text);
      draft(root, DraftTree.ROOT, Math.min(levels, ModelSession.MAX_ROWS - 1), draftRandom);
      catchUp(targetSession, text);
      score(root);

      int position = text.generatedCount();
      int before = text.length;
      Node node = root;
      while (node != null && !text.ended()) {
        node = advance(node, text, random);
      }
      steps.add(new Step(position, root.drafted(), text.generatedCount() - position - 1));
      targetSession.rollback(before);
      draftSession.rollback(Math.min(before, draftSession.length()));
    }
    return new Continuation(
        text.generated(), text.ended(), List.copyOf(steps), System.nanoTime() - started);
  }

  /** Takes in what was committed, but for the last token, which is the root. */
  private static void catchUp(ModelSession session, Text text) {
    session.prefill(text.tokens, session.length(), text.length - 1);
  }

  /** Drafts what may follow a node, level after level of each branch. */
  private void draft(Node node, int place, int levels, RandomGenerator random) {
    int most = tree.mostRank(place);
    if (levels < 1 || most == 0) {
      return;
    }
    int before = draftSession.length();
    Logits logits = draftSession.forward(new int[] {node.token}, 0, 1);
    node.q = logits.distribution(0, rule.candidateSampling(sampling));
    int[] candidates = rule.candidates(node.q, most, random);
    for (int rank = 1; rank <= candidates.length; rank++) {
      Integer next = tree.child(place, rank);
      if (next != null) {
        Node child = new Node(candidates[rank - 1]);
        node.children.add(child);
        draft(child, next, levels - 1, random);
      }
    }
    draftSession.rollback(before);
  }

  /** Scores a node and all below: first children in one pass, the others' branches after it. */
  private void score(Node node) {
    List<Node> branch = new ArrayList<>(List.of(node));
    for (Node last = node; !last.children.isEmpty(); branch.add(last)) {
      last = last.children.get(0);
    }
    int before = targetSession.length();
    int[] tokens = branch.stream().mapToInt(each -> each.token).toArray();
    Logits logits = targetSession.forward(tokens, 0, tokens.length);
    for (int row = 0; row < tokens.length; row++) {
      branch.get(row).p = logits.distribution(row, sampling);
    }
    for (int row = tokens.length - 1; row >= 0; row--) {
      List<Node> children = branch.get(row).children;
      for (int i = 1; i < children.size(); i++) {
        targetSession.rollback(before + row + 1);
        score(children.get(i));
      }
    }
  }

  /** Emits the token that follows a node; the node where it is a candidate, null otherwise. */
  private Node advance(Node node, Text text, RandomGenerator random) {
    if (node.children.isEmpty()) {
      text.append(node.p.sample(random));
      return null;
    }
    int[] candidates = node.children.stream().mapToInt(child -> child.token).toArray();
    CandidateRule.Choice choice = rule.choose(node.p, node.q, candidates, random);
    text.append(choice.token());
    return choice.candidate() < 0 ? null : node.children.get(choice.candidate());
  }

  @Override
  public void close() {
    targetSession.close();
    draftSession.close();
  }
}
