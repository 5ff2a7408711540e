package redraft.latency;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A profile of what LLMServingSim's profiler measured of a model, and of its draft, on one GPU.
 *
 * @param source what measured it, and on what
 * @param date when; null where that is not said
 * @param notes on what was made of the files, a line each
 */
public record LlmServingSim(LayerLatency latency, String source, String date, List<String> notes) {
  /**
   * A model to read.
   *
   * @param folder of its files
   * @param layers of its decoder; null for those of the known model that the folder names
   */
  public record Model(Path folder, Integer layers) {}

  /**
   * @param draft null where none was measured
   * @param head whether the draft is a head of the target, priced as one of its layers
   * @param name of the profile in results
   * @throws IllegalArgumentException if a folder does not hold such a profile, or they are not of
   *     one GPU
   */
  public static LlmServingSim read(Model target, Model draft, boolean head, String name)
      throws IOException {
    LlmServingSimFolder targets =
        LlmServingSimFolder.read(target.folder, target.layers, "--layers");
    LlmServingSimFolder drafts =
        draft == null
            ? null
            : LlmServingSimFolder.read(draft.folder, draft.layers, "--draft-layers");
    List<String> notes = new ArrayList<>(targets.notes());
    String source = targets.source();
    if (drafts != null) {
      if (!drafts.gpu().equals(targets.gpu())) {
        throw new IllegalArgumentException(
            draft.folder
                + " was measured on "
                + drafts.gpu()
                + ", the target on "
                + targets.gpu()
                + "; a profile is of one GPU");
      }
      notes.addAll(drafts.notes());
      source += "; " + drafts.source();
    }
    String measured = targets.meta().getOrDefault("profiled_at", "");
    return new LlmServingSim(
        latency(target.folder, name, targets, drafts, head),
        source,
        measured.matches("\\d{4}-\\d{2}-\\d{2}.*") ? measured.substring(0, 10) : null,
        notes);
  }

  private static LayerLatency latency(
      Path folder,
      String name,
      LlmServingSimFolder target,
      LlmServingSimFolder draft,
      boolean head) {
    try {
      return new LayerLatency(name, target.columns(), draft == null ? null : draft.columns(), head);
    } catch (IllegalArgumentException e) { // no grid of times
      throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
    }
  }
}
