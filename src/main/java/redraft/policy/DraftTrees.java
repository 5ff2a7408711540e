package redraft.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redraft.json.CheckedObject;

/** Trees of candidates by name: published ones, full ones, those of engines' settings, files. */
public final class DraftTrees {
  private static final Pattern FULL = Pattern.compile("(\\d{1,5})x(\\d{1,5})");
  private static final Pattern TOPK =
      Pattern.compile("topk(\\d{1,5})-steps(\\d{1,5})(?:-tokens(\\d{1,5}))?");
  private static final List<Published> PUBLISHED = read();

  private DraftTrees() {}

  private record Published(DraftTree tree, String source) {}

  private static List<Published> read() {
    try (InputStream in = DraftTrees.class.getResourceAsStream("trees.json")) {
      CheckedObject file = CheckedObject.read("trees.json", in);
      List<Published> trees = new ArrayList<>();
      for (CheckedObject fields : file.children("trees")) {
        String source = fields.text("source");
        fields.text("date");
        fields.text("confidence");
        trees.add(new Published(DraftTree.read(fields), source));
      }
      file.finish();
      return trees;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the published ones. */
  public static List<String> names() {
    return PUBLISHED.stream().map(published -> published.tree.name()).toList();
  }

  /** Where a tree was published; null for others. */
  public static String source(String name) {
    return PUBLISHED.stream()
        .filter(published -> published.tree.name().equals(name))
        .map(Published::source)
        .findFirst()
        .orElse(null);
  }

  /**
   * The tree of that name, of the form WIDTHxDEPTH, or of that file.
   *
   * @throws IllegalArgumentException if there is none, or if it is no tree
   */
  public static DraftTree load(String nameOrFile) throws IOException {
    for (Published published : PUBLISHED) {
      if (published.tree.name().equals(nameOrFile)) {
        return published.tree;
      }
    }
    Matcher full = FULL.matcher(nameOrFile);
    if (full.matches()) {
      return DraftTree.full(Integer.parseInt(full.group(1)), Integer.parseInt(full.group(2)));
    }
    Matcher topk = TOPK.matcher(nameOrFile);
    if (topk.matches()) {
      return topk(topk);
    }
    if (!Files.isRegularFile(Path.of(nameOrFile))) {
      throw new IllegalArgumentException(
          "no tree and no file is called '"
              + nameOrFile
              + "'; the trees are "
              + String.join(", ", names())
              + ", WIDTHxDEPTH, such as 2x4, and topkK-stepsS-tokensN where these make a static tree");
    }
    try (InputStream in = Files.newInputStream(Path.of(nameOrFile))) {
      return DraftTree.read(CheckedObject.read(nameOrFile, in));
    }
  }

  /**
   * The tree of SGLang's {@code --speculative-eagle-topk}, {@code --speculative-num-steps} and
   * {@code --speculative-num-draft-tokens}, the root among the last. Its first step scores K nodes,
   * each further one the K children of K nodes; of all, those of the highest scores are kept. Where
   * that leaves no choice by scores the tree is static: a chain, one level, or two levels kept
   * whole.
   *
   * @throws IllegalArgumentException if scores choose
   */
  private static DraftTree topk(Matcher named) {
    String name = named.group();
    int width = Integer.parseInt(named.group(1));
    int steps = Integer.parseInt(named.group(2));
    if (width < 1 || steps < 1) {
      throw new IllegalArgumentException(
          "tree '" + name + "' must have a top-k and steps of at least 1");
    }
    long scored = width + (steps - 1L) * width * width;
    long kept = named.group(3) == null ? scored : Integer.parseInt(named.group(3)) - 1L;
    long fewest = width == 1 ? scored : 1; // SGLang keeps a chain whole
    if (kept < fewest || kept > scored) {
      throw new IllegalArgumentException(
          "tree '"
              + name
              + "' must have from "
              + (fewest + 1)
              + " to "
              + (scored + 1)
              + " tokens, the last committed one among them");
    }
    if (width == 1) {
      return DraftTree.of(name, DraftTree.chain((int) kept).paths());
    }
    if (steps == 1) {
      return DraftTree.of(name, DraftTree.full((int) kept, 1).paths());
    }
    if (steps == 2 && kept == scored) {
      return DraftTree.of(name, DraftTree.full(width, 2).paths());
    }
    throw new IllegalArgumentException(
        "the nodes of tree '"
            + name
            + "' are chosen anew in each step, by the draft's scores of nodes off the path too (EAGLE-2), which a trace of ranks does"
            + " not record: replaying it would need the rank of the path's node among all scored nodes, at each start and depth;"
            + " name a static tree, such as best:"
            + kept);
  }
}
