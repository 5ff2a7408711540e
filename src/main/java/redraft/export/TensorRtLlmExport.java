package redraft.export;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redraft.study.BestSetting.BatchRange;

/** The part of TensorRT-LLM's YAML file that says how it drafts. */
final class TensorRtLlmExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("tensorrt-llm");
  private static final String FORCED = "TLLM_SPEC_DECODE_FORCE_NUM_ACCEPTED_TOKENS";

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "give the file to trtllm-serve as --extra_llm_api_options; drafting of this kind runs on the PyTorch backend");
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("decoding_type", choice.method().name());
    config.put("max_draft_len", choice.draftLength());
    if (choice.method().looksUp()) {
      config.put("max_matching_ngram_size", choice.ngrams().longest());
    } else if (!choice.method().drafts().equals("mtp")) {
      config.put("speculative_model", names.draft());
    }
    choice.law().set().forEach((name, value) -> config.put(name, Boolean.valueOf(value)));
    schedule(choice, config, notes);
    List<String> lines = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>();
    if (choice.synthetic()) {
      environment.put(FORCED, choice.accepted().toPlainString());
      notes.add(
          "for a load test set "
              + FORCED
              + "="
              + environment.get(FORCED)
              + " where trtllm-serve starts: drafted tokens that every step accepts, the part behind the point by chance");
    }
    lines.add("speculative_config:");
    config.forEach((name, value) -> lines.add("  " + name + ": " + yaml(value)));
    return new Printed(lines, true, config, environment, notes);
  }

  /** Draft lengths up to each batch; no drafts above the last. */
  private static void schedule(Choice choice, Map<String, Object> config, List<String> notes) {
    List<BatchRange> ranges = choice.ranges();
    if (ranges.isEmpty()) {
      return;
    }
    boolean falling = ranges.get(0).draftLength() == choice.draftLength();
    if (!choice.method().drafts().equals("eagle3") || !falling) {
      notes.add(
          falling
              ? "TensorRT-LLM drafts alike at every batch with "
                  + choice.method().name()
                  + "; Eagle3 takes a schedule in every release that is known"
              : "TensorRT-LLM takes no schedule that drafts less at batch 1 than at larger ones");
      return;
    }
    Map<Integer, Integer> schedule = new LinkedHashMap<>();
    ranges.stream()
        .filter(each -> each.draftLength() > 0)
        .forEach(each -> schedule.put(each.last(), each.draftLength()));
    config.put("draft_len_schedule", schedule);
    BatchRange last = ranges.get(ranges.size() - 1);
    if (last.draftLength() > 0) {
      notes.add(
          "the schedule drafts nothing above batch " + last.last() + "; --max-batch looks further");
    }
  }

  private static String yaml(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> entries = new ArrayList<>();
      map.forEach((key, each) -> entries.add(key + ": " + each));
      return "{" + String.join(", ", entries) + "}";
    }
    return value instanceof String text && !text.matches("[A-Za-z][A-Za-z0-9_./-]*")
        ? TextNode.valueOf(text).toString() // YAML reads JSON
        : String.valueOf(value);
  }

  @Override
  public Printed plain(Names names) {
    return Printed.nothing(
        "TensorRT-LLM decodes plainly without speculative_config: nothing is to be set", true);
  }
}
