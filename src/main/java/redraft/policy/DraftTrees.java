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

/** Trees of candidates by name: published ones, full ones, files. */
public final class DraftTrees {
  private static final Pattern FULL = Pattern.compile("(\\d{1,5})x(\\d{1,5})");
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
    if (!Files.isRegularFile(Path.of(nameOrFile))) {
      throw new IllegalArgumentException(
          "no tree and no file is called '"
              + nameOrFile
              + "'; the trees are "
              + String.join(", ", names())
              + " and WIDTHxDEPTH, such as 2x4");
    }
    try (InputStream in = Files.newInputStream(Path.of(nameOrFile))) {
      return DraftTree.read(CheckedObject.read(nameOrFile, in));
    }
  }
}
