package redraft.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import redraft.draft.Proposal;
import redraft.sampling.Distribution;
import redraft.sampling.SamplingParameters;
import redraft.verify.RuleLaws.Script;

class VerificationRulesTest {
  @Test
  void theRulesAreKnownByName() {
    assertEquals(
        List.of("token", "block", "greedy-draft", "exact-match", "iid", "wor", "k-seq"),
        VerificationRules.REGISTRY.names());
    assertEquals("block", VerificationRules.named("block").name());
  }

  @Test
  void anUnknownRuleIsToldWhichOnesThereAre() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> VerificationRules.named("typical"));
    assertEquals(
        "unknown verification rule 'typical'; one of token, block, greedy-draft, exact-match, iid, wor, k-seq",
        error.getMessage());
  }

  @Test
  void onlyTheGreedyDraftRuleChangesHowTheDraftSamples() {
    SamplingParameters sampling = new SamplingParameters(0.7, 40, 0.9);
    for (VerificationRule rule : VerificationRules.all()) {
      assertEquals(
          rule.name().equals("greedy-draft") ? SamplingParameters.GREEDY : sampling,
          rule.draftSampling(sampling),
          rule.name());
    }
  }

  // p = (.5 .3 .2), drafted 1: kept below .3, else the others as 5 to 2.
  @Test
  void aGreedyDraftIsAcceptedWithItsTargetProbabilityAndNeverRecovered() {
    Distribution p = Distribution.of(.5, .3, .2);
    Proposal proposal = new Proposal(new int[] {1}, List.of(Distribution.oneHot(1, 3)));
    VerificationRule rule = VerificationRules.named("greedy-draft");
    var law = RuleLaws.verdicts(rule, proposal, List.of(p, Distribution.oneHot(2, 3)));
    assertEquals(.3, law.get(new Verdict(1, 2)), 1e-15);
    assertEquals(.5, law.get(new Verdict(0, 0)), 1e-15);
    assertEquals(.2, law.get(new Verdict(0, 2)), 1e-15);
    assertEquals(3, law.size());
  }

  // p = (.5 .3 .2) draws token 1 from .5 to .8.
  @Test
  void anExactMatchEmitsTheTargetsOwnDrawWhateverWasDrafted() {
    Distribution p = Distribution.of(.5, .3, .2);
    Proposal proposal = new Proposal(new int[] {1}, List.of(Distribution.of(.1, .2, .7)));
    VerificationRule rule = VerificationRules.named("exact-match");
    assertEquals(new Verdict(0, 0), rule.verify(proposal, List.of(p, p), new Script(.4)));
    assertEquals(new Verdict(1, 2), rule.verify(proposal, List.of(p, p), new Script(.7, .9)));
    assertEquals(new Verdict(0, 2), rule.verify(proposal, List.of(p, p), new Script(.8)));
  }
}
