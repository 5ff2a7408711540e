package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SeenIdsTest {
  @Test
  void everyIdIsThereOnceItWasAddedAndNotBefore() {
    SeenIds ids = new SeenIds();
    for (int i = 0; i < 100_000; i++) {
      assertFalse(ids.contains("id " + i));
      assertTrue(ids.add("id " + i));
      assertFalse(ids.add("id " + i));
    }
    for (int i = 0; i < 200_000; i++) {
      assertTrue(ids.contains("id " + i) == i < 100_000);
    }
  }
}
