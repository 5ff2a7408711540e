package redraft.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import redraft.model.onnx.Exports;

/**
 * One input of the program: arguments, in which {@code {in}} and {@code {out}} stand for folders,
 * and the files of the first.
 *
 * @param onPair whether the files lie over a model directory of small models, {@code {in}} itself
 * @param files by their paths in {@code {in}}
 */
record FuzzCase(List<String> arguments, boolean onPair, Map<String, byte[]> files) {
  private static final String RECORD = "case.json";

  FuzzCase(String line, Map<String, byte[]> files) {
    this(List.of(line.split(" ")), false, files);
  }

  FuzzCase over(boolean pair) {
    return new FuzzCase(arguments, pair, files);
  }

  FuzzCase and(List<String> more) {
    return new FuzzCase(Stream.concat(arguments.stream(), more.stream()).toList(), onPair, files);
  }

  /** Makes {@code {in}} and says what it holds. */
  Map<Path, byte[]> write(Path in) throws IOException {
    if (onPair) {
      Exports.copy("llama", in);
    }
    writeFiles(in);
    return contents(in);
  }

  private void writeFiles(Path in) throws IOException {
    Files.createDirectories(in);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = in.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  static Map<Path, byte[]> contents(Path folder) throws IOException {
    Map<Path, byte[]> all = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> walk = Files.walk(folder)) {
        for (Path file : walk.filter(Files::isRegularFile).toList()) {
          all.put(file, Files.readAllBytes(file));
        }
      }
    }
    return all;
  }

  /** The arguments with these folders. */
  String[] arguments(Path in, Path out) {
    return arguments.stream()
        .map(word -> word.replace("{in}", in.toString()).replace("{out}", out.toString()))
        .toArray(String[]::new);
  }

  void save(Path folder) throws IOException {
    writeFiles(folder);
    ObjectNode record = new JsonMapper().createObjectNode().put("onPair", onPair);
    arguments.forEach(record.putArray("arguments")::add);
    Files.writeString(folder.resolve(RECORD), record.toPrettyString() + "\n");
  }

  static FuzzCase load(Path folder) throws IOException {
    JsonNode record = new JsonMapper().readTree(folder.resolve(RECORD).toFile());
    List<String> arguments = new ArrayList<>();
    record.get("arguments").forEach(word -> arguments.add(word.textValue()));
    Map<String, byte[]> files = new TreeMap<>();
    contents(folder).forEach((path, bytes) -> files.put(folder.relativize(path).toString(), bytes));
    files.remove(RECORD);
    return new FuzzCase(arguments, record.get("onPair").booleanValue(), files);
  }
}
