package redraft.cli;

import java.util.ArrayList;
import java.util.List;
import redraft.policy.Policies;
import redraft.replay.ReplayDrafts;
import redraft.report.ReportFormats;
import redraft.synthetic.AcceptancePresets;
import redraft.verify.VerificationRules;

/** What options name, listed in help and completed by shells: straight from the registries. */
final class Names {
  private Names() {}

  static final class Rules extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Rules() {
      super(VerificationRules.REGISTRY.names());
    }
  }

  static final class Policy extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Policy() {
      super(Policies.names());
    }
  }

  static final class Drafts extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Drafts() {
      super(ReplayDrafts.WITHOUT_RECORDING.names());
    }
  }

  static final class Presets extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Presets() {
      super(AcceptancePresets.NAMES);
    }
  }

  static final class Formats extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Formats() {
      super(ReportFormats.REGISTRY.names());
    }
  }

  /** The one thing that there must be one of. */
  static <T> T only(String option, List<T> all) {
    if (all.size() != 1) {
      throw new IllegalArgumentException(option + ": this command takes one, not " + all.size());
    }
    return all.get(0);
  }
}
