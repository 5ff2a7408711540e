package redraft.traffic.arrivals;

import java.io.IOException;
import java.util.List;
import redraft.json.LineException;
import redraft.json.LineReader;
import redraft.json.LineSource;

/**
 * Requests as Mooncake's traces have them (Qin et al. 2024, arXiv:2407.00079;
 * github.com/kvcache-ai/Mooncake), one JSON object a line: {@code timestamp} in milliseconds,
 * {@code input_length}, {@code output_length}, and {@code hash_ids} of blocks of the prompt, which
 * say what requests have in common and are not looked at.
 */
final class MooncakeArrivals implements ArrivalFormat {
  @Override
  public String format() {
    return "mooncake";
  }

  @Override
  public boolean recognises(String beginning) {
    return beginning.startsWith("{") && beginning.contains("\"input_length\"");
  }

  @Override
  public Arrivals open(LineSource source) throws IOException {
    LineReader reader = new LineReader(source);
    return new InOrder(source.name(), reader) {
      @Override
      Arrival read() throws IOException {
        while (reader.advance()) {
          if (!reader.blank()) {
            return reader.parse(() -> request(reader));
          }
        }
        return null;
      }

      @Override
      LineException error(String problem) {
        return reader.error(problem);
      }

      @Override
      public List<String> notes() {
        return List.of(
            "what prompts have in common (hash_ids) is not looked for: every prompt is read whole, so that times to the first token are those"
                + " without prefix caching");
      }
    };
  }

  private static Arrival request(LineReader reader) throws IOException {
    double ms = 0;
    int prompt = 0;
    int output = 0;
    LineReader.Fields fields = reader.fields();
    for (String name = fields.next(); name != null; name = fields.next()) {
      switch (name) {
        case "timestamp" -> ms = Tokens.time(reader);
        case "input_length" -> prompt = Tokens.of(reader);
        case "output_length" -> output = Tokens.of(reader);
        default -> reader.skip();
      }
    }
    fields.require("timestamp", "input_length", "output_length");
    return new Arrival(Long.toString(reader.lineNumber()), ms / 1e3, prompt, output, null);
  }
}
