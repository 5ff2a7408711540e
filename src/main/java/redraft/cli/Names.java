package redraft.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import redraft.draft.Drafters;
import redraft.hardware.HardwareCatalogue;
import redraft.hardware.HardwareProfile;
import redraft.hardware.ModelShape;
import redraft.model.hub.PairCatalogue;
import redraft.model.server.ServerApi;
import redraft.policy.Policies;
import redraft.replay.ReplayDrafts;
import redraft.report.ReportFormats;
import redraft.synthetic.AcceptancePresets;
import redraft.trace.LogitDetail;
import redraft.trace.PromptFormat;
import redraft.traffic.arrivals.ArrivalFormats;
import redraft.verify.VerificationRule;
import redraft.verify.VerificationRules;

/** What options name, listed in help and completed by shells: straight from the registries. */
final class Names {
  /**
   * Commas between policies: a policy's own parameters have commas too, and begin with no letter.
   */
  static final String BETWEEN_POLICIES = ",(?=\\s*[a-z])";

  private Names() {}

  static final class Rules extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Rules() {
      super(VerificationRules.REGISTRY.names());
    }
  }

  static final class Ladders extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Ladders() {
      super(VerificationRules.sampled().stream().map(VerificationRule::name).toList());
    }
  }

  static final class Policy extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Policy() {
      super(Policies.names());
    }
  }

  static final class ArrivalsFormats extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    ArrivalsFormats() {
      super(ArrivalFormats.REGISTRY.names());
    }
  }

  static final class Drafts extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Drafts() {
      super(ReplayDrafts.WITHOUT_RECORDING.names());
    }
  }

  /** What a live drafter may be besides the models of a pair. */
  static final class LiveDrafts extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    LiveDrafts() {
      super(Drafters.WITHOUT_MODEL.names());
    }
  }

  /** Policies that live decoding can follow. */
  static final class LivePolicies extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    LivePolicies() {
      super(Policies.names().stream().filter(name -> !Policies.named(name, 1).foresees()).toList());
    }
  }

  static final class PromptFormats extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    PromptFormats() {
      super(PromptFormat.words());
    }
  }

  static final class LogitDetails extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    LogitDetails() {
      super(Arrays.stream(LogitDetail.values()).map(LogitDetail::word).toList());
    }
  }

  static final class ServerApis extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    ServerApis() {
      super(Arrays.stream(ServerApi.values()).map(ServerApi::word).toList());
    }
  }

  /** Pairs that can be pulled. */
  static final class Pairs extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Pairs() {
      super(shipped());
    }

    private static List<String> shipped() {
      try {
        return PairCatalogue.shipped().pairs().stream().map(PairCatalogue.Pair::name).toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static final class Hardware extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Hardware() {
      super(HardwareCatalogue.hardware().stream().map(HardwareProfile::name).toList());
    }
  }

  static final class Models extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Models() {
      super(HardwareCatalogue.models().stream().map(ModelShape::name).toList());
    }
  }

  static final class Engines extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Engines() {
      super(redraft.latency.Engines.REGISTRY.names());
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

  /**
   * Those of the names that were given, in their own order; all of them where none was.
   *
   * @throws IllegalArgumentException if two have one name, or none has one that was given
   */
  static <T> List<T> chosen(
      List<T> all, Function<T, String> name, String option, List<String> given) {
    List<String> names = all.stream().map(name).toList();
    for (String each : names) {
      if (names.indexOf(each) != names.lastIndexOf(each)) {
        throw new IllegalArgumentException(
            "two drafts are called '" + each + "'; give one another name: --draft-server NAME=URL");
      }
    }
    for (String each : given) {
      if (!names.contains(each)) {
        throw new IllegalArgumentException(
            option + " " + each + " is none of the drafts " + String.join(", ", names));
      }
    }
    return all.stream().filter(one -> given.isEmpty() || given.contains(name.apply(one))).toList();
  }

  /** The one thing that there must be one of. */
  static <T> T only(String option, List<T> all) {
    if (all.size() != 1) {
      throw new IllegalArgumentException(option + ": this command takes one, not " + all.size());
    }
    return all.get(0);
  }
}
