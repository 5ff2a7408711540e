package redraft.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import redraft.json.LineSource;
import redraft.json.ResultFiles;
import redraft.trace.ReservedNames;

/**
 * The files that a command line names, whatever the command: each has a name, none is read and
 * written, and none is written twice. Arguments that name files say so in their label, as help
 * shows it; those that are {@link Written} are written.
 */
final class FileArguments {
  private static final String LABEL = ".*\\b(FILE|TRACE|DIR|MODEL)\\b.*";
  private static final String EVERYTHING = "**";

  /** A path and how messages call it, such as {@code --csv out.csv}. */
  private record Named(String name, Path path) {}

  private final List<Named> read = new ArrayList<>();
  private final List<Named> written = new ArrayList<>();
  private final List<Named> replaced = new ArrayList<>(); // folders with all that they hold

  private FileArguments() {}

  /** Whether an argument names a file or folder. */
  static boolean isFile(ArgSpec argument) {
    return argument.paramLabel().matches(LABEL);
  }

  /** How an argument is written; null where it is read. */
  static Written written(ArgSpec argument) {
    return argument.userObject() instanceof Field field ? field.getAnnotation(Written.class) : null;
  }

  /**
   * Checks the arguments before the command begins.
   *
   * @throws IllegalArgumentException if one names nothing, or two of them may not name the same
   */
  static void check(ParseResult parsed) throws IOException {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    FileArguments files = new FileArguments();
    for (ArgSpec argument : command.commandSpec().args()) {
      if (isFile(argument)) {
        for (String value : values(argument)) {
          files.add(argument, value);
        }
      }
    }
    add(files.written, "standard output", Path.of("/dev/stdout"));
    files.check();
  }

  /** Those of the command line, or by default. */
  private static List<String> values(ArgSpec argument) {
    if (!argument.stringValues().isEmpty()) {
      return argument.stringValues();
    }
    if (argument.group() != null) {
      return List.of(); // a group that is not named has no values
    }
    Object value = argument.getValue();
    if (value instanceof Collection<?> several) {
      return several.stream().map(Object::toString).toList();
    }
    return value == null ? List.of() : List.of(value.toString());
  }

  private void add(ArgSpec argument, String value) throws IOException {
    String option =
        argument instanceof OptionSpec named ? named.longestName() : argument.paramLabel();
    if (value.isEmpty()) {
      throw new IllegalArgumentException(
          option + " '' names no file; name one, or leave it out where it may be");
    }
    Written how = written(argument);
    if (value.equals(LineSource.STANDARD_INPUT)) { // or standard output, which is written anyway
      if (how == null) {
        add(read, "standard input", Path.of("/dev/stdin"));
      }
      return;
    }
    String name = option + " " + value;
    if (how == null) {
      addRead(name, value);
      return;
    }
    Path path = Path.of(value);
    boolean mayBeFolder = argument.paramLabel().contains("DIR");
    boolean mayBeFile = !argument.paramLabel().equals("DIR");
    if (Files.exists(path) && !(Files.isDirectory(path) ? mayBeFolder : mayBeFile)) {
      throw new IllegalArgumentException(
          name + (mayBeFolder ? " is a file; name a folder" : " is a folder; name a file in it"));
    }
    if (mayBeFile) {
      add(written, name, path);
    }
    for (String glob : how.files()) {
      addWrittenInto(name, path, glob);
    }
  }

  private void addRead(String name, String value) {
    String unprefixed =
        value.startsWith(ReservedNames.PRESET)
            ? value.substring(ReservedNames.PRESET.length())
            : value;
    add(read, name, Path.of(unprefixed));
    add(read, name, Path.of(value.replaceFirst("x\\d+$", ""))); // FILEx4: four of that hardware
    add(read, name, Path.of(value.replaceFirst("^[^=]*=", ""))); // NAME=FILE
    if (Files.exists(Path.of(value, "pair.json"))) {
      modelFiles(Path.of(value)).forEach(file -> add(read, name, file));
    }
  }

  /**
   * The files that the pair.json of a model directory names, and itself; nothing is checked yet.
   */
  private static Stream<Path> modelFiles(Path folder) {
    Path pair = folder.resolve("pair.json");
    Stream<String> named = Stream.of();
    try {
      named =
          new JsonMapper()
              .readTree(pair.toFile()).findValuesAsText("file").stream()
                  .flatMap(file -> Stream.of(file, file + "_data")); // weights of large models
    } catch (IOException e) {
      // the command itself says what is wrong with it
    }
    return Stream.concat(Stream.of(pair), named.map(folder::resolve));
  }

  private void addWrittenInto(String name, Path folder, String glob) throws IOException {
    if (glob.equals(EVERYTHING)) {
      replaced.add(new Named(name, ResultFiles.real(folder)));
    } else if (!glob.contains("*")) {
      add(written, name, folder.resolve(glob));
    } else if (Files.isDirectory(folder.resolve(glob).getParent())) {
      Path pattern = folder.resolve(glob);
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(pattern.getParent(), pattern.getFileName().toString())) {
        files.forEach(file -> add(written, name, file));
      }
    }
  }

  /** Devices are passed over, which any number of arguments may name. */
  private static void add(List<Named> files, String name, Path path) {
    if (!Files.exists(path) || Files.isRegularFile(path)) {
      files.add(new Named(name, path));
    }
  }

  private void check() throws IOException {
    for (int i = 0; i < written.size(); i++) {
      Named output = written.get(i);
      for (Named input : read) {
        if (isSame(output.path, input.path)) {
          throw new IllegalArgumentException(
              output.name
                  + " would overwrite "
                  + input.name
                  + ", which is read; name another file");
        }
      }
      for (Named other : written.subList(0, i)) {
        if (isSame(output.path, other.path)) {
          throw new IllegalArgumentException(
              output.name + " and " + other.name + " are the same file; name two");
        }
      }
    }
    for (Named folder : replaced) {
      for (Named input : read) {
        if (Files.exists(input.path) && ResultFiles.real(input.path).startsWith(folder.path)) {
          throw new IllegalArgumentException(
              folder.name
                  + " would replace "
                  + input.name
                  + ", which is read; name another folder");
        }
      }
    }
  }

  /** Whether two paths name one file, by whatever names, or would. */
  private static boolean isSame(Path one, Path other) throws IOException {
    return Files.exists(one) && Files.exists(other)
        ? Files.isSameFile(one, other)
        : ResultFiles.real(one).equals(ResultFiles.real(other));
  }
}
