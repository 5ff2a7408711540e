package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DraftTreeTest {
  private static final DraftTree SMALL =
      DraftTree.of("small", List.of(List.of(1, 2), List.of(1), List.of(2), List.of(1, 2, 1)));

  @TempDir Path folder;

  private static int accepted(DraftTree tree, int... ranks) {
    return tree.accepted(place -> ranks[place], ranks.length);
  }

  @Test
  void aPathIsFollowedAsLongAsItIsInTheTree() {
    assertEquals(3, accepted(SMALL, 1, 2, 1, 1));
    assertEquals(2, accepted(SMALL, 1, 2, 2));
    assertEquals(1, accepted(SMALL, 1, 1, 1));
    assertEquals(1, accepted(SMALL, 2, 1, 1));
    assertEquals(0, accepted(SMALL, 3, 1));
    assertEquals(2, SMALL.accepted(place -> place == 1 ? 2 : 1, 2));
  }

  @Test
  void levelsAndRowsAreCounted() {
    assertEquals(4, SMALL.nodes());
    assertEquals(3, SMALL.depth());
    assertEquals(2, SMALL.nodes(1));
    assertEquals(3, SMALL.nodes(2));
    assertEquals(List.of(1, 1, 1), SMALL.draftRows(3)); // of [2] nothing is asked
    assertEquals(List.of(1), SMALL.draftRows(1));
    DraftTree full = DraftTree.full(2, 3);
    assertEquals(14, full.nodes());
    assertEquals(List.of(1, 2, 4), full.draftRows(3));
    assertEquals(List.of(1, 1, 1, 1), DraftTree.chain(4).draftRows(4));
  }

  @Test
  void pathsComeInOrderAndMakeTheSameTree() {
    assertEquals(List.of(List.of(1), List.of(1, 2), List.of(1, 2, 1), List.of(2)), SMALL.paths());
    assertEquals(SMALL.paths(), DraftTree.of("again", SMALL.paths()).paths());
  }

  @ParameterizedTest
  @CsvSource({"medusa-63, 63, 4", "eagle-25, 25, 5", "3x2, 12, 2"})
  void treesOfANameAreThere(String name, int nodes, int depth) throws IOException {
    DraftTree tree = DraftTrees.load(name);
    assertEquals(name, tree.name());
    assertEquals(nodes, tree.nodes());
    assertEquals(depth, tree.depth());
    if (DraftTrees.names().contains(name)) {
      assertNotNull(DraftTrees.source(name));
    }
  }

  private String refusal(String paths) throws IOException {
    Path file =
        Files.writeString(folder.resolve("t.json"), "{\"name\":\"mine\",\"paths\":" + paths + "}");
    return assertThrows(IllegalArgumentException.class, () -> DraftTrees.load(file.toString()))
        .getMessage();
  }

  @Test
  void whatIsNoTreeIsRefused() throws IOException {
    String empty = refusal("[]");
    assertTrue(empty.endsWith("\"paths\" has 0 nodes, not from 1 to 65536"), empty);
    String cut = refusal("[[1],[2,1]]");
    assertTrue(cut.endsWith("\"paths\" has the path [2, 1] and not each of its beginnings"), cut);
    String twice = refusal("[[1],[1]]");
    assertTrue(twice.endsWith("\"paths\" has the path [1] twice"), twice);
    String zero = refusal("[[0]]");
    assertTrue(zero.contains("not a whole number from 1"), zero);
    String flat = refusal("[1]");
    assertTrue(flat.contains("not a list"), flat);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> DraftTrees.load("300x3"))
            .getMessage()
            .contains("must have from 1 to 65536 nodes"));
  }

  /** Of the first step's K nodes and the K·K of each further one, N − 1 are kept. */
  @ParameterizedTest
  @CsvSource({
    "topk1-steps5, 1x5",
    "topk1-steps5-tokens6, 1x5",
    "topk4-steps1, 4x1",
    "topk4-steps1-tokens3, 2x1",
    "topk3-steps2, 3x2",
    "topk3-steps2-tokens13, 3x2"
  })
  void settingsThatLeaveScoresNoChoiceAreStaticTrees(String name, String same) throws IOException {
    assertEquals(DraftTrees.load(same).paths(), DraftTrees.load(name).paths());
    assertEquals(name, DraftTrees.load(name).name());
  }

  @ParameterizedTest
  @CsvSource({
    "topk4-steps3, chosen anew in each step",
    "topk4-steps2-tokens20, chosen anew in each step",
    "topk8-steps5-tokens64, best:63",
    "topk4-steps1-tokens6, must have from 2 to 5 tokens",
    "topk1-steps5-tokens4, must have from 6 to 6 tokens",
    "topk0-steps5, of at least 1",
    "topk1-steps90, at most 64 levels"
  })
  void treesThatScoresChooseAreRefusedByName(String name, String reason) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> DraftTrees.load(name)).getMessage();
    assertTrue(message.contains(reason), message);
    assertTrue(message.contains("tree '"), message);
  }
}
