package redraft.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** vLLM's {@code --speculative-config}, whose fields differ from release to release. */
final class VllmExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("vllm");
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String BATCHES = "num_speculative_tokens_per_batch_size";
  private static final String RATES = "synthetic_acceptance_rates";

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    EngineRelease release = choice.release();
    List<String> notes = new ArrayList<>();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("method", choice.method().name());
    if (!choice.method().looksUp() && !choice.method().drafts().equals("mtp")) {
      config.put("model", names.draft());
    }
    config.put("num_speculative_tokens", choice.draftLength());
    if (choice.method().looksUp()) {
      config.put("prompt_lookup_max", choice.ngrams().longest());
      config.put("prompt_lookup_min", choice.ngrams().shortest());
    }
    config.putAll(choice.law().set());
    if (choice.synthetic()) {
      ENGINE.require(release, RATES, "synthetic acceptance");
      config.remove("draft_sample_method"); // what is drafted makes no difference
      config.put("rejection_sample_method", "synthetic");
      config.put(RATES, choice.jointRates());
    }
    if (!choice.batches().isEmpty()) {
      if (release.has(BATCHES)) {
        config.put(
            BATCHES,
            choice.ranges().stream()
                .map(each -> List.of(each.first(), each.last(), each.draftLength()))
                .toList());
        notes.add(
            BATCHES
                + " is not used with --data-parallel-size above 1; vLLM has tested it with eagle, eagle3 and dflash");
      } else {
        notes.add(
            "vLLM "
                + release.version()
                + " drafts alike at every batch; releases with "
                + BATCHES
                + " are "
                + ENGINE.releasesThat(each -> each.has(BATCHES)));
      }
    }
    Shell command =
        new Shell("vllm", "serve").word(names.target()).flag("--speculative-config", json(config));
    if (!choice.synthetic()) {
      choice.law().environment().forEach(command::variable);
    }
    return new Printed(List.of(command.line()), true, config, command.environment(), notes);
  }

  @Override
  public Printed plain(Names names) {
    return Printed.command(List.of(), new Shell("vllm", "serve").word(names.target()), List.of());
  }

  private static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
