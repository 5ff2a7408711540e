package redraft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redraft.draft.PromptLookup;
import redraft.json.LineException;
import redraft.study.Comparison;

class ReservedNamesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {PromptLookup.NAME, Comparison.TRACE, Comparison.FORMULA, "preset:", "preset:my"})
  void noTraceIsWrittenWithADraftThatResultsWouldMistake(String name) {
    TraceHeader header = SampleTraces.header(LogitDetail.NONE);
    Path file = directory.resolve("t.jsonl");
    assertEquals(
        "t.jsonl:1: \"drafts[1].name\" is \""
            + name
            + "\", which results use for something else; name it otherwise",
        assertThrows(
                LineException.class,
                () ->
                    new TraceWriter(
                        file,
                        new TraceHeader(
                            header.tokenizer(),
                            header.target(),
                            List.of(header.drafts().get(0), new TraceHeader.DraftInfo(name, "", 0)),
                            header.sampling(),
                            header.logits())))
            .getMessage());
    assertFalse(Files.exists(file));
  }

  @Test
  void namesThatOnlyContainSuchAWordAreFree() {
    assertFalse(ReservedNames.isReservedDraft("trace-2"));
    assertFalse(ReservedNames.isReservedDraft("my preset:x"));
    assertTrue(ReservedNames.isReservedDraft("trace"));
  }
}
