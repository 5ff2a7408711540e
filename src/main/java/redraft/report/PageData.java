package redraft.report;

import redraft.replay.CertainLaw;
import redraft.replay.ReplayDraft;

import redraft.latency.Deployment;
import redraft.metrics.Metrics;
import redraft.verify.VerificationRule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import redraft.report.Report.Shown;
import redraft.trace.TraceSequence;
import redraft.trace.TraceSequence.Draft;
import redraft.trace.TraceSequence.Finish;

/**
 * What the script of the page reads. Log-probabilities travel in double precision, so that the page
 * computes what the replay engine does; what is only shown travels in single precision. Lists of
 * numbers are base64 of little-endian bytes, texts one after the other.
 */
final class PageData {
  private static final JsonMapper JSON = new JsonMapper();

  /** What the page shows first. */
  private record Best(String draft, String rule, int draftLength) {}

  private PageData() {}

  static String json(Report report) throws JsonProcessingException {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("rules", report.compared().rules().stream().map(VerificationRule::name).toList());
    data.put("draftLengths", report.compared().draftLengths());
    data.put("seed", Long.toString(report.compared().seed())); // 64 bits
    data.put("prices", report.compared().deployments().stream().map(each -> price(report, each)).toList());
    data.put("traces", report.traces().stream().map(trace -> trace(report, trace)).toList());
    data.put("settings", Findings.settings(report));
    data.put("sources", report.sources());
    return JSON.writeValueAsString(data);
  }

