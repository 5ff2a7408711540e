package redraft.study;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.zip.ZipException;
import redraft.json.LineException;
import redraft.replay.LookupDraft.Ngrams;
import redraft.replay.ReplayDraft;
import redraft.replay.SequenceSource;
import redraft.replay.Tally;
import redraft.replay.TraceReplay;
import redraft.replay.TraceReplay.Question;
import redraft.replay.TraceSource;
import redraft.study.Storage.ArchiveFile;
import redraft.trace.TraceHeader;
import redraft.trace.TraceReader;
import redraft.trace.TraceSequence;
import redraft.trace.archive.ArchiveIndex;

/**
 * Traces of one recording in many files, read as one. Questions whose outcomes go to a {@link
 * Tally} are asked of each file apart, so that neither the parts nor their order make a difference;
 * others read file after file. A prompt ends with its file.
 */
public final class Archive implements SequenceSource {
  private static final String TRACES = ".*\\.jsonl(\\.gz|\\.zst)?";

  private final String name;
  private final List<ArchiveFile> files;
  private final Storage storage;
  private final UnaryOperator<SequenceSource> selection;
  private final boolean skipBroken;
  private final Set<String> brokenInOrder = new LinkedHashSet<>();
  private final List<String> notes = new ArrayList<>();
  private final TraceHeader header;
  private int headers; // files of which the header was looked for
  private final FileAfterFile fileAfterFile = new FileAfterFile();
  private final SequenceSource inOrder;

  /**
   * @param name in results
   * @param selection of the sequences of each file
   * @param skipBroken whether files that break the format are left out, rather than the end of all
   */
  Archive(
      String name,
      List<ArchiveFile> files,
      Storage storage,
      UnaryOperator<SequenceSource> selection,
      boolean skipBroken)
      throws IOException {
    this.name = name;
    this.files = requireSome(name, files);
    this.storage = storage;
    this.selection = selection;
    this.skipBroken = skipBroken;
    header = firstHeader();
    inOrder = selection.apply(fileAfterFile);
  }

