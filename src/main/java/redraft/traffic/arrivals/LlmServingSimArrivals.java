package redraft.traffic.arrivals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * Requests as LLMServingSim (github.com/casys-kaist/LLMServingSim, 2026-08) writes them, one JSON
 * object a line: its workloads, {@code input_toks}, {@code output_toks}, {@code arrival_time_ns};
 * and what vLLM did with them, {@code queued_ts}, {@code first_token_ts}, {@code last_token_ts} in
 * seconds of one clock. A request arrives when it is queued: what the front end took before is no
 * part of the engine. The file is read whole and sorted by arrival.
 */
final class LlmServingSimArrivals implements ArrivalFormat {
  @Override
  public String format() {
    return "llmservingsim";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.startsWith("{") && beginning.contains("\"input_toks\"");
  }

  @Override
  public Arrivals open(LineSource source) throws IOException {
    List<Arrival> all = new ArrayList<>();
    try (LineReader reader = new LineReader(source)) {
      while (reader.advance()) {
        if (!reader.blank()) {
          Arrival next = reader.parse(() -> request(reader));
          if (!all.isEmpty() && (next.measured() == null) != (all.get(0).measured() == null)) {
            throw reader.error(
                "\"queued_ts\" must be there for all requests or for none: it is of another clock than \"arrival_time\"");
          }
          all.add(next);
        }
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(source.name() + " holds no request");
    }
    return new SortedArrivals(all);
  }

  private static Arrival request(LineReader reader) throws IOException {
    String id = Long.toString(reader.lineNumber());
    int prompt = 0;
    int output = 0;
    double arrival = Double.NaN;
    double queued = Double.NaN;
    double firstToken = Double.NaN;
    double lastToken = Double.NaN;
    LineReader.Fields fields = reader.fields();
    for (String name = fields.next(); name != null; name = fields.next()) {
      switch (name) {
        case "request_id" -> id = reader.string();
        case "input_toks" -> prompt = Tokens.of(reader);
        case "output_toks" -> output = Tokens.of(reader);
        case "arrival_time" -> arrival = Tokens.time(reader);
        case "arrival_time_ns" -> arrival = Tokens.time(reader) / 1e9;
        case "queued_ts" -> queued = Tokens.time(reader);
        case "first_token_ts" -> firstToken = Tokens.time(reader);
        case "last_token_ts" -> lastToken = Tokens.time(reader);
        default -> reader.skip();
      }
    }
    fields.require("input_toks", "output_toks");
    if (Double.isNaN(queued)) {
      if (!fields.hasAny("arrival_time", "arrival_time_ns")) {
        fields.require("queued_ts");
      }
      return new Arrival(id, arrival, prompt, output, null);
    }
    if (!(queued <= firstToken && firstToken <= lastToken)) {
      throw reader.error(
          "\"queued_ts\", \"first_token_ts\" and \"last_token_ts\" must be there and follow each other");
    }
    return new Arrival(
        id, queued, prompt, output, new Arrival.Measured(firstToken - queued, lastToken - queued));
  }
}
