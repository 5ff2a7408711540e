package redraft.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import redraft.cli.Cli;
import redraft.trace.LogitDetail;
import redraft.trace.SampleTraces;

/**
 * Arguments of every command, as picocli knows them, with values that nobody means; all that an
 * operating system can hand over, which a zero and half a character are not. No model is run, no
 * address is asked, and nothing is written but in {@code {out}}.
 */
final class OptionFuzz extends Surface {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "2",
          "3",
          "-1",
          "0.5",
          "-0.0",
          "1e308",
          "1e-320",
          "NaN",
          "Infinity",
          "0x10",
          "1e3",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "1_000",
          "٣",
          "0,1",
          "1..3",
          "3..1",
          "1..",
          "1..1000000000",
          "1,,2",
          ",",
          "1=2",
          "1=2,1=3",
          "2@3",
          "@",
          "5%",
          "",
          " ",
          "+1",
          "1 ");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "x",
          "-",
          "--",
          "null",
          "trace",
          "all",
          "preset:",
          "preset:none",
          "formula",
          "=1+1",
          "\u001b[31mred\u0007",
          "a\nredraft: b",
          "\u202e",
          "%s%n",
          "{0}",
          "${sys:user.home}",
          "@file",
          "a,b",
          "a=b",
          "../..",
          "x".repeat(5000),
          "word ".repeat(500),
          "token",
          "h100-sxm",
          "h100-sxmx0",
          "h100-sxmx99999999999",
          "llama-3.1-8b",
          "vllm",
          "ideal",
          "0.5");

  private static final List<String> READ =
      List.of(
          "{in}/t.jsonl",
          "{in}/t.jsonl",
          "{in}/t.jsonl",
          "{in}/none",
          "{in}",
          "-",
          "",
          " ",
          "{in}/t.jsonl/x",
          "{in}/\u001b[2J",
          "preset:constant-0.8",
          "preset:",
          "http://127.0.0.1:1/x",
          "{in}/" + "x".repeat(300),
          "{in}/p.jsonl");

  private static final List<String> WRITTEN =
      List.of(
          "{out}/a",
          "{out}/b.json",
          "{out}/deep/er/c.csv",
          "{out}",
          "{out}/d.jsonl.gz",
          "",
          "-",
          "{in}/t.jsonl/x",
          "{out}/\u001b[2J",
          "{out}/" + "x".repeat(300),
          "{out}/a/../a",
          "/dev/null",
          "/");

  private static final List<String> ADDRESSES =
      List.of(
          "",
          " ",
          "x",
          "ftp://x",
          "http://",
          "http://127.0.0.1:99999",
          "://",
          "\u001b",
          "javascript:1");

  /** Lines that are right, so that a change is alone on one. */
  private static final List<String> LINES =
      List.of(
          "replay {in}/t.jsonl --draft-length 2 --cost-ratio 0.1",
          "replay {in}/t.jsonl --draft-length 2 --target-speed 50 --draft-speed 200",
          "replay {in}/t.jsonl --draft-length 2 --verify-ms 1=9,4=10 --draft-pass-ms 5",
          "replay --draft-length 2 --cost-ratio 0.1 --acceptance-length 2@3",
          "best {in}/t.jsonl --hardware h100-sxm --target-model llama-3.1-8b --draft-model llama-3.2-1b --assume-acceptance",
          "compare {in}/t.jsonl --draft-length 2 --cost-ratio 0.1",
          "sweep {in}/t.jsonl --draft-length 1 --csv {out}/s.csv",
          "report {in}/t.jsonl --format json --draft-length 2 --cost-ratio 0.1 --out {out}",
          "inspect {in}/t.jsonl",
          "import {in}/t.jsonl --from accept-lengths --out {out}/i.jsonl",
          "generate --models {in}/none --prompt x",
          "record --models {in}/none --prompts {in}/p.jsonl --out {out}/t.jsonl",
          "profile --models {in}/none --out {out}/p.json",
          "validate --models {in}/none --out {out}",
          "calibrate {in}/p.jsonl --out {out}/c.json",
          "demo --models {in}/none --out {out}",
          "presets");

  private final CommandLine program = Cli.program();
  private byte[] trace;

  OptionFuzz() {
    super("options", 20);
  }

  @Override
  FuzzCase next(Random random) throws IOException {
    if (trace == null) {
      Path file = Files.createTempFile("options", ".jsonl");
      SampleTraces.write(
          file,
          SampleTraces.header(LogitDetail.NONE),
          SampleTraces.sequences(3, LogitDetail.NONE, 1));
      trace = Files.readAllBytes(file);
      Files.delete(file);
    }
    List<String> arguments = new ArrayList<>();
    CommandLine command = program;
    if (random.nextBoolean()) {
      arguments.addAll(List.of(Mutation.any(LINES, random).split(" ")));
      command = command.getSubcommands().get(arguments.get(0));
    } else {
      while (!command.getSubcommands().isEmpty()) {
        List<String> names = new ArrayList<>(command.getSubcommands().keySet());
        names.remove("explore"); // serves until somebody ends it
        String name = Mutation.any(names, random);
        arguments.add(name);
        command = command.getSubcommands().get(name);
      }
      for (PositionalParamSpec place : command.getCommandSpec().positionalParameters()) {
        if (random.nextInt(3) > 0) {
          arguments.add(value(place, random));
        }
      }
    }
    CommandSpec spec = command.getCommandSpec();
    for (OptionSpec option : spec.options()) {
      boolean given = arguments.contains(option.longestName());
      if (!given && (mustBeGiven(option) || random.nextInt(spec.options().size()) < 2)) {
        add(option, arguments, random);
      } else if (given && option.arity().max() > 0 && random.nextInt(5) == 0) {
        arguments.set(arguments.indexOf(option.longestName()) + 1, value(option, random));
      }
    }
    if (random.nextInt(20) == 0) {
      arguments.add(random.nextInt(arguments.size() + 1), Mutation.any(TEXTS, random));
    }
    Map<String, byte[]> files =
        Map.of("t.jsonl", trace, "p.jsonl", Mutation.utf8("{\"domain\":\"d\",\"prompt\":\"x\"}\n"));
    return new FuzzCase(arguments, false, files);
  }

  /** By default these would read models, ask a hub, or write beside the program. */
  private static boolean mustBeGiven(OptionSpec option) {
    return Cli.writes(option) && option.group() == null
        || List.of("--models", "--endpoint").contains(option.longestName());
  }

  private static void add(OptionSpec option, List<String> arguments, Random random) {
    if (option.arity().max() == 0) {
      arguments.add(option.longestName());
    } else if (random.nextBoolean()) {
      arguments.add(option.longestName() + "=" + value(option, random));
    } else {
      arguments.add(option.longestName());
      arguments.add(value(option, random));
    }
  }

  private static String value(ArgSpec argument, Random random) {
    String label = argument.paramLabel();
    if (argument instanceof OptionSpec option && option.longestName().equals("--models")) {
      return Mutation.any(List.of("{in}/none", "{in}", "{in}/t.jsonl", ""), random);
    }
    if (Cli.writes(argument)) {
      return Mutation.any(WRITTEN, random);
    }
    if (label.contains("URL")) {
      return Mutation.any(ADDRESSES, random);
    }
    if (argument.completionCandidates() != null && random.nextBoolean()) {
      List<String> names =
          StreamSupport.stream(argument.completionCandidates().spliterator(), false).toList();
      return Mutation.any(names, random);
    }
    if (label.matches(".*(FILE|TRACE|DIR).*") && random.nextInt(4) > 0) {
      return Mutation.any(READ, random);
    }
    return Mutation.any(random.nextInt(3) > 0 ? NUMBERS : TEXTS, random);
  }
}