  /**
   * @throws IllegalArgumentException if there is no file
   */
  public static List<ArchiveFile> requireSome(String name, List<ArchiveFile> files) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          name + " holds no trace: no file that ends in .jsonl, .jsonl.gz or .jsonl.zst");
    }
    return files;
  }

  /** Whether a file of an archive is a trace, by its name. */
  public static boolean isTrace(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    return file.matches(TRACES) && !file.equals(ArchiveIndex.FILE) && !file.startsWith(".");
  }

  private TraceHeader firstHeader() throws IOException {
    RuntimeException last = null;
    for (ArchiveFile file : files) {
      headers++;
      try (TraceReader reader = reader(file)) {
        return reader.header();
      } catch (LineException e) {
        if (!skipBroken) {
          throw e;
        }
        last = e;
      }
    }
    throw last;
  }

  private TraceReader reader(ArchiveFile file) throws IOException {
    return new TraceReader(storage.open(file.path()).called(called(file)));
  }

  private String called(ArchiveFile file) {
    return file.name().isEmpty() ? name : name + "/" + file.name();
  }

  private TraceSource open(ArchiveFile file) throws IOException {
    TraceReader reader = reader(file);
    List<String> differences = reader.header().differencesOfRecording(header);
    if (differences.isEmpty()) {
      return new TraceSource(name, reader);
    }
    reader.close();
    throw new LineException(
        called(file),
        1,
        "an archive is of one recording, and the header says otherwise than that of "
            + files.get(0).name()
            + ": "
            + String.join(", ", differences));
  }

  public List<ArchiveFile> files() {
    return files;
  }

  /** The files that were looked into so far, which say all that plans are made of. */
  public List<ArchiveFile> lead() {
    return files.subList(0, Math.max(headers, fileAfterFile.opened));
  }

  @Override
  public List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    brokenInOrder.forEach(
        problem -> all.add("not read from there on, because it is broken: " + problem));
    return all;
  }

  @Override
  public TraceReplay.Source answer(List<Question> questions, LongConsumer progress)
      throws IOException {
    if (!questions.stream().allMatch(question -> question.outcomes() instanceof Tally)) {
      return SequenceSource.super.answer(questions, progress);
    }
    SequenceSource selected = selection.apply(new FileAfterFile());
    ArchiveParts parts = new ArchiveParts(questions, selected);
    storage.read(this, parts, progress);
    brokenInOrder.clear(); // they are among the parts
    SelectedSequences.end(selected);
    note(parts);
    return TraceReplay.requireSome(
        new TraceReplay.Source(
            name, domain(), header, parts.sequences(), parts.cut().isEmpty(), sampled()));
  }

  private void note(ArchiveParts parts) {
    Map<String, String> broken = parts.broken();
    Map<String, String> cut = parts.cut();
    if (!broken.isEmpty()) {
      notes.add(
          "left out: "
              + broken.size()
              + " of "
              + files.size()
              + " files of "
              + name
              + ", which are broken: "
              + String.join("; ", broken.values()));
    }
    if (!cut.isEmpty()) {
      List<String> each = new ArrayList<>();
      cut.forEach((file, there) -> each.add(file + " (" + there + ")"));
      notes.add("cut while they were recorded: " + String.join(", ", each));
    }
  }

  /**
   * Reads some of the files on all processors, large ones first.
   *
   * @param parts told what they say
   * @param progress told from time to time how many sequences have been read
   */
  public void read(List<ArchiveFile> some, ArchiveParts parts, LongConsumer progress)
      throws IOException {
    AtomicReference<Exception> failure = new AtomicReference<>();
    some.stream()
        .sorted(Comparator.comparingLong(ArchiveFile::bytes).reversed())
        .toList()
        .parallelStream()
        .filter(file -> failure.get() == null)
        .forEach(
            file -> {
              try {
                read(file, parts);
                progress.accept(parts.sequences());
              } catch (IOException | RuntimeException e) {
                failure.compareAndSet(null, e);
              }
            });
    if (failure.get() instanceof IOException e) {
      throw e;
    }
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
  }

  /** Tells nothing of a file that turns out to be broken. */
  private void read(ArchiveFile file, ArchiveParts parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (SequenceSource source = SelectedSequences.ofPart(selection.apply(open(file)))) {
      List<Question> questions =
          parts.questions().stream()
              .map(question -> question.to(((Tally) question.outcomes()).fresh()))
              .toList();
      ArchiveParts part = new ArchiveParts(questions, source);
      part.addFile(
          file.name(), TraceReplay.part(source, questions, sequence -> {}, sequences -> {}));
      part.write(new DataOutputStream(bytes));
    } catch (LineException | ZipException e) {
      if (!skipBroken) {
        throw e;
      }
      parts.addBroken(file.name(), e.getMessage());
      return;
    }
    parts.addFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
  }

  /** All sequences of all files. */
  private final class FileAfterFile implements SequenceSource {
    private int opened; // files
    private SequenceSource current;
    private long before; // sequences of earlier files
    private boolean complete = true;

    @Override
    public String name() {
      return name;
    }

    @Override
    public TraceHeader header() {
      return header;
    }

    @Override
    public TraceSequence peek() throws IOException {
      while (true) {
        TraceSequence next = null;
        try {
          next = current == null ? null : current.peek();
        } catch (LineException e) {
          passOver(e);
        }
        if (next != null || opened == files.size() && current == null) {
          return next;
        }
        if (current != null) {
          complete &= current.complete();
          before += current.sequences();
          close();
        } else {
          opened++;
          try {
            current = open(files.get(opened - 1));
          } catch (LineException e) {
            passOver(e);
          }
        }
      }
    }

    private void passOver(LineException broken) {
      if (!skipBroken) {
        throw broken;
      }
      brokenInOrder.add(broken.getMessage());
    }

    @Override
    public TraceSequence next() throws IOException {
      return peek() == null ? null : current.next();
    }

    @Override
    public long sequences() {
      return before + (current == null ? 0 : current.sequences());
    }

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public boolean ordered() {
      return false;
    }

    @Override
    public void close() throws IOException {
      if (current != null) {
        SequenceSource closed = current;
        current = null;
        closed.close();
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String domain() {
    return inOrder.domain();
  }

  @Override
  public TraceHeader header() {
    return header;
  }

  @Override
  public TraceSequence peek() throws IOException {
    return inOrder.peek();
  }

  @Override
  public TraceSequence next() throws IOException {
    if (!storage.inOrder()) {
      throw new IllegalArgumentException(
          "what was asked reads one text after the other, and is not asked of many machines; ask it of a folder,"
              + " on one machine");
    }
    return inOrder.next();
  }

  @Override
  public long sequences() {
    return inOrder.sequences();
  }

  @Override
  public boolean complete() {
    return inOrder.complete();
  }

  @Override
  public boolean ordered() {
    return false;
  }

  @Override
  public boolean sampled() {
    return inOrder.sampled();
  }

  @Override
  public List<ReplayDraft> drafts(List<String> names, Ngrams ngrams) throws IOException {
    return inOrder.drafts(names, ngrams);
  }

  @Override
  public void close() throws IOException {
    inOrder.close();
  }
}
