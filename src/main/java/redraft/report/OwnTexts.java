package redraft.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import redraft.report.LikelyRejects.Proposed;
import redraft.report.ReportBuilder.Pieces;
import redraft.trace.Signals;
import redraft.trace.TraceHeader;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;

/**
 * What drafts went on to write by themselves, where a recording has their chains, and what they
 * proposed in vain, where it has logits.
 */
final class OwnTexts {
  private static final int MOST_TOKENS = 8; // of a chain
  private static final int CONTEXT = 4; // tokens before it, which it may read like
  private static final int TOKEN_BYTES = 5; // of text, about
  private static final int LIKELY_BYTES = 10; // of a token that was rejected

  /** The first choice of a draft, where it is not what the text goes on with. */
  static final String CHOICE = "choice";

  /** The token that is rejected most often. */
  static final String LIKELY = "likely";

  private OwnTexts() {}

  /**
   * By how they were drawn, a text for each position; empty where it begins as the path goes on.
   */
  static Map<String, List<String>> of(
      TraceHeader header, TraceSequence sequence, int index, Pieces pieces) {
    Map<String, List<String>> texts = new LinkedHashMap<>();
    Draft draft = sequence.drafts().get(index);
    put(texts, CHOICE, header, sequence, LikelyRejects.choices(sequence, index), pieces);
    put(
        texts,
        LIKELY,
        header,
        sequence,
        LikelyRejects.drawn(header.sampling(), sequence, index),
        pieces);
    rollouts(draft)
        .forEach(
            (drawn, chains) -> {
              List<String> own = new ArrayList<>();
              for (int t = 0; t < sequence.length(); t++) {
                own.add(
                    leaves(sequence, chains, t) ? text(header, sequence, chains, t, pieces) : "");
              }
              texts.put(drawn, own);
            });
    return texts;
  }

  /** With how many of the rejections are of it, of 100, before the text. */
  private static void put(
      Map<String, List<String>> texts,
      String name,
      TraceHeader header,
      TraceSequence sequence,
      Proposed proposed,
      Pieces pieces) {
    if (proposed == null) {
      return;
    }
    List<String> own = new ArrayList<>();
    for (int t = 0; t < sequence.length(); t++) {
      int token = proposed.tokens()[t];
      String share = name.equals(CHOICE) ? "" : Math.round(100 * proposed.shares()[t]) + " ";
      own.add(token < 0 ? "" : share + text(header, sequence, t, new int[] {token}, pieces));
    }
    texts.put(name, own);
  }

  /** What they take of a page, about. */
  static long bytes(TraceSequence sequence, Draft draft) {
    long bytes = draft.top() == null ? 0 : 2L * LIKELY_BYTES * sequence.length();
    for (Signals.Rollouts chains : rollouts(draft).values()) {
      for (int t = 0; t < sequence.length(); t++) {
        bytes += 3;
        if (leaves(sequence, chains, t)) {
          bytes += TOKEN_BYTES * Math.min(MOST_TOKENS, chains.tokens()[t].length);
        }
      }
    }
    return bytes;
  }

  private static Map<String, Signals.Rollouts> rollouts(Draft draft) {
    return draft.signals() == null ? Map.of() : draft.signals().rollouts();
  }

  private static boolean leaves(TraceSequence sequence, Signals.Rollouts chains, int t) {
    int[] chain = chains.tokens()[t];
    return chain.length > 0 && chain[0] != sequence.tokens()[t];
  }

  private static String text(
      TraceHeader header, TraceSequence sequence, Signals.Rollouts chains, int t, Pieces pieces) {
    int[] chain = chains.tokens()[t];
    int[] tokens = Arrays.copyOf(chain, Math.min(MOST_TOKENS, chain.length));
    return text(header, sequence, t, tokens, pieces);
  }

  private static String text(
      TraceHeader header, TraceSequence sequence, int t, int[] tokens, Pieces pieces) {
    int[] before = Arrays.copyOfRange(sequence.tokens(), Math.max(0, t - CONTEXT), t);
    String text = pieces.after(header, before, tokens);
    return text != null
        ? text
        : String.join("", IntStream.of(tokens).mapToObj(token -> "⟨" + token + "⟩").toList());
  }
}
