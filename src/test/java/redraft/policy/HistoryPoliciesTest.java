package redraft.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.policy.DraftLengthPolicy.Memory;

class HistoryPoliciesTest {
  /** What a policy asks for while steps accept these counts, digit by digit. */
  private static String lengths(String policy, int draftLength, String accepted) {
    Memory memory = Policies.named(policy, draftLength).start();
    StringBuilder lengths = new StringBuilder();
    for (char count : accepted.toCharArray()) {
      lengths.append(memory.length());
      memory = memory.after(memory.length(), count - '0');
    }
    return lengths.toString();
  }

  /**
   * Accepted counts at random and the steps that {@code AdaptiveStepSlot} of sglang 0.5.23, run
   * from its package, chose while it was told of them.
   */
  @ParameterizedTest
  @CsvSource({
    "sglang-adaptive, "
        + "123110013110001020003132333333544504555553155155201345550535000002000001000000000011133330332313031333033233235354555555, "
        + "333333333333333333333333333333555555555555555555555555555555555553333333333333331111133333333333333333333333335555555555",
    "'sglang-adaptive:0,2,4:start=0:up=0.1:down=0.1:ceiling=1.5:alpha=0.4:interval=2:warmup=1', "
        + "000202002121202011000201110002122401002022234441122444442444, "
        + "000222222222222222200222222002222442222222244444422444444444",
    "'sglang-adaptive:0,1,3:start=3:down=0', "
        + "000002003003001122011101000000000000100000000001010000000100000000000000000000000000001000000001011000000000000000011100, "
        + "333333333333333333333333333333000001111100000111110000011111000001111100000111110000011111000001111100000111110000011111"
  })
  void sglangsTiersAreThoseOfItsSource(String policy, String accepted, String lengths) {
    assertEquals(lengths, lengths(policy, 4, accepted));
  }

  @Test
  void sglangStartsAtTheMiddleCandidateAndSortsThem() {
    assertEquals(3, Policies.named("sglang-adaptive", 9).initialLength());
    assertEquals(5, Policies.named("sglang-adaptive:7,5,1,3", 9).initialLength());
    assertEquals(null, Policies.named("sglang-adaptive", 9).draftLength());
  }

  // Shares 1, 1/2: 3/4 in the mean. 1/2, 1/4: 3/8 is below 1/2, and nothing is drafted any more.
  @Test
  void theGateClosesForGoodWhenTheMeanOfItsWindowFallsBelowTheThreshold() {
    assertEquals("444000", lengths("trt-threshold:2,0.5", 4, "421000"));
    assertEquals("440000", lengths("trt-threshold:2,0.5", 4, "000000"));
    // A mean just at the threshold is not below it.
    assertEquals("444444", lengths("trt-threshold:2,0.5", 4, "222222"));
    assertEquals("444444440", lengths("trt-threshold", 4, "000000000"));
  }

  @Test
  void aStepThatDraftsNothingTellsTheGateAndTheBanditNothing() {
    Memory gate = Policies.named("trt-threshold:1,0.9", 4).start();
    assertEquals(4, gate.after(0, 0).length());
    assertEquals(0, gate.after(4, 0).length());
    Memory bandit = Policies.named("bandit", 4).start();
    assertEquals(bandit, bandit.after(0, 0));
  }

  // Rewards at ratio 1/2: arm 1 gives 2 / 1.5 = 1.3333 each time, arm 2 gives 1 / 2; they range
  // over 3/2 − 1/2 = 1. Radii ½ √((1+n)/n² · (1 + 2 ln(2 t² √(1+n) / ½))):
  // t = 2: both 1.9024, so arm 1. t = 3: 1.3333 + 1.3181 = 2.6514 and 0.5 + 2.1048 = 2.6048: arm 1.
  // t = 4: 1.3333 + 1.0906 = 2.4239 and 0.5 + 2.2373 = 2.7373: arm 2.
  @Test
  void theBanditTakesEachLengthOnceThenTheHighestUpperBound() {
    assertEquals("12112", lengths("bandit:0.5", 2, "10110"));
    assertEquals("12111", lengths("bandit:0.5:explore=0.5", 2, "10110"));
  }

  @Test
  void aBanditThatExploresNothingMoreStaysWithTheBestMean() {
    // 1, 2 and 3 tokens a step at no cost; then the third until 3 3 1 1 are in the mean no more
    // than
    // the 2 of the second.
    assertEquals("1233332", lengths("bandit:0:explore=0", 3, "0122000"));
  }

  @Test
  void aTableOfBatchesIsOneLengthAtABatch() {
    String table = "batch-table:1-4=5,9-32=2,33-64=0";
    int[] batches = {1, 4, 5, 8, 9, 32, 33, 64, 65};
    int[] lengths = {5, 5, 5, 5, 2, 2, 0, 0, 0}; // gaps and the end go on as before
    for (int i = 0; i < batches.length; i++) {
      DraftLengthPolicy policy = Policies.named(table, 12, batches[i]);
      assertEquals(lengths[i], policy.initialLength(), "batch " + batches[i]);
      assertEquals(lengths[i], policy.start().after(lengths[i], 0).length());
      assertEquals(lengths[i] > 0, policy.fixed());
    }
    assertEquals(table, Policies.named(table, 12, 1).name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sglang-adaptive:1,x|has 'x', not a whole number from 0 to 63",
        "sglang-adaptive:1,3:alpha=2|has '2', not a number from 0 to 1",
        "sglang-adaptive:1,3:beta=2|has 'beta=2', none of [start, alpha, interval, warmup, up, down, ceiling]",
        "sglang-adaptive:1,3:start=2|starts at 2, none of its candidates [1, 3]",
        "sglang-adaptive:alpha=0.1:alpha=0.2|has alpha twice",
        "trt-threshold:8|has 1 numbers, not a window and a threshold",
        "trt-threshold:0,0.5|has '0', not a whole number from 1 to 1000",
        "trt-threshold:8,NaN|has 'NaN', not a number from 0 to 1",
        "bandit:1,2|has 2 numbers, not one cost ratio",
        "bandit:-1|has '-1', not a number from 0 to 100",
        "batch-table|has no table",
        "batch-table:4=2|has '4=2', not START-END=K",
        "batch-table:2-4=2|has the range 2-4 after 0; ranges begin at 1, ascend and do not overlap",
        "batch-table:1-4=2,4-8=1|has the range 4-8 after 4; ranges begin at 1, ascend and do not overlap",
        "batch-table:1-4=99|has '99', not a whole number from 0 to 63"
      })
  void whatIsWrongWithAPolicyIsSaidWithItsFormat(String policy, String problem) {
    var error = assertThrows(IllegalArgumentException.class, () -> Policies.named(policy, 4));
    assertTrue(
        error.getMessage().startsWith("policy '" + policy + "' " + problem + "; it is written as"),
        error.getMessage());
  }
}
