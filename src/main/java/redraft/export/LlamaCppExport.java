package redraft.export;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Flags of llama.cpp's llama-server. */
final class LlamaCppExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("llama.cpp");

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    List<String> notes = new ArrayList<>();
    Shell command =
        new Shell("llama-server", "-m")
            .word(names.target())
            .flag("--spec-type", choice.method().name());
    if (choice.method().looksUp()) {
      command
          .flag("--spec-ngram-simple-size-n", choice.ngrams().longest())
          .flag("--spec-ngram-simple-size-m", choice.draftLength());
      if (choice.ngrams().longest() > choice.ngrams().shortest()) {
        notes.add(
            "llama.cpp looks for n-grams of one length, here the longest; what was replayed tries shorter ones too (--ngram)");
      }
    } else {
      if (!choice.method().drafts().equals("mtp")) {
        command.flag("--spec-draft-model", names.draft());
      }
      command
          .flag("--spec-draft-n-max", choice.draftLength())
          .flag("--spec-draft-n-min", 0)
          .flag("--spec-draft-p-min", 0); // some builds stop where the draft is not sure
    }
    if (!choice.batches().isEmpty()) {
      notes.add("llama.cpp drafts alike at every batch");
    }
    if (choice.synthetic()) {
      command.flag(
          "--spec-synth-rates",
          choice.jointRates().stream()
              .map(BigDecimal::toPlainString)
              .collect(Collectors.joining(",")));
    }
    return Printed.command(List.of(), command, notes);
  }

  @Override
  public Printed plain(Names names) {
    return Printed.command(
        List.of(), new Shell("llama-server", "-m").word(names.target()), List.of());
  }
}
