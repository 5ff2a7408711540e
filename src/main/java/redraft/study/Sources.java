package redraft.study;

import java.io.IOException;
import java.io.InputStream;
import redraft.json.LineSource;
import redraft.replay.SequenceSource;
import redraft.replay.TraceSource;
import redraft.synthetic.AcceptancePresets;
import redraft.synthetic.PresetSource;
import redraft.synthetic.TypedAcceptance;
import redraft.trace.ReservedNames;
import redraft.trace.TraceReader;

/** Opens what can stand where a trace is named. */
public final class Sources {
  private Sources() {}

  /**
   * @param name a trace file, {@code -} for standard input, or {@code preset:} with the name or
   *     file of an acceptance preset
   * @param domain whose sequences alone are wanted; null for all
   */
  public static SequenceSource open(String name, String domain, InputStream standardInput)
      throws IOException {
    SequenceSource source;
    if (name.startsWith(ReservedNames.PRESET)) {
      source =
          new PresetSource(AcceptancePresets.load(name.substring(ReservedNames.PRESET.length())));
    } else {
      LineSource lines = LineSource.of(name, standardInput);
      source = new TraceSource(lines.name(), new TraceReader(lines));
    }
    return ofDomain(source, domain);
  }

  /**
   * @param acceptance in the place of a trace
   * @param domain as for a trace
   */
  public static SequenceSource of(TypedAcceptance acceptance, String domain) {
    return ofDomain(acceptance.source(), domain);
  }

  private static SequenceSource ofDomain(SequenceSource source, String domain) {
    return domain == null ? source : new DomainSource(source, domain);
  }
}
