package redraft.trace.importing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.json.LineException;
import redraft.json.LineSource;
import redraft.trace.DraftKind;
import redraft.trace.LogitDetail;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.importing.TraceImporter.Settings;

class AcceptLengthImporterTest {
  private static final Settings SETTINGS = Settings.of("chat", "big", null);
  private static final String LINE =
      "{\"id\":\"a\",\"prompt_token_ids\":[7,8],\"generated_token_ids\":[4,5,6],"
          + "\"acc_ngram\":{\"acc_len\":[1,1,1]},\"acc_eagle\":{\"acc_len\":[3,2,9,4]}}\n";

  @TempDir Path directory;

  private Path convert(String text, Settings settings) throws IOException {
    Path file = Files.writeString(directory.resolve("measured.jsonl"), text);
    Path trace = directory.resolve("trace.jsonl");
    TraceImporters.named("accept-lengths")
        .convert(
            new TraceImporter.Inputs(List.of(LineSource.of(file)), null, Map.of()),
            settings,
            trace);
    return trace;
  }

  @Test
  void entryGMinusOneOfTheFileStandsAtPositionG() throws IOException {
    try (TraceReader reader = new TraceReader(convert(LINE, SETTINGS))) {
      TraceSequence sequence = reader.next();
      assertEquals(1, sequence.decodeFrom());
      assertArrayEquals(new int[] {7, 8}, sequence.promptTokens());
      assertArrayEquals(new int[] {4, 5, 6}, sequence.tokens());
      // 1 for the prefill's token; then what the steps at g = 1, 2, 3 would emit. At g = 4 the
      // decoding has ended, so the 4 is left out.
      assertArrayEquals(new int[] {1, 3, 2, 9}, sequence.drafts().get(0).acceptLength());
      assertArrayEquals(new int[] {1, 1, 1}, sequence.drafts().get(1).acceptLength());
      assertNull(reader.next());
      assertTrue(reader.complete());
    }
  }

  @Test
  void theHeaderSaysWhatIsKnown() throws IOException {
    try (TraceReader reader = new TraceReader(convert(LINE, SETTINGS))) {
      TraceHeader header = reader.header();
      assertEquals(9, header.tokenizer().vocabularySize()); // largest token 8
      assertEquals("big", header.target().name());
      assertEquals(
          List.of("eagle", "ngram"),
          header.drafts().stream().map(TraceHeader.DraftInfo::name).toList());
      assertEquals(
          List.of(DraftKind.PREFIX, DraftKind.LOOKUP),
          header.drafts().stream().map(TraceHeader.DraftInfo::kind).toList());
      assertEquals(0, header.sampling().temperature());
      assertEquals(LogitDetail.NONE, header.logits());
    }
  }

  @Test
  void onlyDraftsThatWereMeasuredAreNamed() throws IOException {
    String text = LINE.replaceAll(",\"acc_eagle\":\\{.*?\\}", "");
    try (TraceReader reader = new TraceReader(convert(text, Settings.of("chat", "big", 100)))) {
      assertEquals("ngram", reader.header().drafts().get(0).name());
      assertEquals(1, reader.header().drafts().size());
      assertEquals(100, reader.header().tokenizer().vocabularySize());
    }
  }

  @Test
  void aPromptMeasuredAgainIsItsNextSample() throws IOException {
    try (TraceReader reader = new TraceReader(convert(LINE + LINE, SETTINGS))) {
      assertEquals(0, reader.next().sample());
      assertEquals(1, reader.next().sample());
    }
  }

  @Test
  void anIdThatComesAgainIsReportedWithTheLineOfTheImportedFile() {
    LineException e =
        assertThrows(
            LineException.class,
            () -> convert(LINE + LINE.replace("\"a\"", "\"b\"") + LINE, SETTINGS));
    assertEquals(
        "measured.jsonl:3: \"id\" is \"a\" again, after another prompt: the samples of a prompt must"
            + " stand together",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"id\":\"a\" | \"id\":7 | \"id\" is 7, not a string",
        "\"id\":\"a\" | \"id\":\"\" | \"id\" is empty",
        "[7,8] | [] | \"prompt_token_ids\" is empty",
        "[4,5,6] | [4,-5] | \"generated_token_ids[1]\" is -5, not from 0 to 2147483646",
        "[4,5,6] | [4,2147483647] | \"generated_token_ids[1]\" is 2147483647, not from 0 to 2147483646",
        "[3,2,9,4] | [3,0] | \"acc_eagle.acc_len[1]\" is 0, not from 1 to 2147483647",
        "[3,2,9,4] | [] | \"acc_eagle.acc_len\" is empty",
        "[3,2,9,4] | [3,2.5] | \"acc_eagle.acc_len[1]\" is 2.5, not a whole number",
        "acc_len | acc_lens | \"acc_ngram.acc_len\" is missing",
        "acc_ngram | acc_medusa | measured drafts are eagle, those of the lines above eagle, ngram",
        "acc_ | accept_ | neither \"acc_eagle\" nor \"acc_ngram\": no draft was measured",
        "generated | produced | \"generated_token_ids\" is missing",
        "}} | } | not valid JSON: the line ends within the object",
      })
  void aWrongLineIsNamed(String from, String to, String problem) {
    String wrong = LINE.replace(from, to);
    LineException e = assertThrows(LineException.class, () -> convert(LINE + wrong, SETTINGS));
    assertEquals("measured.jsonl:2: " + problem, e.getMessage());
  }

  @Test
  void aTokenOutsideTheGivenVocabularyIsRefused() {
    LineException e =
        assertThrows(LineException.class, () -> convert(LINE, Settings.of("chat", "big", 8)));
    assertEquals(
        "measured.jsonl:1: token 8 is outside the vocabulary of 8 tokens that was given",
        e.getMessage());
  }

  @Test
  void anEmptyFileAndTheDomainOfAllDomainsAreRefused() {
    assertEquals(
        "measured.jsonl:1: the file is empty",
        assertThrows(LineException.class, () -> convert("", SETTINGS)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> Settings.of("all", "big", null));
  }

  @Test
  void anUnknownFormatIsAnsweredWithTheKnownOnes() {
    assertEquals(
        "unknown import format 'guess'; one of "
            + String.join(", ", TraceImporters.REGISTRY.names()),
        assertThrows(IllegalArgumentException.class, () -> TraceImporters.named("guess"))
            .getMessage());
  }
}
