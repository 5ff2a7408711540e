package redraft.fuzz;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.codec.digest.DigestUtils;
import redraft.trace.GradedTraces;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/** Traces, plain and compressed, through every command that reads one. */
final class TraceFuzz extends Surface {
  private static final List<String> LINES =
      List.of(
          "inspect {in}/t",
          "inspect {in}/t --json",
          "inspect {in}/t --csv {out}/i.csv",
          "traces verify {in}/t",
          "traces split {in}/t --positions 3 --out {out}/shards",
          "traces merge {in}/t --prefix-ids --out {out}/m.jsonl",
          "replay {in}/t --draft-length 1..3 --cost-ratio 0.1 --by-domain",
          "replay {in}/t --rule token,block,greedy-draft,exact-match --draft-length 2 --cost-ratio 0.1 --json",
          "replay {in}/t --draft-length 2 --cost-ratio 0.1 --temperature 0.5 --csv {out}/r.csv",
          "replay {in}/t --policy heuristic,oracle --draft-length 3 --cost-ratio 0.1 --sampled 10",
          "replay {in}/t --draft prompt-lookup --draft-length 2 --cost-ratio 0.1",
          "replay {in}/t --tree 2x2,medusa-63,best:4 --cost-ratio 0.1",
          "replay {in}/t --tree 3x2,2x2 --rule iid,wor --cost-ratio 0.1",
          "replay {in}/t --policy p-min:0.6,entropy:0.4,confidence:0.4,specdec:0.6 --draft-length 4 --cost-ratio 0.1",
          "replay {in}/t --policy sglang-adaptive,trt-threshold,bandit --draft-length 4 --cost-ratio 0.1 --sampled 5",
          "replay {in}/t --draft suffix --draft-length 4 --cost-ratio 0.1",
          "best {in}/t --tree best:2..8 --cost-ratio 0.1",
          "report {in}/t --tree 2x2 --format html,json --draft-length 1..2 --cost-ratio 0.1 --out {out}",
          "best {in}/t --cost-ratio 0.1",
          "best {in}/t --draft-length 1,2 --target-speed 50 --draft-speed 200",
          "compare {in}/t --cost-ratio 0.1 --draft-length 1..2 --csv {out}/c.csv",
          "compare {in}/t --fit {out}/fit.json --cost-ratio 0.1 --draft-length 2",
          "sweep {in}/t --draft-length 1 --batch 1 --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b"
              + " --assume-acceptance --csv {out}/s.csv",
          "report {in}/t --format html,json,csv,md --draft-length 1..2 --cost-ratio 0.1 --out {out}");

  /** Of texts whose tokens are not known. */
  private static final Pattern LENGTH = Pattern.compile("\"length\":(\\d{1,18}),");

  private final List<byte[]> whole = new ArrayList<>();

  TraceFuzz() {
    super("traces", 30);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    byte[] text = Mutation.any(whole(), random);
    if (random.nextInt(4) > 0) {
      text = random.nextBoolean() ? Mutation.lines(text, random) : Mutation.bytes(text, random);
      text = random.nextInt(3) > 0 ? footed(text) : text; // or nothing gets beyond the footer
    }
    byte[] file =
        switch (random.nextInt(4)) {
          case 0 -> gzip(text);
          case 1 -> Zstd.compress(text);
          default -> text;
        };
    if (random.nextInt(4) == 0) {
      file = Mutation.bytes(file, random);
    }
    return new FuzzCase(Mutation.any(LINES, random), Map.of("t", file));
  }

  private List<byte[]> whole() throws IOException {
    if (whole.isEmpty()) {
      Path file = Files.createTempFile("whole", ".jsonl");
      for (LogitDetail detail : LogitDetail.values()) {
        SampleTraces.write(
            file,
            SampleTraces.header(detail),
            SampleTraces.sequences(detail == LogitDetail.ALL ? 2 : 5, detail, 1));
        whole.add(Files.readAllBytes(file));
      }
      SampleTraces.write(
          file, SampleTraces.header(LogitDetail.NONE), SampleTraces.acceptLengths(6, 1));
      whole.add(Files.readAllBytes(file));
      whole.add(Files.readAllBytes(GradedTraces.engine(file)));
      whole.add(Files.readAllBytes(GradedTraces.given(file)));
      whole.add(Files.readAllBytes(GradedTraces.depths(file)));
      whole.add(Files.readAllBytes(GradedTraces.coins(file)));
      whole.add(Files.readAllBytes(GradedTraces.counts(file)));
      Files.delete(file);
      for (String name : List.of("v1-headroom.jsonl", "v1-signals.jsonl")) {
        whole.add(Files.readAllBytes(Path.of("src/test/resources/redraft/trace", name)));
      }
    }
    return whole;
  }

  /** The text with a footer that fits it in place of its last line, as one who attacks makes it. */
  private static byte[] footed(byte[] text) {
    String lines = new String(text, StandardCharsets.ISO_8859_1);
    int footer = lines.lastIndexOf("{\"sequences\"");
    String kept = footer < 0 ? lines : lines.substring(0, footer);
    long sequences = kept.lines().count() - 1;
    long positions = 0;
    for (String line : kept.lines().skip(1).toList()) {
      int from = line.indexOf("\"tokens\":[");
      int to = from < 0 ? -1 : line.indexOf(']', from);
      positions += to < 0 ? 0 : line.substring(from, to).split(",", -1).length;
      Matcher length = LENGTH.matcher(line);
      positions += length.find() ? Long.parseLong(length.group(1)) : 0;
    }
    String hash = DigestUtils.sha256Hex(kept.getBytes(StandardCharsets.ISO_8859_1));
    String line =
        "{\"sequences\":"
            + sequences
            + ",\"positions\":"
            + positions
            + ",\"sha256\":\""
            + hash
            + "\"}\n";
    return (kept + line).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] gzip(byte[] text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text);
    }
    return bytes.toByteArray();
  }
}
