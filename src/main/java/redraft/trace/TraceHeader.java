package redraft.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The first line of a trace: which models under which sampling settings made it.
 *
 * @param drafts in the order in which every sequence lists its drafts
 * @param logits how many logits each position carries
 * @param grade what the sequences can answer
 * @param source what wrote the measurement that it was imported from; empty where models were run
 */
public record TraceHeader(
    TokenizerInfo tokenizer,
    ModelInfo target,
    List<DraftInfo> drafts,
    Sampling sampling,
    LogitDetail logits,
    Grade grade,
    String source) {
  /** The value of the "format" field. */
  public static final String FORMAT = "redraft-trace";

  private static final String SEED = "sampling.seed";

  /** The only version so far. */
  public static final int VERSION = 1;

  /** Of a recording of this program. */
  public TraceHeader(
      TokenizerInfo tokenizer,
      ModelInfo target,
      List<DraftInfo> drafts,
      Sampling sampling,
      LogitDetail logits) {
    this(tokenizer, target, drafts, sampling, logits, Grade.EXACT, "");
  }

  /**
   * @param sha256 of the tokenizer file, lower-case hex
   */
  public record TokenizerInfo(String sha256, int vocabularySize) {}

  /**
   * @param sha256 of the model file, lower-case hex
   * @param parameters number of trained parameters
   */
  public record ModelInfo(String name, String sha256, long parameters) {}

  /**
   * @param sha256 of the model file, lower-case hex
   * @param parameters number of trained parameters
   * @param depth most tokens of a block of which something is known; 0 for no bound
   * @param rule by which the measured run verified; null where probabilities let it be chosen
   * @param untested of coins: the acceptance that is assumed where no token was drafted; NaN
   *     otherwise
   * @param parallel whether one pass of the draft proposes a whole block
   */
  public record DraftInfo(
      String name,
      String sha256,
      long parameters,
      DraftKind kind,
      int depth,
      String rule,
      double untested,
      boolean parallel) {
    public DraftInfo(
        String name,
        String sha256,
        long parameters,
        DraftKind kind,
        int depth,
        String rule,
        double untested) {
      this(name, sha256, parameters, kind, depth, rule, untested, false);
    }

    public DraftInfo(String name, String sha256, long parameters, DraftKind kind) {
      this(name, sha256, parameters, kind, 0, null, Double.NaN);
    }

    /** Heads that propose so many tokens in one pass. */
    public static DraftInfo ofHeads(String name, String sha256, long parameters, int heads) {
      return new DraftInfo(
          name, sha256, parameters, DraftKind.DEPTH, heads, null, Double.NaN, true);
    }

    /** A draft model that continues the text before it. */
    public DraftInfo(String name, String sha256, long parameters) {
      this(name, sha256, parameters, DraftKind.PREFIX);
    }
  }

  /**
   * The transforms under which both models' probabilities were taken; topK 0 and topP 1 mean all
   * tokens.
   */
  public record Sampling(double temperature, int topK, double topP, long seed) {}

  /**
   * What another header says otherwise, each as in {@code sampling.seed 0, not 1}: this header's
   * value first.
   */
  public List<String> differences(TraceHeader other) {
    Map<String, Object> own = fields();
    Map<String, Object> others = other.fields();
    Set<String> names = new LinkedHashSet<>(own.keySet());
    names.addAll(others.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      if (!Objects.equals(own.get(name), others.get(name))) {
        differences.add(
            name
                + " "
                + own.getOrDefault(name, "missing")
                + ", not "
                + others.getOrDefault(name, "missing"));
      }
    }
    return differences;
  }

  /**
   * The same of what files of one recording have in common: all but the seed, on which no number
   * rests.
   */
  public List<String> differencesOfRecording(TraceHeader other) {
    return differences(other).stream()
        .filter(difference -> !difference.startsWith(SEED + " "))
        .toList();
  }

  private Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("tokenizer.sha256", tokenizer.sha256);
    fields.put("tokenizer.vocabularySize", tokenizer.vocabularySize);
    putModel(fields, "target", target.name, target.sha256, target.parameters);
    for (int i = 0; i < drafts.size(); i++) {
      DraftInfo draft = drafts.get(i);
      putModel(fields, "drafts[" + i + "]", draft.name, draft.sha256, draft.parameters);
      if (draft.kind != DraftKind.PREFIX) { // as the file has it
        fields.put("drafts[" + i + "].kind", draft.kind.word());
      }
      if (draft.depth > 0) {
        fields.put("drafts[" + i + "].depth", draft.depth);
      }
      if (draft.rule != null) {
        fields.put("drafts[" + i + "].rule", draft.rule);
      }
      if (!Double.isNaN(draft.untested)) {
        fields.put("drafts[" + i + "].untested", draft.untested);
      }
      if (draft.parallel) {
        fields.put("drafts[" + i + "].drafting", "parallel");
      }
    }
    fields.put("sampling.temperature", sampling.temperature);
    fields.put("sampling.topK", sampling.topK);
    fields.put("sampling.topP", sampling.topP);
    fields.put(SEED, sampling.seed);
    fields.put("logits", logits.word());
    if (grade != Grade.EXACT) {
      fields.put("grade", grade.word());
    }
    if (!source.isEmpty()) {
      fields.put("source", source);
    }
    return fields;
  }

  private static void putModel(
      Map<String, Object> fields, String prefix, String name, String sha256, long parameters) {
    fields.put(prefix + ".name", name);
    fields.put(prefix + ".sha256", sha256.isEmpty() ? "\"\"" : sha256);
    fields.put(prefix + ".parameters", parameters);
  }

  /** The index of the named draft in every sequence. */
  public int draftIndex(String name) {
    for (int i = 0; i < drafts.size(); i++) {
      if (drafts.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "the trace has no draft '"
            + name
            + "'; it has "
            + String.join(", ", drafts.stream().map(DraftInfo::name).toList()));
  }
}
