package redraft.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Fields of a generation_config.json of Hugging Face Transformers. */
final class TransformersExport implements EngineExport {
  private static final ReleasedEngine ENGINE = ReleasedEngine.read("transformers");

  @Override
  public ReleasedEngine engine() {
    return ENGINE;
  }

  @Override
  public Printed speculative(Choice choice, Names names) {
    if (choice.synthetic()) {
      throw new IllegalArgumentException(
          "Hugging Face Transformers has no synthetic acceptance; vllm, sglang, llama.cpp, tensorrt-llm and dynamo-mocker have");
    }
    List<String> notes = new ArrayList<>();
    Map<String, Object> config = new LinkedHashMap<>();
    if (choice.method().looksUp()) {
      config.put("prompt_lookup_num_tokens", choice.draftLength());
      config.put("max_matching_ngram_size", choice.ngrams().longest());
      notes.add("the fields go into the target's generation_config.json, or into generate()");
    } else {
      config.put("num_assistant_tokens", choice.draftLength());
      config.put("num_assistant_tokens_schedule", "constant");
      config.put("assistant_confidence_threshold", 0.0);
      notes.add(
          "the fields go into the assistant's generation_config.json, where generate() looks for them; a threshold of 0 switches off "
              + "that it stops drafting where it is not sure, which was not replayed");
    }
    return new Printed(
        List.of(json(config).split("\n")), false, config, new LinkedHashMap<>(), notes);
  }

  @Override
  public Printed plain(Names names) {
    return Printed.nothing(
        "generate() decodes plainly without an assistant_model and prompt_lookup_num_tokens: nothing is to be set",
        false);
  }

  private static String json(Map<String, Object> config) {
    try {
      return new JsonMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(config)
          .replace("\r", "");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
