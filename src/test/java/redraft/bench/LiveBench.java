package redraft.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import redraft.decode.Continuation;
import redraft.decode.Limits;
import redraft.decode.ModelDrafter;
import redraft.decode.PlainDecoding;
import redraft.decode.SpeculativeDecoding;
import redraft.model.onnx.OnnxOptions;
import redraft.model.onnx.OnnxPair;
import redraft.model.onnx.ShippedPair;
import redraft.policy.FixedLength;
import redraft.sampling.RandomStreams;
import redraft.sampling.SamplingParameters;
import redraft.trace.Prompt;
import redraft.verify.TokenRule;

/**
 * Plain and speculative decoding of one pair here and, where there is a Python with them, in
 * Hugging Face Transformers (PyTorch) and ONNX Runtime GenAI.
 *
 * <p>Method: the first shipped prompts, one for each round, 128 new tokens at temperature 0 whether
 * or not a text ends before, every program on the same number of threads, our draft on one. In
 * every round each way decodes the same prompt's tokens, one way after the other; those that wait
 * are idle. The clock covers decoding with the reading of the prompt, in all of them alike. {@value
 * #WARM_UP} rounds warm up; ratios are taken round by round, over our plain decoding and over each
 * program's own.
 *
 * <p>Our passes of one row are run as two, as everywhere by default; {@code single} is without
 * that. GenAI decodes the target's ONNX file as it lies there, plainly: it has no speculation with
 * a draft model.
 *
 * <p>Run it with {@code scripts/bench live}; {@code REDRAFT_PYTHON} names an interpreter whose
 * packages are {@code torch} and {@code transformers}, and {@code onnxruntime-genai} for that side.
 */
@Command(name = "live", mixinStandardHelpOptions = true)
public final class LiveBench implements Callable<Integer> {
  private static final int WARM_UP = 2;

  @Option(names = "--models", description = "Model directory (default: the shipped pair).")
  private Path models = ShippedPair.DIRECTORY;

  @Option(names = "--draft-length", defaultValue = "4")
  private int draftLength;

  @Option(names = "--tokens", defaultValue = "128", description = "Of every text.")
  private int tokens;

  @Option(names = "--rounds", defaultValue = "9")
  private int rounds;

  @Option(names = "--threads", description = "Of every program (default: all processors).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--draft-threads", defaultValue = "1", description = "Of our draft.")
  private int draftThreads;

  @Option(names = "--hf-target", description = "Folder of the target's PyTorch weights.")
  private Path hfTarget;

