package redraft.export;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import redraft.study.BestSetting.BatchRange;

/** SGLang's flags, and the file of its draft lengths by batch where its method takes one. */
final class SglangExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("sglang");
  private static final String ADAPTIVE_FILE = "speculative-adaptive.json";

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    List<String> before = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    String method = choice.method().name();
    Shell command =
        new Shell("python", "-m", "sglang.launch_server", "--model-path")
            .word(names.target())
            .flag("--speculative-algorithm", method);
    if (choice.method().looksUp()) {
      command
          .flag("--speculative-num-draft-tokens", choice.draftLength() + 1)
          .flag("--speculative-ngram-max-bfs-breadth", 1);
      notes.add(
          "SGLang looks n-grams up in a tree of what it wrote in all requests; a breadth of 1 makes it draft one chain, as was "
              + "replayed, and it may find more than the text itself holds");
    } else {
      if (!choice.method().drafts().equals("mtp")) {
        command.flag("--speculative-draft-model-path", names.draft());
      }
      command
          .flag("--speculative-num-steps", choice.draftLength())
          .flag("--speculative-eagle-topk", 1)
          .flag("--speculative-num-draft-tokens", choice.draftLength() + 1);
    }
    command.law(choice.law());
    if (!choice.batches().isEmpty()) {
      if (method.equals("EAGLE3") || method.equals("EAGLE")) {
        before.add("cat > " + ADAPTIVE_FILE + " <<'END'");
        before.add(adaptive(choice.ranges()));
        before.add("END");
        command.flag("--speculative-adaptive").flag("--speculative-adaptive-config", ADAPTIVE_FILE);
      } else {
        notes.add(
            "SGLang drafts alike at every batch with "
                + method
                + "; only EAGLE and EAGLE3 can adapt");
      }
    }
    if (choice.synthetic()) {
      command
          .variable("SGLANG_SIMULATE_ACC_LEN", choice.acceptanceLength().toPlainString())
          .variable("SGLANG_SIMULATE_ACC_METHOD", "match-expected");
      notes.add(
          "SGLang takes a mean acceptance length, and accepts the whole numbers of tokens next to it; its steps scatter less "
              + "than those of the trace");
    }
    if (choice.law().rule().equals("greedy-draft") && !choice.method().looksUp()) {
      notes.add("on ROCm SGLang switches rejection sampling on by itself, where its method can");
    }
    return Printed.command(before, command, notes);
  }

  /** One candidate a tier, so that the batch alone says what to draft. */
  private static String adaptive(List<BatchRange> ranges) {
    return ranges.stream()
        .map(
            each ->
                "  \"" + each.first() + "\": {\"candidate_steps\": [" + each.draftLength() + "]}")
        .collect(Collectors.joining(",\n", "{\n", "\n}"));
  }

  @Override
  public Printed plain(Names names) {
    return Printed.command(
        List.of(),
        new Shell("python", "-m", "sglang.launch_server", "--model-path").word(names.target()),
        List.of());
  }
}
