package redraft.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import redraft.draft.PromptLookup;
import redraft.draft.SuffixLookup;
import redraft.json.Registry;
import redraft.policy.DraftTree;
import redraft.replay.LookupDraft.Ngrams;
import redraft.trace.Grade;
import redraft.trace.TraceHeader;
import redraft.trace.TraceHeader.DraftInfo;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;

/** The drafts of a trace, and those that need nothing but its tokens. */
public final class ReplayDrafts {
  /** Drafts that no trace has to record; a new one is one file and one line here. */
  public static final Registry<Map.Entry<String, Function<Ngrams, ReplayDraft>>> WITHOUT_RECORDING =
      new Registry<>(
          "draft",
          Map.Entry::getKey,
          List.of(
              Map.entry(PromptLookup.NAME, LookupDraft::prompt),
              Map.entry(SuffixLookup.NAME, ngrams -> LookupDraft.suffix())));

  private ReplayDrafts() {}

  /**
   * The drafts that a source can replay.
   *
   * @param names of its header's drafts, or of drafts without a recording; empty for all of the
   *     header, or the first without a recording where that has none
   * @throws IllegalArgumentException naming what there is, if there is no such draft
   */
  public static List<ReplayDraft> of(SequenceSource source, List<String> names, Ngrams ngrams)
      throws IOException {
    TraceHeader header = source.header();
    List<String> wanted = names;
    if (names.isEmpty()) {
      wanted =
          header.drafts().isEmpty()
              ? WITHOUT_RECORDING.names().subList(0, 1)
              : header.drafts().stream().map(TraceHeader.DraftInfo::name).toList();
    }
    List<ReplayDraft> drafts = new ArrayList<>();
    for (String name : wanted) {
      if (WITHOUT_RECORDING.names().contains(name)) {
        if (header.grade() == Grade.GIVEN_TEXT) {
          throw new IllegalArgumentException(
              "draft '"
                  + name
                  + "' copies what the target wrote, and the texts of "
                  + source.name()
                  + " are given, not drawn from it");
        }
        drafts.add(WITHOUT_RECORDING.named(name).getValue().apply(ngrams));
        continue;
      }
      String working = has(header, name) ? null : AheadDraft.draftOf(name);
      int index = header.draftIndex(working == null ? name : working); // or refuse it
      ReplayDraft draft = recorded(header, index, source.peek());
      drafts.add(working == null ? draft : AheadDraft.of(name, draft, header));
    }
    return drafts;
  }

  private static boolean has(TraceHeader header, String name) {
    return header.drafts().stream().anyMatch(draft -> draft.name().equals(name));
  }

  /**
   * The same drafts, each proposing a tree of candidates.
   *
   * @throws IllegalArgumentException naming the draft whose ranks are not known
   */
  public static List<ReplayDraft> trees(
      SequenceSource source, List<ReplayDraft> drafts, DraftTree tree) throws IOException {
    List<ReplayDraft> trees = new ArrayList<>();
    for (ReplayDraft draft : drafts) {
      if (!(draft instanceof TraceDraft recorded && recorded.ranked())) {
        throw new IllegalArgumentException(
            "draft '"
                + draft.name()
                + "' of "
                + source.name()
                + " has no ranks, which a tree of its likeliest tokens is replayed by; name a recorded draft model"
                + " with --draft");
      }
      TraceSequence first = source.peek();
      trees.add(
          new TreeDraft(
              recorded, tree, first == null ? Set.of() : recorded.of(first).ladders().keySet()));
    }
    return trees;
  }

  /**
   * @param first of the sequences, which all say the same kind of thing; null where there is none
   */
  private static ReplayDraft recorded(TraceHeader header, int index, TraceSequence first) {
    DraftInfo info = header.drafts().get(index);
    if (first == null) {
      return new RecordedDraft(header, index, true);
    }
    Draft draft = first.drafts().get(index);
    return switch (draft.content()) {
      case PROBABILITIES -> RecordedDraft.of(header, index, draft);
      case DEPTHS -> new DepthDraft(info, index);
      case ACCEPT_LENGTHS -> new AcceptLengthDraft(info, index);
      case COINS -> new CoinDraft(info, index);
      case SURVIVAL -> new SurvivalDraft(info, index);
    };
  }
}