  @Option(names = "--hf-draft", description = "Folder of the draft's PyTorch weights.")
  private Path hfDraft;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new LiveBench()).execute(arguments));
  }

  /** What one way did with one prompt. */
  private record Run(double nanos, int[] tokens) {}

  private interface Decoding {
    Run run(int[] prompt) throws IOException;
  }

  private record Way(String name, Decoding decoding) {}

  @Override
  public Integer call() throws Exception {
    String python = System.getenv("REDRAFT_PYTHON");
    Limits limits = new Limits(tokens, Set.of());
    SamplingParameters greedy = SamplingParameters.GREEDY;
    try (OnnxPair pair = pair(true);
        OnnxPair single = pair(false);
        PlainDecoding plain = new PlainDecoding(pair.target(), greedy, limits);
        PlainDecoding plainSingle = new PlainDecoding(single.target(), greedy, limits);
        ModelDrafter drafter = new ModelDrafter(pair.drafts().get(0), greedy);
        ModelDrafter drafterSingle = new ModelDrafter(single.drafts().get(0), greedy);
        SpeculativeDecoding speculative = speculative(pair, drafter, limits);
        SpeculativeDecoding speculativeSingle = speculative(single, drafterSingle, limits);
        Others others = python == null ? null : new Others(python, pair)) {
      List<Way> ways = new ArrayList<>();
      ways.add(new Way("plain", timed(plain::run)));
      ways.add(new Way("speculative", timed(speculative::run)));
      ways.add(new Way("plain, single rows", timed(plainSingle::run)));
      ways.add(new Way("speculative, single rows", timed(speculativeSingle::run)));
      if (others == null) {
        System.out.println(
            "Redraft alone: REDRAFT_PYTHON=DIR/bin/python --hf-target DIR --hf-draft DIR adds Transformers, and with"
                + " onnxruntime-genai installed there, that");
      } else {
        others.ways.forEach(name -> ways.add(new Way(name, prompt -> others.run(name, prompt))));
      }
      measure(pair, ways);
    }
    return 0;
  }

  private OnnxPair pair(boolean exactRows) {
    return new OnnxPair(
        models, new OnnxOptions(threads, exactRows), new OnnxOptions(draftThreads, exactRows));
  }

  private SpeculativeDecoding speculative(OnnxPair pair, ModelDrafter drafter, Limits limits) {
    return new SpeculativeDecoding(
        pair.target(),
        drafter,
        new TokenRule(),
        new FixedLength(draftLength),
        SamplingParameters.GREEDY,
        limits);
  }

  private interface Loop {
    Continuation run(int[] prompt, RandomStreams streams, String text);
  }

  private static Decoding timed(Loop loop) {
    return prompt -> {
      long started = System.nanoTime();
      Continuation run = loop.run(prompt, new RandomStreams(1), "text");
      return new Run(System.nanoTime() - started, run.tokens());
    };
  }

  private void measure(OnnxPair pair, List<Way> ways) throws IOException {
    List<int[]> prompts = new ArrayList<>();
    for (Prompt prompt : Prompt.domainsInTurns(Prompt.readAll(ShippedPair.PROMPTS))) {
      prompts.add(pair.tokenizer().encode(prompt.prompt()));
    }
    Map<String, Way> named = new LinkedHashMap<>();
    ways.forEach(way -> named.put(way.name, way));
    Map<String, List<int[]>> texts = new LinkedHashMap<>(); // by way, in the order of the rounds
    Rounds measured =
        new Rounds(
            named,
            (way, round) -> {
              try {
                Run run = way.decoding.run(prompts.get(round % prompts.size()));
                texts.computeIfAbsent(way.name, key -> new ArrayList<>()).add(run.tokens);
                return run.nanos / 1e6 / run.tokens.length;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            WARM_UP,
            rounds);
    System.out.printf(
        Locale.ROOT,
        "%s, draft length %d, %d threads, %d rounds of a prompt and %d tokens%n%n",
        models,
        draftLength,
        threads,
        rounds,
        tokens);
    for (String way : named.keySet()) {
      long same =
          IntStream.range(0, WARM_UP + rounds)
              .filter(i -> Arrays.equals(texts.get(way).get(i), texts.get("plain").get(i)))
              .count();
      System.out.printf(
          Locale.ROOT,
          "%-26s ms a token %s; our plain over it %s; our text in %d of %d%n",
          way,
          measured.of(way),
          measured.ratio("plain", way),
          same,
          WARM_UP + rounds);
    }
    System.out.println();
    for (String way : named.keySet()) {
      if (way.startsWith("speculative")) {
        System.out.printf(
            Locale.ROOT,
            "%-26s its own plain over it %s%n",
            way,
            measured.ratio(way.replace("speculative", "plain"), way));
      }
    }
    System.out.print(measured.problem("plain", threads));
  }

  /** The programs that Python runs, in a process that answers one line for each that it is sent. */
  private final class Others implements AutoCloseable {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;
    private final List<String> ways = new ArrayList<>();

    Others(String python, OnnxPair pair) throws IOException {
      Path target = models.resolve(pair.manifest().target().file());
      List<String> command =
          new ArrayList<>(
              List.of(
                  python,
                  "scripts/bench_live.py",
                  "--threads",
                  Integer.toString(threads),
                  "--draft-length",
                  Integer.toString(draftLength),
                  "--tokens",
                  Integer.toString(tokens)));
      if (hfTarget != null && hfDraft != null) {
        command.addAll(
            List.of("--hf-target", hfTarget.toString(), "--hf-draft", hfDraft.toString()));
      }
      if (Files.exists(target.resolveSibling("config.json"))) {
        command.addAll(List.of("--onnx", target.toString()));
      }
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      requests = process.outputWriter();
      answers = process.inputReader();
      answer().get("ways").forEach(way -> ways.add(way.asText()));
    }

    Run run(String way, int[] prompt) throws IOException {
      requests.write(mapper.writeValueAsString(Map.of("way", way, "prompt", prompt)) + "\n");
      requests.flush();
      JsonNode answer = answer();
      return new Run(
          answer.get("nanos").asDouble(), mapper.convertValue(answer.get("tokens"), int[].class));
    }

    private JsonNode answer() throws IOException {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("scripts/bench_live.py ended; what it said stands above");
      }
      return mapper.readTree(line);
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