  private static Map<String, Object> price(Report report, Deployment deployment) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", Findings.name(report, deployment));
    data.put("batch", deployment.batch());
    data.put("context", deployment.contextTokens());
    data.put("costRatio", deployment.latency().onlyRatio());
    data.put("usdPerHour", Metrics.known(deployment.usdPerHour()));
    return data;
  }

  private static Map<String, Object> trace(Report report, Report.Trace trace) {
    List<Shown> shown = trace.shown();
    var best = trace.best(report.compared().deployments().get(0));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", trace.name());
    data.put("headline", Findings.headline(report, trace));
    data.put("restsOn", Findings.restsOn(trace));
    data.put("exactness", Findings.exactness(report, trace));
    data.put("tables", Findings.tables(report, trace));
    data.put("charts", trace.charts());
    data.put("best", new Best(best.draft(), best.rule(), best.draftLength()));
    data.put("total", trace.sequences());
    data.put(
        "domains", shown.stream().map(one -> one.sequence().domain()).distinct().sorted().toList());
    List<Map<String, Object>> sequences = new ArrayList<>();
    for (Shown one : shown) {
      sequences.add(sequence(sequences.size(), one.sequence()));
    }
    data.put("sequences", sequences);
    data.put("tokens", integers(shown, TraceSequence::tokens));
    if (shown.stream().allMatch(one -> one.pieces() != null)) {
      data.put(
          "text",
          shown.stream().flatMap(one -> one.pieces().stream()).collect(Collectors.joining()));
      data.put(
          "pieceLengths",
          packed(
              shown.stream()
                  .flatMapToInt(one -> one.pieces().stream().mapToInt(String::length))
                  .toArray()));
    }
    if (shown.stream().allMatch(one -> one.sequence().target().hasProbabilities())) {
      data.put("logprob", doubles(shown, sequence -> sequence.target().logprob()));
      data.put("entropy", singles(shown, sequence -> sequence.target().entropy()));
    }
    data.put("curves", trace.curves());
    data.put("drafts", drafts(trace));
    return data;
  }

  private static Map<String, Object> sequence(int index, TraceSequence sequence) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("index", index);
    data.put("id", sequence.id());
    data.put("sample", sequence.sample());
    data.put("domain", sequence.domain());
    data.put("prompt", sequence.prompt());
    data.put("promptTokens", sequence.promptTokens().length);
    data.put("tokens", sequence.length());
    data.put("decodeFrom", sequence.decodeFrom());
    data.put("eos", sequence.finish() == Finish.EOS);
    return data;
  }

  private static List<Map<String, Object>> drafts(Report.Trace trace) {
    List<Map<String, Object>> drafts = new ArrayList<>();
    List<Shown> shown = trace.shown();
    for (ReplayDraft draft : trace.drafts()) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("name", draft.name());
      int index =
          IntStream.range(0, trace.header().drafts().size())
              .filter(i -> trace.header().drafts().get(i).name().equals(draft.name()))
              .findFirst()
              .orElse(-1);
      if (index < 0) {
        data.put("lookup", true);
        List<CertainLaw> laws =
            shown.stream()
                .map(one -> (CertainLaw) draft.law(one.sequence(), trace.study().rules().get(0)))
                .toList();
        data.put("lengths", laws.stream().map(CertainLaw::length).toList());
        data.put("matched", packed(concatenated(laws, CertainLaw::matched)));
        data.put("available", packed(concatenated(laws, CertainLaw::available)));
      } else if (trace.hasProbabilities()) {
        data.put("logprob", doubles(shown, sequence -> draft(sequence, index).logprob()));
        data.put("rank", integers(shown, sequence -> draft(sequence, index).rank()));
        data.put("overlap", singles(shown, sequence -> draft(sequence, index).overlap()));
      } else {
        List<int[]> matched = shown.stream().map(one -> matched(one.sequence(), index)).toList();
        data.put("lengths", matched.stream().map(list -> list.length).toList());
        data.put("matched", packed(concatenated(matched, list -> list)));
      }
      drafts.add(data);
    }
    return drafts;
  }

  private static Draft draft(TraceSequence sequence, int index) {
    return sequence.drafts().get(index);
  }

  /** Accepted tokens of an unlimited draft, over the positions that decoding commits. */
  private static int[] matched(TraceSequence sequence, int index) {
    return IntStream.of(draft(sequence, index).acceptLength())
        .skip(sequence.decodeFrom())
        .map(length -> length - 1)
        .toArray();
  }

  private static <T> int[] concatenated(List<T> lists, Function<T, int[]> list) {
    return lists.stream().flatMapToInt(one -> IntStream.of(list.apply(one))).toArray();
  }

  private static Map<String, String> integers(
      List<Shown> shown, Function<TraceSequence, int[]> list) {
    return packed(concatenated(shown, one -> list.apply(one.sequence())));
  }

  private static double[] concatenatedDoubles(
      List<Shown> shown, Function<TraceSequence, double[]> list) {
    return shown.stream()
        .flatMapToDouble(one -> DoubleStream.of(list.apply(one.sequence())))
        .toArray();
  }

  private static Map<String, String> doubles(
      List<Shown> shown, Function<TraceSequence, double[]> list) {
    double[] values = concatenatedDoubles(shown, list);
    ByteBuffer bytes = buffer(Double.BYTES * values.length);
    DoubleStream.of(values).forEach(bytes::putDouble);
    return packed("f64", bytes);
  }

  private static Map<String, String> singles(
      List<Shown> shown, Function<TraceSequence, double[]> list) {
    double[] values = concatenatedDoubles(shown, list);
    ByteBuffer bytes = buffer(Float.BYTES * values.length);
    DoubleStream.of(values).forEach(value -> bytes.putFloat((float) value));
    return packed("f32", bytes);
  }

  /** In as few bytes as the greatest needs. */
  private static Map<String, String> packed(int[] values) {
    int greatest = IntStream.of(values).max().orElse(0);
    if (greatest < 1 << 8) {
      ByteBuffer bytes = buffer(values.length);
      IntStream.of(values).forEach(value -> bytes.put((byte) value));
      return packed("u8", bytes);
    }
    if (greatest < 1 << 16) {
      ByteBuffer bytes = buffer(Short.BYTES * values.length);
      IntStream.of(values).forEach(value -> bytes.putShort((short) value));
      return packed("u16", bytes);
    }
    ByteBuffer bytes = buffer(Integer.BYTES * values.length);
    IntStream.of(values).forEach(bytes::putInt);
    return packed("i32", bytes);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Map<String, String> packed(String type, ByteBuffer bytes) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put("type", type);
    data.put("data", Base64.getEncoder().encodeToString(bytes.array()));
    return data;
  }
}
